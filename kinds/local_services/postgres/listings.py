"""Listings: how they read, and how they are written. A provider's row is locked before a listing of theirs is added, a
listing before a picture is added to it."""

from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.listings import Listing
from adapters.postgres.sql_format import INSTANT, RUPEES
from adapters.postgres.statements import one, write
from domain.errors import NotFound
from domain.kind import Json
from kinds.local_services.domain.listings import MOST_LISTINGS, MOST_MEDIA, TooManyListings, TooManyMedia
from kinds.local_services.postgres import search as searches
from kinds.local_services.postgres.people import FROM_PEOPLE, PUBLIC_PERSON
from kinds.local_services.postgres.search import DISTANCE_SHOWN, REACHABLE, SHOWN, Search

MEDIUM = (
    "json_build_object('id', m.id, 'listing_id', m.listing_id, 'media_url', m.media_url, 'media_type', m.media_type)"
)
_MEDIA = "FROM listing_media AS m WHERE m.listing_id = l.id"
_COLUMNS_SEEN = f"""
    l.id, l.provider_id, l.category_id, l.title, l.description, {RUPEES.format("l.base_price")} AS base_price,
        l.pricing_unit,
        (SELECT coalesce(json_agg(json_build_object('id', (o ->> 'id')::int, 'name', o ->> 'name',
            'price', {RUPEES.format("(o ->> 'price')::bigint")}) ORDER BY (o ->> 'id')::int), '[]')
            FROM jsonb_array_elements(l.pricing_options) AS o) AS pricing_options,
        l.min_hours::float8 AS min_hours,
        CASE WHEN l.lat IS NOT NULL THEN json_build_object('label', l.area_label, 'lat', l.lat, 'lng', l.lng,
            'radius_km', l.radius_km) END AS coverage_area,
        l.is_active AND l.deleted_at IS NULL AS is_active,
        coalesce(l.cover_image_url, (SELECT m.media_url {_MEDIA} ORDER BY m.id LIMIT 1)) AS cover_image_url,
        (SELECT coalesce(json_agg({MEDIUM} ORDER BY m.id), '[]') {_MEDIA}) AS media,
        json_build_object('id', c.id, 'name', c.name, 'icon', c.icon) AS category,
        {PUBLIC_PERSON} AS provider,
        {INSTANT.format("l.created_at")} AS created_at, {INSTANT.format("l.updated_at")} AS updated_at
"""  # noqa: S608 - constants of ours
_LISTINGS = f"listings AS l JOIN categories AS c ON c.id = l.category_id JOIN ({FROM_PEOPLE}) ON u.id = l.provider_id"
_FOUND = f"""
    SELECT row_to_json(seen) AS told
    FROM (SELECT {_COLUMNS_SEEN}, {DISTANCE_SHOWN} AS distance_km FROM {_LISTINGS} WHERE l.id = part.id) AS seen
"""  # noqa: S608 - constants of ours
_SEEN = f"""SELECT {_COLUMNS_SEEN} FROM {_LISTINGS} WHERE l.id = :id AND (CAST(:everything AS boolean)
    OR l.deleted_at IS NULL AND (l.provider_id = CAST(:viewer AS text) OR l.is_active AND {REACHABLE}))"""  # noqa: S608 - constants of ours
_REQUESTED = f"""
    SELECT l.id, l.provider_id, l.title, l.pricing_unit, l.base_price, l.min_hours::text AS min_hours,
        l.pricing_options, l.area_label, l.lat, l.lng, l.radius_km, {SHOWN} AND {REACHABLE} AS takes_requests,
        c.id AS category_id, c.name AS category, c.sac, c.platform_pays_gst, p.gstin AS provider_gstin
    FROM {_LISTINGS} WHERE l.id = :id AND l.deleted_at IS NULL
"""  # noqa: S608 - constants of ours
_STORED = """
    SELECT l.id, l.provider_id, l.category_id, l.title, l.description, l.base_price, l.pricing_unit,
        l.pricing_options, l.min_hours::text AS min_hours, l.area_label, l.lat, l.lng, l.radius_km, l.is_active,
        l.cover_image_url
    FROM listings AS l WHERE l.id = :id AND l.deleted_at IS NULL
        AND (CAST(:provider AS text) IS NULL OR l.provider_id = :provider) FOR NO KEY UPDATE
"""
_PROVIDER = text(
    """
    SELECT u.id FROM users AS u JOIN roles AS r ON r.id = u.role_id
    WHERE u.id = :id AND r.name = :role AND u.deleted_at IS NULL FOR NO KEY UPDATE OF u
    """
)
_COUNT = text("SELECT count(*) FROM listings WHERE provider_id = :id AND deleted_at IS NULL")
_CATEGORY = text("SELECT id FROM categories WHERE id = :id FOR KEY SHARE")
_MEDIA_OF = text("SELECT count(*) FROM listing_media WHERE listing_id = :id")
_COLUMNS = {
    **{name: f":{name}" for name in ("provider_id", "category_id", "title", "description", "base_price")},
    **{name: f":{name}" for name in ("pricing_unit", "area_label", "lat", "lng", "radius_km", "is_active")},
    "min_hours": "CAST(:min_hours AS numeric)",
    "cover_image_url": ":cover_image_url",
    "pricing_options": "CAST(:pricing_options AS jsonb)",
}


