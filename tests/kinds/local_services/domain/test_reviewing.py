import pytest

from domain.errors import ActionNotAllowed, Duplicate
from domain.kind import ViewContext
from domain.views import detail
from kinds.local_services.domain import commands
from kinds.local_services.domain.commands import PublishReviews
from kinds.local_services.domain.errors import NotCompleted, TooLate
from kinds.local_services.domain.kind import LOCAL_SERVICES
from tests.kinds.local_services.bookings import ADMIN, ASHA, DAY, RAVI, Request


def reviews(request: Request, viewer) -> list:
    return detail(LOCAL_SERVICES, request.booking, viewer, ViewContext("key"))["reviews"]


def test_a_review_is_hidden_from_the_other_until_both_are_in():
    request = Request().completed().asks(commands.Review(ASHA, 4, "clean and quick"))
    assert reviews(request, RAVI) == [{"reviewer_id": ASHA.id, "published": False}]
    for viewer in (ASHA, ADMIN):
        [seen] = reviews(request, viewer)
        assert (seen["rating"], seen["reviewee_id"], seen["published"]) == (4, RAVI.id, False)
    request.asks(commands.Review(RAVI, 5))
    assert [(each["rating"], each["published"]) for each in reviews(request, RAVI)] == [(4, True), (5, True)]


def test_when_the_window_ends_what_was_written_is_published_and_the_booking_may_close():
    request = Request().completed().asks(commands.Review(ASHA, 4)).asks(commands.Confirm(ASHA))
    with pytest.raises(ActionNotAllowed):
        request.asks(PublishReviews(), 13 * DAY)
    assert request.booking.closed_at is None
    request.asks(PublishReviews(), 15 * DAY).settled()
    assert (reviews(request, RAVI)[0]["published"], request.booking.closed_at) == (True, request.at)


def test_nothing_is_published_where_nothing_was_written():
    request = Request().completed().asks(commands.Confirm(ASHA)).settled().asks(PublishReviews(), 15 * DAY)
    assert (request.booking.reviews_published_at, request.booking.closed_at) == (None, request.at)


def test_both_reviews_and_a_confirmation_close_the_booking_when_the_share_is_paid_out():
    request = Request().completed().asks(commands.Review(ASHA, 4)).asks(commands.Review(RAVI, 5))
    assert request.booking.closed_at is None
    assert request.asks(commands.Confirm(ASHA)).booking.closed_at is None
    assert request.settled().booking.closed_at == request.at


def test_one_of_each_party_of_completed_work_inside_the_window():
    with pytest.raises(NotCompleted):
        Request().begun().asks(commands.Review(ASHA, 4))
    request = Request().completed().asks(commands.Review(ASHA, 4))
    with pytest.raises(Duplicate):
        request.asks(commands.Review(ASHA, 5))
    with pytest.raises(TooLate):
        request.asks(commands.Review(ASHA, 5), 14 * DAY)


def test_after_the_window_the_other_party_cannot_write_either():
    request = Request().completed().asks(commands.Review(ASHA, 4)).asks(PublishReviews(), 15 * DAY)
    with pytest.raises(TooLate):
        request.asks(commands.Review(RAVI, 1))
