"""The scenarios of the demo and of the journey tests: what happens, and how each must end."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from devstack.kinds.vehicle_service.journey import Journey

PADS, FLUID, WASH = "Brake pads, front", "Brake fluid change", "Wash and vacuum"
WIPERS, FILTER, ALIGNMENT = "Wiper blades", "Cabin filter", "Wheel alignment"

_FETCHED = ("booking-confirmation", "pickup-scheduled", "vehicle-received", "estimate-ready")
_WALKED_IN = ("booking-confirmation", "vehicle-received", "estimate-ready")
_PAID = ("payment-received", "invoice")
_HOME = ("out-for-delivery", "delivered")


@dataclass(frozen=True)
class Scenario:
    """One booking and its expected result. `mails` in no order; `captures` and `refunds` are the provider's."""

    name: str
    about: str
    drive: Callable[[Journey], None]
    status: str
    mails: Counter[str]
    captures: int = 0
    refunds: int = 0
    invoiced: bool = True


def _online(journey: Journey) -> None:
    journey.book(PADS)
    journey.fetch_the_car()
    journey.analyse()
    journey.pay_online()
    journey.work()
    journey.bring_back()


def _cash(journey: Journey) -> None:
    journey.book(FLUID, WASH)
    journey.fetch_the_car()
    journey.analyse()
    journey.agree_on_cash()
    journey.work()
    journey.bring_back()


def _walk_in(journey: Journey) -> None:
    journey.book(WIPERS, pickup_type="walk_in")
    journey.receive_walk_in()
    journey.analyse()
    journey.agree_on_cash()
    journey.work()
    journey.hand_over()


def _choice(journey: Journey) -> None:
    journey.book(PADS, FILTER)
    journey.fetch_the_car()
    journey.analyse(ALIGNMENT)
    journey.pay_online(FILTER, closes_the_tab=True)
    journey.work()
    journey.bring_back()


def _cancelled(journey: Journey) -> None:
    journey.book(PADS, FLUID)
    journey.fetch_the_car()
    journey.analyse()
    journey.pay_online()
    journey.work(FLUID)
    journey.cancel("We sold the car.")
    journey.bring_back()


def _moved(journey: Journey) -> None:
    journey.book(WASH)
    journey.send_for_the_car()
    journey.reschedule()
    journey.cancel("We are travelling.")


SCENARIOS = (
    Scenario(
        "online",
        "paid online, brought back",
        _online,
        "delivered",
        Counter((*_FETCHED, *_PAID, "progress-update", "completed", *_HOME)),
        captures=1,
    ),
    Scenario(
        "cash",
        "two services, paid in cash at the door",
        _cash,
        "delivered",
        Counter((*_FETCHED, *_PAID, "progress-update", "progress-update", "completed", *_HOME)),
    ),
    Scenario(
        "walk-in",
        "brought to the shop, paid and collected there",
        _walk_in,
        "delivered",
        Counter((*_WALKED_IN, *_PAID, "progress-update", "completed", "delivered")),
    ),
    Scenario(
        "choice",
        "one line declined, a recommended one taken, the tab closed after paying",
        _choice,
        "delivered",
        Counter((*_FETCHED, *_PAID, "progress-update", "progress-update", "completed", *_HOME)),
        captures=1,
    ),
    Scenario(
        "cancelled",
        "given up when half the work was done: a fee, a refund, the car brought back",
        _cancelled,
        "cancelled",
        # The second "invoice" is the credit note for what went back.
        Counter((*_FETCHED, *_PAID, "progress-update", "cancellation", "refund-processed", "invoice", _HOME[0])),
        captures=1,
        refunds=1,
    ),
    Scenario(
        "moved",
        "rescheduled, then cancelled free of charge",
        _moved,
        "cancelled",
        Counter(("booking-confirmation", "pickup-scheduled", "booking-rescheduled", "cancellation")),
        invoiced=False,
    ),
)
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
