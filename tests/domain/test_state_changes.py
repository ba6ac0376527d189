"""What a transition has changed: recorded exactly; on replay a new field that is empty differs from nothing."""

import json

import pytest

from domain.state_changes import (
    StateChanges,
    comparable_digest,
    comparable_digests,
    differing_fields,
    state_changes,
)
from tests.of_every import of_every


def recorded(before: dict, after: dict) -> dict:
    digests = StateChanges(before, emailed=False).applied_to({})
    return state_changes(digests, json.dumps(after).encode(), emailed=False).fields


def differing(one: dict, other: dict) -> list[str]:
    return differing_fields(comparable_digests(one), comparable_digests(other))


def test_the_changes_of_a_state_tell_which_field_differs_but_not_a_new_empty_one():
    before, after = {"version": 2, "fee": 7, "note": None}, {"version": 3, "fee": 0, "lines": [{"id": 1}]}
    digests = StateChanges(before, emailed=False).applied_to({})
    changes = state_changes(digests, json.dumps(after).encode(), emailed=True)
    assert changes == StateChanges({"version": 3, "fee": 0, "lines": [{"id": 1}]}, emailed=True)
    assert StateChanges.unpacked(changes.packed()) == changes
    compared = changes.applied_to(comparable_digests(before), comparable_digest)
    later = {"lines": [{"id": 1, "of": []}], "version": 3, "fee": 0, "added": [], "later": "", "percent": "0"}
    assert differing_fields(compared, comparable_digests(later)) == []
    assert differing(before, after) == ["fee", "lines", "version"]


EMPTY = [None, False, 0, "", "0", [], {}]


@of_every(EMPTY, EMPTY)
def test_what_is_recorded_tells_every_empty_value_from_every_other(before, after):
    """A tax of 0 percent that was agreed is something else than none, which falls back to the policy's."""
    same = json.dumps(before) == json.dumps(after)
    assert recorded({"percent": before}, {"percent": after}) == ({} if same else {"percent": after})
    nested = {"lines": [{"percent": after}]}
    assert recorded({"lines": [{"percent": before}]}, nested) == ({} if same else nested)


@pytest.mark.parametrize("empty", EMPTY)
def test_a_replay_takes_a_field_that_is_absent_for_the_same_as_an_empty_one(empty):
    assert differing({"version": 1}, {"version": 1, "later": empty}) == []
    assert differing({"version": 1, "gone": empty}, {"version": 1}) == []


def test_a_replay_tells_no_tax_from_a_tax_of_no_percent():
    assert differing({"percent": "0"}, {"percent": None}) == ["percent"]
    assert differing({"lines": [{"percent": "0"}]}, {"lines": [{"percent": None}]}) == ["lines"]


def test_a_state_has_what_was_recorded_only_if_the_values_are_the_very_same():
    changes = StateChanges({"lines": [{"fee": 0}]}, emailed=False)
    assert changes.exactly_in({"lines": [{"fee": 0}], "version": 7})
    assert not changes.exactly_in({"lines": [{"fee": None}]})
