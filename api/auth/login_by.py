"""By what people log in: a phone, or an e-mail address."""

import re
from enum import StrEnum

from adapters.postgres.people.sessions import PersonRow


class LoginBy(StrEnum):
    """The column that a kind's people log in by; its name is what they are told."""

    PHONE = "phone"
    EMAIL = "email"

    @property
    def longest(self) -> int:
        """How many characters may be entered."""
        return 20 if self is LoginBy.PHONE else 254

    @property
    def example(self) -> str:
        """What one enters, for the documentation."""
        return "9841385379" if self is LoginBy.PHONE else "asha.rao@example.com"

    def entered(self, text: str) -> str:
        """What was entered, as the rows have it: "+91" and ten digits, or an address in lower case."""
        if self is LoginBy.PHONE:
            return "+91" + re.sub(r"[\s\x00-]", "", text).removeprefix("+91")
        return text.strip().replace("\x00", "").lower()

    def of(self, person: PersonRow) -> str:
        """What a person logs in by."""
        return ((person.phone if self is LoginBy.PHONE else person.email) or "").lower()
