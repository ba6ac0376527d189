"""Bodies and answers of table reservations; statuses and fields that every booking has are the engine's."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.schemas import booking_answers, document_answers
from api.schemas.answer_fields import Moment
from api.schemas.answers import Answer
from api.schemas.fields import Body, Money, ShortText
from api.schemas.money_answers import PayoutAnswer

PersonId = Annotated[str, Field(pattern=r"^TBL[0-9]{6,12}$")]


class Reserve(Body):
    house: Literal["north", "south"]
    table: Annotated[int, Field(ge=1, le=99)]
    starts_at: datetime
    ends_at: datetime
    host: PersonId
    deposit: Money = 0
    share: Annotated[int, Field(ge=0, le=100)] = 0


class Guest(Body):
    guest_id: PersonId


class Reason(Body):
    reason: ShortText = "no reason given"


class BillBody(Body):
    amount: Money


class TableOfBooking(Answer):
    house: str
    number: int
    starts_at: Moment = Field(alias="from")


class TableRow(booking_answers.ListRow):
    table: TableOfBooking


class TableAnswer(booking_answers.BookingAnswer):
    table: TableOfBooking


class TableInvoice(document_answers.InvoiceAnswer):
    table: str
    house: str


class TablePayoutAnswer(PayoutAnswer):
    host_id: str
    percent: str | None
