"""What real people type and send, judged by the fields of the bodies: each line of ``real_input.toml`` is a test."""

import tomllib
import unicodedata
from pathlib import Path
from typing import Annotated, Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, TypeAdapter, ValidationError

from adapters.images.decoder import answered
from adapters.images.decoding import FORMATS, DecodedImage, understood, wanted_of
from adapters.images.formats import look_at
from api.schemas.fields import Day, Gstin, Money, ShortText, Text
from api.schemas.people_fields import Mail, Password, Phone
from domain.errors import Invalid, TooLarge, UnreadableImage, UnsupportedMediaType
from domain.phones import phone
from kinds.local_services.api.schemas.availability import NewSchedule
from kinds.local_services.api.schemas.bookings import Moment
from kinds.vehicle_service.api.schemas.customers import Plate
from kinds.vehicle_service.api.schemas.reference import Clock, Pincode
from tests.adapters.test_image_decoder import SECRET, taken
from tests.adapters.test_images import drawn

LINES = tomllib.loads(Path(__file__).with_name("real_input.toml").read_text(encoding="utf-8"))
PICTURES = LINES.pop("pictures")
ImageRefused = (UnsupportedMediaType, TooLarge, UnreadableImage)


def _timezone_of_a_schedule(name: str) -> str:
    return NewSchedule(timezone=name, weekly=[]).timezone


FIELDS = {
    "phones": Phone,
    "names": ShortText,
    "texts": Text,
    "plates": Plate,
    "emails": Mail,
    "passwords": Password,
    "dates": Day,
    "times": Clock,
    "gstins": Gstin,
    "amounts": Money,
    "addresses": ShortText,
    "pincodes": Pincode,
    "timezones": Annotated[str, AfterValidator(_timezone_of_a_schedule)],
    "moments": Moment,
}
READERS: dict[str, TypeAdapter[Any]] = {what: TypeAdapter(field) for what, field in FIELDS.items()}


def lines(kept: bool) -> list[Any]:
    """What is kept of something, or what is refused; each named after itself."""
    names = ("typed", "kept") if kept else ("typed",)
    return [
        pytest.param(what, *(line[name] for name in names), id=f"{what} {line['typed'][:40]!a}")
        for what, found in LINES.items()
        for line in found
        if ("kept" in line) is kept
    ]


@pytest.mark.parametrize(("what", "typed", "kept"), lines(kept=True))
def test_what_people_type_is_kept_in_one_form(what: str, typed: str, kept: str):
    assert str(READERS[what].validate_python(typed)) == kept


@pytest.mark.parametrize(("what", "typed"), lines(kept=False))
def test_what_is_none_is_refused_with_a_sentence(what: str, typed: str):
    with pytest.raises(ValidationError) as refused:
        READERS[what].validate_python(typed)
    assert all(" " in error["msg"] for error in refused.value.errors())


def drawn_as(line: Any) -> bytes:
    """The file that a line describes."""
    if "text" in line:
        return str(line["text"]).encode()
    size = tuple(line.get("size", (80, 40)))
    if "turned" in line:
        content = taken(line["made"], line["turned"], size)
    else:
        content = drawn(line["made"], size, line.get("mode", "RGB"))
    content += line.get("behind", "").encode()
    return content[: int(len(content) * line.get("cut", 1))]


def decoded(content: bytes) -> DecodedImage:
    """As a decoder does it, but in this process, which costs a tenth: these are our own pictures."""
    picture = look_at(content)
    return understood(content, picture, *answered(content, FORMATS[picture.ending], wanted_of(picture)))


@pytest.mark.parametrize("line", PICTURES, ids=str)
def test_a_picture_that_people_send_is_kept_upright_and_bare_or_refused_with_a_sentence(line: Any):
    content = drawn_as(line)
    if "kept" not in line:
        with pytest.raises(ImageRefused) as refused:
            decoded(content)
        assert " " in str(refused.value)
        return
    stored = decoded(content)
    found = look_at(stored.content)
    assert (f"{stored.ending} {found.width}x{found.height}", found.bare) == (line["kept"], True)
    assert SECRET not in stored.content


@pytest.mark.parametrize("what", ["phones", "names", "texts", "plates", "emails", "passwords", "gstins", "addresses"])
@pytest.mark.parametrize("half", ["\ud83d", "ab\udc00cdefgh"])
def test_half_of_a_surrogate_pair_is_no_text(what: str, half: str):
    with pytest.raises(ValidationError):
        READERS[what].validate_python(half)


def test_a_long_run_of_accents_is_refused_before_it_takes_long():
    text = TypeAdapter(Text)
    with pytest.raises(ValidationError, match="accents and marks"):
        text.validate_python("a" + "\u0301\u0323" * 900)


PREFIXES = st.sampled_from(["", "+91", "0091", "91", "0"])
BETWEEN = st.sampled_from(["", "", "", " ", "-", ".", "\u00a0", " - "])
DIGITS = st.text("0123456789０５９", min_size=9, max_size=9)


@given(PREFIXES, st.sampled_from("6789７"), DIGITS, st.lists(BETWEEN, min_size=11, max_size=11))
def test_a_phone_is_what_the_library_of_phones_says_it_is(prefix: str, first: str, rest: str, between: list[str]):
    """The library is asked about what is accepted only: it takes "1-800-FLOWERS" and a hyphen in front as well."""
    gaps = between if prefix else ["", *between[1:]]
    typed = prefix + "".join(f"{gap}{digit}" for gap, digit in zip(gaps, first + rest, strict=False))
    judged = phonenumbers.parse(unicodedata.normalize("NFKC", typed), "IN")
    try:
        kept = phone(typed)
    except Invalid:
        assert len(typed) > 40
        return
    assert kept == phonenumbers.format_number(judged, phonenumbers.PhoneNumberFormat.E164)
