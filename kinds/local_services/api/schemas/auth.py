"""Registration, codes, passwords and identities, as clients write them."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from api.auth.password_rules import must_not_name
from api.schemas.answers import example
from api.schemas.fields import Body, NoNul, SecondLine
from api.schemas.passwords import Entered, NewPassword
from api.schemas.people_fields import Mail, Password, Phone, Text
from domain.errors import Invalid
from kinds.local_services.domain.roles import Role

RoleName = Literal["SERVICE_SEEKER", "SERVICE_PROVIDER", "ADMIN"]
Token = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[A-Za-z0-9._-]+$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=20), NoNul, Field(examples=["204816"])]
"""As it was typed; what is no code is a wrong one."""
Channel = Literal["sms", "email"]


class Registration(Body):
    """Somebody new; without a password only with the token of an identity that nobody has yet."""

    model_config = example(
        {
            "phone": "9841385379",
            "password": "Secret-123",
            "first_name": "Asha",
            "last_name": "Rao",
            "role": "SERVICE_SEEKER",
        }
    )

    phone: Phone
    password: Password | None = None
    first_name: Text
    last_name: SecondLine = None
    email: Mail | None = None
    role: RoleName = Role.SEEKER.value
    registration_token: Token | None = None

    @model_validator(mode="after")
    def _must_be_able_to_log_in(self) -> Self:
        if not self.password and not self.registration_token:
            raise ValueError("a password is needed")
        try:
            must_not_name(
                self.password or "",
                f"{self.first_name} {self.last_name or ''}",
                self.first_name,
                self.phone,
                self.email,
            )
        except Invalid as fault:
            raise ValueError(fault.detail) from None
        return self


class CodeRequest(Body):
    """Which address is to be shown as one's own."""

    channel: Channel = "sms"


class CodeConfirmation(CodeRequest):
    """The code that came."""

    code: Code


class ResetWanted(Body):
    """Whose password is lost: by phone, which gets a code, or by mail address, which gets a link."""

    phone: Annotated[Phone | None, Field(examples=["9841385379"])] = None
    email: Annotated[Mail | None, Field(examples=["asha.rao@example.com"])] = None

    @model_validator(mode="after")
    def _must_name_somebody(self) -> Self:
        if (self.phone is None) == (self.email is None):
            raise ValueError("phone or email is needed, and not both")
        return self


class ResetProof(Body):
    """The code with the phone that it came to, or the secret of the link; and the new password."""

    phone: Phone | None = None
    code: Code | None = None
    token: Token | None = None
    new_password: NewPassword

    @model_validator(mode="after")
    def _must_be_one_of_both(self) -> Self:
        if self.token is None and (self.phone is None or self.code is None):
            raise ValueError("phone and code, or token, are needed")
        return self


class PhoneChange(Body):
    """The new phone, with the password of who has one."""

    phone: Phone
    current_password: Entered | None = None


class PhoneConfirmation(Body):
    """The code that came to the new phone."""

    code: Code


class IdentityToken(Body):
    """What a provider of logins has said of somebody, and the nonce that the client asked it with."""

    id_token: Annotated[str, StringConstraints(min_length=1, max_length=20_000), NoNul]
    nonce: Annotated[str, StringConstraints(min_length=1, max_length=500), NoNul]
