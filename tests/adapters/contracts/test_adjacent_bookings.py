"""Two bookings with adjacent ids, driven at random: each has the rows and the state of a run of its own."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from sqlalchemy import text

from adapters.postgres.database import Database
from domain.commands import (
    AdoptRefund,
    Command,
    NotePaymentFailure,
    RecordDispute,
    RecordInvoice,
    RecordRefund,
    ReturnMoney,
    TakePayment,
)
from domain.decide import decide
from domain.emails import booking_emails
from domain.errors import BookingError
from domain.lifecycle import EngineAction
from kinds.vehicle_service.domain.commands import ConfirmServices
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, Action
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.domain.visit import VisitBooking
from tests.adapters.contracts.conftest import FIRST_DAY
from tests.adapters.contracts.shops import RealShop, new_booking
from tests.kinds.vehicle_service.bookings import MONDAY, BookingBuilder
from tests.kinds.vehicle_service.typical_commands import open_an_order, typical_command

STATE = TypeAdapter(VisitBooking)
ENGINE = {str(action) for action in EngineAction}
IDS = itertools.count(7_000_001, 10)
ROWS = {
    "bookings": ("id", set()),
    "booking_events": ("booking_id", set()),
    "booking_participants": ("booking_id", set()),
    "ledger_entries": ("booking_id", {"id", "posted_at"}),
    "outbox": ("booking_id", {"created_at", "next_at"}),
    **dict.fromkeys(
        (
            *("payments", "refunds", "visits", "booked_services", "booking_assignments", "booking_progress"),
            *("mechanic_scores", "slot_reservations"),
        ),
        ("booking_id", set()),
    ),
}
"""Table -> the column with the booking's id, and the columns that the clock or a sequence of PostgreSQL fills."""


@dataclass(frozen=True)
class Step:
    """What is asked: of which booking, which of the rows of the lifecycle, by which of its roles, how much later.

    ``sort``: a row of the kind's, one of the engine's, an online choice with its order, or to give up.
    """

    booking: int
    sort: str
    action: int
    role: int
    later: timedelta
    asked: bool = True


STEPS = st.builds(
    Step,
    st.integers(0, 1),
    st.sampled_from(["kind"] * 10 + ["engine"] * 4 + ["order"] * 4 + ["cancel"]),
    st.integers(0, 99),
    st.integers(0, 99),
    st.sampled_from([timedelta(minutes=1), timedelta(minutes=1), timedelta(hours=2)]),
)
BEGINNINGS: dict[str, Callable[[BookingBuilder, str], BookingBuilder]] = {
    "booked": lambda told, name: told,
    "estimate": lambda told, name: analysed(told).estimate_validated(),
    "paid": lambda told, name: paid(told, name),
    "on the way": lambda told, name: (
        paid(told, name).service_assigned().work_reported().work_validated().drop_assigned()
    ),
}
STARTS = st.tuples(st.sampled_from(sorted(BEGINNINGS)), st.sampled_from([0, 0, 890, 980]))
"""How a booking begins, and how many entries it has already: one that is nearly full gives away its last ids."""


def analysed(told: BookingBuilder) -> BookingBuilder:
    return told.pickup_assigned().collected().pickup_validated().analysis_assigned().analysis_submitted()


def paid(told: BookingBuilder, name: str) -> BookingBuilder:
    return analysed(told).estimate_validated().order_opened(order_id=f"order_{name}").money_arrives(f"pay_{name}")


