"""Who may use which route of local services, and whose rows they see there, written down once more by hand.

Players: ``-`` nobody; ``R`` the seeker whose booking is asked about, ``P`` its provider; ``s`` and ``p`` another seeker
and provider; ``A`` an admin.
"""

from typing import NamedTuple

PLAYERS = "-RPspA"
ROLE = {"R": "S", "P": "P", "s": "S", "p": "P", "A": "A"}
"""Of a player: seeker, provider, admin."""
ALL = "APS"


class Line(NamedTuple):
    """A route: the scope, the roles that it is for, and the players who see the row in its path; None without one."""

    scope: str = ""
    roles: str = ALL
    seen_by: str | None = None


OPEN = Line(roles="-APS")
_BOOKING, _PARTIES = "RPA", "PS"

ACCESS: dict[str, Line] = {
    # Open, or open to who has no login as well.
    "POST /payment/verify": OPEN,
    "POST /payment/webhook": OPEN,
    "POST /auth/login": OPEN,
    "POST /auth/refresh": OPEN,
    "POST /auth/register": OPEN,
    "POST /auth/social/{provider}": OPEN,
    "POST /auth/contact/undo": OPEN,
    "POST /auth/password/reset/request": OPEN,
    "POST /auth/password/reset/confirm": OPEN,
    "GET /users/providers": OPEN,
    "GET /services/categories": OPEN,
    "GET /services/listings": OPEN,
    "GET /services/listings/{listing_id}": OPEN._replace(seen_by="PA"),
    "GET /services/listings/{listing_id}/availability": OPEN._replace(seen_by="PA"),
    "GET /reviews/": OPEN,
    "GET /reviews/{review_id}": OPEN._replace(seen_by="RA"),
    "GET /gst/": OPEN,
    "GET /pauses": OPEN,
    "GET /uploads/{name}": OPEN._replace(seen_by="-RPspA"),
    "GET /health/live": OPEN,
    "GET /health/ready": OPEN,
    "GET /metrics": OPEN,
    # One's own account.
    "POST /auth/logout": Line(),
    "GET /auth/me": Line(),
    "POST /auth/password/change": Line(),
    "POST /auth/verify/request": Line(),
    "POST /auth/verify/confirm": Line(),
    "POST /auth/phone/change": Line(),
    "POST /auth/phone/confirm": Line(),
    "GET /auth/sessions": Line(),
    "DELETE /auth/sessions/{session_id}": Line(seen_by="R"),
    "GET /auth/second-factor": Line(roles="A"),
    "POST /auth/second-factor": Line(roles="A"),
    "POST /auth/second-factor/confirm": Line(roles="A"),
    "POST /auth/second-factor/verify": Line(roles="A"),
    "POST /auth/second-factor/recovery-codes": Line(roles="A"),
    "POST /auth/second-factor/disable": Line(roles="A"),
    "GET /users/me": Line("READ:USERS"),
    "PATCH /users/me": Line("UPDATE:USERS"),
    "DELETE /users/me": Line("DELETE:USERS"),
    "POST /users/me/avatar": Line("UPDATE:USERS"),
    "GET /users/me/export": Line("READ:USERS"),
    "GET /users/me/availability": Line(roles="P"),
    "PUT /users/me/availability": Line(roles="P"),
    "POST /utils/images": Line(),
    # People.
    "GET /users/{user_id}": Line("READ:USERS", seen_by="RPspA"),
    "GET /users/": Line("READ:USERS", "A"),
    "PATCH /users/{user_id}": Line("UPDATE:USERS", "A"),
    "PUT /users/{user_id}/payout-account": Line("UPDATE:USERS", "A"),
    "GET /admins/": Line("READ:ADMINS", "A"),
    "POST /admins/": Line("WRITE:ADMINS", "A"),
    "GET /admins/{admin_id}": Line("READ:ADMINS", "A"),
    "PUT /admins/{admin_id}": Line("UPDATE:ADMINS", "A"),
    "DELETE /admins/{admin_id}": Line("DELETE:ADMINS", "A"),
    "GET /rbac/roles": Line("READ:RBAC", "A"),
    "GET /rbac/scopes": Line("READ:RBAC", "A"),
    "PUT /rbac/roles/{role_id}/scopes": Line("UPDATE:RBAC", "A"),
    "GET /audit-log": Line("READ:AUDIT", "A"),
    # What is offered.
    "POST /services/categories": Line("WRITE:CATEGORIES", "A"),
    "PATCH /services/categories/{row_id}": Line("UPDATE:CATEGORIES", "A"),
    "DELETE /services/categories/{row_id}": Line("DELETE:CATEGORIES", "A"),
    "POST /services/listings": Line("WRITE:LISTINGS", "AP"),
    "PATCH /services/listings/{listing_id}": Line("UPDATE:LISTINGS", "AP", "PA"),
    "DELETE /services/listings/{listing_id}": Line("DELETE:LISTINGS", "AP", "PA"),
    "POST /services/listings/{listing_id}/media": Line("UPDATE:LISTINGS", "AP", "PA"),
    "DELETE /services/listings/{listing_id}/media/{medium_id}": Line("UPDATE:LISTINGS", "AP", "PA"),
    # Bookings.
    "POST /bookings/": Line("WRITE:BOOKINGS"),
    "GET /bookings/": Line("READ:BOOKINGS"),
    "GET /bookings/{booking_id}": Line("READ:BOOKINGS", ALL, _BOOKING),
    "GET /bookings/{booking_id}/timeline": Line("READ:BOOKINGS", ALL, _BOOKING),
    "GET /bookings/{booking_id}/events": Line("READ:BOOKINGS", ALL, _BOOKING),
    "GET /bookings/{booking_id}/cancellation": Line("READ:BOOKINGS", ALL, _BOOKING),
    "GET /bookings/{booking_id}/invoice": Line("READ:BOOKINGS", ALL, "RA"),
    "GET /bookings/{booking_id}/invoice.pdf": Line("READ:BOOKINGS", ALL, "RA"),
    "GET /bookings/{booking_id}/commission-invoice": Line("READ:BOOKINGS", ALL, "PA"),
    "GET /bookings/{booking_id}/commission-invoice.pdf": Line("READ:BOOKINGS", ALL, "PA"),
    "GET /bookings/{booking_id}/credit-notes/{number}.pdf": Line("READ:BOOKINGS", ALL, ""),
    "PATCH /bookings/{booking_id}/status": Line("UPDATE:BOOKINGS", ALL, _BOOKING),
    "POST /bookings/{booking_id}/timeline": Line("UPDATE:BOOKINGS", ALL, _BOOKING),
    "POST /bookings/{booking_id}/offers": Line("UPDATE:BOOKINGS", _PARTIES, _BOOKING),
    "POST /bookings/{booking_id}/offers/{offer_id}/accept": Line("UPDATE:BOOKINGS", _PARTIES, _BOOKING),
    "POST /bookings/{booking_id}/offers/{offer_id}/decline": Line("UPDATE:BOOKINGS", _PARTIES, _BOOKING),
    "POST /bookings/{booking_id}/payment-intents": Line("WRITE:PAYMENTS", _PARTIES, _BOOKING),
    "POST /bookings/{booking_id}/dispute": Line("UPDATE:BOOKINGS", _PARTIES, _BOOKING),
    "POST /bookings/{booking_id}/dispute/withdraw": Line("UPDATE:BOOKINGS", _PARTIES, _BOOKING),
    "POST /bookings/{booking_id}/dispute/decision": Line("UPDATE:BOOKINGS", "A"),
    "POST /bookings/admin/attention/{booking_id}": Line("UPDATE:PAYMENTS", "A"),
    # Reviews: the one in the path is the seeker's, and not published. Only published ones are reported.
    "POST /reviews/": Line("WRITE:REVIEWS", _PARTIES),
    "POST /reviews/{review_id}/flag": Line("READ:REVIEWS", ALL, ""),
    "PATCH /reviews/{review_id}": Line("UPDATE:REVIEWS", "A"),
    # Messages: an admin reads those of disputed bookings alone.
    "GET /messages/threads": Line("READ:MESSAGES"),
    "POST /messages/threads": Line("WRITE:MESSAGES"),
    "GET /messages/threads/{thread_id}": Line("READ:MESSAGES", ALL, "RP"),
    "POST /messages/threads/{thread_id}/messages": Line("WRITE:MESSAGES", ALL, "RP"),
    "POST /messages/threads/{thread_id}/read": Line("UPDATE:MESSAGES", ALL, "RP"),
    "POST /messages/threads/{thread_id}/block": Line("UPDATE:MESSAGES", ALL, "RP"),
    "DELETE /messages/threads/{thread_id}/block": Line("DELETE:MESSAGES", ALL, "RP"),
    # Notifications: the one in the path, and the device, are the seeker's.
    "GET /notifications/": Line("READ:NOTIFICATIONS"),
    "POST /notifications/read-all": Line("UPDATE:NOTIFICATIONS"),
    "PATCH /notifications/{notification_id}/read": Line("UPDATE:NOTIFICATIONS", ALL, "R"),
    "GET /notifications/device-tokens": Line("READ:NOTIFICATIONS"),
    "POST /notifications/device-tokens": Line("WRITE:NOTIFICATIONS"),
    "DELETE /notifications/device-tokens/{device_id}": Line("DELETE:NOTIFICATIONS", ALL, "R"),
    "GET /notification/notifications/logs": Line("READ:NOTIFICATION_LOG", "A"),
    "GET /notification/logs": Line("READ:NOTIFICATION_LOG", "A"),
    "POST /notification/{notification_id}/resend": Line("WRITE:NOTIFICATION_LOG", "A"),
    # Money.
    "GET /payment/": Line("READ:PAYMENTS"),
    "GET /payment/{payment_id}": Line("READ:PAYMENTS", ALL, "RA"),
    "GET /payment/ledger": Line("READ:PAYMENTS"),
    "GET /payment/payouts": Line("READ:PAYOUTS", "AP"),
    "GET /payment/refunds": Line("READ:REFUNDS"),
    "GET /payment/takings": Line("READ:PAYMENTS", "A"),
    "GET /payment/reconciliations": Line("READ:PAYMENTS", "A"),
    "POST /payment/reconciliations": Line("WRITE:PAYMENTS", "A"),
    "POST /payment/refunds/{refund_id}/retry": Line("WRITE:REFUNDS", "A"),
    "PUT /gst/": Line("UPDATE:GST", "A"),
    "POST /backup/create": Line("WRITE:BACKUP", "A"),
    "GET /backup/list": Line("READ:BACKUP", "A"),
    "POST /backup/restore": Line("WRITE:BACKUP", "A"),
    "DELETE /backup/delete/{backup_name}": Line("DELETE:BACKUP", "A"),
    "GET /backup/{backup_name}": Line("READ:BACKUP", "A"),
}


