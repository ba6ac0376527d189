from datetime import timedelta

import pytest

from domain.errors import ActionNotAllowed, Invalid, NotFound, RoleRequired
from kinds.local_services.domain import commands
from kinds.local_services.domain.commands import Expire
from kinds.local_services.domain.errors import OutsideSchedule, PriceFixed, PriceOutOfRange, TooLate, TooManyOffers
from kinds.local_services.domain.participants import reservations
from kinds.local_services.domain.parts import Listing, PricingUnit, TaxCase
from tests.kinds.local_services.bookings import ASHA, DAY, HOUR, NOW, RAVI, START, Request


def states(request: Request) -> list[str]:
    return [str(offer.state) for offer in request.booking.offers]


def test_a_counter_offer_moves_price_and_time_and_waits_for_the_other():
    request = Request().asks(commands.Offer(RAVI, total=150_000, starts_at=START + DAY, note="only on Monday"))
    booking = request.booking
    assert (booking.total, booking.starts_at, booking.duration) == (150_000, START + DAY, 3 * HOUR)
    assert states(request) == ["replaced", "open"]
    with pytest.raises(RoleRequired):
        request.asks(commands.Accept(RAVI))
    accepted = request.asks(commands.Accept(ASHA)).booking
    assert (accepted.status, accepted.total, states(request)) == ("ACCEPTED", 150_000, ["replaced", "accepted"])


def test_what_an_offer_leaves_out_is_as_in_the_one_before():
    request = Request().asks(commands.Offer(RAVI, total=150_000)).asks(commands.Offer(ASHA, starts_at=START + DAY))
    assert (request.booking.total, request.booking.starts_at) == (150_000, START + DAY)


def test_a_new_duration_without_a_price_takes_the_list_price_for_it():
    request = Request().asks(commands.Offer(RAVI, total=150_000)).asks(commands.Offer(ASHA, duration=2 * HOUR))
    assert request.booking.total == 90_000


def test_a_quote_has_no_price_until_the_provider_offers_one():
    quote = Listing(12, "Move", PricingUnit.QUOTE, None, None, 3, "Moving", "996511")
    request = Request(total=None, list_price=None, listing=quote).asks(commands.Offer(RAVI, total=80_000))
    assert request.asks(commands.Accept(ASHA)).booking.total == 80_000


def test_an_offer_that_names_nothing_or_a_past_time_is_refused():
    with pytest.raises(Invalid):
        Request().asks(commands.Offer(RAVI, note="hm"))
    with pytest.raises(OutsideSchedule):
        Request().asks(commands.Offer(RAVI, starts_at=NOW - HOUR))
    with pytest.raises(PriceOutOfRange):
        Request().asks(commands.Offer(RAVI, total=99))


def test_a_request_has_six_offers_with_the_first():
    request = Request()
    for number in range(5):
        request.asks(commands.Offer(ASHA if number % 2 else RAVI, total=150_000 + number))
    with pytest.raises(TooManyOffers):
        request.asks(commands.Offer(ASHA, total=150_000))
    assert len(request.booking.offers) == 6


def test_an_offer_is_accepted_by_its_number_only_while_it_is_open():
    request = Request().asks(commands.Offer(RAVI, total=150_000))
    with pytest.raises(ActionNotAllowed):
        request.asks(commands.AcceptOffer(ASHA, 1))
    with pytest.raises(NotFound):
        request.asks(commands.AcceptOffer(ASHA, 3))
    assert request.asks(commands.AcceptOffer(ASHA, 2)).booking.status == "ACCEPTED"


@pytest.mark.parametrize("command", [commands.DeclineOffer(RAVI, 1), commands.Cancel(RAVI, reason="too far")])
def test_a_provider_who_declines_or_cancels_a_request_has_declined_it(command):
    request = Request().asks(command)
    assert (request.booking.status, request.booking.cancellation.cause) == ("CANCELLED", "declined")
    assert (request.timeline[-1], states(request)) == ("decline", ["declined"])