class Run:
    """One booking, moved as its workflow moves it: decided, reserved, written."""

    def __init__(self, shop: RealShop, booking_id: int, start: tuple[str, int]) -> None:
        beginning, children = start
        told = new_booking(FIRST_DAY)
        vehicle = replace(told.booking.vehicle, id=booking_id, registration_number=f"TN{booking_id}")
        told.booking = replace(told.booking, id=booking_id, vehicle=vehicle)
        self.shop = shop
        self.booking: VisitBooking = BEGINNINGS[beginning](told, f"0_{booking_id}").booking
        self.booking.children = max(self.booking.children, children)

    async def opens(self) -> "Run":
        await self.shop.store.open(self.booking, "open")
        return self

    async def asks(self, step: Step, now: Any) -> None:
        before = self.booking
        try:
            after = decide(VEHICLE_SERVICE, before, self._command(step), now)
        except BookingError:
            return
        emails = booking_emails(VEHICLE_SERVICE, before, after)
        held, wanted = VEHICLE_SERVICE.reservations(before), VEHICLE_SERVICE.reservations(after)
        if taken := {leg: slot for leg, slot in wanted.items() if held.get(leg) != slot}:
            await self.shop.store.reserve(after.id, taken)
        await self.shop.store.project(after, None, emails, [leg for leg in held if leg not in wanted])
        self.booking = after

    def _command(self, step: Step) -> Command:
        engine, given_up = step.sort == "engine", step.sort == "cancel"
        possible = [
            (action, rule)
            for (at, action), rule in LIFECYCLE.transitions.items()
            if at == self.booking.status and (action in ENGINE) == engine and (action == Action.CANCEL) == given_up
        ]
        if step.sort == "order" or not possible:
            return self._with_ids_of_its_own(open_an_order(self.booking, Role.CUSTOMER))
        action, rule = possible[step.action % len(possible)]
        role = Role(sorted(rule.by)[step.role % len(rule.by)])
        return self._with_ids_of_its_own(typical_command(Action(action), self.booking, role))

    def _with_ids_of_its_own(self, command: Command) -> Command:
        """The provider gives an id once; ours end with the booking's."""
        name = f"{self.booking.version}_{self.booking.id}"
        match command:
            case TakePayment(payment=fact) | ReturnMoney(payment=fact) | NotePaymentFailure(payment=fact):
                return replace(command, payment=replace(fact, payment_id=f"pay_{name}"))
            case ConfirmServices(order=order) if order is not None:
                return replace(command, order=replace(order, order_id=f"order_{name}"))
            case RecordRefund():
                return replace(command, refund_id=f"rfnd_{name}")
            case AdoptRefund(refund=fact):
                return replace(command, refund=replace(fact, refund_id=f"rfnd_{name}"))
            case RecordDispute(dispute=fact):
                return replace(command, dispute=replace(fact, dispute_id=f"disp_{self.booking.id}"))
            case RecordInvoice():
                return replace(command, number=f"RC-{name}")
            case _:
                return command

    async def everything(self, database: Database) -> dict[str, Any]:
        """State and rows, with a name in place of the booking's id."""
        found: dict[str, Any] = {"state": STATE.dump_json(self.booking).decode()}
        async with database.read.connect() as connection:
            for table, (column, volatile) in ROWS.items():
                rows = text(f"SELECT to_jsonb(t) FROM {table} AS t WHERE {column} = :id")
                wanted = (await connection.execute(rows, {"id": self.booking.id})).scalars()
                kept = [{name: value for name, value in row.items() if name not in volatile} for row in wanted]
                found[table] = sorted(json.dumps(row, sort_keys=True) for row in kept)
        return json.loads(json.dumps(found).replace(str(self.booking.id), "THIS BOOKING"))


@settings(max_examples=10, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # shrinking would take minutes
@given(st.lists(STEPS, min_size=25, max_size=40), st.tuples(STARTS, STARTS))
async def test_each_of_two_adjacent_bookings_ends_as_in_a_run_of_its_own(
    database: Database, steps: list[Step], starts: tuple[tuple[str, int], tuple[str, int]]
) -> None:
    shop, first = RealShop(database), next(IDS)
    together = [await Run(shop, first + at, starts[at]).opens() for at in (0, 1)]
    await run(together, steps)
    for at in (0, 1):
        alone = await Run(shop, first + 4 + 3 * at, starts[at]).opens()
        await run([alone, alone], [replace(step, asked=step.booking == at) for step in steps])
        assert await together[at].everything(database) == await alone.everything(database)


async def run(bookings: list[Run], steps: list[Step]) -> None:
    now = MONDAY
    for step in steps:
        now += step.later
        if step.asked:
            await bookings[step.booking].asks(step, now)
