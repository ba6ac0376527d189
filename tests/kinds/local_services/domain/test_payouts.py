"""The provider's share of what is kept: held until nobody can take it away, cut to the paisa when money goes back."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.billing.payout_steps import payout_steps, payout_terms
from domain.billing.provider import ProviderDispute, ProviderRefund, RefundStatus
from domain.commands import AdoptRefund, Command, RecordDispute, RecordRefund
from domain.kind import ViewContext
from domain.people import Actor
from domain.views import detail
from kinds.local_services.domain import commands
from kinds.local_services.domain.commands import ConfirmByClock
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.domain.notices import PAYOUT_RELEASED, notices
from kinds.local_services.domain.parts import Outcome, TaxCase
from tests.kinds.local_services.bookings import ADMIN, ASHA, HOUR, RAVI, START, Request, policy

DAY = timedelta(days=1)


def step(request: Request) -> tuple[str, int] | None:
    """What is to be done next of the share, and how much of it."""
    found = payout_steps(LOCAL_SERVICES, request.booking)
    return (str(found[0].doing), found[0].amount) if found else None


def seen(request: Request, viewer: Actor) -> Any:
    return detail(LOCAL_SERVICES, request.booking, viewer, ViewContext("rzp_test"))["payout"]


@pytest.mark.parametrize(
    ("case", "share"), [(TaxCase.PROVIDER, 81_876), (TaxCase.PLATFORM, 67_046), (TaxCase.NONE, 82_300)]
)
def test_a_paid_booking_holds_the_share_of_its_tax_case(case: TaxCase, share: int):
    request = Request(100_000).accepted(tax_case=case, gst_percent=Decimal(18)).paid()
    assert step(request) == ("transfer", share)
    [payout] = request.paid_out().booking.payouts
    assert (payout.payee, payout.amount, payout.on_hold, payout.details["tax_case"]) == (RAVI.id, share, True, case)
    assert step(request) is None


def test_nothing_is_transferred_before_the_booking_is_paid():
    assert step(Request().accepted()) is None


def test_it_is_released_by_the_confirmation_and_the_provider_is_told():
    request = Request(100_000).completed().paid_out()
    assert seen(request, RAVI)["state"] == "held"
    assert step(request.asks(commands.Confirm(ASHA))) == ("release", request.booking.payouts[0].kept)
    request.paid_out()
    assert [(each.type, each.person) for each in notices(request.booking)] == [(PAYOUT_RELEASED, RAVI.id)]
    assert (seen(request, RAVI)["state"], seen(request, RAVI)["transfer_id"][:4]) == ("released", "trf_")
    assert seen(request, ASHA) is None


def test_what_is_kept_of_a_cancelled_booking_is_cut_and_released_at_once():
    request = Request(100_000).paid().paid_out()
    whole = request.booking.payouts[0].kept
    request.when(START - 3 * HOUR).asks(commands.Cancel(ASHA), timedelta(0))
    kept = payout_steps(LOCAL_SERVICES, request.booking)[0].wish.amount
    assert step(request) == ("reverse", whole - kept)
    [payout] = request.paid_out().booking.payouts
    assert (payout.kept, payout.state) == (kept, "released")


def test_a_provider_who_cancels_gives_all_of_it_back():
    request = Request().paid().paid_out().asks(commands.Cancel(RAVI))
    assert step(request) == ("reverse", request.booking.payouts[0].amount)
    assert request.paid_out().booking.payouts[0].state == "reversed"


def test_a_claimed_no_show_is_held_until_nobody_disputes_it():
    claim = commands.Cancel(RAVI, no_show=True, arrived=True)
    request = Request().paid().paid_out().when(START + HOUR).asks(claim, timedelta(0)).paid_out()
    assert request.booking.payouts[0].state == "partly_reversed"
    assert step(request.asks(ConfirmByClock(), 2 * DAY)) == ("release", request.booking.payouts[0].kept)


def test_a_dispute_keeps_it_where_it_is_until_it_is_decided():
    request = Request(100_000).completed().paid_out()
    request.asks(commands.Dispute(ASHA, reason="bad-work", description="the floor is still wet"))
    assert step(request) is None
    request.asks(commands.DecideDispute(ADMIN, outcome=Outcome.REFUND_PART, refund=50_000, note="half of it"))
    assert step(request) == ("reverse", request.booking.payouts[0].amount - 41_150)
    request.paid_out()
    assert (request.booking.payouts[0].kept, request.booking.payouts[0].state) == (41_150, "released")


def taken_by_the_bank(amount: int, status: str = "lost") -> RecordDispute:
    return RecordDispute(ProviderDispute("disp_1", "pay_1", amount, amount, status, "chargeback", "fraud", None))


def refunded_by_hand(amount: int, status: str = "processed") -> AdoptRefund:
    return AdoptRefund(ProviderRefund("rfnd_hand", "pay_1", amount, status))


@pytest.mark.parametrize("taken", [taken_by_the_bank, refunded_by_hand])
def test_what_went_back_without_us_before_the_release_is_not_paid_out_as_well(taken: Callable[[int], Command]):
    request = Request(100_000).completed().paid_out().asks(taken(50_000))
    assert step(request) == ("reverse", 82_300 - 41_150)
    request.paid_out().asks(commands.Confirm(ASHA)).settled()
    assert (request.booking.payouts[0].kept, request.booking.payouts[0].state) == (41_150, "released")
    assert (seen(request, RAVI)["amount"], seen(request, RAVI)["commission"]) == ("411.50", "75.00")
    commission = next(each for each in request.booking.invoices if each.leg == "commission")
    assert commission.total == 50_000 - 41_150


def test_where_the_bank_took_everything_the_provider_gets_nothing_and_owes_no_commission():
    request = Request(100_000).completed().asks(taken_by_the_bank(100_000)).asks(commands.Confirm(ASHA)).settled()
    assert (request.booking.payouts, [each.leg for each in request.booking.invoices]) == ([], ["service"])


def test_a_share_waits_for_the_bank_s_word_on_a_refund_by_hand():
    request = Request(100_000).completed().paid_out().asks(refunded_by_hand(50_000, "pending"))
    assert step(request.asks(commands.Confirm(ASHA))) is None
    by_hand = request.booking.refunds[0].id
    request.asks(RecordRefund(by_hand, RefundStatus.FAILED, "rfnd_hand"))
    assert step(request) == ("release", 82_300)
    request.asks(RecordRefund(by_hand, RefundStatus.PROCESSED, "rfnd_hand"))
    assert step(request) == ("reverse", 82_300 - 41_150)


def test_a_refund_by_hand_that_failed_takes_nothing_from_the_share():
    assert step(Request(100_000).completed().asks(refunded_by_hand(50_000, "failed"))) == ("transfer", 82_300)


@pytest.mark.parametrize("taken", [taken_by_the_bank, refunded_by_hand])
def test_a_share_that_was_released_is_the_providers_whatever_goes_back(taken: Callable[[int], Command]):
    request = Request(100_000).completed().paid_out().asks(commands.Confirm(ASHA)).paid_out()
    before = seen(request, RAVI)
    request.asks(taken(50_000))
    assert (step(request), seen(request, RAVI)) == (None, before)
    assert len(request.booking.attention) == 1


def test_the_patience_with_the_gateway_is_that_of_the_booking():
    terms = payout_terms(Request(policy=policy(money_settle=timedelta(seconds=2))).booking)
    assert (terms.settle, terms.patience, terms.alert) == (
        timedelta(seconds=2),
        timedelta(minutes=15),
        timedelta(minutes=15),
    )
