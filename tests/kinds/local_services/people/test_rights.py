"""Every route of local services that is not open: nobody, people of another kind and other roles get nowhere."""

from collections.abc import Iterator

import pytest

from adapters.auth.tokens import Tokens
from tests.api.document import Operation
from tests.kinds.local_services.people.house import PREFIX, Json, People

pytestmark = pytest.mark.timeout(240)
ROLES = ("SERVICE_SEEKER", "SERVICE_PROVIDER")


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


async def test_seekers_and_providers_get_nowhere_where_the_document_says_others(people: People):
    persons = {role: await people.verified(role=role) for role in ROLES}
    refused = [(each, role) for each in guarded(people) for role in ROLES if role not in each.spec["x-roles"]]
    assert len(refused) > 40
    let_in = [f"{role}: {each}" for each, role in refused if await asked(people, each, persons[role]) != 403]
    assert let_in == []
