"""The scenarios of the demo: what happens, and how each must end, to the paisa."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from devstack.kinds.local_services.journey import ServiceJourney

_THREE_HOURS, _SOON = timedelta(hours=3), timedelta(minutes=20)


@dataclass(frozen=True)
class Scenario:
    """One booking and its expected result; amounts in rupees, ``moves`` among others and in this order.

    ``people``: which of the demo's seekers asks which of its providers.
    """

    name: str
    about: str
    drive: Callable[[ServiceJourney], None]
    people: tuple[int, int]
    status: str
    moves: tuple[str, ...]
    payment: str = "paid"
    paid: str = "0.00"
    refunded: str = "0.00"
    payout: str = "0.00"
    reversed: str = "0.00"


def _plain(journey: ServiceJourney) -> None:
    journey.request("Deep clean", _THREE_HOURS, 3)
    journey.accept()
    journey.pay()
    journey.work()
    journey.confirm()
    journey.review(5, 5)


def _counter(journey: ServiceJourney) -> None:
    journey.request("Electrician by the hour", _THREE_HOURS, 2)
    journey.counter_offer("1500.00")
    journey.reschedule()
    journey.pay()
    journey.chat()
    journey.work()
    journey.confirm()
    journey.review(5, 4)


def _silent(journey: ServiceJourney) -> None:
    journey.request("Haircut at home", _SOON, 1)


def _cancelled(journey: ServiceJourney) -> None:
    journey.request("Plumber by the hour", _THREE_HOURS, 2)
    journey.accept()
    journey.pay()
    journey.cancel("275.00")


def _disputed(journey: ServiceJourney) -> None:
    journey.request("Mathematics, classes 8 to 12", _THREE_HOURS, 2)
    journey.accept()
    journey.pay()
    journey.work()
    journey.dispute("800.00")
    journey.review(2, 4)


def _newcomer(journey: ServiceJourney) -> None:
    journey.newcomer("Meghna", "Iyer", "Photography", "Portraits in the park", "2500.00")
    journey.request("Portraits in the park", _THREE_HOURS, 1)
    journey.accept()
    journey.pay("pending")
    journey.work()
    journey.confirm()
    journey.review(5, 5)
    journey.is_unpaid_without_account()
    journey.open_account()


_DONE = ("request", "accept", "pay", "start", "complete", "confirm")

SCENARIOS = (
    Scenario(
        "plain",
        "requested, accepted, paid, done, confirmed",
        _plain,
        (0, 0),
        "COMPLETED",
        _DONE,
        paid="1350.00",
        payout="905.12",
    ),
    Scenario(
        "counter",
        "a counter-offer, another time, a chat",
        _counter,
        (1, 2),
        "COMPLETED",
        ("request", "offer", "accept", "offer", "accept", "pay", "start", "complete", "confirm"),
        paid="1500.00",
        payout="1228.14",
    ),
    Scenario(
        "silent",
        "the provider says nothing",
        _silent,
        (2, 1),
        "CANCELLED",
        ("request", "expire"),
        payment="none",
    ),
    Scenario(
        "cancelled",
        "called off 3 hours before its start, for a quarter of the price",
        _cancelled,
        (3, 3),
        "CANCELLED",
        ("request", "accept", "pay", "cancel"),
        payment="partially_refunded",
        paid="1100.00",
        refunded="825.00",
        payout="184.37",
        reversed="553.13",
    ),
    Scenario(
        "disputed",
        "half of the money back after a dispute",
        _disputed,
        (0, 4),
        "COMPLETED",
        ("request", "accept", "pay", "start", "complete", "dispute", "decide"),
        payment="partially_refunded",
        paid="1600.00",
        refunded="800.00",
        payout="658.40",
        reversed="658.40",
    ),
    Scenario(
        "newcomer",
        "the provider has no account to be paid out to until the work is confirmed",
        _newcomer,
        (1, 5),
        "COMPLETED",
        _DONE,
        paid="2500.00",
        payout="2057.50",
    ),
)
