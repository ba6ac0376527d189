"""Profiles: what people tell of themselves, and what others see of it."""

import io
from typing import Any

import pytest
from PIL import Image

from domain.gstin import check_character
from tests.kinds.local_services.people.house import PASSWORD, People, refusal

GSTIN = "27AAPFU0939F1Z"
GSTIN += check_character(GSTIN)
CERTIFICATE = {"title": "Plumber", "issuer": "ITI Pune", "issued_on": "2015-04-30", "file_url": None}


async def test_a_profile_is_changed_in_parts_and_read_back(people: People):
    person = await people.registered()
    change = {
        "bio": "Plumber since 2009",
        "location": {"label": "Kothrud", "lat": 18.5074, "lng": 73.8077},
        "gstin": GSTIN,
        "skills": ["Plumbing", "solar  heating", "plumbing"],
        "certifications": [CERTIFICATE],
        "notification_preferences": {"booking.offer": {"push": False}},
        "id": "USR000001",
        "phone": "9841385379",
        "rating_avg": 5,
    }
    changed = await people.ask("PATCH", "/users/me", person, json=change)
    assert changed.status_code == 200, changed.text
    seen = (await people.ask("GET", "/users/me", person)).json()
    assert seen == changed.json()
    assert (seen["id"], seen["phone"], seen["rating_avg"]) == (person["user"]["id"], f"+91{person['phone']}", None)
    assert (seen["state"], seen["gstin"], seen["location"]) == ("Maharashtra", GSTIN, change["location"])
    assert [each["skill_tag"] for each in seen["skills"]] == ["plumbing", "solar heating"]
    assert seen["notification_preferences"] == {"booking.offer": {"push": False}}
    more = {"first_name": "Ashwini", "skills": ["plumbing"], "location": None}
    more["notification_preferences"] = {"booking.offer": {"email": False}}
    seen = (await people.ask("PATCH", "/users/me", person, json=more)).json()
    assert (seen["first_name"], seen["last_name"], seen["bio"]) == ("Ashwini", "Rao", "Plumber since 2009")
    assert ([each["skill_tag"] for each in seen["skills"]], seen["location"]) == (["plumbing"], None)
    assert seen["notification_preferences"] == {"booking.offer": {"push": False, "email": False}}


@pytest.mark.parametrize(
    "wrong",
    [
        {"gstin": "27AAPFU0939F1ZX"},
        {"bio": "b" * 2001},
        {"skills": ["x"]},
        {"skills": ["plumbing!"]},
        {"skills": [f"skill {number}" for number in range(31)]},
        {"location": {"label": "Moon", "lat": 91, "lng": 0}},
        {"location": {"label": "Kothrud", "lat": "18.5", "lng": 73.8}},
        {"certifications": [{"title": "Plumber"}]},
        {"certifications": [{**CERTIFICATE, "file_url": "http://example.com/a.pdf"}]},
        {"certifications": [CERTIFICATE] * 21},
        {"state": "Atlantis"},
        {"notification_preferences": {"booking.party": {"push": False}}},
        {"first_name": None},
        {"role": "OWNER"},
    ],
    ids=lambda wrong: str(wrong)[:60],
)
async def test_what_a_profile_cannot_have_is_told(people: People, wrong: dict[str, Any]):
    answer = await people.ask("PATCH", "/users/me", await someone(people), json=wrong)
    assert refusal(answer) == (422, "ShapeMismatch")


async def someone(people: People) -> dict[str, Any]:
    """One person for all who change nothing."""
    if not hasattr(people, "someone"):
        people.someone = await people.registered()  # type: ignore[attr-defined]
    return people.someone  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize(
    "fixed",
    [
        {"account.security": {"push": False}},
        {"account.security": {"email": False}},
        {"payout.released": {"email": False}},
    ],
    ids=str,
)
async def test_what_must_be_told_cannot_be_switched_off(people: People, fixed: dict[str, Any]):
    answer = await people.ask("PATCH", "/users/me", await someone(people), json={"notification_preferences": fixed})
    assert refusal(answer) == (400, "PreferenceFixed")


