"""People of a market of local services who are measured: providers who work at any hour and can be paid out, and
seekers. They are made by rows and come with tokens, for logins are not what is measured."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

import asyncpg  # type: ignore[import-untyped]
import orjson
from pydantic import SecretStr

from adapters.auth.tokens import Tokens
from bench.clients import Http, Person, Refused
from bench.stacks import Info, left_as_it_is
from devstack.kinds.local_services.market import ANY_HOUR
from kinds.local_services.domain.roles import Role
from kinds.local_services.postgres.tables import SCHEMA
from settings import Secrets

KIND = "local-services"
INSTALLED = {"REVCARE_KINDS": "kinds.vehicle_service,kinds.local_services"}
"""What a stack needs in its environment to have this kind."""
AT_ANY_TIME = {
    "REVCARE_LOCAL_SERVICES_START_EARLY": "1440h",
    "REVCARE_LOCAL_SERVICES_REQUESTS_PER_MINUTE": "100000",
    "REVCARE_LOCAL_SERVICES_OFFERS_PER_MINUTE": "100000",
}
"""Work begins when it is paid, whenever it was asked for: so every booking of a run has a time of its own."""
PROVIDERS, SEEKERS = 30, 50
_FIRST = 800_000
_DAYS_AHEAD, _HOURS = 3, 2
"""When the first booking of a provider is, and how long each lasts: none is so near that people are reminded."""
_PEOPLE = f"""
    INSERT INTO users (id, role_id, first_name, last_name, email, phone)
    SELECT 'USR' || ({_FIRST} + n), (SELECT r.id FROM roles AS r WHERE r.name = CASE WHEN n <= {PROVIDERS}
            THEN '{Role.PROVIDER}' ELSE '{Role.SEEKER}' END), 'Measured', 'No ' || n,
        'measured.' || n || '@example.com', '+917' || lpad((500000 + n)::text, 9, '0')
    FROM generate_series(1, {PROVIDERS + SEEKERS}) AS n
"""  # noqa: S608 - constants of ours
_PROFILES = f"""
    INSERT INTO profiles (user_id, phone_verified_at)
    SELECT 'USR' || ({_FIRST} + n), now() FROM generate_series(1, {PROVIDERS + SEEKERS}) AS n
    ON CONFLICT (user_id) DO UPDATE SET phone_verified_at = now()
"""  # noqa: S608 - as above
_LISTING = {"title": "Deep clean", "pricing_unit": "HOUR", "base_price": "450.00"}


class Offered(NamedTuple):
    """A listing and whose it is."""

    provider: Person
    listing: int


class ServicePeople:
    """The people of a run, and what they call."""

    def __init__(self, info: Info, database: asyncpg.Pool) -> None:
        self.api, self.gateway = Http(info["kinds"][KIND]["api"]), Http(info["razorpay"]["base_url"])
        self.database = database
        self.offered: list[Offered] = []
        self.seekers: list[Person] = []
        self._tokens = tokens_of(info)
        self._numbers = count()
        today = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        self._first = today + timedelta(days=_DAYS_AHEAD)

    def person(self, number: int, role: str) -> Person:
        """Somebody with a token, by number."""
        name = f"USR{_FIRST + number}"
        return Person(self.api, name, self._tokens.issue("access", name, role, datetime.now(UTC)).token)

    def wish(self) -> tuple[Offered, dict[str, Any]]:
        """Whom a request is for, and its body: the next hours that nobody has asked for."""
        turn, place = divmod(next(self._numbers), PROVIDERS)
        start = self._first + timedelta(hours=_HOURS * turn)
        offered = self.offered[place]
        return offered, {
            "listing_id": offered.listing,
            "scheduled_at": start.isoformat(),
            "duration_hours": _HOURS,
        }

    async def pay(self, order: str) -> None:
        """At the checkout; the payment provider tells by a webhook."""
        await self._of_gateway("POST", f"/sandbox/orders/{order}/pay", {})

    async def settle(self, card: dict[str, Any]) -> None:
        """Give every provider a listing, hours and an account to be paid out to; ``card`` is the admin's."""
        admin = await Person.logged_in(self.api, card)
        category = await admin.call("POST", "/services/categories", {"name": "Measured", "icon": "broom"})
        for number in range(1, PROVIDERS + 1):
            provider = self.person(number, Role.PROVIDER)
            await provider.call("PUT", "/users/me/availability", ANY_HOUR)
            made = await provider.call("POST", "/services/listings", {**_LISTING, "category_id": category["id"]})
            account = await self._of_gateway("POST", "/sandbox/accounts", {"name": provider.id, "activated": True})
            await admin.call("PUT", f"/users/{provider.id}/payout-account", {"account_id": account["id"]})
            self.offered.append(Offered(provider, int(made["id"])))
        self.seekers = [self.person(PROVIDERS + 1 + number, Role.SEEKER) for number in range(SEEKERS)]

    async def _of_gateway(self, method: str, path: str, body: dict[str, Any]) -> Any:
        status, answer = await self.gateway.send(method, path, body=body)
        if status >= 300:
            raise Refused(f"{method} {path}: {status} {answer[:200]!r}")
        return orjson.loads(answer)


def tokens_of(info: Info) -> Tokens:
    """What issues tokens that the stack's API of this kind takes."""
    access, refresh = (SecretStr(info["auth"][name]) for name in ("secret_key", "refresh_secret_key"))
    return Tokens(Secrets(secret_key=access, refresh_secret_key=refresh), KIND.replace("-", "_"))


@asynccontextmanager
async def service_people(info: Info) -> AsyncIterator[ServicePeople]:
    """Everybody, once in a stack."""
    search_path = {"search_path": f"{SCHEMA},public"}
    database = await asyncpg.create_pool(
        info["postgres"], min_size=1, max_size=3, server_settings=search_path, reset=left_as_it_is
    )
    people = ServicePeople(info, database)
    try:
        for statement in (_PEOPLE, _PROFILES):
            await database.execute(statement)
        await people.settle(info["kinds"][KIND]["people"]["admin"])
        yield people
    finally:
        for each in (people.api, people.gateway):
            await each.close()
        await database.close()
