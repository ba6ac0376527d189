"""What each party reads of a booking, and what not."""

from dataclasses import replace

from domain.decide import decide
from domain.kind import ViewContext
from domain.people import Person
from domain.temporal_ui import details
from domain.views import detail, summary
from kinds.local_services.domain import commands
from kinds.local_services.domain.allowed_actions import allowed_actions
from kinds.local_services.domain.commands import DecideDispute, Expire
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.domain.participants import participants
from kinds.local_services.domain.parts import Outcome
from kinds.local_services.domain.ui import static_summary
from tests.kinds.local_services.bookings import ADMIN, ASHA, DAY, RAVI, START, STRANGER, Request
from tests.of_every import of_every

PEOPLE = {
    ASHA.id: Person(ASHA.id, "Asha Rao", "+919876543210"),
    RAVI.id: Person(RAVI.id, "Ravi Kumar", "+919812345678", "/uploads/ravi.webp"),
}
BAD = commands.Dispute(ASHA, "bad-work", "the kitchen was not done")
LIVES = {
    "requested": Request,
    "accepted": lambda: Request().accepted(),
    "paid": lambda: Request().paid(),
    "in progress": lambda: Request().begun(),
    "completed": lambda: Request().completed(),
    "disputed": lambda: Request().completed().asks(BAD),
    "confirmed": lambda: Request().completed().asks(commands.Confirm(ASHA)),
    "cancelled": lambda: Request().asks(commands.Cancel(ASHA)),
}


def seen(request: Request, viewer) -> dict:
    return detail(LOCAL_SERVICES, request.booking, viewer, ViewContext("rzp_key", PEOPLE))


def test_a_booking_reads_as_the_contract_says():
    shown = seen(Request().accepted(), ASHA)
    expected = {
        "id": 1007,
        "listing_id": 12,
        "requester_id": "USR000021",
        "provider_id": "USR000009",
        "scheduled_at": "2026-12-13T03:30:00Z",
        "ends_at": "2026-12-13T06:30:00Z",
        "duration_hours": 3,
        "status": "ACCEPTED",
        "total_price": "1350.00",
        "list_price": "1350.00",
        "payment_status": "pending",
        "version": 2,
        "kind": "local_services",
        "payout": None,
        "cancellation": None,
        "closed_at": None,
        "allowed_actions": ["pay", "cancel", "offer"],
    }
    assert {name: shown[name] for name in expected} == expected
    assert (shown["listing"]["title"], shown["listing"]["pricing_unit"]) == ("Deep clean", "HOUR")
    assert [(offer["id"], offer["by"], offer["state"]) for offer in shown["offers"]] == [(1, ASHA.id, "accepted")]
    assert shown["waiting_for"] == {
        "who": "requester",
        "what": "to pay 1350.00",
        "until": "2026-12-10T15:31:00Z",
        "then": "the booking is cancelled",
    }


def test_until_it_is_paid_the_provider_knows_only_about_where_and_for_whom():
    before, after = seen(Request().accepted(), RAVI), seen(Request().paid(), RAVI)
    assert before["location"] == {"address": "411001", "lat": 18.51, "lng": 73.86, "pincode": "411001"}
    assert (before["requester"]["last_name"], "phone" in before["requester"]) == ("R.", False)
    assert after["location"]["address"] == "12 MG Road"
    assert (after["requester"]["last_name"], after["requester"]["phone"]) == ("Rao", "+919876543210")
    assert seen(Request(), ASHA)["location"]["address"] == "12 MG Road"


def test_the_requester_sees_the_payment_and_the_provider_his_payout():
    request = Request().paid()
    assert seen(request, ASHA)["payments"][0]["payment_id"] == "pay_1"
    assert seen(request, ASHA)["payout"] is None
    shown = seen(request, RAVI)
    assert (shown["payments"], shown["checkout"]) == ([], None)
    assert (shown["payout"]["amount"], shown["payout"]["commission"], shown["payout"]["tax_case"]) == (
        "1111.05",
        "202.50",
        "none",
    )


def test_the_provider_learns_what_went_back_but_not_of_which_payment():
    request = Request().paid().asks(commands.Cancel(ADMIN, reason="storm"))
    [refund] = seen(request, RAVI)["refunds"]
    assert (refund["amount"], refund["payment_id"]) == ("1350.00", None)
    done = seen(request, RAVI)["cancellation"]
    assert (done["fee"], done["refund"], done["cause"], done["reason"]) == ("0.00", "1350.00", "cancelled", "storm")
    assert done["by"] == {"id": ADMIN.id, "role": "ADMIN"}


