"""Every row of the table of lives: who may, from where, to where."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import ActionNotAllowed, BookingError, RoleRequired
from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import Status
from kinds.local_services.domain.errors import NotPaid, PriceNeeded, StaleVersion, TooEarly
from kinds.local_services.domain.parts import Outcome
from tests.kinds.local_services.bookings import ADMIN, ASHA, DAY, HOUR, RAVI, START, STRANGER, Request

LATER = commands.Offer(RAVI, starts_at=START + DAY)
LIVES = {
    Status.REQUESTED: Request,
    Status.ACCEPTED: lambda: Request().paid(),
    Status.IN_PROGRESS: lambda: Request().begun(),
    Status.COMPLETED: lambda: Request().completed(),
    Status.CANCELLED: lambda: Request().asks(commands.Cancel(ASHA)),
}


def outcome(request: Request, command) -> str:
    """The status that a command leads to, or the name of its refusal."""
    try:
        return str(request.asks(command).booking.status)
    except BookingError as refused:
        return refused.code


@pytest.mark.parametrize(
    ("status", "command", "by", "ends"),
    [
        ("REQUESTED", commands.Offer(RAVI, total=150_000), RAVI, "REQUESTED"),
        ("REQUESTED", commands.Offer(ASHA, total=150_000), ASHA, "RoleRequired"),
        ("REQUESTED", commands.Accept(RAVI), RAVI, "ACCEPTED"),
        ("REQUESTED", commands.Accept(ASHA), ASHA, "RoleRequired"),
        ("REQUESTED", commands.Accept(ADMIN), ADMIN, "RoleRequired"),
        ("REQUESTED", commands.DeclineOffer(RAVI, 1), RAVI, "CANCELLED"),
        ("REQUESTED", commands.Cancel(ASHA), ASHA, "CANCELLED"),
        ("REQUESTED", commands.Cancel(RAVI), RAVI, "CANCELLED"),
        ("REQUESTED", commands.Cancel(ADMIN), ADMIN, "CANCELLED"),
        ("REQUESTED", commands.Cancel(STRANGER), STRANGER, "RoleRequired"),
        ("REQUESTED", commands.Start(RAVI), RAVI, "ActionNotAllowed"),
        ("REQUESTED", commands.Complete(RAVI), RAVI, "ActionNotAllowed"),
        ("REQUESTED", commands.PayIntent(ASHA), ASHA, "ActionNotAllowed"),
        ("REQUESTED", commands.Review(ASHA, 5), ASHA, "NotCompleted"),
        ("REQUESTED", commands.Dispute(ASHA, "other", "it is not good"), ASHA, "ActionNotAllowed"),
        ("ACCEPTED", LATER, RAVI, "ACCEPTED"),
        ("ACCEPTED", commands.Accept(RAVI), RAVI, "ActionNotAllowed"),
        ("ACCEPTED", commands.PayIntent(ASHA), ASHA, "ActionNotAllowed"),
        ("ACCEPTED", commands.PayIntent(RAVI), RAVI, "RoleRequired"),
        ("ACCEPTED", commands.Start(ASHA), ASHA, "RoleRequired"),
        ("ACCEPTED", commands.Complete(RAVI), RAVI, "ActionNotAllowed"),
        ("ACCEPTED", commands.Cancel(ASHA), ASHA, "CANCELLED"),
        ("ACCEPTED", commands.Cancel(RAVI), RAVI, "CANCELLED"),
        ("ACCEPTED", commands.Cancel(ADMIN), ADMIN, "CANCELLED"),
        ("ACCEPTED", commands.Dispute(ASHA, "other", "it is not good"), ASHA, "ActionNotAllowed"),
        ("IN_PROGRESS", commands.Complete(RAVI), RAVI, "COMPLETED"),
        ("IN_PROGRESS", commands.Complete(ASHA), ASHA, "COMPLETED"),
        ("IN_PROGRESS", commands.Complete(ADMIN), ADMIN, "COMPLETED"),
        ("IN_PROGRESS", commands.Cancel(RAVI), RAVI, "CANCELLED"),
        ("IN_PROGRESS", commands.Cancel(ADMIN), ADMIN, "CANCELLED"),
        ("IN_PROGRESS", commands.Cancel(ASHA), ASHA, "ActionNotAllowed"),
        ("IN_PROGRESS", LATER, RAVI, "ActionNotAllowed"),
        ("IN_PROGRESS", commands.Dispute(RAVI, "other", "it is not good"), RAVI, "IN_PROGRESS"),
        ("COMPLETED", commands.Confirm(ASHA), ASHA, "COMPLETED"),
        ("COMPLETED", commands.Complete(ASHA), ASHA, "COMPLETED"),
        ("COMPLETED", commands.Confirm(ADMIN), ADMIN, "COMPLETED"),
        ("COMPLETED", commands.Confirm(RAVI), RAVI, "RoleRequired"),
        ("COMPLETED", commands.Complete(RAVI), RAVI, "RoleRequired"),
        ("COMPLETED", commands.Cancel(ADMIN), ADMIN, "ActionNotAllowed"),
        ("COMPLETED", commands.Dispute(ADMIN, "other", "it is not good"), ADMIN, "RoleRequired"),
        ("COMPLETED", commands.Review(ADMIN, 5), ADMIN, "RoleRequired"),
        ("COMPLETED", commands.Review(RAVI, 5), RAVI, "COMPLETED"),
        ("CANCELLED", commands.Dispute(ASHA, "other", "it is not good"), ASHA, "ActionNotAllowed"),
        ("CANCELLED", commands.Cancel(ASHA), ASHA, "ActionNotAllowed"),
        ("CANCELLED", commands.Accept(RAVI), RAVI, "ActionNotAllowed"),
        ("CANCELLED", commands.Review(ASHA, 5), ASHA, "NotCompleted"),
    ],
)
def test_the_table_of_lives_says_who_may_lead_a_booking_where(status, command, by, ends):
    assert outcome(LIVES[Status(status)](), command) == ends


def test_a_whole_life_has_an_entry_for_each_move():
    request = Request().completed().asks(commands.Confirm(ASHA))
    assert request.timeline == ["accept", "pay-intent", "pay", "start", "complete", "confirm"]
    assert request.booking.version == 7
    assert Request().timeline == ["request"]


def test_work_begins_an_hour_early_at_most_and_only_when_it_is_paid():
    with pytest.raises(NotPaid):
        Request().accepted().when(START).asks(commands.Start(RAVI))
    paid = Request().paid()
    with pytest.raises(TooEarly):
        paid.when(START - 2 * HOUR).asks(commands.Start(RAVI))
    assert paid.when(START - HOUR).asks(commands.Start(RAVI), timedelta(0)).booking.status == "IN_PROGRESS"


def test_the_requester_confirms_by_saying_that_the_work_is_done_and_nobody_else_does():
    done = Request().begun().asks(commands.Complete(ASHA)).booking
    assert (done.confirmed, done.completion.confirmed_by, done.completion.completed_by) == (True, ASHA, ASHA)
    assert not Request().begun().asks(commands.Complete(ADMIN)).booking.confirmed


def test_a_confirmed_booking_takes_no_second_confirmation_from_anybody():
    confirmed = Request().completed().asks(commands.Confirm(ASHA))
    for actor in (ASHA, RAVI, ADMIN):
        with pytest.raises(ActionNotAllowed):
            confirmed.asks(commands.Complete(actor))


def test_a_stale_version_is_told_after_who_may_and_before_the_rest():
    with pytest.raises(StaleVersion):
        Request().asks(commands.Accept(RAVI, expected=4))
    with pytest.raises(RoleRequired):
        Request().asks(commands.Accept(ASHA, expected=4))
    with pytest.raises(StaleVersion):
        Request().accepted().asks(commands.Start(RAVI, expected=1))
    assert Request().asks(commands.Accept(RAVI, expected=1)).booking.status == "ACCEPTED"


def test_a_request_without_a_price_cannot_be_accepted():
    with pytest.raises(PriceNeeded):
        Request(total=None).asks(commands.Accept(RAVI))


def test_a_provider_who_requests_is_the_requester_of_that_booking():
    meera = replace(ASHA, role=RAVI.role)
    request = Request().accepted()
    assert request.asks(commands.PayIntent(meera)).booking.status == "ACCEPTED"
    with pytest.raises(RoleRequired):
        request.asks(commands.Start(meera))


def test_a_refusal_changes_nothing():
    request = Request()
    with pytest.raises(ActionNotAllowed):
        request.asks(commands.DecideDispute(ADMIN, Outcome.RELEASE))
    assert request.booking.version == 1
