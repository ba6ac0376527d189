"""Which passwords may be chosen: of a length, and not one of those that are guessed first. Whatever else is in them is
everybody's own choice."""

from functools import cache
from pathlib import Path

from domain.errors import Invalid
from domain.texts import composed

SHORTEST, LONGEST = 8, 128
LONGEST_TYPED = 4 * LONGEST
"""A keyboard may send each letter apart from its accents."""
_COMMON = Path(__file__).with_name("common_passwords.txt")


def may_be_chosen(text: str) -> str:
    """The password, composed: whichever keyboard it is typed on next time, it is the same.

    Raises:
        Invalid: it is too short, too long, or among the commonest.
    """
    password = composed(text)
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(f"a password has {SHORTEST} to {LONGEST} characters")
    if password.casefold() in _common_passwords() or len(set(password)) == 1:
        raise Invalid("this password is one of those that are tried first; a few words in a row are a good one")
    return password


def must_not_name(password: str, *known: str | None) -> None:
    """What everybody knows of a person is no password of theirs.

    Raises:
        Invalid: it is their name, phone or mail address.
    """
    plain = password.casefold().replace(" ", "")
    for each in known:
        if each and plain in (each.casefold().replace(" ", ""), each.removeprefix("+91"), each.removeprefix("+")):
            raise Invalid("a password must not be one's own name, phone or mail address")


@cache
def _common_passwords() -> frozenset[str]:
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("# "))
