"""Every route that is not open: whoever has no token that is good here gets nowhere.

Nobody, and how far its own people get, is in the table of rights (``tests/kinds/local_services/access_table.py``).
"""

from datetime import timedelta
from itertools import cycle

import pytest

from adapters.auth.tokens import Tokens
from tests.api.document import Operation
from tests.kinds.local_services.api.documented import operations
from tests.kinds.local_services.people.house import PREFIX, Json, People

pytestmark = pytest.mark.timeout(240)
GUARDED = [operation for operation in operations() if operation.secured]


@pytest.fixture(scope="module")
async def bad(people: People) -> dict[str, Json]:
    """Tokens that are good for nothing here, by what is wrong with them."""
    (row,) = await people.rows("SELECT now() AS now")
    admin, person, leaving = await people.admin(), await people.verified(), await people.verified()
    secrets = people.app.state.resources.settings.secrets
    visits, tables, ours = (
        Tokens(secrets, kind) for kind in ("vehicle_service", "table_reservation", "local_services")
    )
    found = {
        "of vehicle services": visits.issue("access", admin["user"]["id"], "admin", row["now"]).token,
        "of table reservations": tables.issue("access", admin["user"]["id"], "admin", row["now"]).token,
        "expired": ours.issue("access", person["user"]["id"], "admin", row["now"] - timedelta(days=2)).token,
        "for refreshing": person["refresh_token"],
        "logged out": (await people.logged_in(person["phone"]))["access_token"],
        "of somebody who left": leaving["access_token"],
    }
    await people.ask("POST", "/auth/logout", {"access_token": found["logged out"]})
    await people.ask("DELETE", "/users/me", leaving)
    return {what: {"access_token": token} for what, token in found.items()}


async def lets_in(people: People, operation: Operation, who: Json) -> bool:
    body = {} if operation.body is None else {"json": {}}
    answer = await people.ask(operation.method, operation.url().removeprefix(PREFIX), who, **body)
    assert answer.status_code < 500, f"{operation}: {answer.text}"
    return answer.status_code != 401


async def test_no_route_is_open_to_a_token_that_is_not_good_any_more_or_of_another_sort(
    people: People, bad: dict[str, Json]
):
    """Each route is asked with one of them, and one route with all."""
    assert len(GUARDED) > 80
    own = next(each for each in GUARDED if str(each) == "GET /users/me")
    pairs = [*zip(GUARDED, cycle(bad), strict=False), *((own, what) for what in bad)]
    assert [f"{what}: {each}" for each, what in pairs if await lets_in(people, each, bad[what])] == []


@pytest.mark.long
async def test_every_route_is_closed_to_each_of_these_tokens(people: People, bad: dict[str, Json]):
    for what, who in bad.items():
        assert [f"{what}: {each}" for each in GUARDED if await lets_in(people, each, who)] == []
