from datetime import date

import pytest

from domain.errors import Invalid
from kinds.vehicle_service.domain.roles import ALL_SCOPES, SCOPES, Role, age_on, must_be_of_working_age

# Resource, then who may READ, WRITE, UPDATE, DELETE; written down by hand.
MATRIX = """
RBAC AMC A A A
USERS AMC A A A
MECHANICS AMC A AM A
ADMINS A A A A
CUSTOMERS AMC A AC AC
REFRESH_TOKENS AMC A AMC A
UTILS AMC A A A
CARS AMC A A A
CUSTOMER_CARS AMC AC AC AC
AREAS AMC A A A
ADDRESSES AMC AC AC AC
SERVICE_CATEGORIES AMC A A A
SERVICES AMC A A A
NOTIFICATION_LOG A A A A
PAYMENTS AMC AMC A A
PRICE_CHART AMC A A A
SERVICE_REVIEWS AMC AC AC AC
FAVOURITES AMC AC A AC
CART AMC AC A AC
BOOKINGS AMC AC AC A
BOOKED_SERVICES AMC AC AC A
BOOKING_ASSIGNMENT AMC A AM A
BOOKING_ANALYSIS AMC AM A A
BOOKING_PROGRESS AMC AM A A
BOOKING_RECOMMENDATIONS AMC AM A A
CONTENT AMC A A A
GST AMC A A A
QUERIES AC AC A A
BACKUP A A A A
REFUNDS AC A A A
"""


def test_each_role_has_exactly_its_scopes():
    expected = {Role.ADMIN: set(), Role.MECHANIC: set(), Role.CUSTOMER: set()}
    roles = {"A": Role.ADMIN, "M": Role.MECHANIC, "C": Role.CUSTOMER}
    for row in MATRIX.split("\n")[1:-1]:
        resource, *columns = row.split()
        for action, who in zip(("READ", "WRITE", "UPDATE", "DELETE"), columns, strict=True):
            for initial in who:
                expected[roles[initial]].add(f"{action}:{resource}")
    assert expected == SCOPES


def test_an_admin_has_every_scope_there_is():
    assert SCOPES[Role.ADMIN] == set(ALL_SCOPES)
    assert len(ALL_SCOPES) == len(set(ALL_SCOPES)) == 120


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("2000-06-15", "2018-06-14", 17),
        ("2000-06-15", "2018-06-15", 18),
        ("2000-06-15", "2018-12-31", 18),
        ("2000-02-29", "2018-02-28", 17),
        ("2000-02-29", "2018-03-01", 18),
        ("2000-02-29", "2020-02-29", 20),
        ("2000-06-15", "2000-06-15", 0),
        ("2000-06-15", "1999-06-15", -1),
    ],
)
def test_an_age_is_counted_in_birthdays(born: str, day: str, age: int):
    assert age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


@pytest.mark.parametrize(
    ("born", "works"),
    [("2008-06-15", True), ("2008-06-16", False), ("1966-06-15", True), ("1965-06-16", True), ("1965-06-15", False)],
)
def test_people_work_here_from_their_18th_to_the_day_before_their_61st_birthday(born: str, works: bool):
    today = date(2026, 6, 15)
    if works:
        must_be_of_working_age(date.fromisoformat(born), today)
    else:
        with pytest.raises(Invalid):
            must_be_of_working_age(date.fromisoformat(born), today)
