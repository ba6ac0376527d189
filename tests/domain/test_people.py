from domain.people import ALL_SCOPES, SCOPES, Role

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
    letters = {"A": Role.ADMIN, "M": Role.MECHANIC, "C": Role.CUSTOMER}
    for row in MATRIX.split("\n")[1:-1]:
        resource, *columns = row.split()
        for action, who in zip(("READ", "WRITE", "UPDATE", "DELETE"), columns, strict=True):
            for letter in who:
                expected[letters[letter]].add(f"{action}:{resource}")
    assert expected == SCOPES


def test_an_admin_has_every_scope_there_is():
    assert SCOPES[Role.ADMIN] == set(ALL_SCOPES)
    assert len(ALL_SCOPES) == len(set(ALL_SCOPES)) == 120
