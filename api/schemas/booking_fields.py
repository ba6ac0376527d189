"""Fields that the answers of every kind of booking have: whose it is, who did it, what it waits for."""

from typing import Literal

from api.schemas.answer_fields import CustomerId, Moment
from api.schemas.answers import Answer
from domain.people import Role


class CustomerOfBooking(Answer):
    """Whose booking it is; the phone is for admins and for the mechanic with an active job."""

    id: CustomerId
    name: str
    phone: str | None = None


class By(Answer):
    """Who did it; `system` is the engine itself."""

    role: Role
    id: str
    name: str


class Waiting(Answer):
    """Who has to do what, until when, and what happens then."""

    who: Literal["customer", "mechanic", "admin", "system", "provider"]
    what: str
    until: Moment | None
    then: str | None
