"""Rows of lists that an earlier release has stored: made anew when they are read, never shown."""

from typing import Any

import pytest

from domain.views import SUMMARY_VERSION
from tests.api.concurrent import Api, Json
from tests.api.visits import Visits

STORED = """
    UPDATE bookings SET summaries = jsonb_set(
        (SELECT jsonb_object_agg(role, CASE WHEN role = $2 THEN listed ELSE
            jsonb_build_object('id', $1::bigint, 'was', 'of an earlier release') END)
        FROM jsonb_each(summaries) AS each(role, listed)), ARRAY[$2], to_jsonb($3::text)) WHERE id = $1
"""
"""What another version would have left in the row."""


@pytest.fixture(scope="module")
def booking(visits: Visits) -> tuple[Any, Json]:
    owner, booking = visits.booked(pickup_type="walk_in")
    visits.shop.admin.report(booking["id"], "received in the shop")
    visits.shop.assign(booking, "analysis")
    return owner, owner.booking(booking["id"])


@pytest.mark.parametrize("version", ["0.9", "", "99.99"])
async def test_no_list_shows_what_another_release_has_stored(api: Api, booking, version: str):
    owner, made = booking
    mechanic = next(each for each in api.people["mechanics"] if each["id"] == made["assignments"][0]["mechanic"]["id"])
    lists = {
        "/bookings/customer?limit=100": owner.card,
        "/bookings/?limit=100": api.card("A"),
        "/bookings/admin/dashboard?limit=100": api.card("A"),
        "/bookings/mechanic/assignments?limit=100": mechanic,
    }

    async def row(path: str) -> Json:
        """Others have made bookings here too: it may be on a later page."""
        for offset in range(0, 1000, 100):
            body = (await api.ask("GET", f"{path}&offset={offset}", lists[path])).json()
            rows = body["bookings"] if isinstance(body, dict) else body
            for found in (each for each in rows if each["id"] == made["id"]):
                return {name: value for name, value in found.items() if name != "age_seconds"}
        raise AssertionError(f"booking {made['id']} is on no page of {path}")

    before = {path: await row(path) for path in lists}
    kept = await api.rows.fetchval("SELECT summaries::text FROM bookings WHERE id = $1", made["id"])
    await api.rows.execute(STORED, made["id"], SUMMARY_VERSION, version)
    after = {path: await row(path) for path in lists}
    await api.rows.execute("UPDATE bookings SET summaries = $2::text::jsonb WHERE id = $1", made["id"], kept)
    assert after == before
