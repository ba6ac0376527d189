"""Every route that is not open: nobody and people of another kind get nowhere.

How far its own people get is in the table of rights (``tests/kinds/local_services/access_table.py``).
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from adapters.auth.tokens import Tokens
from tests.api.document import Operation
from tests.kinds.local_services.people.house import PREFIX, Json, People

pytestmark = pytest.mark.timeout(240)


def guarded(people: People) -> Iterator[Operation]:
    document = people.app.openapi()
    for path, methods in document["paths"].items():
        for method, spec in methods.items():
            operation = Operation(method.upper(), path, spec, document["components"]["schemas"])
            if operation.secured:
                yield operation


async def asked(people: People, operation: Operation, who: Json | None) -> int:
    body = {} if operation.body is None else {"json": {}}
    answer = await people.ask(operation.method, operation.url().removeprefix(PREFIX), who, **body)
    assert answer.status_code < 500, f"{operation}: {answer.text}"
    return answer.status_code


async def test_nobody_and_the_people_of_another_kind_get_nowhere(people: People):
    resources, (row,) = people.app.state.resources, await people.rows("SELECT now() AS now")
    admin = await people.admin()
    other = Tokens(resources.settings.secrets, "vehicle_service")
    forged = other.issue("access", admin["user"]["id"], "admin", row["now"]).token
    operations = list(guarded(people))
    assert len(operations) > 80
    for who in (None, {"access_token": forged}):
        let_in = [str(each) for each in operations if await asked(people, each, who) != 401]
        assert let_in == []


async def test_a_token_that_is_not_good_any_more_or_of_another_sort_opens_nothing(people: People):
    (row,) = await people.rows("SELECT now() AS now")
    person, leaving = await people.verified(), await people.verified()
    secrets = people.app.state.resources.settings.secrets
    tables, ours = Tokens(secrets, "table_reservation"), Tokens(secrets, "local_services")
    bad = {
        "of table reservations": tables.issue("access", person["user"]["id"], "admin", row["now"]).token,
        "expired": ours.issue("access", person["user"]["id"], "admin", row["now"] - timedelta(days=2)).token,
        "for refreshing": person["refresh_token"],
        "logged out": (await people.logged_in(person["phone"]))["access_token"],
        "of somebody who left": leaving["access_token"],
    }
    await people.ask("POST", "/auth/logout", {"access_token": bad["logged out"]})
    await people.ask("DELETE", "/users/me", leaving)
    for what, token in bad.items():
        who = {"access_token": token}
        let_in = [f"{what}: {each}" for each in guarded(people) if await asked(people, each, who) != 401]
        assert let_in == []
