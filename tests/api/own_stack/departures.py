"""Somebody who leaves between a backup and its restore."""

from dataclasses import dataclass

from tests.api.backups import Backups
from tests.api.concurrent import Json
from tests.api.people import login
from tests.api.test_queries import ask


@dataclass(frozen=True)
class Gone:
    """Who it is, and what they leave behind."""

    card: Json
    booking: int
    questions: set[int]


async def has_booked(backups: Backups) -> Gone:
    """They have asked two questions, too, one of them without an account; the booking is over."""
    api, nina = backups.api, await backups.api.newcomer()
    owner = backups.visits.customer(nina)
    car = owner.add_car(f"KA{nina['phone'][-8:]}", backups.visits.shop.customers[0].cars()[0]["car_model_id"])
    booking = owner.post("/bookings/", backups.visits.wish(car["id"], pickup_type="walk_in"))
    owner.cancel(booking["id"], "no time")
    asked = (await ask(api, nina)).json()
    unknown = (await ask(api, customer_email=nina["email"])).json()

    async def is_closed() -> bool:
        return bool(owner.booking(booking["id"])["closed_at"])

    await backups.eventually(is_closed)
    return Gone(nina, booking["id"], {asked["id"], unknown["id"]})


async def stays_away(backups: Backups, gone: Gone) -> None:
    """Nothing says who it was."""
    api, nina = backups.api, gone.card
    shown = (await api.ask("GET", f"/bookings/{gone.booking}", backups.admin)).json()
    assert shown["customer"] == {"id": nina["id"], "name": "Former customer"}
    questions = (await api.ask("GET", "/queries/", backups.admin, params={"limit": 100})).json()
    assert gone.questions & {each["id"] for each in questions} == set()
    for table in ("users", "notifications", "notification_logs", "contact_changes", "login_attempts"):
        rows = str(await api.rows.fetch(f"SELECT * FROM {table}"))
        assert [word for word in (nina["email"], nina["phone"][-10:]) if word in rows] == [], table
    assert await login(api, nina) == 401
