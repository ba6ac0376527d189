"""What the tables of listings and calendars hold of people, and how long their rows are kept."""

from collections.abc import Mapping

from adapters.personal_data import Held
from adapters.postgres.retention import Rule

_THEIRS = "t.provider_id = ANY(:people)"

LISTING_DATA: Mapping[str, Held] = {
    "categories": Held(plain="name description icon sac"),
    "listings": Held(
        personal="provider_id title description area_label",
        plain="pricing_unit pricing_options cover_image_url",
        what="what a provider offers, and where",
        leaving="hidden for good; bookings go on naming it",
        erase="UPDATE listings SET deleted_at = coalesce(deleted_at, now()), is_active = false, description = '',"
        " area_label = NULL, lat = NULL, lng = NULL, radius_km = NULL WHERE provider_id = ANY(:people)",
        theirs=_THEIRS,
        exported="id, category_id, title, description, pricing_unit, base_price, pricing_options, area_label, lat, lng,"
        " radius_km, is_active, created_at, deleted_at",
    ),
    "listing_media": Held(
        plain="media_url media_type",
        what="pictures of listings",
        leaving="stays with its listing, which nobody is shown",
    ),
    "schedules": Held(
        personal="provider_id weekly exceptions special",
        plain="timezone",
        what="when a provider works",
        leaving="goes",
        erase="DELETE FROM schedules WHERE provider_id = ANY(:people)",
        theirs=_THEIRS,
        exported="timezone, weekly, exceptions, min_notice_hours, buffer_minutes, horizon_days",
    ),
    "provider_time": Held(
        personal="provider_id",
        plain="leg",
        what="which time of a provider bookings hold, by id",
        leaving="stays while the booking holds it",
        theirs=_THEIRS,
        exported="booking_id, during::text AS during",
    ),
}
RETENTION_OF_LISTINGS: Mapping[str, Rule] = {
    "categories": Rule("until an admin removes it"),
    "listings": Rule("for good, hidden when the provider removes it or leaves"),
    "listing_media": Rule("until the provider removes it; with its listing for good"),
    "schedules": Rule("until the provider leaves"),
    "provider_time": Rule("until its booking gives the time back"),
}