class Listed(NamedTuple):
    """A list: which row is looked for, by which field, who finds it, and what is asked for to be near it."""

    row: str
    readers: str
    field: str = "id"
    query: dict[str, str] = {}  # noqa: RUF012 - never changed


LISTS: dict[str, Listed] = {
    "GET /auth/sessions": Listed("session_id", "R"),
    "GET /bookings/": Listed("booking_id", "RPA"),
    "GET /payment/": Listed("payment_id", "RA"),
    "GET /payment/ledger": Listed("booking_id", "RPA", "booking_id"),
    "GET /payment/payouts": Listed("booking_id", "PA", "booking_id"),
    "GET /messages/threads": Listed("thread_id", "RP"),
    "GET /notifications/": Listed("notification_id", "R"),
    "GET /notifications/device-tokens": Listed("device_id", "R"),
    "GET /services/listings": Listed("listing_id", "PA", query={"is_active": "false"}),
    "GET /reviews/": Listed("review_id", "RA", query={"given": "true", "user_id": "{user_id}"}),
    "GET /users/": Listed("user_id", "A", query={"phone": "{phone}"}),
    "GET /admins/": Listed("admin_id", "A"),
    "GET /notification/logs": Listed("booking_id", "A", "booking_id"),
    "GET /notification/notifications/logs": Listed("booking_id", "A", "booking_id"),
    "GET /audit-log": Listed("provider_id", "A", "target_id", {"target_id": "{provider_id}"}),
}
OTHER_LISTS: dict[str, str] = {
    "GET /bookings/{booking_id}/timeline": "the booking in the path is judged",
    "GET /payment/refunds": "this booking has none; the list is the payments' with another table",
    "GET /payment/takings": "sums",
    "GET /payment/reconciliations": "the books",
    "GET /users/providers": "open",
    "GET /services/categories": "open",
    "GET /rbac/roles": "the same for every admin",
    "GET /rbac/scopes": "the same for every admin",
    "GET /backup/list": "the same for every admin",
    "GET /pauses": "open",
}
"""Lists whose rows are nobody's or everybody's, and why."""
