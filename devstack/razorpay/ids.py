"""Ids as the provider makes them: a prefix and 14 case-sensitive letters and digits."""

import random
import re
import secrets
import string

ALPHABET = string.ascii_letters + string.digits
_SHAPE = re.compile(r"[A-Za-z0-9]{14}")


class Ids:
    """Fresh ids; with a seed the same run makes the same ids, and no restart repeats those of the run before."""

    def __init__(self, seed: str | None, start: int) -> None:
        self._chance = random.Random(f"{seed}:{start}") if seed else secrets.SystemRandom()  # noqa: S311

    def bare(self) -> str:
        """Fourteen characters: an event, a webhook."""
        return "".join(self._chance.choices(ALPHABET, k=14))

    def make(self, prefix: str) -> str:
        """``order_``, ``pay_``, ``rfnd_`` ... and fourteen characters."""
        return f"{prefix}_{self.bare()}"


def well_shaped(prefix: str, given: str) -> bool:
    """Whether this could be an id of that kind at all."""
    return given.startswith(prefix + "_") and bool(_SHAPE.fullmatch(given.removeprefix(prefix + "_")))
