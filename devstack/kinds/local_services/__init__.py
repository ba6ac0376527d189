"""Local services in the development stack: a small market with providers, seekers and an admin to log in as."""

import os
import secrets
import string
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.auth.passwords import Passwords
from adapters.mongo import MongoDatabase
from adapters.postgres.numbering import continue_people
from adapters.postgres.tables.engine.payouts import PayoutAccount
from adapters.postgres.tables.people.roles import Role
from adapters.postgres.tables.people.users import User
from devstack.kinds import People, Seeded
from devstack.kinds.local_services import data
from kinds.local_services.domain.booking import KIND
from kinds.local_services.domain.roles import ROLES, SERVICE_PROVIDER, SERVICE_SEEKER
from kinds.local_services.postgres.tables.catalogue import Category, ServiceListing
from kinds.local_services.postgres.tables.people import Profile
from settings import Secrets

_EVERYBODY = (data.ADMIN[0], *(each.id for each in data.PROVIDERS), *(each[0] for each in data.SEEKERS))


async def seed(connection: AsyncConnection, mongo: MongoDatabase, *, kept: bool) -> Seeded:
    """Categories, people with their listings in PostgreSQL, the GST in MongoDB, accounts at the provider's sandbox."""
    await mongo.prepare()
    if await mongo.gst.current() is None:
        await mongo.gst.change(Decimal(data.GST_PERCENT), data.ADMIN[0], datetime.now(UTC))
    known = await connection.scalar(select(func.count()).select_from(User).where(User.id.in_(_EVERYBODY)))
    if known == len(_EVERYBODY) and kept:
        return Seeded(0, None)
    for category in data.CATEGORIES:
        await connection.execute(insert(Category).values(category._asdict()).on_conflict_do_nothing())
    passwords = Passwords(Secrets().hashing)
    try:
        people: People = {
            "admin": await _person(connection, passwords, ROLES[0].name, *data.ADMIN),
            "providers": [await _provider(connection, passwords, each) for each in data.PROVIDERS],
            "seekers": [await _seeker(connection, passwords, *each) for each in data.SEEKERS],
        }
    finally:
        passwords.close()
    for role in ROLES:
        await connection.execute(continue_people(role))
    listings = sum(len(each.listings) for each in data.PROVIDERS)
    return Seeded(len(data.CATEGORIES) + len(_EVERYBODY) + listings, people)


async def _provider(connection: AsyncConnection, passwords: Passwords, provider: data.Provider) -> dict[str, Any]:
    names = (provider.id, provider.first_name, provider.last_name, provider.phone)
    person = await _person(connection, passwords, SERVICE_PROVIDER.name, *names)
    account = await _account(connection, provider.id, person["name"]) if provider.account else None
    here = {"location_label": provider.place, "lat": provider.lat, "lng": provider.lng}
    await _profile(connection, provider.id, **here, gstin=provider.gstin)
    offered = await connection.scalar(
        select(func.count()).select_from(ServiceListing).where(ServiceListing.provider_id == provider.id)
    )
    for listing in () if offered else provider.listings:
        area = {"area_label": provider.place, "lat": provider.lat, "lng": provider.lng, "radius_km": listing.radius_km}
        row = {
            "provider_id": provider.id,
            "category_id": select(Category.id).where(Category.name == listing.category).scalar_subquery(),
            "title": listing.title,
            "pricing_unit": listing.unit,
            "base_price": listing.price,
            **(area if listing.radius_km else {}),
        }
        await connection.execute(insert(ServiceListing).values(row))
    numbers = select(ServiceListing.id).where(ServiceListing.provider_id == provider.id).order_by(ServiceListing.id)
    return {**person, "account_id": account, "listing_ids": list((await connection.scalars(numbers)).all())}


async def _seeker(connection: AsyncConnection, passwords: Passwords, *names: str) -> dict[str, Any]:
    person = await _person(connection, passwords, SERVICE_SEEKER.name, *names)
    await _profile(connection, person["id"])
    return person


async def _person(
    connection: AsyncConnection, passwords: Passwords, role: str, person_id: str, first: str, last: str, phone: str
) -> dict[str, Any]:
    password, email = _password(), f"{first}.{last}@services.example".lower()
    row = {
        "id": person_id,
        "role_id": select(Role.id).where(Role.name == role).scalar_subquery(),
        "first_name": first,
        "last_name": last,
        "email": email,
        "phone": f"+91{phone}",
        "password_hash": await passwords.hash(password),
        "deleted_at": None,
    }
    await connection.execute(insert(User).values(row).on_conflict_do_update(index_elements=["id"], set_=row))
    return {"id": person_id, "name": f"{first} {last}", "phone": phone, "password": password, "email": email}


async def _profile(connection: AsyncConnection, person_id: str, **columns: Any) -> None:
    row = {"user_id": person_id, "phone_verified_at": text("now()"), **columns}
    await connection.execute(insert(Profile).values(row).on_conflict_do_update(index_elements=["user_id"], set_=row))


async def _account(connection: AsyncConnection, person_id: str, name: str) -> str:
    """A linked account at the sandbox, to which a provider's share can go."""
    theirs = (PayoutAccount.kind == KIND, PayoutAccount.person_id == person_id)
    if (known := await connection.scalar(select(PayoutAccount.account_id).where(*theirs))) is not None:
        return str(known)
    async with httpx.AsyncClient(base_url=os.environ["RAZORPAY_BASE_URL"], trust_env=False, timeout=20) as sandbox:
        made = await sandbox.post("/sandbox/accounts", json={"name": name, "activated": True})
    account = str(made.raise_for_status().json()["id"])
    row = {"kind": KIND, "person_id": person_id, "account_id": account, "status": "activated"}
    await connection.execute(insert(PayoutAccount).values(row))
    return account


def _password() -> str:
    alphabet = string.ascii_letters + string.digits
    return "".join(secrets.choice(alphabet) for _ in range(12)) + "aA1"
