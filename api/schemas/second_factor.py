"""The second factor of admins, as clients set it up and show it."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.answers import Answer, example
from api.schemas.fields import Body, NoNul
from api.schemas.passwords import Entered

Code = Annotated[
    str,
    StringConstraints(min_length=1, max_length=40),
    NoNul,
    Field(description="Six digits of the app, or a recovery code", examples=["492039"]),
]
CurrentPassword = Annotated[Entered, Field(examples=["Password@123"])]


class SecondFactorSetup(Body):
    """The password that counts now: a token alone sets nothing up."""

    current_password: CurrentPassword


class SecondFactorCode(Body):
    """A code; each is good once."""

    code: Code


class SecondFactorRemoval(Body):
    """The password that counts now, and a code."""

    current_password: CurrentPassword
    code: Code


class SecondFactorAnswer(Answer):
    """Whether one has a second factor. ``required``: without one, nothing else can be done."""

    model_config = example(
        {"enabled": True, "required": True, "confirmed_at": "2026-11-24T06:11:09Z", "recovery_codes_left": 10}
    )
    enabled: bool
    required: bool
    confirmed_at: str | None
    recovery_codes_left: int


class SecondFactorSecret(Answer):
    """What an app is given, as text, as the address that its QR code holds, and as the rows of that code, in which `1`
    is dark; a margin of four belongs around it. It is shown this once."""

    model_config = example(
        {
            "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
            "uri": "otpauth://totp/RevCare:asha%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=RevCare",
            "qr_code": ["1111111001011", "1000001011001"],
        }
    )
    secret: str
    uri: str
    qr_code: list[str]


class RecoveryCodes(Answer):
    """Codes for who has lost the phone, each good once. They are shown this once."""

    model_config = example({"recovery_codes": ["GEZD-GNBV-GY3T-QOJQ", "MFRG-GZDF-MZTW-Q2LK"]})
    recovery_codes: list[str]
