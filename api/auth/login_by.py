"""By what people log in: a phone, or an e-mail address."""

from enum import StrEnum

from adapters.mail_addresses import mail_address
from adapters.postgres.people.sessions import PersonRow
from domain import phones
from domain.errors import Invalid


class LoginBy(StrEnum):
    """The column that a kind's people log in by; its name is what they are told."""

    PHONE = "phone"
    EMAIL = "email"

    @property
    def longest(self) -> int:
        """How many characters may be entered."""
        return phones.LONGEST if self is LoginBy.PHONE else 254

    @property
    def example(self) -> str:
        """What one enters, for the documentation."""
        return "9841385379" if self is LoginBy.PHONE else "asha.rao@example.com"

    def entered(self, text: str) -> str:
        """What was entered, as the rows have it: "+91" and ten digits, or an address in lower case.

        What is neither is nobody's, and told so like an unknown one: its failures are counted under what was typed.
        """
        try:
            return phones.phone(text) if self is LoginBy.PHONE else mail_address(text).lower()
        except Invalid:
            return "".join(character for character in text.strip() if character.isprintable()).lower()

    def of(self, person: PersonRow) -> str:
        """What a person logs in by."""
        return ((person.phone if self is LoginBy.PHONE else person.email) or "").lower()
