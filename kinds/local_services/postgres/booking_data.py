"""What the tables of bookings and reviews hold of people, and how long their rows are kept."""

from collections.abc import Mapping

from adapters.personal_data import Held
from adapters.postgres.people.personal_data import THEIR_BOOKINGS
from adapters.postgres.retention import Rule

_WORK = "stays: who did what for whom, by id"

BOOKING_DATA: Mapping[str, Held] = {
    "service_bookings": Held(
        personal="requester_id provider_id let_down_by dispute_lost_by",
        what="who does what for whom and when, and who did not keep it, by id",
        leaving=_WORK,
        theirs=f"t.booking_id IN {THEIR_BOOKINGS}",
        exported="booking_id, listing_id, requester_id, provider_id, scheduled_at, ends_at, total, completed_at,"
        " (SELECT jsonb_build_object('place', b.state -> 'place', 'notes', b.state -> 'notes') FROM bookings AS b"
        " WHERE b.id = t.booking_id) AS said",
    ),
    "timeline_notes": Held(
        personal="by_id metadata",
        plain="event_type by_role",
        what="what somebody says beside the moves of a booking",
        leaving="stays by id; the text goes",
        erase="UPDATE timeline_notes SET metadata = '{}' WHERE by_id = ANY(:people)",
        theirs="t.by_id = ANY(:people)",
        exported="booking_id, event_type, metadata, created_at",
    ),
    "reviews": Held(
        personal="reviewer_id reviewee_id comment",
        what="what the people of a booking say of each other",
        leaving="stays without a name: others chose by it",
        theirs="(t.reviewer_id = ANY(:people) OR t.published_at IS NOT NULL AND t.reviewee_id = ANY(:people))",
        exported="booking_id, reviewer_id, reviewee_id, rating, comment, created_at, published_at",
    ),
    "hidden_reviews": Held(
        personal="hidden_by",
        what="which admin has taken a review out of sight, by id",
        leaving="stays: by whom, by id",
        left_out="what an admin did is in the log of such acts",
    ),
    "review_flags": Held(
        personal="flagged_by reason",
        what="who thinks that an admin should look at a review, and why",
        leaving="goes",
        erase="DELETE FROM review_flags WHERE flagged_by = ANY(:people)",
        theirs="t.flagged_by = ANY(:people)",
        exported="review_id, reason, created_at",
    ),
}
_OF_A_BOOKING = Rule("for good, with its booking")
RETENTION_OF_BOOKINGS: Mapping[str, Rule] = {
    "service_bookings": _OF_A_BOOKING,
    "timeline_notes": _OF_A_BOOKING,
    "reviews": Rule("for good, without a name when its author has left"),
    "hidden_reviews": Rule("until an admin brings the review back"),
    "review_flags": Rule("for good, unless who reported it leaves"),
}