def test_a_requester_who_cancels_his_request_has_cancelled_it():
    request = Request().asks(commands.Cancel(ASHA))
    assert (request.booking.cancellation.cause, request.timeline[-1]) == ("cancelled", "cancel")


def test_what_is_frozen_at_the_acceptance_are_the_rates_of_that_moment():
    assert Request().accepted(tax_case=TaxCase.PLATFORM).booking.rates.tax_case == "platform"


class TestAnotherTimeForAnAcceptedBooking:
    def test_the_other_party_agrees_to_it_and_then_the_held_time_moves(self):
        request = Request().paid().asks(commands.Offer(ASHA, starts_at=START + DAY))
        assert (request.booking.starts_at, request.booking.open_offer.total) == (START, 135_000)
        assert reservations(request.booking)["time"]["from"] == START.isoformat()
        request.asks(commands.AcceptOffer(RAVI, 2))
        assert (request.booking.status, request.booking.starts_at) == ("ACCEPTED", START + DAY)
        assert reservations(request.booking)["time"]["from"] == (START + DAY).isoformat()

    def test_declined_it_leaves_the_booking_as_it_is(self):
        request = (
            Request().paid().asks(commands.Offer(RAVI, starts_at=START + DAY)).asks(commands.DeclineOffer(ASHA, 2))
        )
        assert (request.booking.status, request.booking.starts_at) == ("ACCEPTED", START)
        assert states(request) == ["accepted", "declined"]

    @pytest.mark.parametrize("given", [{"total": 100_000}, {"duration": HOUR}])
    def test_price_and_duration_are_fixed(self, given):
        with pytest.raises(PriceFixed):
            Request().paid().asks(commands.Offer(RAVI, starts_at=START + DAY, **given))

    def test_the_other_side_may_replace_it_and_its_maker_may_not(self):
        request = Request().paid().asks(commands.Offer(RAVI, starts_at=START + DAY))
        with pytest.raises(RoleRequired):
            request.asks(commands.Offer(RAVI, starts_at=START + 2 * DAY))
        assert states(request.asks(commands.Offer(ASHA, starts_at=START + 2 * DAY))) == ["accepted", "replaced", "open"]

    def test_there_can_be_six_more(self):
        request = Request().paid()
        for number in range(6):
            request.asks(commands.Offer(ASHA if number % 2 else RAVI, starts_at=START + DAY))
        with pytest.raises(TooManyOffers):
            request.asks(commands.Offer(RAVI, starts_at=START + DAY))

    @pytest.mark.parametrize("starts_at", [START + DAY, NOW + HOUR])
    def test_less_than_two_hours_before_either_start_it_is_too_late(self, starts_at):
        request = Request().paid()
        near = START - 2 * HOUR if starts_at > START else request.at
        with pytest.raises(TooLate):
            request.when(near).asks(commands.Offer(ASHA, starts_at=starts_at))

    def test_unanswered_it_is_forgotten_and_the_booking_stays(self):
        request = Request().paid().asks(commands.Offer(RAVI, starts_at=START + DAY)).asks(Expire(), DAY)
        assert (request.booking.status, states(request)) == ("ACCEPTED", ["accepted", "expired"])
        assert request.timeline[-1] == "expire"


def test_the_provider_s_time_is_held_with_its_buffer_from_the_request_until_the_end():
    held = {
        "provider": RAVI.id,
        "from": START.isoformat(),
        "ends": (START + 3 * HOUR).isoformat(),
        "until": (START + 3 * HOUR + timedelta(minutes=30)).isoformat(),
        "step": 900,
        "notice": 7200,
    }
    for request in (Request(), Request().paid(), Request().begun()):
        assert reservations(request.booking) == {"time": held}
    for request in (Request().completed(), Request().asks(commands.Cancel(ASHA))):
        assert reservations(request.booking) == {}