def test_a_decision_is_there_for_everybody_to_read():
    request = Request().completed().asks(BAD).asks(DecideDispute(ADMIN, Outcome.REFUND_PART, 50_000, "nobody", "fair"))
    for viewer in (ASHA, RAVI, ADMIN):
        shown = seen(request, viewer)
        assert (shown["dispute"]["state"], shown["dispute"]["decision"]["refund_amount"]) == ("decided", "500.00")
        assert (shown["completion"]["confirmed"], shown["completion"]["confirmed_by"]["role"]) == (True, "ADMIN")


@of_every(LIVES, [ASHA, RAVI, ADMIN, STRANGER])
def test_what_is_said_to_be_allowed_is_granted(life, viewer):
    made = {
        "pay": lambda: commands.PayIntent(viewer),
        "cancel": lambda: commands.Cancel(viewer),
        "offer": lambda: commands.Offer(viewer, starts_at=START + DAY),
        "accept": lambda: commands.Accept(viewer),
        "decline": lambda: commands.DeclineOffer(viewer, 1),
        "complete": lambda: commands.Complete(viewer),
        "confirm": lambda: commands.Confirm(viewer),
        "dispute": lambda: replace(BAD, actor=viewer),
        "withdraw": lambda: commands.WithdrawDispute(viewer),
        "decide": lambda: DecideDispute(viewer, Outcome.RELEASE),
        "review": lambda: commands.Review(viewer, 5),
        "start": lambda: commands.Start(viewer),
    }
    request = LIVES[life]()
    at = START if life == "paid" else request.at
    for action in allowed_actions(request.booking, viewer):
        now = request.at if action == "offer" else at
        decide(LOCAL_SERVICES, request.booking, made[action](), now)


def test_a_stranger_and_a_closed_booking_allow_nothing():
    assert allowed_actions(Request().booking, STRANGER) == []
    assert allowed_actions(Request().asks(commands.Cancel(ASHA)).booking, ASHA) == []


def test_both_parties_take_part_the_requester_as_seeker_and_as_provider():
    assert {(each.person, each.role) for each in participants(Request().booking)} == {
        (ASHA.id, "SERVICE_SEEKER"),
        (ASHA.id, "SERVICE_PROVIDER"),
        (RAVI.id, "SERVICE_PROVIDER"),
    }


def test_a_row_of_a_list_tells_neither_party_what_is_not_for_it():
    row = summary(LOCAL_SERVICES, Request().paid().booking, "SERVICE_PROVIDER")
    assert (row["total_price"], row["payment_status"], row["scheduled_at"]) == (
        "1350.00",
        "paid",
        "2026-12-13T03:30:00Z",
    )
    assert not {"payments", "payout", "checkout"} & row.keys()
    assert summary(LOCAL_SERVICES, Request().booking, "SERVICE_SEEKER")["location"]["address"] == "411001"


def test_the_temporal_ui_shows_the_life_the_price_and_the_offers_and_no_names():
    request = Request().paid()
    assert static_summary(request.booking) == "Deep clean, 3 h, 13 Dec 09:00 (Asia/Kolkata)"
    page = details(LOCAL_SERVICES, request.booking)
    assert "REQUESTED → **[ACCEPTED]** → IN_PROGRESS → COMPLETED" in page
    assert "Payout: 1111.05, pending" in page
    assert "Payout: 1111.05, held" in details(LOCAL_SERVICES, Request().paid().paid_out().booking)
    assert "offer 1 by USR000021: 1350.00, 13 Dec 09:00, 3 h (accepted)" in page
    assert "Asha" not in page
    assert "12 MG Road" not in page


def test_a_booking_that_ended_early_says_why_in_the_temporal_ui():
    assert "**CANCELLED** · unanswered" in details(LOCAL_SERVICES, Request().asks(Expire(), DAY).booking)


def test_cancel_in_the_temporal_ui_is_an_admin_s_cancel_for_nothing():
    request = Request().paid().when(START)
    assert request.asks(LOCAL_SERVICES.cancel(ADMIN, "pressed")).booking.cancellation.fee == 0
