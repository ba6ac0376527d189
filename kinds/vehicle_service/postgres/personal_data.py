"""What the vehicle service's own tables hold of people."""

from collections.abc import Mapping

from adapters.personal_data import Held
from adapters.postgres.people.personal_data import THEIR_BOOKINGS

_THEIRS = "t.customer_id = ANY(:people)"
_OF_A_MECHANIC = "t.mechanic_id = ANY(:people)"
_WORK = "stays: what was done to the car, and by whom by id"

PERSONAL_DATA: Mapping[str, Held] = {
    "carts": Held(
        personal="customer_id",
        what="what a customer means to book",
        leaving="goes",
        erase="DELETE FROM carts WHERE customer_id = ANY(:people)",
        theirs=_THEIRS,
        exported="service_id, created_at",
    ),
    "favourites": Held(
        personal="customer_id",
        what="services that a customer likes",
        leaving="goes",
        erase="DELETE FROM favourites WHERE customer_id = ANY(:people)",
        theirs=_THEIRS,
        exported="service_id, created_at",
    ),
    "addresses": Held(
        personal="customer_id label line1 line2",
        what="where cars are fetched and brought",
        leaving="the text goes; the area stays",
        erase="UPDATE addresses SET label = 'removed', line1 = 'removed', line2 = NULL, "
        "deleted_at = coalesce(deleted_at, now()) WHERE customer_id = ANY(:people)",
        theirs=_THEIRS,
        exported="id, label, line1, line2, area_id, created_at, deleted_at",
    ),
    "customer_cars": Held(
        personal="customer_id registration_number",
        what="a customer's cars with their plates",
        leaving="removed from every list; the plate stays, which bookings and invoices name, and is free",
        erase="UPDATE customer_cars SET deleted_at = now() WHERE customer_id = ANY(:people) AND deleted_at IS NULL",
        theirs=_THEIRS,
        exported="id, car_id, registration_number, created_at, deleted_at",
    ),
    "service_reviews": Held(
        personal="customer_id review images",
        what="what a customer thinks of a service, with pictures",
        leaving="stays without a name: others chose by it",
        theirs=_THEIRS,
        exported="service_id, rating, review, images, created_at",
    ),
    "visits": Held(
        personal="mechanic_id",
        plain="pickup_date drop_date",
        what="when which car is fetched and brought, and by whom by id",
        leaving=_WORK,
        theirs=f"t.booking_id IN {THEIR_BOOKINGS}",
        exported="booking_id, vehicle_id, pickup_date, drop_date, (SELECT jsonb_build_object("
        "'pickup', b.state #> '{pickup,address}', 'drop', b.state #> '{drop,address}', 'notes', b.state -> 'notes')"
        " FROM bookings AS b WHERE b.id = t.booking_id) AS said",
    ),
    "mechanics": Held(
        personal="user_id dob",
        what="a mechanic's date of birth, skills and score",
        leaving="date of birth and skills go; the score stays with the id",
        erase="UPDATE mechanics SET dob = NULL, pickup_drop = false, analysis = false WHERE user_id = ANY(:people)",
        theirs="t.user_id = ANY(:people)",
        exported="dob, pickup_drop, analysis, score",
    ),
    "mechanic_service_categories": Held(
        personal="mechanic_id",
        what="what a mechanic may work on",
        leaving="goes",
        erase="DELETE FROM mechanic_service_categories WHERE mechanic_id = ANY(:people)",
        theirs=_OF_A_MECHANIC,
        exported="category_id",
    ),
    "mechanic_absences": Held(
        personal="mechanic_id first_date last_date",
        plain="created_at",
        what="days on which a mechanic is away; not why",
        leaving="goes",
        erase="DELETE FROM mechanic_absences WHERE mechanic_id = ANY(:people)",
        theirs=_OF_A_MECHANIC,
        exported="first_date, last_date, created_at",
    ),
    "booking_assignments": Held(
        personal="mechanic_id note",
        plain="type",
        what="jobs of a mechanic, with an admin's note",
        leaving=_WORK,
        theirs=_OF_A_MECHANIC,
        exported="booking_id, type, active, replaced, note, at",
    ),
    "booking_progress": Held(
        personal="updated_by notes images sent_back",
        plain="status service_ids",
        what="reports of a mechanic, with pictures",
        leaving=_WORK,
        theirs="t.updated_by = ANY(:people) AND t.booking_id IN ("
        "SELECT a.booking_id FROM booking_assignments AS a WHERE a.mechanic_id = ANY(:people))",
        exported="booking_id, status, notes, images, validated, sent_back, at",
    ),
    "mechanic_scores": Held(
        personal="mechanic_id",
        plain="what",
        what="points of a mechanic",
        leaving=_WORK,
        theirs=_OF_A_MECHANIC,
        exported="booking_id, what, points",
    ),
    "booked_services": Held(plain="origin state"),
    "slot_reservations": Held(plain="leg on_date"),
    "slot_usage": Held(plain="on_date"),
    "closures": Held(plain="first_date last_date reason created_at"),
    "opening_days": Held(),
    "slot_capacities": Held(),
    "service_categories": Held(plain="name description"),
    "services": Held(plain="title description works images sac"),
    "price_chart": Held(),
    "service_fuel_types": Held(),
    "areas": Held(plain="name pincode"),
    "statuses": Held(plain="name"),
    "assignment_types": Held(plain="name"),
    "timeslots": Held(plain="name"),
    "payment_methods": Held(plain="name"),
    "manufacturers": Held(plain="name"),
    "car_classes": Held(plain="name"),
    "fuel_types": Held(plain="name"),
    "cars": Held(plain="model img"),
}