async def test_an_unchanged_certificate_stays_verified_and_another_one_is_not(people: People):
    person, admin = await people.registered(role="SERVICE_PROVIDER"), await people.admin()
    seen = (await people.ask("PATCH", "/users/me", person, json={"certifications": [CERTIFICATE]})).json()
    path, first = f"/users/{person['user']['id']}", seen["certifications"][0]
    assert first == {"id": first["id"], **CERTIFICATE, "verified": False}
    verified = await people.ask("PATCH", path, admin, json={"certifications_verified": [first["id"]]})
    assert verified.json()["certifications"][0]["verified"] is True
    assert len(await people.acts(person, "certification-verify")) == 1
    both = {"certifications": [CERTIFICATE, {**CERTIFICATE, "title": "Welder"}]}
    seen = (await people.ask("PATCH", "/users/me", person, json=both)).json()
    assert [(each["title"], each["verified"]) for each in seen["certifications"]] == [
        ("Plumber", True),
        ("Welder", False),
    ]
    assert seen["certifications"][0]["id"] == first["id"]
    shown = (await people.ask("GET", path, await someone(people))).json()
    assert [each["title"] for each in shown["certifications"]] == ["Plumber"]
    unknown = await people.ask("PATCH", path, admin, json={"certifications_verified": [2**31 - 1]})
    assert refusal(unknown) == (404, "NotFound")


async def test_a_seeker_becomes_a_provider_with_the_same_token_and_never_anything_back(people: People):
    person = await people.registered()
    for role in ("ADMIN",):
        assert refusal(await people.ask("PATCH", "/users/me", person, json={"role": role})) == (403, "RoleRequired")
    became = await people.ask("PATCH", "/users/me", person, json={"role": "SERVICE_PROVIDER"})
    assert (became.status_code, became.json()["role"]) == (200, "SERVICE_PROVIDER")
    assert became.json()["id"] == person["user"]["id"]
    me = (await people.ask("GET", "/auth/me", person)).json()
    assert (me["role"], "WRITE:LISTINGS" in me["scopes"]) == ("SERVICE_PROVIDER", True)
    back = await people.ask("PATCH", "/users/me", person, json={"role": "SERVICE_SEEKER"})
    assert refusal(back) == (403, "RoleRequired")
    [act] = await people.acts(person, "role-change")
    assert act["metadata"]["role"] == ["SERVICE_SEEKER", "SERVICE_PROVIDER"]


async def test_another_mail_address_asks_for_the_password(people: People):
    person = await people.registered()
    email = f"f{people.phone()}@example.com"
    missing = await people.ask("PATCH", "/users/me", person, json={"email": email})
    assert refusal(missing) == (400, "PasswordNeeded")
    wrong = await people.ask("PATCH", "/users/me", person, json={"email": email, "current_password": "Wrong-123"})
    assert refusal(wrong) == (400, "Invalid")
    right = await people.ask("PATCH", "/users/me", person, json={"email": email, "current_password": PASSWORD})
    assert (right.status_code, right.json()["email"]) == (200, email)


async def test_strangers_see_one_letter_of_a_last_name_and_no_phone(people: People):
    person, stranger = await people.registered(), await someone(people)
    path = f"/users/{person['user']['id']}"
    seen = (await people.ask("GET", path, stranger)).json()
    assert (seen["first_name"], seen["last_name"]) == ("Asha", "R.")
    assert not {"phone", "email", "gstin", "location", "payout"} & seen.keys()
    own = (await people.ask("GET", path, person)).json()
    assert (own["last_name"], own["phone"]) == ("Rao", f"+91{person['phone']}")
    assert refusal(await people.ask("GET", path)) == (401, "Unauthenticated")
    assert refusal(await people.ask("GET", "/users/USR999999", stranger)) == (404, "NotFound")
    assert (await people.ask("GET", "/users/somebody", stranger)).status_code == 422
    admin = await people.admin()
    assert refusal(await people.ask("GET", f"/users/{admin['user']['id']}", stranger)) == (404, "NotFound")
    assert (await people.ask("GET", path, admin)).json()["phone"] == f"+91{person['phone']}"


