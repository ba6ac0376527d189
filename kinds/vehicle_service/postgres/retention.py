"""How long the rows of the vehicle service's own tables are kept."""

from collections.abc import Mapping

from adapters.postgres.retention import Rule

_CATALOGUE = Rule("until an admin removes it; what bookings refer to stays, marked as removed")
_OF_A_BOOKING = Rule("for good, with its booking")
_SAVED = Rule("until the customer removes it or leaves")

RETENTION: Mapping[str, Rule] = {
    **dict.fromkeys(
        ("statuses", "assignment_types", "payment_methods"), Rule("for good: a row for each that the code knows")
    ),
    **dict.fromkeys(
        (
            "manufacturers",
            "car_classes",
            "fuel_types",
            "cars",
            "areas",
            "timeslots",
            "service_categories",
            "services",
            "price_chart",
            "service_fuel_types",
        ),
        _CATALOGUE,
    ),
    **dict.fromkeys(("visits", "booked_services", "booking_assignments", "booking_progress"), _OF_A_BOOKING),
    **dict.fromkeys(("opening_days", "slot_capacities"), Rule("for good: the week of the shop, as its sheets have it")),
    "closures": Rule("until an admin removes it"),
    "mechanic_absences": Rule(
        "90 days after their last day; those of a mechanic who leaves go with them", "t.last_date < current_date - 90"
    ),
    "slot_reservations": Rule("for good, with its booking, unless that gives the slot back"),
    "slot_usage": Rule("for good: a number for each slot and day"),
    "mechanic_scores": Rule("for good: points of a mechanic, whose name goes when they leave"),
    "mechanics": Rule("for good; date of birth and skills go when the person leaves"),
    "mechanic_service_categories": Rule("until an admin changes them or the mechanic leaves"),
    "customer_cars": Rule("for good, marked as removed when the customer removes it or leaves"),
    "addresses": Rule("for good, with the text removed when the customer leaves"),
    "service_reviews": Rule("for good, without a name when the customer has left"),
    "carts": _SAVED,
    "favourites": _SAVED,
}
