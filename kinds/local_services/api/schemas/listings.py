"""Categories and listings, as admins and providers write them."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from api.schemas.fields import Body, Flag, Money, Number, RowId, by_rule
from domain.texts import long_text, one_line
from kinds.local_services.domain.listings import MOST_OPTIONS, pricing_fault
from kinds.local_services.domain.parts import PricingUnit
from kinds.local_services.domain.prices import HIGHEST, LOWEST

PROVIDER_ID = r"^USR[0-9]{6,12}$"
_UPLOAD = r"^/uploads/[A-Za-z0-9_-][A-Za-z0-9._-]*$"
_ICON = re.compile(rf"[a-z0-9-]{{1,40}}|{_UPLOAD[1:-1]}")
_QUARTER = timedelta(minutes=15)


def _between(lowest: int, highest: int, words: str) -> AfterValidator:
    def read(amount: int) -> int:
        if not lowest <= amount <= highest:
            raise ValueError(words)
        return amount

    return AfterValidator(read)


def _icon(name: str) -> str:
    if not _ICON.fullmatch(name):
        raise ValueError("an icon is a name of [a-z0-9-], or the path of an upload")
    return name


def _quarters(hours: Decimal) -> Decimal:
    if hours % Decimal("0.25"):
        raise ValueError("hours are counted in quarters")
    return hours


def _nothing(filled: Any) -> BeforeValidator:
    """Null is the empty value, and the document says so."""
    return BeforeValidator(lambda sent: filled() if sent is None else sent)


def _text(longest: int, shortest: int = 0) -> Any:
    shape: dict[str, Any] = {"type": "string", "maxLength": longest}
    return WithJsonSchema(shape | ({"minLength": shortest} if shortest else {}))


def _or_null(shape: dict[str, Any]) -> None:
    names = [name for name in shape if name not in ("default", "description")]
    told = {name: shape.pop(name) for name in names}
    shape["anyOf"] = [told, {"type": "null"}]


_NULLABLE: Any = Field(json_schema_extra=_or_null)
Title = Annotated[str, StringConstraints(max_length=400), by_rule(one_line, 3, 120), _text(120, 3)]
Description = Annotated[
    str, StringConstraints(max_length=20_000), by_rule(long_text, 0, 5000), _text(5000), _nothing(str), _NULLABLE
]
CategoryName = Annotated[str, StringConstraints(max_length=400), by_rule(one_line, 1, 80), _text(80, 1)]
CategoryWords = Annotated[
    str, StringConstraints(max_length=8_000), by_rule(long_text, 0, 2000), _text(2000), _nothing(str), _NULLABLE
]
Icon = Annotated[str, StringConstraints(max_length=200), AfterValidator(_icon)]
Sac = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,8}$"), Field(description="Service accounting code")]
BasePrice = Annotated[Money, _between(LOWEST, HIGHEST, "a price is 1.00 to 1000000.00")]
OptionPrice = Annotated[Money, _between(0, HIGHEST, "an option costs at most 1000000.00")]
MinHours = Annotated[
    Decimal,
    Field(ge=Decimal("0.5"), le=24),
    Number,
    AfterValidator(_quarters),
    WithJsonSchema(
        {"type": "number", "minimum": 0.5, "maximum": 24, "description": "In quarters; of a price by the hour"}
    ),
]
OwnPicture = Annotated[
    str, StringConstraints(max_length=200, pattern=_UPLOAD), Field(description="The path of an upload")
]
Degrees = Annotated[float, Field(allow_inf_nan=False), Number]
Latitude = Annotated[Degrees, Field(ge=-90, le=90)]
Longitude = Annotated[Degrees, Field(ge=-180, le=180)]


class NewCategory(Body):
    """What listings belong to. ``platform_pays_gst``: where its provider has no GSTIN, the platform owes the GST."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Plumbing", "description": "Taps, pipes, drains.", "icon": "wrench"}]}
    )

    name: CategoryName
    description: CategoryWords = ""
    icon: Icon | None = None
    sac: Sac = "999799"
    platform_pays_gst: Flag = False


