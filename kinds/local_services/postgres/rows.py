"""The rows of a booking of a local service: its detail, and its reviews."""

from collections.abc import Iterable

from adapters.postgres.row_sets import Json, RowSet
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.conduct import answer, dispute_lost_by, let_down
from kinds.local_services.postgres.tables.bookings import ReviewRow, ServiceBookingRow


def _detail(booking: ServiceBooking) -> Iterable[Json]:
    failure, said, dispute = let_down(booking), answer(booking), booking.dispute
    decision = dispute.decision if dispute else None
    yield {
        "listing_id": booking.listing.id,
        "requester_id": booking.requester,
        "provider_id": booking.provider,
        "scheduled_at": booking.starts_at,
        "ends_at": booking.ends_at,
        "total": booking.total,
        "completed_at": booking.completion.completed_at if booking.completion else None,
        "let_down_by": failure.by if failure else None,
        "let_down_points": failure.points if failure else 0,
        "let_down_at": failure.at if failure else None,
        "answered": said.given if said else None,
        "answered_at": said.at if said else None,
        "dispute_lost_by": dispute_lost_by(booking),
        "dispute_decided_at": decision.at if decision else None,
    }


def _reviews(booking: ServiceBooking) -> Iterable[Json]:
    for review in booking.reviews:
        yield {
            "number": review.number,
            "reviewer_id": review.reviewer_id,
            "reviewee_id": review.reviewee_id,
            "rating": review.rating,
            "comment": review.comment,
            "created_at": review.created_at,
            "published_at": booking.reviews_published_at,
        }


DETAIL = RowSet[ServiceBooking](ServiceBookingRow, (), _detail)
CHILDREN = (RowSet[ServiceBooking](ReviewRow, ("number",), _reviews),)
