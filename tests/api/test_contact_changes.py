"""Phone and mail address let somebody in: they are changed with the password, and the old address has a way back."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.auth.contact_links import ContactLinks
from adapters.postgres.people.contact_changes import MOST
from kinds.vehicle_service.domain.visit import KIND
from settings import Secrets
from tests.api.concurrent import Api, Json, bearer, is_refusal
from tests.api.mailbox import Mailbox, link_in
from tests.api.people import appointed, hired, unlike
from tests.api.test_login import login, me, refresh, session
from tests.api.test_passwords import NEW, confirm, link_for

FOLDERS = {"C": "customers", "A": "admins"}


async def somebody(api: Api, role: str = "C") -> Json:
    return await (api.newcomer() if role == "C" else appointed(api))


async def change(api: Api, card: Json, access: str, folder: str = "customers", **wish: str) -> httpx.Response:
    return await api.ask("PUT", f"/{folder}/{card['id']}", headers=bearer(access), json=wish)


async def moved(api: Api, card: Json, **wish: str) -> Json:
    """The card after a change with the password."""
    access, _ = await session(api, card)
    answer = await change(api, card, access, current_password=card["password"], **wish)
    assert answer.status_code == 200, answer.text
    return {**card, **wish}


async def undo(api: Api, token: str, **more: str) -> httpx.Response:
    return await api.ask("POST", "/auth/contact/undo", json={"token": token, **more})


async def way_back(mailbox: Mailbox, address: str, count: int = 1) -> str:
    return link_in((await mailbox.wait(address, "contact-changed", count))[-1], "contact")


async def seen(api: Api, card: Json) -> tuple[str, str]:
    """Phone and mail address, as an admin sees them."""
    row = (await api.ask("GET", f"/customers/{card['id']}", api.card("A"))).json()
    return row["phone"], row["email"]


@pytest.mark.parametrize("role", ["C", "A"])
@pytest.mark.parametrize("name", ["phone", "email"])
async def test_a_token_alone_does_not_change_ones_own_phone_or_mail_address(api: Api, role: str, name: str):
    card = await somebody(api, role)
    access, _ = await session(api, card)
    path, wish = f"/{FOLDERS[role]}/{card['id']}", {name: unlike()[name]}
    before = (await api.ask("GET", path, api.card("A"))).json()
    refused = await change(api, card, access, FOLDERS[role], name="Mallory", **wish)
    assert (refused.status_code, refused.json()["code"]) == (400, "PasswordNeeded")
    assert is_refusal(refused, 400) == ""
    wrong = await change(api, card, access, FOLDERS[role], current_password="Wrong-password-1", **wish)
    assert (wrong.status_code, wrong.json()["code"]) == (400, "Invalid")
    assert (await api.ask("GET", path, api.card("A"))).json() == before
    right = await change(api, card, access, FOLDERS[role], current_password=card["password"], **wish)
    assert right.status_code == 200
    assert wish[name] in right.json()[name]


async def test_what_stays_as_it_is_needs_no_password(api: Api):
    card = await api.newcomer()
    access, _ = await session(api, card)
    phone, email = f"+91 {card['phone'][:5]} {card['phone'][5:]}", card["email"].upper()
    answer = await change(api, card, access, phone=phone, email=email, name="Nina Newer")
    assert (answer.status_code, answer.json()["name"]) == (200, "Nina Newer")


async def test_a_wrong_password_counts_as_a_failed_login(api: Api):
    card = await api.newcomer()
    access, _ = await session(api, card)
    for _ in range(5):
        assert (await change(api, card, access, current_password="Wrong-1", **unlike())).status_code == 400
    locked = await change(api, card, access, current_password=card["password"], **unlike())
    assert is_refusal(locked, 429) == ""
    assert int(locked.headers["retry-after"]) > 0


async def test_the_address_from_before_is_told_and_takes_the_change_back_once(api: Api, mailbox: Mailbox):
    card = await api.newcomer()
    before, wish = await seen(api, card), unlike()
    access, cookie = await session(api, card)
    taken = await moved(api, card, **wish)
    (mail,) = await mailbox.wait(card["email"], "contact-changed")
    assert "phone number and mail address of your account were changed" in " ".join(mail["text"].split())
    for new in wish.values():
        assert new not in mail["text"] + mail["html"], "whoever reads the old mail is not told where the person is now"
    token = link_in(mail, "contact")
    answer = await undo(api, token, new_password=NEW)
    assert (answer.status_code, list(answer.json())) == (200, ["message"])
    assert await seen(api, card) == before
    assert await me(api, access) == 401
    assert (await refresh(api, cookie)).status_code == 401
    tries = [(taken["phone"], card["password"]), (card["phone"], card["password"]), (card["phone"], NEW)]
    assert [(await login(api, *each)).status_code for each in tries] == [401, 401, 200]
    assert is_refusal(await undo(api, token), 400) == ""
    assert await mailbox.to(wish["email"], "contact-changed") == []


async def test_without_a_new_password_the_old_one_stays(api: Api, mailbox: Mailbox):
    card = await api.newcomer()
    await moved(api, card, phone=unlike()["phone"])
    assert (await undo(api, await way_back(mailbox, card["email"]))).status_code == 200
    assert (await login(api, card["phone"], card["password"])).status_code == 200


async def test_whoever_changes_it_twice_does_not_get_rid_of_the_first_way_back(api: Api, mailbox: Mailbox):
    card = await api.newcomer()
    before = await seen(api, card)
    stolen = await moved(api, card, **unlike())
    first = await way_back(mailbox, card["email"])
    await moved(api, stolen, **unlike())
    second = await way_back(mailbox, stolen["email"])
    assert (await undo(api, first)).status_code == 200
    assert (await undo(api, second)).status_code == 400
    assert await seen(api, card) == before


async def test_links_that_the_old_address_was_sent_die_with_the_change(api: Api, mailbox: Mailbox):
    card = await api.newcomer()
    before = await seen(api, card)
    other_phone = await moved(api, card, phone=unlike()["phone"])
    earlier, password = await way_back(mailbox, card["email"]), await link_for(api, mailbox, card)
    await moved(api, other_phone, email=unlike()["email"])
    assert is_refusal(await confirm(api, password), 400) == ""
    assert is_refusal(await undo(api, earlier), 400) == ""
    assert (await undo(api, await way_back(mailbox, card["email"], 2))).status_code == 200
    assert await seen(api, card) == before, "back to where they were before both changes"


async def test_links_for_a_password_do_not_outlive_the_way_back(api: Api, mailbox: Mailbox):
    card = await api.newcomer()
    stolen = await moved(api, card, **unlike())
    password = await link_for(api, mailbox, stolen)
    assert (await undo(api, await way_back(mailbox, card["email"]))).status_code == 200
    assert is_refusal(await confirm(api, password), 400) == ""


async def test_an_admin_needs_no_password_for_others_and_the_old_address_is_told_without_a_link(
    api: Api, mailbox: Mailbox
):
    card, wish = await hired(api), unlike()
    answer = await api.ask("PUT", f"/mechanics/{card['id']}", api.card("A"), json=wish)
    assert (answer.status_code, answer.json()["email"]) == (200, wish["email"])
    (mail,) = await mailbox.wait(card["email"], "contact-changed")
    assert "#token=" not in mail["text"] + mail["html"]
    assert (await login(api, wish["phone"], card["password"])).status_code == 200


async def test_an_invitation_follows_a_corrected_address(api: Api, mailbox: Mailbox):
    made = await api.ask("POST", "/admins/", api.card("A"), json={"name": "Ines Invited", **unlike()})
    path, wish = f"/admins/{made.json()['id']}", {"email": unlike()["email"]}
    (lost,) = await mailbox.wait(made.json()["email"], "set-password")
    assert (await api.ask("PUT", path, api.card("A"), json=wish)).status_code == 200
    (found,) = await mailbox.wait(wish["email"], "set-password")
    assert is_refusal(await confirm(api, link_in(lost)), 400) == ""
    assert (await confirm(api, link_in(found))).status_code == 200


async def test_what_can_be_taken_back_is_nobody_elses_meanwhile(api: Api, mailbox: Mailbox):
    card, other = await api.newcomer(), await api.newcomer()
    await moved(api, card, **unlike())
    access, _ = await session(api, other)
    for name in ("phone", "email"):
        wish = {name: card[name]}
        for refused in (
            await api.ask("POST", "/customers/", json={**card, **unlike(), **wish}),
            await change(api, other, access, current_password=other["password"], **wish),
        ):
            assert (refused.status_code, refused.json()["code"]) == (409, "Duplicate")
        assert refused.json()["detail"] == f"there is one with the same {name} already"
    assert (await undo(api, await way_back(mailbox, card["email"]))).status_code == 200


async def test_phone_and_mail_address_are_changed_so_often_and_no_more(api: Api):
    card = await moved(api, await api.newcomer(), phone=unlike()["phone"])
    names = "user_id, phone, email, can_be_undone, changed_at, good_until"
    further = f"INSERT INTO contact_changes (id, {names}) SELECT id || n, {names} FROM contact_changes"
    await api.rows.execute(f"{further}, generate_series(3, $2::int) AS n WHERE user_id = $1", card["id"], MOST)
    card = await moved(api, card, phone=unlike()["phone"])
    access, _ = await session(api, card)
    refused = await change(api, card, access, current_password=card["password"], **unlike())
    assert is_refusal(refused, 429) == ""
    assert 6 * 86400 < int(refused.headers["retry-after"]) <= 7 * 86400


async def test_a_link_that_is_forged_over_or_of_somebody_who_left_does_nothing(api: Api, mailbox: Mailbox):
    card = await api.newcomer()
    stolen = await moved(api, card, **unlike())
    token = await way_back(mailbox, card["email"])
    rows = "SELECT id FROM contact_changes WHERE user_id = $1"
    known, now = await api.rows.fetchval(rows, card["id"]), datetime.now(UTC)
    ours, others = (ContactLinks(Secrets(secret_key=key)) for key in (api.info["auth"]["secret_key"], "x" * 32))
    forged = (
        ours.issue(KIND, known, now - timedelta(seconds=1)),
        ours.issue("table_reservation", known, now + timedelta(days=1)),
        ours.issue(KIND, "another", now + timedelta(days=1)),
        others.issue(KIND, known, now + timedelta(days=1)),
        await link_for(api, mailbox, stolen),
        "a.b.c",
    )
    for each in forged:
        assert is_refusal(await undo(api, each), 400) == ""
    assert is_refusal(await undo(api, token, new_password="short"), 422) == ""
    assert (await api.ask("DELETE", f"/customers/{card['id']}", api.card("A"))).status_code == 200
    assert is_refusal(await undo(api, token), 400) == ""
    assert await api.rows.fetch(rows, card["id"]) == []


async def test_the_link_leads_to_a_page_of_ours(api: Api, mailbox: Mailbox):
    card = await api.newcomer()
    await moved(api, card, phone=unlike()["phone"])
    token = await way_back(mailbox, card["email"])
    (mail,) = await mailbox.to(card["email"], "contact-changed")
    assert f"{api.info['api']}/contact#token={token}\n" in mail["text"].replace("\r", "")
    assert "Take the change back" in (await api.http.get(f"{api.info['api']}/contact")).text
