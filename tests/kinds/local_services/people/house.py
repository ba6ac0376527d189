"""The people of local services over the application in this process, which has the servers of the shared stack."""

import asyncio
import itertools
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from domain.account_emails import ResetRequest
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.postgres.code_texts import CodeTexts
from tests.addresses import new_address
from tests.kinds.local_services.people.documented import documented

PASSWORD = "Secret-123"
PREFIX = "/api/v1"
_NUMBERS = itertools.count(8_100_000_001)
Json = dict[str, Any]


class People:
    """Somebody who asks, and what the rows say."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    async def ask(self, method: str, path: str, who: Json | None = None, **content: Any) -> httpx.Response:
        """Each request from an address of its own, so that no limit of addresses is met by chance; each answer is as
        the document tells."""
        headers = {"Authorization": f"Bearer {who['access_token']}"} if who else {}
        transport = httpx.ASGITransport(self.app, client=(content.pop("address", None) or new_address(), 1))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://local{PREFIX}") as http:
            answer = await http.request(method, path, headers=headers | content.pop("headers", {}), **content)
        documented().must_hold(method, f"{PREFIX}{path}".partition("?")[0], answer)
        return answer

    def phone(self) -> str:
        """One that nobody has."""
        return str(next(_NUMBERS))

    def new(self, **given: Any) -> Json:
        """The body of a registration."""
        return {"phone": self.phone(), "password": PASSWORD, "first_name": "Asha", "last_name": "Rao", **given}

    async def registered(self, **given: Any) -> Json:
        """Somebody new: what the registration answered, and the phone as it was typed."""
        body = self.new(**given)
        answer = await self.ask("POST", "/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        return {**answer.json(), "phone": body["phone"]}

    async def verified(self, **given: Any) -> Json:
        """Somebody new who has shown that their phone is theirs."""
        person = await self.registered(**given)
        body = {"channel": "sms", "code": await self.code(person)}
        assert (await self.ask("POST", "/auth/verify/confirm", person, json=body)).status_code == 200
        return person

    async def admin(self) -> Json:
        """An admin, made as the first one of a kind is, and logged in."""
        phone = f"+91{self.phone()}"
        hashed = await self.app.state.resources.passwords.hash(PASSWORD)
        await self.rows(
            "INSERT INTO users (id, role_id, first_name, phone, password_hash) SELECT 'ADM' || lpad(nextval("
            "'adm_numbers')::text, 6, '0'), id, 'Ada', :phone, :hashed FROM roles WHERE name = 'admin'",
            phone=phone,
            hashed=hashed,
        )
        return await self.logged_in(phone)

    async def logged_in(self, phone: str, password: str = PASSWORD) -> Json:
        answer = await self.ask("POST", "/auth/login", json={"phone": phone, "password": password})
        assert answer.status_code == 200, answer.text
        return {**answer.json(), "phone": phone}

    async def rows(self, statement: str, **given: Any) -> list[Any]:
        """What a statement answers, in the schema of the kind."""
        async with self.app.state.resources.database.write.begin() as connection:
            result = await connection.execute(text(statement), given)
            return list(result.mappings()) if result.returns_rows else []

    async def code(self, person: Json, purpose: str = "verify-phone") -> str:
        """The newest code that was sent to somebody, as the message with it has it."""
        found = await self.rows(
            "SELECT id FROM codes WHERE user_id = :id AND purpose = :purpose ORDER BY created_at DESC LIMIT 1",
            id=person["user"]["id"],
            purpose=purpose,
        )
        return str(self.app.state.resources.codes.of(LOCAL_SERVICES.name, found[0]["id"]))

    async def code_when_sent(self, person: Json, purpose: str) -> str:
        """The same of one that a worker makes after the answer."""
        mine = {"id": person["user"]["id"], "purpose": purpose}
        made = "SELECT id FROM codes WHERE user_id = :id AND purpose = :purpose AND spent_at IS NULL"
        async with asyncio.timeout(30):
            while not await self.rows(made, **mine):  # noqa: ASYNC110 - rows ring no bell
                await asyncio.sleep(0.05)
        return await self.code(person, purpose)

    def texts(self) -> CodeTexts:
        """The text messages, as a worker makes them."""
        resources, policy = self.app.state.resources, self.app.state.policy
        return CodeTexts(
            resources.database,
            resources.codes,
            LOCAL_SERVICES.name,
            "Local services",
            lifetime=policy.code_lifetime,
            texts_in_all=policy.texts_in_all,
        )

    async def acts(self, target: Json, action: str) -> list[Json]:
        """What the audit log has of somebody."""
        found = await self.rows(
            "SELECT actor_id, metadata FROM audit_log WHERE target_id = :id AND action = :action ORDER BY id",
            id=target["user"]["id"],
            action=action,
        )
        return [{**row, "metadata": json.loads(json.dumps(row["metadata"]))} for row in found]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and code."""
    return answer.status_code, answer.json()["code"]


def forgotten(phone: str, key: str = "", good_for: timedelta = timedelta(minutes=10)) -> ResetRequest:
    """A wish for a new password, as a worker gets it."""
    now = datetime.now(UTC)
    return ResetRequest(key or secrets.token_hex(8), now, now + good_for, phone=f"+91{phone}", kind=LOCAL_SERVICES.name)
