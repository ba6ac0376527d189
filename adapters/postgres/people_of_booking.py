"""Names and contact details of the people of a booking, looked up when it is read, for no state keeps them."""

from domain.people import NAMES

_EVERYBODY = (
    "FROM users AS u WHERE u.id IN (SELECT p.person_id FROM booking_participants AS p WHERE p.booking_id = b.id"
    " UNION SELECT e.actor_id FROM booking_events AS e WHERE e.booking_id = b.id)"
)
PEOPLE = (
    "(SELECT coalesce(json_agg(json_build_object('id', u.id, 'name', u.name, 'phone', u.phone, 'photo', u.photo)),"
    f" '[]')::text {_EVERYBODY})"
)
"""Everybody who has to do with ``b``, a row of bookings, as a JSON array."""

_EDITION = (
    "SELECT hashtextextended(coalesce(string_agg(ROW(u.id, u.name, u.phone, u.photo)::text, ' ' ORDER BY u.id), ''), 0)"
)
PEOPLE_EDITION = f"({_EDITION} {_EVERYBODY})"
"""A number for them that changes when one of these details does."""

EDITION_OF_KNOWN = f"({_EDITION} FROM users AS u WHERE u.id = ANY(CAST(:people AS text[])))"
"""The same for people who are known by their ids."""

SUMMARY = (
    "(SELECT CASE WHEN jsonb_exists(listed, 'customer') THEN jsonb_set(listed, ARRAY['customer'],"
    " ((listed -> 'customer') - 'phone') || jsonb_build_object('name', coalesce(u.name, b.customer_id))"
    " || CASE WHEN jsonb_exists(listed -> 'customer', 'phone') AND u.phone IS NOT NULL"
    " THEN jsonb_build_object('phone', u.phone) ELSE jsonb_build_object() END) ELSE listed END"
    " FROM (SELECT b.summaries -> {role} AS listed) AS summary LEFT JOIN users AS u ON u.id = b.customer_id)"
)
"""The list row of ``b`` for a role, with the customer's name, and phone where the role sees one."""

ACTOR_NAME = (
    "coalesce((SELECT u.name FROM users AS u WHERE u.id = e.actor_id), CASE e.actor_id "  # noqa: S608 - constants of ours
    + " ".join(f"WHEN '{actor}' THEN '{name}'" for actor, name in NAMES.items())
    + " ELSE e.actor_id END)"
)
"""What the actor of ``e``, a row of booking_events, is called."""
