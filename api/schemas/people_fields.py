"""What people are described by, as clients write them."""

from typing import Annotated

from pydantic import StringConstraints

from adapters.mail_addresses import mail_address
from api.auth.password_rules import LONGEST_TYPED, may_be_chosen
from api.schemas.fields import NoNul, ShortText, by_rule, documented
from domain.phones import LONGEST, phone

Text = ShortText
Phone = Annotated[
    str,
    StringConstraints(max_length=LONGEST),
    by_rule(phone),
    documented(pattern=r"^((\+91|0091|91|0)[ .()-]*)?[6-9]([ .()-]*[0-9]){9}$"),
]
Mail = Annotated[str, StringConstraints(max_length=254), by_rule(mail_address, 0, 254), documented(format="email")]
Password = Annotated[
    str,
    StringConstraints(max_length=LONGEST_TYPED),
    NoNul,
    by_rule(may_be_chosen),
    documented(
        minLength=8, maxLength=128, format="password", description="Any characters; not one of the commonest passwords"
    ),
]