class CategoryChange(Body):
    """What of a category changes."""

    name: Annotated[CategoryName, Field(default_factory=str)]
    description: Annotated[CategoryWords, Field(default_factory=str)]
    icon: Icon | None = None
    sac: Annotated[Sac, Field(default_factory=str)]
    platform_pays_gst: Annotated[Flag, Field(default_factory=bool)]


class Area(Body):
    """Where a service is offered: so many kilometres around a point."""

    label: Annotated[str, StringConstraints(max_length=400), by_rule(one_line, 1, 120), _text(120, 1)]
    lat: Latitude
    lng: Longitude
    radius_km: Annotated[Degrees, Field(ge=0.5, le=200)]


class PricedOption(Body):
    """Something that can be chosen beside the service; one that keeps its ``id`` stays the same to clients."""

    id: Annotated[int, Field(ge=1, le=100_000), Number] | None = None
    name: Annotated[str, StringConstraints(max_length=400), by_rule(one_line, 1, 80), _text(80, 1)]
    price: OptionPrice


def _must_have_ids_of_their_own(options: list[PricedOption]) -> list[PricedOption]:
    known = [each.id for each in options if each.id is not None]
    if len(set(known)) < len(known):
        raise ValueError("two options have the same id")
    return options


Options = Annotated[
    list[PricedOption],
    Field(max_length=MOST_OPTIONS),
    AfterValidator(_must_have_ids_of_their_own),
    _nothing(list),
    _NULLABLE,
]
_COLUMNS_OF_AREA = {"label": "area_label", "lat": "lat", "lng": "lng", "radius_km": "radius_km"}


class _Columns(Body):
    def columns(self) -> dict[str, Any]:
        """The columns of what was sent; options as they were sent, without ids for new ones."""
        found = {name: getattr(self, name) for name in self.model_fields_set}
        if "coverage_area" in found:
            area: Area | None = found.pop("coverage_area")
            found |= {column: getattr(area, name, None) for name, column in _COLUMNS_OF_AREA.items()}
        if "pricing_options" in found:
            found["pricing_options"] = [each.model_dump() for each in found["pricing_options"]]
        return found


class NewListing(_Columns):
    """What a provider offers; admins name the ``provider_id``. Without ``coverage_area`` it is done anywhere."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "category_id": 2,
                    "title": "Deep clean",
                    "description": "Kitchen, bath and floors, with my own material.",
                    "pricing_unit": "HOUR",
                    "base_price": "450.00",
                    "min_hours": 2,
                    "pricing_options": [{"name": "Windows", "price": "200.00"}],
                    "coverage_area": {"label": "Pune", "lat": 18.5204, "lng": 73.8567, "radius_km": 15},
                }
            ]
        }
    )

    provider_id: Annotated[str, StringConstraints(pattern=PROVIDER_ID)] | None = None
    category_id: RowId
    title: Title
    description: Description = ""
    pricing_unit: PricingUnit
    base_price: BasePrice | None = None
    min_hours: MinHours | None = None
    pricing_options: Annotated[Options, Field(default_factory=list)]
    coverage_area: Area | None = None
    is_active: Flag = True
    cover_image_url: OwnPicture | None = None

    @model_validator(mode="after")
    def _must_be_priced(self) -> "NewListing":
        if fault := pricing_fault(self.pricing_unit, self.base_price, self.min_hours):
            raise ValueError(fault)
        return self


class ListingChange(_Columns):
    """What of a listing changes; a list that is sent replaces the whole list. Bookings keep what they were made with.

    Another ``pricing_unit`` takes away what it has not: a QUOTE the price, all but HOUR the least time.
    """

    category_id: Annotated[RowId, Field(default_factory=int)]
    title: Annotated[Title, Field(default_factory=str)]
    description: Annotated[Description, Field(default_factory=str)]
    pricing_unit: Annotated[PricingUnit, Field(default_factory=lambda: PricingUnit.QUOTE)]
    base_price: BasePrice | None = None
    min_hours: MinHours | None = None
    pricing_options: Annotated[Options, Field(default_factory=list)]
    coverage_area: Area | None = None
    is_active: Annotated[Flag, Field(default_factory=bool)]
    cover_image_url: OwnPicture | None = None
