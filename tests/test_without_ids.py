"""What is left of a refusal when the ids are taken out of it."""

import pytest

from tests.without_ids import without_ids


@pytest.mark.parametrize("known", ["-Q47peMZ", "Q47peMZ-", "CST000017", "17"])
def test_an_id_is_taken_out_wherever_its_hyphens_are_and_no_part_of_another_one_is(known: str):
    text = f"there is no session {known}, nor 175 or CST0000171"
    assert without_ids(text, ["17", known]) == "there is no session ?, nor 175 or CST0000171"
