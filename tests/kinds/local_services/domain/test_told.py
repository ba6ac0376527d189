"""What notices say in the application and on devices."""

from domain.emails import deadline_email
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.domain.notices import TYPES
from kinds.local_services.domain.told import title_of, told
from tests.kinds.local_services.bookings import ASHA, NOW, RAVI, Request
from tests.of_every import of_every


def test_a_move_tells_what_the_application_shows_and_a_line_for_the_phone():
    booking = Request().paid().booking
    asha, ravi = told(booking)
    assert (asha.person_id, asha.type) == (ASHA.id, "booking.paid")
    assert ravi.person_id == RAVI.id
    assert asha.payload == {
        "booking_id": 1007,
        "version": booking.version,
        "status": "ACCEPTED",
        "title": "Deep clean",
        "scheduled_at": "2026-12-13T03:30:00Z",
    }
    assert (asha.title, asha.body) == ("Your booking is paid", "Deep clean, 13 Dec 2026, 09:00")


def test_no_line_on_a_phone_tells_where_somebody_lives_or_whom_to_call():
    for booking in (
        Request().booking,
        Request().accepted().booking,
        Request().paid().booking,
        Request().begun().booking,
    ):
        for notice in told(booking):
            assert not {"MG Road", "411001", "+91"} & set(f"{notice.title} {notice.body}".replace(",", " ").split())
            assert "MG Road" not in f"{notice.title} {notice.body} {notice.payload}"


def test_a_reminder_is_told_in_the_application_as_well():
    [email] = deadline_email(LOCAL_SERVICES, Request().booking, "booking-reminder", RAVI.id, NOW)
    notice = LOCAL_SERVICES.reminder(email)
    assert notice is not None
    assert (notice.person_id, notice.type) == (RAVI.id, "booking.reminder")
    assert notice.payload["booking_id"] == 1007
    assert (notice.title, notice.body) == ("A booking waits for you", "Deep clean, 13 Dec 2026, 09:00")


@of_every(TYPES)
def test_every_type_has_a_title(kind: str):
    assert title_of(kind)[0].isupper()
