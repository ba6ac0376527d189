"""People of local services at an API process, as tests of listings need them."""

import asyncio
import itertools
from typing import Any

import asyncpg
import httpx
from argon2 import PasswordHasher

from devstack.stack import Stack

PASSWORD = "Secret-123"
_HASHED = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
"""Cheap to make and to check: no test of listings is about passwords."""
AS_USUAL = {
    "REVCARE_KIND": "local-services",
    "REVCARE_KINDS": "kinds.vehicle_service,kinds.local_services",
    "REVCARE_LOCAL_SERVICES_PHONE_VERIFICATION": "on",
    "REVCARE_LOCAL_SERVICES_TIME_STEP": "15m",
    "REVCARE_LOCAL_SERVICES_MIN_NOTICE": "2h",
    "REVCARE_LOCAL_SERVICES_UPLOADS_PER_MINUTE": "100",
}
"""The shared stack has short windows."""
_NUMBERS = itertools.count(700_001)


class Person:
    """Somebody who is logged in."""

    def __init__(self, http: httpx.Client, number: str, token: str) -> None:
        self.id, self._http, self._headers = number, http, {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        headers = {**self._headers, **content.pop("headers", {})}
        return self._http.request(method, path, headers=headers, **content)

    def does(self, method: str, path: str, status: int = 200, **content: Any) -> Any:
        answer = self.ask(method, path, **content)
        assert answer.status_code == status, answer.text
        return answer.json()


class Town:
    """An API process with an admin; other people come as tests want them, so each has listings of its own."""

    def __init__(self, stack: Stack, url: str) -> None:
        self._postgres = stack.info["postgres"]
        self.http = httpx.Client(base_url=f"{url}/api/v1", timeout=60, trust_env=False)
        self.admin = self.person("admin")

    def provider(self, *, verified: bool = True) -> Person:
        return self.person("SERVICE_PROVIDER", verified=verified)

    def person(self, role: str, *, verified: bool = True) -> Person:
        number = next(_NUMBERS)
        phone, prefix = f"8{number:09}", "ADM" if role == "admin" else "USR"
        asyncio.run(self._add(f"{prefix}{number}", role, f"+91{phone}", verified=verified))
        answer = self.http.post("/auth/login", data={"username": phone, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return Person(self.http, f"{prefix}{number}", answer.json()["access_token"])

    def sql(self, statement: str, *given: Any) -> list[dict[str, Any]]:
        """What a statement over the tables of local services answers."""

        async def run() -> list[dict[str, Any]]:
            rows = await asyncpg.connect(self._postgres, server_settings={"search_path": "local, public"})
            found = [dict(row) for row in await rows.fetch(statement, *given)]
            await rows.close()
            return found

        return asyncio.run(run())

    async def _add(self, number: str, role: str, phone: str, *, verified: bool) -> None:
        rows = await asyncpg.connect(self._postgres, server_settings={"search_path": "local, public"})
        await rows.execute(
            "INSERT INTO users (id, role_id, first_name, last_name, phone, password_hash)"
            " SELECT $1, id, 'Meera', 'Kale', $3, $4 FROM roles WHERE name = $2",
            *(number, role, phone, _HASHED),
        )
        profile = "INSERT INTO profiles (user_id, phone_verified_at) VALUES ($1, CASE WHEN $2 THEN now() END)"
        await rows.execute(profile, number, verified)
        await rows.close()
