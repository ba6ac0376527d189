import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.gstin import check_character, gstin
from domain.indian_states import STATES, code_of_state, place_of_supply, state_named, state_of_pincode

VALID = ("27AAPFU0939F1ZV", "29AAGCB7383J1Z4")


@pytest.mark.parametrize("number", VALID)
def test_a_genuine_number_is_taken_in_any_spelling(number: str) -> None:
    assert gstin(number) == gstin(f" {number[:2]} {number[2:].lower()} ") == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "27AAPFU0939F1Z",
        "27AAPFU0939F1ZVV",
        "AAAPFU0939F1ZVX",
        "27AAPFU0939F0ZV",
        "27AAPFU0939F1YV",
        "२7AAPFU0939F1ZV",
    ],
)
def test_another_shape_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="is not a GSTIN"):
        gstin(text)


@pytest.mark.parametrize("number", VALID)
def test_every_slip_in_one_character_is_noticed(number: str) -> None:
    for place in range(15):
        for slip in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ":
            if slip != number[place]:
                with pytest.raises(Invalid):
                    gstin(number[:place] + slip + number[place + 1 :])


@given(st.from_regex(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z", fullmatch=True))
def test_exactly_one_last_character_fits(first: str) -> None:
    assert gstin(first + check_character(first)).startswith(first)


@pytest.mark.parametrize(
    ("pincode", "code"),
    [
        ("411038", "27"), ("403001", "30"), ("600020", "33"), ("605001", "34"), ("110001", "07"), ("160017", "04"),
        ("141001", "03"), ("194101", "38"), ("248001", "05"), ("246701", "09"), ("396210", "26"), ("395003", "24"),
        ("500034", "36"), ("533464", "34"), ("533001", "37"), ("560001", "29"), ("682001", "32"), ("682555", "31"),
        ("700001", "19"), ("737101", "11"), ("744101", "35"), ("751001", "21"), ("781001", "18"), ("791111", "12"),
        ("793001", "17"), ("795001", "14"), ("796001", "15"), ("797001", "13"), ("799001", "16"), ("800001", "10"),
        ("834001", "20"), ("492001", "22"), ("462001", "23"), ("302001", "08"), ("226001", "09"), ("122001", "06"),
        ("171001", "02"), ("180001", "01"),
    ],
)  # fmt: skip
def test_a_pincode_lies_in_its_state(pincode: str, code: str) -> None:
    assert state_of_pincode(pincode) == code


@pytest.mark.parametrize("pincode", [None, "", "560", "900001", "000000", "abcdef"])
def test_what_is_no_place_has_no_state(pincode: str | None) -> None:
    assert state_of_pincode(pincode) is None


def test_names_and_codes_belong_together() -> None:
    assert code_of_state(" tamil  NADU ") == "33"
    assert code_of_state("Atlantis") is None
    assert state_named("33") == "Tamil Nadu (33)"
    assert all(code_of_state(name) == code for code, name in STATES.items())


@pytest.mark.parametrize(
    ("number", "pincode", "place"),
    [
        ("29AAGCB7383J1Z4", "411038", "29"),
        (None, "600020", "33"),
        (None, None, "27"),
        (None, "900001", "27"),
    ],
)
def test_the_place_of_supply_is_the_customers_as_far_as_it_is_known(
    number: str | None, pincode: str | None, place: str
) -> None:
    assert place_of_supply(number, pincode, supplier="27") == place
