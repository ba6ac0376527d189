"""Passwords, as clients write them."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from api.auth.password_rules import LONGEST_TYPED
from api.schemas.fields import Body, NoNul
from api.schemas.people_fields import Mail, Password, Phone

Entered = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TYPED), NoNul]
LinkToken = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[A-Za-z0-9._-]+$")]
NewPassword = Annotated[Password, Field(examples=["Password@1234"])]


class PasswordChange(Body):
    """The password that counts now, and the one that shall."""

    current_password: Annotated[Entered, Field(examples=["Password@123"])]
    new_password: NewPassword


class ResetRequest(Body):
    """Whose password is lost: by mail address or by phone."""

    email: Annotated[Mail | None, Field(examples=["akhil@revcare.in"])] = None
    phone: Annotated[Phone | None, Field(examples=["9841385379"])] = None

    @model_validator(mode="after")
    def _must_name_somebody(self) -> Self:
        if self.email is None and self.phone is None:
            raise ValueError("email or phone is needed")
        return self


class ResetConfirmation(Body):
    """The secret of the link that was mailed, and the new password."""

    token: LinkToken
    new_password: NewPassword
