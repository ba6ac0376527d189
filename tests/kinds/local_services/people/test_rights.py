"""Every route that is not open: nobody and people of another kind get nowhere.

How far its own people get is in the table of rights (``tests/kinds/local_services/access_table.py``).
"""

from collections.abc import Iterator

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
