"""What two people of a booking write to each other, while the process breaks to which both are connected."""

from collections.abc import Callable

from devstack.demo.calls import until
from devstack.demo.expectations import must
from devstack.demo.person import Person
from devstack.kinds.local_services.chat import Speaker

TALK = (
    "Is there a place to park?",
    "Yes, in the yard. Please ring twice.",
    "The gate was closed last time.",
    "I shall leave it open.",
    "Good, then I need no key.",
    "The dog is friendly.",
    "So am I. See you then!",
)
_BREAKS_AFTER = 2


class Talk:
    """A thread of two people, whose messages are shown as they are said."""

    def __init__(self, url: str, people: tuple[Person, Person], thread: int, say: Callable[[str], None]) -> None:
        """``people``: the second one speaks first."""
        self._people, self._thread, self._say, self._url = people, thread, say, url

    def goes_on_when(self, process_dies: Callable[[], None]) -> str:
        """Both say everything; one message is said right before the process dies, one while it is gone.

        Raises:
            VerificationFailed: somebody missed an event, or was told one twice.
            TookTooLong: somebody heard nothing more.
        """
        speakers = [Speaker(self._url, person) for person in self._people]
        try:
            until("both sockets", lambda: all(each.since is not None for each in speakers))
            for number, words in enumerate(TALK):
                speaker = speakers[(number + 1) % 2]
                self._say(f"{speaker.person.name.split()[0]}: {words}")
                speaker.says(self._thread, words)
                if number == _BREAKS_AFTER:
                    process_dies()
                else:
                    self._reached(speakers, number)
            return self._whole(speakers)
        finally:
            for each in speakers:
                each.close()

    def _reached(self, speakers: list[Speaker], number: int) -> None:
        what = f"message {number + 1} of the chat to reach both"
        until(what, lambda: all(len(each.said(self._thread)) > number for each in speakers), timeout=60)

    def _whole(self, speakers: list[Speaker]) -> str:
        for each in speakers:
            name, ids = each.person.name, [event["id"] for event in each.events]
            first = (each.since or 0) + 1
            must(ids == list(range(first, first + len(ids))), f"{name} was told the events {ids}, from {first} on")
            said = each.said(self._thread)
            must(sorted(said) == sorted(TALK), f"{name} read {said}, of what was said: {list(TALK)}")
            must(each.breaks == 1, f"the socket of {name} broke {each.breaks} times, not once")
        return f"{len(TALK)} messages read by both, none lost and none twice, over a broken socket"
