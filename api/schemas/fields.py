"""What fields of booking and payment bodies are made of. Each refuses what would break further in, with a sentence."""

import re
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from domain.children import CHILDREN_PER_BOOKING
from domain.errors import Invalid
from domain.gstin import gstin
from domain.money import paise

LARGEST_ID = 2**31 - 1
LARGEST_CHILD_ID = 2**63 - 1
LARGEST_BOOKING_ID = LARGEST_CHILD_ID // CHILDREN_PER_BOOKING - 1
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UPLOAD = re.compile(r"/uploads/[A-Za-z0-9_-][A-Za-z0-9._-]*")


class Body(BaseModel):
    """A request's body: unknown fields are ignored, never assigned."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def _no_truth_value(number: Any) -> Any:
    if isinstance(number, bool):
        raise ValueError("true and false are no numbers")
    return number


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("NUL is not allowed in text")
    return text


def _blank_is_none(text: Any) -> Any:
    """Forms send an empty field where an address has no second line."""
    return None if isinstance(text, str) and not text.strip() else text


def _written_as_a_date(day: Any) -> Any:
    """A number is no date, though it could be counted as seconds since 1970."""
    if isinstance(day, date) or (isinstance(day, str) and _DAY.fullmatch(day)):
        return day
    raise ValueError("a date is written YYYY-MM-DD")


def _rupees(amount: Any) -> int:
    try:
        return paise(amount)
    except (Invalid, ValueError):
        raise ValueError("an amount is rupees with at most two decimals, as text or a number") from None


def _gstin(text: str) -> str:
    try:
        return gstin(text)
    except Invalid as fault:
        raise ValueError(fault.detail) from None


def _image(address: str) -> str:
    if _UPLOAD.fullmatch(address):
        return address
    try:
        parts = urlsplit(address)
        genuine = parts.scheme in ("http", "https") and bool(parts.hostname) and address.isprintable()
    except ValueError:
        genuine = False
    if not genuine or " " in address:
        raise ValueError("an image is an http or https URL, or the path of an upload")
    return address


def distinct(values: list[Any]) -> list[Any]:
    """No value twice."""
    if len(set(values)) < len(values):
        raise ValueError("the values must be distinct")
    return values


def few(most: int) -> BeforeValidator:
    """Counts an object's entries before any is looked at: of a megabyte of wrong ones each would be an error to tell,
    for many seconds."""

    def counted(entries: Any) -> Any:
        if isinstance(entries, dict) and len(entries) > most:
            raise PydanticCustomError("too_long", "at most {most} entries", {"most": most})
        return entries

    return BeforeValidator(counted)


Number = BeforeValidator(_no_truth_value)
NoNul = AfterValidator(_without_nul)
RowId = Annotated[int, Field(ge=1, le=LARGEST_ID), Number]
BookingNumber = Annotated[int, Field(ge=1, le=LARGEST_BOOKING_ID, examples=[1021]), Number]
Quantity = Annotated[int, Field(ge=1, le=99), Number]
Text = Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True), AfterValidator(_without_nul)]
ShortText = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(_without_nul)
]
SecondLine = Annotated[
    ShortText | None,
    BeforeValidator(_blank_is_none),
    WithJsonSchema({"anyOf": [{"type": "string", "maxLength": 200}, {"type": "null"}]}),
]
Day = Annotated[date, BeforeValidator(_written_as_a_date)]
Gstin = Annotated[str, StringConstraints(max_length=40), AfterValidator(_gstin)]
Money = Annotated[
    int,
    BeforeValidator(_rupees),
    WithJsonSchema(
        {
            "type": ["string", "number"],
            "pattern": r"^\s*[0-9]{1,10}(\.[0-9]{1,2})?\s*$",
            "minimum": 0,
            "maximum": 9999999999.99,
            "examples": ["1650.00"],
        }
    ),
]
Image = Annotated[
    str,
    StringConstraints(max_length=500),
    AfterValidator(_without_nul),
    AfterValidator(_image),
    Field(json_schema_extra={"pattern": r"^(https?://[^\s/?#]+\S*|/uploads/[A-Za-z0-9_-][A-Za-z0-9._-]*)$"}),
]
Distinct = Field(json_schema_extra={"uniqueItems": True})
Images = Annotated[list[Image], Field(max_length=5), AfterValidator(distinct), Distinct]
ServiceIds = Annotated[list[RowId], Field(max_length=40), AfterValidator(distinct), Distinct]
Prices = Annotated[
    dict[RowId, Money],
    Field(max_length=40, json_schema_extra={"propertyNames": {"pattern": "^[1-9][0-9]{0,9}$"}}),
    few(40),
]
