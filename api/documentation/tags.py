"""The chapters of the document, in the order of a customer's way through it."""

from typing import Any

TAGS: dict[str, str] = {
    "auth": "Coming in and going out: a phone and a password for an access token (30 minutes) and a refresh cookie.",
    "rbac": "What each role may do: a table of scopes that admins can change.",
    "customers": "Registering, one's own profile, cart and favourites.",
    "mechanics": "The people of the workshop, what they can be assigned to, and who is busy.",
    "admins": "The people of the office.",
    "cars": "Customers' cars with their history, and the masters: models, manufacturers, fuels, classes.",
    "addresses": "Where cars are collected and brought back, and the areas that we serve.",
    "services": "The catalogue with a price per car class; categories and reviews. Readable without a login.",
    "utils": "States, time slots with what is free on a day, ways of paying, uploads of images.",
    "bookings": "A visit from booking to delivery, for the customer: what it waits for, what can be done now.",
    "bookings: mechanic": "The workshop's part: jobs, analyses with quotes, progress reports.",
    "bookings: admin": "The office's part: the overview, assignments, the word on analyses and reports.",
    "payments": "Money: the checkout's callback, the provider's webhook, cash at the door, payments and refunds.",
    "content": "Texts and pictures of the app, by key.",
    "gst": "The GST percent; a booking keeps the one it was estimated with.",
    "queries": "Questions from anybody, answered by mail.",
    "notifications": "Every mail that was sent, and sending one again.",
    "backup": "Backups of both databases: make, list, restore, delete.",
    "health": "For those who run it: is it alive, is it ready, how does it do.",
}


def tags(used: set[str]) -> list[dict[str, Any]]:
    """The chapters that have a page."""
    return [{"name": name, "description": text} for name, text in TAGS.items() if name in used]
