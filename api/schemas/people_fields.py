"""What people are described by, as clients write them."""

import re
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field, StringConstraints

from api.schemas.fields import NoNul


def _phone(text: str) -> str:
    digits = re.sub(r"[\s-]", "", text).removeprefix("+91")
    if not re.fullmatch(r"[6-9]\d{9}", digits, re.ASCII):
        raise ValueError("a phone has 10 digits and begins with 6 to 9")
    return f"+91{digits}"


def _mail(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as wrong:
        raise ValueError(str(wrong)) from None


def _strong(text: str) -> str:
    if not (re.search(r"[A-Z]", text) and re.search(r"[a-z]", text) and re.search(r"[^A-Za-z]", text)):
        raise ValueError("a password has upper and lower case letters and a digit or special character")
    return text


def documented(**words: str) -> Any:
    """What the document says of it besides; it is checked above, with kinder words."""
    return Field(json_schema_extra=dict(words))


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), NoNul]
Phone = Annotated[
    str,
    StringConstraints(max_length=20),
    AfterValidator(_phone),
    documented(pattern=r"^(\+91)?[ -]*[6-9]([ -]*[0-9]){9}$"),
]
Mail = Annotated[str, StringConstraints(max_length=254), AfterValidator(_mail), documented(format="email")]
Password = Annotated[
    str,
    StringConstraints(min_length=8, max_length=128),
    NoNul,
    AfterValidator(_strong),
    documented(format="password", description="Upper and lower case letters, and a digit or special character"),
]
