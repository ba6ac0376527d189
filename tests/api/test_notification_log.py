"""Which mails left, and sending one again."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.api.concurrent import Api, Json, is_refusal
from tests.api.mailbox import Mailbox, eventually, link_in
from tests.api.test_passwords import confirm, forgot, link_for
from tests.api.visits import Visits

KEYS = {
    "id", "booking_id", "notification_category", "notification_category_id", "recipient_email", "subject",
    "attachments", "timestamp", "status", "error",
}  # fmt: skip


async def logs(api: Api, path: str = "/notification/logs", **params: object) -> list[Json]:
    answer = await api.ask("GET", path, api.card("A"), params={"limit": 100, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def logged(api: Api, count: int = 1, **params: object) -> list[Json]:
    """The same, once there are so many: a mail arrives a moment before its row."""
    return await eventually(lambda: logs(api, **params), lambda rows: len(rows) >= count)


async def resend(api: Api, row: Json):
    return await api.ask("POST", f"/notification/{row['id']}/resend", api.card("A"))


async def booked(api: Api, visits: Visits) -> tuple[Json, Json]:
    """A new booking of a customer of its own, and the row of its confirmation."""
    nina = await api.newcomer()
    car = {"registration_number": f"KA{nina['phone'][-8:]}", "car_model_id": 1}
    vehicle = (await api.ask("POST", "/car/", nina, json=car)).json()
    wish = {"vehicle_id": vehicle["id"], "services": [{"service_id": 45}], "pickup_type": "walk_in"}
    answer = await api.ask("POST", "/bookings/", nina, json=wish)
    assert answer.status_code == 201, answer.text
    (row,) = await logged(api, recipient=nina["email"])
    return {**nina, "booking": answer.json()["id"]}, row


async def test_every_mail_is_in_the_log_as_printed_on_both_paths(api: Api, visits: Visits):
    nina, row = await booked(api, visits)
    assert row.keys() == KEYS
    assert (row["booking_id"], row["status"], row["error"]) == (nina["booking"], "sent", None)
    assert row["notification_category"] == "Booking Confirmation"
    assert row["subject"] == f"Booking {nina['booking']}: your service is booked"
    printed = await logs(
        api, "/notification/notifications/logs", notification_category="Booking Confirmation", recipient=nina["email"]
    )
    assert printed == [row]


async def test_the_log_is_narrowed_by_category_reader_and_date(api: Api, visits: Visits):
    nina, row = await booked(api, visits)
    mine = {"recipient": nina["email"].upper()}
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Kolkata")).date()
    before, after = (str(today + timedelta(days=days)) for days in (-1, 1))
    assert await logs(api, **mine) == [row]
    assert await logs(api, **mine, notification_category="booking confirmation") == [row]
    assert await logs(api, **mine, notification_category=str(row["notification_category_id"])) == [row]
    assert await logs(api, **mine, notification_category="Invoice") == []
    assert await logs(api, **mine, **{"from": str(today), "to": str(today)}) == [row]
    assert await logs(api, **mine, **{"from": after}) == await logs(api, **mine, to=before) == []
    assert await logs(api, **mine, **{"from": "0001-01-01", "to": "9999-12-31"}) == [row]
    everything = await logs(api)
    assert [each["id"] for each in everything] == sorted((each["id"] for each in everything), reverse=True)


async def test_a_mail_sent_again_says_the_same_under_an_id_of_its_own(api: Api, mailbox: Mailbox, visits: Visits):
    nina, row = await booked(api, visits)
    answer = await resend(api, row)
    assert (answer.status_code, answer.json()["recipient_email"]) == (202, nina["email"])
    first, again = await mailbox.wait(nina["email"], "booking-confirmation", 2)
    assert [first[part] for part in ("subject", "text", "html")] == [
        again[part] for part in ("subject", "text", "html")
    ]
    names = [mail["headers"]["Message-ID"].split("@")[0] for mail in (first, again)]
    assert names == [
        f"<{nina['booking']}.booking-confirmation.1",
        f"<{nina['booking']}.booking-confirmation.1-resend-1",
    ]
    rows = await logged(api, 2, recipient=nina["email"])
    assert [each["status"] for each in rows] == ["sent", "sent"]
    assert (await resend(api, rows[0])).status_code == 202
    third = (await mailbox.wait(nina["email"], "booking-confirmation", 3))[-1]
    assert third["headers"]["Message-ID"].split("@")[0] == f"{names[0]}-resend-2"


async def test_impatient_clicks_while_the_mail_server_sleeps_send_it_once(
    api: Api, mailbox: Mailbox, visits: Visits, running_stack
):
    nina, row = await booked(api, visits)
    running_stack.halt("mail")
    try:
        answers = await asyncio.gather(*(resend(api, row) for _ in range(4)))
        assert {answer.status_code for answer in answers} == {202}
        tried = await logged(api, 2, recipient=nina["email"])
        assert tried[0]["status"] == "failed"
        assert tried[0]["error"]
    finally:
        running_stack.revive("mail")
    await mailbox.wait(nina["email"], "booking-confirmation", 2)
    sent = await eventually(
        lambda: logs(api, recipient=nina["email"]),
        lambda rows: [each["status"] for each in rows].count("sent") == 2,
    )
    assert len(await mailbox.to(nina["email"], "booking-confirmation")) == 2, sent


async def test_it_goes_to_the_address_that_its_reader_has_today(api: Api, mailbox: Mailbox, visits: Visits):
    nina, row = await booked(api, visits)
    await api.rows.execute("UPDATE users SET email = 'moved.' || email WHERE id = $1", nina["id"])
    assert (await resend(api, row)).json()["recipient_email"] == f"moved.{nina['email']}"
    await mailbox.wait(f"moved.{nina['email']}", "booking-confirmation")


async def test_whoever_has_left_gets_no_mail_any_more(api: Api, visits: Visits):
    nina, row = await booked(api, visits)
    await api.rows.execute("UPDATE users SET deleted_at = now() WHERE id = $1", nina["id"])
    assert is_refusal(await resend(api, row), 409) == ""
    await api.rows.execute("UPDATE users SET deleted_at = NULL WHERE id = $1", nina["id"])


async def test_a_link_to_a_password_is_sent_again_as_a_fresh_one(api: Api, mailbox: Mailbox):
    nina = await api.newcomer()
    old = await link_for(api, mailbox, nina)
    (row,) = await logged(api, recipient=nina["email"], notification_category="Password Reset")
    assert (row["booking_id"], row["status"]) == (None, "sent")
    assert (await confirm(api, old)).status_code == 200
    assert (await resend(api, row)).status_code == 202
    fresh = link_in((await mailbox.wait(nina["email"], "password-reset", 2))[-1])
    assert fresh != old
    assert (await confirm(api, fresh, "Fresh-Secret-3")).status_code == 200


async def test_what_was_never_logged_cannot_be_sent_again(api: Api):
    answer = await api.ask("POST", "/notification/900000001/resend", api.card("A"))
    assert is_refusal(answer, 404) == ""


async def test_an_account_email_in_the_log_does_not_say_more_than_its_subject(api: Api, mailbox: Mailbox):
    nina = await api.newcomer()
    await forgot(api, email=nina["email"])
    (row,) = await logged(api, recipient=nina["email"])
    assert row.keys() == KEYS
    assert "token" not in str(row)


async def test_after_somebody_left_the_log_keeps_neither_their_address_nor_what_was_said(api: Api, visits: Visits):
    nina, row = await booked(api, visits)
    assert (await api.ask("PUT", f"/bookings/{nina['booking']}/cancel", nina, json={})).status_code == 200
    (cancelled,) = await logged(api, recipient=nina["email"], notification_category="Cancellation")
    assert (await api.ask("DELETE", f"/customers/{nina['id']}", nina)).status_code == 200
    assert await logs(api, recipient=nina["email"]) == []
    kept = {each["id"]: each for each in await logs(api)}
    for each in (row, cancelled):
        assert kept[each["id"]] == {**each, "recipient_email": ""}
        assert is_refusal(await resend(api, each), 409) == ""
