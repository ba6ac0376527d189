"""What fields of booking and payment bodies are made of. Each refuses what would break further in, with a sentence."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from domain.children import CHILDREN_PER_BOOKING
from domain.errors import Invalid
from domain.gstin import gstin
from domain.money import paise
from domain.texts import long_text, one_line

LARGEST_ID = 2**31 - 1
LARGEST_CHILD_ID = 2**63 - 1
LARGEST_BOOKING_ID = LARGEST_CHILD_ID // CHILDREN_PER_BOOKING - 1
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ID = re.compile(r"[1-9][0-9]{0,9}")
_UPLOAD = re.compile(r"/uploads/[A-Za-z0-9_-][A-Za-z0-9._-]*")


class Body(BaseModel):
    """A request's body: unknown fields are ignored, never assigned. A field of several names is sent by one of them."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    _several_names: ClassVar[tuple[tuple[str, ...], ...]] = ()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Note the fields that have several names."""
        super().__pydantic_init_subclass__(**kwargs)
        aliases = [each.validation_alias for each in cls.model_fields.values()]
        choices = [[str(name) for name in each.choices] for each in aliases if isinstance(each, AliasChoices)]
        cls._several_names = tuple(tuple(names) for names in choices)

    @model_validator(mode="before")
    @classmethod
    def _must_be_sent_by_one_name(cls, sent: Any) -> Any:
        """What is sent by another name beside the first would not be read, whatever it is."""
        for names in cls._several_names if isinstance(sent, dict) else ():
            said = [name for name in names if name in sent]
            if any(not _same(sent[said[0]], sent[name]) for name in said[1:]):
                raise ValueError(f"{' and '.join(said)} are one field: send one of them")
        return sent


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _written_as_a_number(number: Any) -> Any:
    if isinstance(number, bool):
        raise ValueError("true and false are no numbers")
    if isinstance(number, str):
        raise ValueError("a number is sent as a number, not as text")
    return number


def by_rule(rule: Callable[[str], str], shortest: int = 0, longest: int | None = None) -> AfterValidator:
    """Text as a rule of the domain reads it, and how many characters that may have; its refusals are the field's."""

    def read(text: str) -> str:
        try:
            found = rule(text)
        except Invalid as fault:
            raise ValueError(fault.detail) from None
        if len(found) < shortest:
            raise PydanticKnownError("string_too_short", {"min_length": shortest})
        if longest is not None and len(found) > longest:
            raise PydanticKnownError("string_too_long", {"max_length": longest})
        return found

    return AfterValidator(read)


def documented(**words: str | int) -> Any:
    """What the document says of a field besides; it is checked by a rule, with kinder words."""
    return Field(json_schema_extra=dict(words))


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


def _digits(name: Any) -> int:
    """An id as the name of an entry, which is text: one way of writing it, so that no entry hides another."""
    if isinstance(name, str) and _ID.fullmatch(name):
        return int(name)
    raise ValueError("an id is digits, the first not 0")


Number = BeforeValidator(_written_as_a_number)
Flag = StrictBool
NoNul = AfterValidator(_without_nul)
RowId = Annotated[int, Field(ge=1, le=LARGEST_ID), Number]
BookingNumber = Annotated[int, Field(ge=1, le=LARGEST_BOOKING_ID, examples=[1021]), Number]
Quantity = Annotated[int, Field(ge=1, le=99), Number]
_UP_TO_200 = WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 200})
Text = Annotated[str, StringConstraints(max_length=2000), by_rule(long_text, 0, 2000)]
"""Words that may have several lines, or none."""
Note = Annotated[str, StringConstraints(max_length=200), by_rule(long_text, 1, 200), _UP_TO_200]
ShortText = Annotated[str, StringConstraints(max_length=200), by_rule(one_line, 1, 200), _UP_TO_200]
"""A name or a title: one line, in which everything can be seen."""
SecondLine = Annotated[
    ShortText | None,
    BeforeValidator(_blank_is_none),
    WithJsonSchema({"anyOf": [{"type": "string", "maxLength": 200}, {"type": "null"}]}),
]
Day = Annotated[date, BeforeValidator(_written_as_a_date)]
Gstin = Annotated[str, StringConstraints(max_length=40), by_rule(gstin)]
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
_RowIdAsName = Annotated[int, Field(ge=1, le=LARGEST_ID), BeforeValidator(_digits)]
Prices = Annotated[
    dict[_RowIdAsName, Money],
    Field(max_length=40, json_schema_extra={"propertyNames": {"pattern": "^[1-9][0-9]{0,9}$"}}),
    few(40),
]
