import re

import pytest

from domain import errors
from domain.errors import BookingError, Conflict, NotAllowed, PaymentProblem, SlotTaken, by_name


def test_every_refusal_is_found_by_the_name_that_it_travels_under():
    for refusal in _tree(BookingError):
        assert by_name(refusal.__name__) is refusal
        # One of a kind may be known to clients by the name of another.
        assert refusal().code == refusal.__name__ or by_name(refusal().code) is not None
    assert by_name("ValueError") is None


def test_every_refusal_stands_in_the_drawing_of_the_tree():
    drawn = set(re.findall(r"[├└]── (\w+)", errors.__doc__ or ""))
    ours = {refusal.__name__ for refusal in _tree(BookingError) if refusal.__module__ == errors.__name__}
    assert drawn == ours - {"BookingError"}


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("ScopeRequired", NotAllowed),
        ("RoleRequired", NotAllowed),
        ("NotYours", NotAllowed),
        ("ActionNotAllowed", Conflict),
        ("SlotTaken", Conflict),
        ("IdempotencyMismatch", Conflict),
        ("AmountMismatch", PaymentProblem),
        ("BadSignature", PaymentProblem),
    ],
)
def test_a_refusal_belongs_to_the_family_that_decides_its_status(name, family):
    assert issubclass(by_name(name), family)


def test_a_refusal_speaks_a_sentence_even_when_nobody_gave_it_one():
    assert SlotTaken().detail == "That time slot is full"


def test_a_refusal_carries_facts_for_programs():
    refusal = SlotTaken("Monday morning is full", next_free_slots=[{"date": "2026-11-24"}])
    assert (refusal.detail, str(refusal)) == ("Monday morning is full", "Monday morning is full")
    assert refusal.data == {"next_free_slots": [{"date": "2026-11-24"}]}


def _tree(root):
    return [root, *(member for child in root.__subclasses__() for member in _tree(child))]
