"""Pauses that grow."""

from datetime import timedelta

from activities.backoff import Backoff


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def backoff(most: int = 100) -> tuple[Backoff[str], Clock]:
    clock = Clock()
    return Backoff(timedelta(seconds=10), timedelta(seconds=35), clock, most), clock


def test_each_try_in_vain_doubles_the_pause_up_to_the_longest():
    pauses, clock = backoff()
    waited = []
    for _ in range(5):
        pauses.tried("a")
        began = clock.now
        while not pauses.is_due("a"):
            clock.now += 1
        waited.append(clock.now - began)
    assert waited == [10, 20, 35, 35, 35]
    pauses.forget("a")
    assert pauses.is_due("a")
    assert pauses.tried("a") == 1


def test_what_rests_is_named_and_what_is_due_is_not():
    pauses, clock = backoff()
    pauses.tried("a")
    clock.now += 5
    pauses.rest("b", 20)
    assert pauses.resting() == ["a", "b"]
    clock.now += 5
    assert pauses.resting() == ["b"]
    assert pauses.tries("b") == 0


def test_after_very_many_tries_the_pause_is_the_longest():
    pauses, _ = backoff()
    assert pauses.pause(5_000) == 35


def test_memory_is_bounded_and_what_is_forgotten_is_due():
    pauses, _ = backoff(most=3)
    for name in "abcd":
        pauses.tried(name)
    assert pauses.resting() == ["b", "c", "d"]
    assert pauses.is_due("a")
