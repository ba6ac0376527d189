"""What the demo has to be told about a kind of booking: its people and scenarios, and how its bookings read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol

from devstack.demo.calls import Json
from devstack.demo.crash import Crash
from devstack.demo.run import Run
from devstack.stack_folder import StackFolder

Say = Callable[[str], None]


class Wording(Protocol):
    """How bookings of a kind read in a table and in a timeline."""

    heading: str
    colours: Mapping[str, str]

    def subject(self, booking: Json) -> tuple[str, str]:
        """Whose booking it is, and of what: two short lines."""

    def described(self, booking: Json) -> str:
        """The same in one line, with whatever else tells it from others."""

    def money(self, booking: Json) -> list[str]:
        """What was paid and went back: short lines."""


class Demo(Protocol):
    """The demo of a kind."""

    wording: Wording
    needed: Sequence[str]
    """The keys of ``stack.json`` without which it cannot run."""
    own_stack: str | None
    """Why it runs on no stack but one that it has started; None where any does."""

    settings: Mapping[str, str]
    """What its stack is started with, whatever the environment says of them."""
    verified_against: str
    """Who is asked whether all is as it should be."""

    def shop(self, info: Json) -> Any:
        """The people of a running stack; safe to share between threads."""

    def runs(self, shop: Any, say: Say, pace: float, timeout: float) -> Sequence[Run]:
        """A run of each scenario; ``say`` shows a line of what is no move of a booking."""

    def crashes(self, folder: StackFolder, shop: Any, announce: Say, runs: Sequence[Run]) -> Sequence[Crash]:
        """What is killed in the middle of them."""

    def verify(self, shop: Any, run: Any) -> Iterator[str]:
        """Each check of a finished booking that passed, as text.

        Raises:
            VerificationFailed: the first check that does not pass.
        """

    def verify_all(self, shop: Any, runs: Sequence[Any]) -> Iterator[str]:
        """As ``verify``, of all bookings together."""

    def places(self, info: Json, runs: Sequence[Any]) -> dict[str, str]:
        """Addresses to open, by what is found there."""

    def logins(self, info: Json, runs: Sequence[Any]) -> Sequence[tuple[str, Json]]:
        """One of each role, with the name of the role: phone and password, as the login wants them."""


def demo_of(kind: str) -> Demo:
    """The demo of a kind by its name in settings: ``DEMO`` of its package here.

    Raises:
        LookupError: there is none.
    """
    package = f"devstack.kinds.{kind.replace('-', '_')}.demo"
    try:
        found: Demo = import_module(package).DEMO
    except ModuleNotFoundError as absent:
        if absent.name and f"{package}.".startswith(f"{absent.name}."):
            raise LookupError(f"there is no demo of {kind!r}: KIND is vehicle-service or local-services") from None
        raise
    return found
