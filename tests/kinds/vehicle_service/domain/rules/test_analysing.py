from datetime import timedelta
from decimal import Decimal

import pytest

from domain.errors import ActionNotAllowed, Invalid, NotYours, RoleRequired
from kinds.vehicle_service.domain.commands import EditAnalysis, SubmitAnalysis, ValidateAnalysis
from kinds.vehicle_service.domain.parts import Award, Job
from tests.kinds.vehicle_service.bookings import analysed, estimate_ready, in_analysis, received
from tests.kinds.vehicle_service.people import (
    ADMIN,
    ALL_ROUNDER,
    ASHA,
    BRAKES,
    FILTER,
    LATA,
    OIL,
    QUOTES,
    actor,
    recommended,
)


def quotes(booking):
    return {line.service_id: line.quote for line in booking.lines}


def test_the_analysis_quotes_what_was_asked_for_and_adds_what_is_recommended():
    booking = analysed().booking
    assert booking.status == "analysed"
    assert quotes(booking) == {BRAKES: 165000, OIL: 85000, FILTER: 60000}
    assert {line.state for line in booking.lines} == {"quoted"}
    assert [line.origin for line in booking.lines] == ["requested", "requested", "recommended"]
    assert (booking.analysis.mechanic_id, booking.analysis.validated) == (LATA.id, False)
    assert booking.decision_until is None


def test_every_requested_service_needs_a_quote():
    with pytest.raises(Invalid, match=r"price_quote misses the requested services \[12\]") as refusal:
        in_analysis().analysis_submitted({BRAKES: 165000})
    assert refusal.value.data == {"services": [OIL]}


def test_a_quote_is_nothing_or_more():
    assert quotes(in_analysis().analysis_submitted(QUOTES | {OIL: 0}).booking)[OIL] == 0
    assert quotes(in_analysis().analysis_submitted(recommending=[recommended(quote=0)]).booking)[FILTER] == 0
    with pytest.raises(Invalid, match="must not be negative"):
        in_analysis().analysis_submitted(QUOTES | {OIL: -1})
    with pytest.raises(Invalid, match="need a quote"):
        in_analysis().analysis_submitted(recommending=[recommended(quote=-1)])


def test_a_quote_for_a_service_that_is_not_on_the_booking_is_refused():
    with pytest.raises(Invalid, match="service 999 is not on this booking"):
        in_analysis().analysis_submitted(QUOTES | {999: 100})


def test_a_requested_service_is_not_recommended_as_well():
    with pytest.raises(Invalid, match="on the booking already"):
        in_analysis().analysis_submitted(recommending=[recommended(OIL)])
    with pytest.raises(Invalid, match="on the booking already"):
        in_analysis().analysis_submitted(recommending=[recommended(), recommended()])


def test_only_the_assigned_mechanic_or_an_admin_analyses():
    with pytest.raises(NotYours):
        in_analysis().asks(SubmitAnalysis(actor(ALL_ROUNDER), "worn", None, QUOTES))
    with pytest.raises(RoleRequired):
        in_analysis().asks(SubmitAnalysis(ASHA, "worn", None, QUOTES))
    with pytest.raises(ActionNotAllowed):
        received().asks(SubmitAnalysis(actor(LATA), "worn", None, QUOTES))


def test_an_analysis_written_by_an_admin_counts_for_the_mechanic_who_was_assigned():
    builder = in_analysis().asks(SubmitAnalysis(ADMIN, "worn", None, QUOTES)).estimate_validated()
    assert Award(LATA.id, "analysis", 3) in builder.booking.awards


def test_an_admin_corrects_an_analysis_that_waits_and_its_prices_too():
    builder = analysed().asks(EditAnalysis(ADMIN, "pads at 1 mm", quotes={OIL: 70000}))
    assert builder.booking.analysis.description == "pads at 1 mm"
    assert builder.booking.analysis.recommendation == "Change the cabin filter too"
    assert quotes(builder.booking) == {BRAKES: 165000, OIL: 70000, FILTER: 60000}


def test_an_admin_can_take_a_recommendation_out_or_put_another_in():
    assert FILTER not in quotes(analysed().asks(EditAnalysis(ADMIN, recommended=())).booking)
    assert quotes(analysed().asks(EditAnalysis(ADMIN, recommended=(recommended(quote=1),))).booking)[FILTER] == 1


def test_validating_opens_the_customers_window_and_freezes_the_gst():
    builder = analysed().estimate_validated(Decimal(12))
    validated_at = builder.timeline[-1].at
    assert builder.booking.status == "analysed"
    assert builder.booking.gst_percent == Decimal(12)
    assert builder.booking.decision_until == validated_at + timedelta(hours=48)
    assert builder.booking.analysis.validated


def test_a_rate_of_nothing_is_a_rate():
    assert analysed().estimate_validated(Decimal(0)).booking.rate == 0


def test_without_a_rate_of_the_moment_the_one_of_the_policy_holds():
    assert analysed().estimate_validated().booking.gst_percent == Decimal(18)


def test_a_validated_analysis_frees_its_mechanic_and_gives_three_points():
    booking = estimate_ready().booking
    assert booking.active(Job.ANALYSIS) is None
    assert Award(LATA.id, "analysis", 3) in booking.awards


def test_an_analysis_sent_back_returns_to_its_mechanic():
    builder = analysed().analysis_sent_back("too dear")
    assert (builder.booking.status, builder.booking.analysis.sent_back) == ("analysis", "too dear")
    assert builder.booking.active(Job.ANALYSIS).mechanic == LATA
    assert builder.booking.awards[-1].what == "pickup"


def test_the_second_analysis_replaces_the_first_and_its_recommendations():
    builder = analysed()
    first = builder.booking.analysis.id
    builder.analysis_sent_back().analysis_submitted({BRAKES: 150000, OIL: 80000}, recommending=())
    assert quotes(builder.booking) == {BRAKES: 150000, OIL: 80000}
    assert (builder.booking.analysis.id, builder.booking.analysis.sent_back) == (first, None)
    assert [a.what for a in builder.estimate_validated().booking.awards].count("analysis") == 1


def test_an_analysis_is_answered_once():
    for command in (ValidateAnalysis(ADMIN), ValidateAnalysis(ADMIN, approved=False), EditAnalysis(ADMIN, "x")):
        with pytest.raises(ActionNotAllowed, match="no analysis is waiting"):
            estimate_ready().asks(command)
        with pytest.raises(ActionNotAllowed):
            analysed().analysis_sent_back().asks(command)


def test_only_an_admin_validates_the_analysis():
    for somebody in (ASHA, actor(LATA)):
        with pytest.raises(RoleRequired):
            analysed().asks(ValidateAnalysis(somebody))
