"""Schemathesis against local services, as somebody of each role: ``make fuzz KIND=local-services``, and long tests."""

import itertools
import sys
import tempfile
from pathlib import Path
from types import MappingProxyType
from typing import Any

from devstack.stack import Stack
from tests.api import fuzzing
from tests.conftest import BOTH_KINDS, SHORT
from tests.kinds.local_services.market import PASSWORD, Market

RULES = Path(__file__).with_name("schemathesis.toml")
PLAYERS = {"-": "nobody", "S": "a seeker", "P": "a provider", "A": "an admin"}
_PHONES = itertools.count(7_900_000_001)
_OFTEN = "1000000"
_PER_MINUTE = ("MESSAGES", "REQUESTS", "OFFERS", "REVIEWS", "UPLOADS", "SEARCHES")
UNGUARDED = {
    **SHORT,
    **BOTH_KINDS,
    **fuzzing.UNGUARDED,
    "REVCARE_REGISTRATIONS_PER_ADDRESS": _OFTEN,
    "REVCARE_REGISTRATIONS_IN_ALL": _OFTEN,
    "REVCARE_LOCAL_SERVICES_CODES_PER_ADDRESS": _OFTEN,
    **{f"REVCARE_LOCAL_SERVICES_{name}_PER_MINUTE": "100000" for name in _PER_MINUTE},
}
"""What a stack for this needs: thousands of requests come from one person and address."""


class Fuzzing(fuzzing.Players):
    """Somebody new of each role, beside an admin and a category."""

    rules = RULES
    of_the_account = MappingProxyType({"A": ("admins_change", "admins_remove")})

    def __init__(self, info: dict[str, Any]) -> None:
        self.market = Market(info)
        super().__init__(info["kinds"]["local-services"]["api"], self.market.http)

    def token(self, role: str) -> str:
        """The token of somebody new; empty for nobody."""
        if role == "-":
            return ""
        if role == "A":
            phone = str(next(_PHONES))
            new = {"first_name": "Bela", "phone": phone, "password": PASSWORD}
            self.market.admin.does("POST", "/admins/", 201, json=new)
            return self.market.logs_in(phone).token
        person = self.market.provider() if role == "P" else self.market.seeker()
        return person.token


def deep(examples: int = 50) -> int:
    """Everything as everybody, with what follows from one answer to the next question; some minutes."""
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder), env=UNGUARDED, discard=True) as stack:
        players = Fuzzing(stack.info)
        failed = fuzzing.as_everybody(players.run, PLAYERS, examples)
        players.market.close()
    return failed


if __name__ == "__main__":
    sys.exit(deep(*map(int, sys.argv[1:2])))
