"""What somebody is told whose phone is refused."""

import pytest

from domain.errors import Invalid
from domain.phones import phone


def test_a_phone_with_a_character_that_nobody_sees_is_refused_with_its_name():
    with pytest.raises(Invalid, match=r"ten digits.+ U\+202A is in this one"):
        phone("\u202a9841385379\u202c")


def test_a_phone_with_another_fault_is_not_said_to_have_an_invisible_character():
    with pytest.raises(Invalid) as refused:
        phone("98413O5379")
    assert "invisible" not in refused.value.detail