_BOOKING = """
    INSERT INTO bookings (id, kind, status, version, customer_id, total, due, action_required, needs_attention, since,
        created_at, updated_at, state, summaries)
    VALUES (:id, 'local_services', 'ACCEPTED', 1, :requester, 100, 100, 'none', false, now(), now(), now(), '{}', '{}')
"""
_PARTY = "INSERT INTO booking_participants (booking_id, person_id, role, active) VALUES (:id, :person, :role, true)"
_PAID = """
    INSERT INTO payments (booking_id, number, leg, method, amount, status, order_id, created_at, captured_at)
    VALUES (:id, 1, 'service', 'online', 100, 'success', 'order_of_parties', now(), now())
"""


async def test_the_parties_of_a_paid_booking_see_each_others_name_and_phone_until_a_month_after_it(people: People):
    requester, provider = await people.registered(), await people.registered(role="SERVICE_PROVIDER")
    number, path = 880_001, f"/users/{provider['user']['id']}"

    async def seen() -> tuple[str, str | None]:
        told = (await people.ask("GET", path, requester)).json()
        return told["last_name"], told.get("phone")

    await people.rows(_BOOKING, id=number, requester=requester["user"]["id"])
    for who, role in ((requester, "requester"), (provider, "provider")):
        await people.rows(_PARTY, id=number, person=who["user"]["id"], role=role)
    assert await seen() == ("R.", None), "nobody has paid"
    await people.rows(_PAID, id=number)
    assert await seen() == ("Rao", f"+91{provider['phone']}")
    for days, known in ((29, "Rao"), (31, "R.")):
        closed = "UPDATE bookings SET closed_at = now() - :days * interval '1 day' WHERE id = :id"
        await people.rows(closed, id=number, days=days)
        assert (await seen())[0] == known


async def test_a_picture_is_shown_with_a_person(people: People):
    person, content = await people.registered(), io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(content, "PNG")
    sent = {"file": ("me.png", content.getvalue(), "image/png")}
    answer = await people.ask("POST", "/users/me/avatar", person, files=sent)
    assert answer.status_code == 200, answer.text
    path = answer.json()["avatar_url"]
    assert (await people.ask("GET", "/users/me", person)).json()["avatar_url"] == path
    assert path.startswith("/uploads/")
    wrong = await people.ask("POST", "/users/me/avatar", person, files={"file": ("me.png", b"no picture", "image/png")})
    assert wrong.status_code in (415, 422)


async def test_who_leaves_is_nobody_and_the_phone_is_free(people: People):
    person, stranger = await people.registered(), await someone(people)
    await people.ask("PATCH", "/users/me", person, json={"bio": "secret", "skills": ["plumbing"]})
    exported = await people.ask("GET", "/users/me/export", person, headers={"X-Current-Password": PASSWORD})
    assert exported.json()["held"]["profiles"][0]["bio"] == "secret"
    assert (await people.ask("DELETE", "/users/me", person)).status_code == 200
    assert (await people.ask("GET", "/users/me", person)).status_code == 401
    assert refusal(await people.ask("GET", f"/users/{person['user']['id']}", stranger)) == (404, "NotFound")
    left = await people.rows("SELECT bio FROM profiles WHERE user_id = :id", id=person["user"]["id"])
    assert [dict(row) for row in left] == [{"bio": ""}]
    again = await people.ask("POST", "/auth/register", json=people.new(phone=person["phone"]))
    assert again.status_code == 201


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_oneself_is_for_who_is_logged_in(people: People, method: str):
    assert refusal(await people.ask(method, "/users/me")) == (401, "Unauthenticated")
