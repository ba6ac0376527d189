"""Whose rows: customers see and touch their own, admins anybody's, other roles nobody's."""

from api.dependencies import CurrentUser
from domain.errors import Invalid, NotYours
from domain.people import Role

NOBODY = ""


def owner_filter(person: CurrentUser, customer_id: str | None) -> str | None:
    """Whose rows to show: None means everybody's, ``NOBODY`` none at all.

    Raises:
        NotYours: a customer asks for another one's.
    """
    if person.role == Role.ADMIN:
        return customer_id
    if person.role == Role.CUSTOMER:
        if customer_id not in (None, person.id):
            raise NotYours("these belong to another customer")
        return person.id
    return NOBODY


def owner_of_new(person: CurrentUser, customer_id: str | None) -> str:
    """Who will own a new row: the customer who makes it, or the one an admin names.

    Raises:
        Invalid: an admin names nobody.
        NotYours: somebody names another customer.
    """
    if person.role == Role.ADMIN:
        if customer_id is None:
            raise Invalid("customer_id is needed")
        return customer_id
    if customer_id not in (None, person.id):
        raise NotYours("a customer adds rows of their own only")
    return person.id
