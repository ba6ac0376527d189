"""What people are described by, and their cars and addresses, as clients write them."""

import re
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, AliasChoices, Field, StringConstraints

from api.schemas.fields import Body, NoNul, RowId, SecondLine

_PLATE = re.compile(r"[A-Z0-9]{4,12}")


def _phone(text: str) -> str:
    digits = re.sub(r"[\s-]", "", text).removeprefix("+91")
    if not re.fullmatch(r"[6-9]\d{9}", digits, re.ASCII):
        raise ValueError("a phone has 10 digits and begins with 6 to 9")
    return f"+91{digits}"


def _plate(text: str) -> str:
    plate = re.sub(r"[\s-]", "", text).upper()
    if not _PLATE.fullmatch(plate):
        raise ValueError("a registration number has 4 to 12 letters and digits")
    return plate


def _mail(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as wrong:
        raise ValueError(str(wrong)) from None


def _strong(text: str) -> str:
    if not (re.search(r"[A-Z]", text) and re.search(r"[a-z]", text) and re.search(r"[^A-Za-z]", text)):
        raise ValueError("a password has upper and lower case letters and a digit or special character")
    return text


def _told(**words: str) -> Any:
    """What the document says of it besides; it is checked above, with kinder words."""
    return Field(json_schema_extra=dict(words))


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), NoNul]
Phone = Annotated[
    str, StringConstraints(max_length=20), AfterValidator(_phone), _told(pattern=r"^(\+91)?[ -]*[6-9]([ -]*[0-9]){9}$")
]
Plate = Annotated[
    str,
    StringConstraints(max_length=20),
    AfterValidator(_plate),
    _told(pattern=r"^[A-Za-z0-9]([ -]*[A-Za-z0-9]){3,11}$"),
]
Mail = Annotated[str, StringConstraints(max_length=254), AfterValidator(_mail), _told(format="email")]
Password = Annotated[
    str,
    StringConstraints(min_length=8, max_length=128),
    NoNul,
    AfterValidator(_strong),
    _told(format="password", description="Upper and lower case letters, and a digit or special character"),
]


class NewCar(Body):
    """A customer's car; the older spellings of its fields are accepted too."""

    registration_number: Annotated[Plate, Field(validation_alias=AliasChoices("registration_number", "reg_number"))]
    car_model_id: Annotated[RowId, Field(validation_alias=AliasChoices("car_model_id", "car_id"))]
    customer_id: Annotated[str | None, Field(pattern=r"^CST[0-9]{6,12}$")] = None


class CarChange(Body):
    """What of a car changes; absent stays."""

    registration_number: Annotated[
        Plate | None, Field(validation_alias=AliasChoices("registration_number", "reg_number"))
    ] = None
    car_model_id: Annotated[RowId | None, Field(validation_alias=AliasChoices("car_model_id", "car_id"))] = None


class NewAddress(Body):
    """Where a customer can be found."""

    label: Text
    line1: Text
    line2: SecondLine = None
    area_id: RowId
    customer_id: Annotated[str | None, Field(pattern=r"^CST[0-9]{6,12}$")] = None


class AddressChange(Body):
    """What of an address changes; absent stays, null clears ``line2``."""

    label: Text | None = None
    line1: Text | None = None
    line2: SecondLine = None
    area_id: RowId | None = None
