"""Bookings with the contact details that their customers have today, for a state keeps those of the day it was made.

Of a customer who has left, documents keep the name and the address, as the law requires; nobody is shown the phone.
"""

STATE = (
    "jsonb_set(b.state, ARRAY['customer'], (b.state -> 'customer') || coalesce((SELECT CASE"
    " WHEN u.deleted_at IS NULL THEN jsonb_build_object('name', u.name, 'email', u.email, 'phone', u.phone)"
    " ELSE jsonb_build_object('phone', '') END"
    " FROM users AS u WHERE u.id = b.customer_id), jsonb_build_object()))"
)
"""The state of ``b``, a row of bookings."""

SUMMARY = (
    "(SELECT CASE WHEN u.id IS NULL OR NOT jsonb_exists(listed, 'customer') THEN listed"
    " WHEN u.deleted_at IS NOT NULL THEN listed #- ARRAY['customer', 'phone']"
    " ELSE jsonb_set(listed, ARRAY['customer'], (listed -> 'customer') || jsonb_build_object('name', u.name)"
    " || CASE WHEN jsonb_exists(listed -> 'customer', 'phone') THEN jsonb_build_object('phone', u.phone)"
    " ELSE jsonb_build_object() END) END"
    " FROM (SELECT b.summaries -> {role} AS listed) AS summary LEFT JOIN users AS u ON u.id = b.customer_id)"
)
"""The list row of ``b`` for a role."""
