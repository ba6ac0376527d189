"""Bodies and answers of table reservations."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.schemas.answer_fields import BookingId, Moment, Rupees
from api.schemas.answers import Answer
from api.schemas.booking_fields import ByRole, CustomerOfBooking, WaitingFor
from api.schemas.fields import Body, Money, ShortText
from tests.kinds.table_reservation.domain.booking import Status

Role = Literal["customer", "host", "admin", "system"]
PersonId = Annotated[str, Field(pattern=r"^(TBL|ADM)[0-9]{6,12}$")]


class Reserve(Body):
    house: Literal["north", "south"]
    table: Annotated[int, Field(ge=1, le=99)]
    starts_at: datetime
    ends_at: datetime
    host: PersonId
    deposit: Money = 0


class Guest(Body):
    guest_id: PersonId


class Reason(Body):
    reason: ShortText = "no reason given"


class BillBody(Body):
    amount: Money


class By(ByRole[Role]):
    pass


class Waiting(WaitingFor[Role]):
    pass


class TableOfBooking(Answer):
    house: str
    number: int
    starts_at: Moment = Field(alias="from")


class TableTotals(Answer):
    total: Rupees
    due: Rupees


class TableRow(Answer):
    id: BookingId
    kind: str
    status: Status
    version: int
    customer: CustomerOfBooking
    table: TableOfBooking
    totals: TableTotals
    waiting_for: Waiting | None


class TableEntry(Answer):
    version: int
    status: Status
    action: str
    by: By
    at: Moment
    note: str | None


class TableAnswer(TableRow):
    timeline: list[TableEntry]


class GivenAway(Answer):
    """What is told of a reservation that the reader no longer sees."""

    id: BookingId
    status: Status
    version: int


class DepositConfirmed(Answer):
    message: str
    status: str
    booking_id: BookingId
    booking_status: Status
