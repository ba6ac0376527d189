"""Fields that the answers of every kind of booking have: whose it is, who did it, what it waits for."""

from api.schemas.answer_fields import CustomerId, Moment
from api.schemas.answers import Answer


class CustomerOfBooking(Answer):
    """Whose booking it is; the phone is for admins and for whoever works on it now."""

    id: CustomerId
    name: str
    phone: str | None = None


class ByRole(Answer):
    """Who did it; `system` is the engine itself."""

    role: str
    id: str
    name: str


class WaitingFor(Answer):
    """Who has to do what, until when, and what happens then."""

    who: str
    what: str
    until: Moment | None
    then: str | None
