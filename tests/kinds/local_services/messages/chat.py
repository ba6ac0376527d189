"""An API of local services in this process, with nothing but PostgreSQL beside it, and people who talk over it."""

import itertools
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
from fastapi import FastAPI
from sqlalchemy import text
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from adapters.auth.tokens import Tokens
from adapters.postgres.database import Database
from api.app import create_app
from api.kind import BookingModels, KindApi
from kinds.local_services.api.routes import messages, socket
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.postgres.storage import STORAGE
from kinds.local_services.postgres.tables import SCHEMA
from kinds.local_services.settings import LocalServicesSettings
from settings import Process, Settings, Stores, Web
from tests.api.test_attacks_slow import serving

Json = dict[str, Any]
MESSAGES = "/api/v1/messages"
_NUMBERS = itertools.count(1)

API: KindApi[ServiceBooking] = KindApi(
    storage=STORAGE,
    title="Messages",
    description="What people say to each other.",
    prefix="/api/v1",
    routers=(messages.router, socket.router),
    models=BookingModels(),
    chapters={},
    policy=LocalServicesSettings,
    web_sockets=True,
)


@dataclass(frozen=True)
class Person:
    """Somebody with a login."""

    id: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class Speaker:
    """A socket of somebody, as its client sees it."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def says(self, type: str, **fields: Any) -> None:  # noqa: A002 - the name on the wire
        await self.connection.send(orjson.dumps({"type": type, **fields}).decode())

    async def hears(self, *types: str) -> Json:
        """The next frame, which is of one of these types."""
        frame: Json = orjson.loads(await self.connection.recv())
        assert frame["type"] in types, frame
        return frame

    async def hears_until(self, type: str) -> list[Json]:  # noqa: A002 - as above
        """All frames up to one of this type."""
        heard = []
        while not heard or heard[-1]["type"] != type:
            heard.append(orjson.loads(await self.connection.recv()))
        return heard

    async def nothing_more(self) -> None:
        """Whatever was to be told has been told: what is asked now is answered next."""
        await self.says("ping")
        await self.hears("pong")

    async def closed(self) -> int:
        """The code with which it is closed, after whatever else is said."""
        try:
            while True:
                await self.connection.recv()
        except ConnectionClosed as over:
            return over.rcvd.code if over.rcvd else 1006


class Chat:
    """The API, its people, and their threads."""

    def __init__(self, app: FastAPI | None, postgres: str, port: int, http: httpx.AsyncClient) -> None:
        self.app, self.port, self.http = app, port, http
        self.settings = Settings(stores=Stores(postgresql_url=postgres))
        self.database = Database(self.settings.stores, SCHEMA)

    async def run(self, statement: str, **given: Any) -> Any:
        async with self.database.write.begin() as connection:
            result = await connection.execute(text(statement), given)
            return result.scalar() if result.returns_rows else None

    async def person(self, role: str = "SERVICE_SEEKER", *, verified: bool = True) -> Person:
        number = next(_NUMBERS)
        prefix = "ADM" if role == "admin" else "USR"
        person = f"{prefix}{800_000 + number:06}"
        await self.run(
            "INSERT INTO users (id, role_id, first_name, last_name, email, phone) VALUES"
            " (:id, (SELECT id FROM roles WHERE name = :role), 'Asha', 'Rao', :email, :phone)",
            id=person,
            role=role,
            email=f"{person}@example.com",
            phone=f"+91{7_000_000_000 + number}",
        )
        await self.run(
            "INSERT INTO profiles (user_id, phone_verified_at) VALUES (:id, CASE WHEN :verified THEN now() END)",
            id=person,
            verified=verified,
        )
        token, _ = Tokens(self.settings.secrets, LOCAL_SERVICES.name).pair(person, role, datetime.now(UTC))
        return Person(person, token.token)

    async def provider(self, *, active: bool = True) -> Person:
        """Somebody who offers a service."""
        person = await self.person("SERVICE_PROVIDER")
        await self.run("INSERT INTO categories (name) VALUES (:name)", name=f"of {person.id}")
        await self.run(
            "INSERT INTO listings (provider_id, category_id, title, pricing_unit, base_price, is_active)"
            " SELECT :id, id, 'Deep clean', 'FIXED', 45000, :active FROM categories WHERE name = :name",
            id=person.id,
            name=f"of {person.id}",
            active=active,
        )
        return person

    async def asks(self, person: Person | None, method: str, path: str, body: Json | None = None) -> tuple[int, Any]:
        headers = person.headers if person else {}
        answer = await self.http.request(method, f"{MESSAGES}{path}", json=body, headers=headers)
        return answer.status_code, answer.json()

    async def thread(self, one: Person, other: Person, **more: Any) -> int:
        status, thread = await self.asks(one, "POST", "/threads", {"receiver_id": other.id, **more})
        assert status in (200, 201), thread
        return int(thread["id"])

    async def pair(self) -> tuple[Person, Person, int]:
        """A seeker and a provider, and their thread."""
        seeker, provider = await self.person(), await self.provider()
        return seeker, provider, await self.thread(seeker, provider)

    def opening(self, person: Person | None = None, **given: Any) -> connect:
        headers = person.headers if person else {}
        return connect(f"ws://127.0.0.1:{self.port}{MESSAGES}/ws", proxy=None, additional_headers=headers, **given)

    @asynccontextmanager
    async def speaking(
        self, person: Person, last_id: int | None = None, *, resumes: bool = True
    ) -> AsyncIterator[Speaker]:
        """A socket of somebody who is told what happens, or what has happened since an event."""
        async with self.opening(person) as connection:
            speaker = Speaker(connection)
            await speaker.hears("ready")
            if resumes:
                await speaker.says("resume", **({} if last_id is None else {"last_id": last_id}))
            yield speaker


@asynccontextmanager
async def chatting(postgres: str, **web: Any) -> AsyncIterator[Chat]:
    """The API in this process, and whoever is needed to talk over it."""
    stores, process = Stores(postgresql_url=postgres), Process(environment="development")
    settings = Settings(stores=stores, process=process, web=Web(port=0, **web))
    app = create_app(API, settings=settings)
    async with app.router.lifespan_context(app), serving(app, settings.web, web_sockets=True) as server:
        port = int(server.servers[0].sockets[0].getsockname()[1])
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as http:
            chat = Chat(app, postgres, port, http)
            yield chat
            await chat.database.close()


def ids(frames: Iterable[Json]) -> list[int]:
    """The numbers of those that have one."""
    return [frame["id"] for frame in frames if "id" in frame]