def listings_like(search: Search, sort: str) -> Listing:
    """The listings that fit, in that order, as everybody reads them."""
    return replace(searches.listings(search, sort), told=_FOUND)


async def listing_seen(
    connection: AsyncConnection, listing_id: int, viewer: str | None = None, *, everything: bool = False
) -> Json:
    """A listing as it reads: an inactive one to its provider; with ``everything``, as admins have it, a hidden one too.

    Raises:
        NotFound: there is none that they may see.
    """
    found = await one(connection, _SEEN, id=listing_id, viewer=viewer, everything=everything)
    if found is None:
        raise NotFound(f"there is no listing {listing_id}")
    return found


async def listing_for_request(connection: AsyncConnection, listing_id: int) -> Json:
    """What a request needs of a listing: its columns, prices in paise, those of its category, whether it takes any.

    Raises:
        NotFound: there is none, or it is hidden.
    """
    found = await one(connection, _REQUESTED, id=listing_id)
    if found is None:
        raise NotFound(f"there is no listing {listing_id}")
    return found


async def hold_listing(connection: AsyncConnection, listing_id: int, provider: str | None) -> Json:
    """The columns of a listing, locked until the transaction ends; with ``provider`` only if it is theirs.

    Raises:
        NotFound: there is no such one.
    """
    row = (await connection.execute(text(_STORED), {"id": listing_id, "provider": provider})).mappings().first()
    if row is None:
        raise NotFound(f"there is no listing {listing_id}")
    return dict(row)


async def add_listing(connection: AsyncConnection, role: str, row: Json) -> int:
    """A new listing of a provider, who is of that role; answers its id.

    Raises:
        NotFound: there is no such provider, or no such category.
        TooManyListings: the provider has as many as may be.
    """
    provider = row["provider_id"]
    if (await connection.execute(_PROVIDER, {"id": provider, "role": role})).first() is None:
        raise NotFound(f"there is no provider {provider}")
    if (await connection.execute(_COUNT, {"id": provider})).scalar_one() >= MOST_LISTINGS:
        raise TooManyListings(f"{provider} has {MOST_LISTINGS} listings; delete one that is not needed")
    await _must_be_a_category(connection, row["category_id"])
    names, values = ", ".join(row), ", ".join(_COLUMNS[name] for name in row)
    statement = f"INSERT INTO listings ({names}) VALUES ({values}) RETURNING id"  # noqa: S608 - names of ours
    return int(await write(connection, statement, **_written(row)))


async def change_listing(connection: AsyncConnection, listing_id: int, row: Json) -> None:
    """Change columns of a listing that is held.

    Raises:
        NotFound: there is no such category.
    """
    if "category_id" in row:
        await _must_be_a_category(connection, row["category_id"])
    if row:
        sets = ", ".join(f"{name} = {_COLUMNS[name]}" for name in row)
        statement = f"UPDATE listings SET {sets}, updated_at = now() WHERE id = :id"  # noqa: S608 - names of ours
        await write(connection, statement, id=listing_id, **_written(row))


async def hide_listing(connection: AsyncConnection, listing_id: int) -> None:
    """Nobody finds it any more; bookings keep what they were made with."""
    await write(connection, "UPDATE listings SET deleted_at = now(), updated_at = now() WHERE id = :id", id=listing_id)


async def must_have_room(connection: AsyncConnection, listing_id: int) -> None:
    """Raises TooManyMedia: a listing has as many pictures as it may have."""
    if (await connection.execute(_MEDIA_OF, {"id": listing_id})).scalar_one() >= MOST_MEDIA:
        raise TooManyMedia(f"listing {listing_id} has {MOST_MEDIA} pictures; delete one first")


async def add_medium(connection: AsyncConnection, listing_id: int, url: str, media_type: str) -> Json:
    """A picture more for a listing that is held; answers it as it reads."""
    await must_have_room(connection, listing_id)
    statement = """INSERT INTO listing_media AS m (listing_id, media_url, media_type)
        VALUES (:listing_id, :url, :media_type) RETURNING m.id"""
    given = {"listing_id": listing_id, "url": url, "media_type": media_type}
    number = int(await write(connection, statement, **given))
    return {"id": number, "listing_id": listing_id, "media_url": url, "media_type": media_type}


async def remove_medium(connection: AsyncConnection, listing_id: int, medium_id: int) -> None:
    """Take a picture off a listing that is held; as a cover that was chosen it goes as well.

    Raises:
        NotFound: the listing has no such picture.
    """
    statement = "DELETE FROM listing_media WHERE id = :id AND listing_id = :listing RETURNING media_url"
    url = await write(connection, statement, id=medium_id, listing=listing_id)
    if url is None:
        raise NotFound(f"listing {listing_id} has no picture {medium_id}")
    cover = "UPDATE listings SET cover_image_url = NULL WHERE id = :listing AND cover_image_url = :url"
    await write(connection, cover, listing=listing_id, url=url)


async def _must_be_a_category(connection: AsyncConnection, category_id: int) -> None:
    if (await connection.execute(_CATEGORY, {"id": category_id})).first() is None:
        raise NotFound(f"there is no category {category_id}")


def _written(row: Json) -> dict[str, Any]:
    """The columns as the driver takes them."""
    options = row.get("pricing_options")
    return {**row, **({"pricing_options": orjson.dumps(options).decode()} if options is not None else {})}
