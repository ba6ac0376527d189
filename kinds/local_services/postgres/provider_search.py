"""Searching providers by what they offer: only those with an active listing are found."""

from collections.abc import Mapping
from functools import lru_cache

from adapters.postgres.listings import Listing, SortColumn
from adapters.postgres.sql_format import RUPEES
from kinds.local_services.postgres.people import FROM_PEOPLE, PUBLIC_FACTS
from kinds.local_services.postgres.search import (
    DISTANCE,
    DISTANCE_SHOWN,
    PEOPLE,
    SHOWN,
    Search,
    of_listings,
    of_providers,
)

_LAST = "9223372036854775807"
_NUMBER = SortColumn("place_number")
_ORDERS: Mapping[str, tuple[SortColumn, str]] = {
    "reputation": (SortColumn("place_first", descending=True), "(p.reputation * 10)::bigint"),
    "rating": (SortColumn("place_first", descending=True), "coalesce(p.rating_avg * 100, -1)::bigint"),
    "distance": (SortColumn("place_first"), f"coalesce((1000 * offered.distance_km)::bigint, {_LAST})"),
    "name": (SortColumn("place_first", "text"), "lower(u.name)"),
}
PROVIDER_SORTS = tuple(_ORDERS)
_WORDS = """NOT EXISTS (SELECT FROM regexp_split_to_table(lower(btrim(:words)), '\\s+') AS word
    WHERE strpos(lower(concat_ws(' ', u.name, p.bio)), word) = 0)"""
_OFFERS_WORDS = f"""EXISTS (SELECT FROM listings AS l WHERE l.provider_id = u.id AND {SHOWN}
    AND l.words @@ plainto_tsquery('english', :words))"""
_CATEGORIES = f"""(SELECT coalesce(json_agg(json_build_object('id', c.id, 'name', c.name) ORDER BY c.name, c.id), '[]')
    FROM categories AS c WHERE EXISTS (SELECT FROM listings AS l
        WHERE l.category_id = c.id AND l.provider_id = u.id AND {SHOWN}))"""  # noqa: S608 - constants of ours
_FROM_PRICE = f"(SELECT min(l.base_price) FROM listings AS l WHERE l.provider_id = u.id AND {SHOWN})"  # noqa: S608 - ours
_FOUND = f"""
    SELECT json_build_object({PUBLIC_FACTS}, 'categories', {_CATEGORIES}, 'from_price', {RUPEES.format(_FROM_PRICE)},
        'distance_km', {DISTANCE_SHOWN}) AS told
    FROM {FROM_PEOPLE} WHERE u.id = part.id
"""  # noqa: S608 - constants of ours


def providers(search: Search, sort: str) -> Listing:
    """The providers who fit, in that order, as everybody reads them. Words are looked for in name and description of
    the person, and in the listings."""
    return _providers(tuple(sorted(search.given())), sort)


@lru_cache(200)
def _providers(given: tuple[str, ...], sort: str) -> Listing:
    column, value = _ORDERS[sort]
    distance = DISTANCE if "lat" in given else "NULL::float8"
    own = of_listings(tuple(name for name in given if name != "words"))
    theirs = of_providers(given) + (f" AND ({_WORDS} OR {_OFFERS_WORDS})" if "words" in given else "")
    rows = f"""
        WITH offered AS MATERIALIZED (
            SELECT l.provider_id, min({distance}) AS distance_km FROM listings AS l WHERE {own} GROUP BY l.provider_id
        )
        SELECT u.id, offered.distance_km, {value} AS place_first, substr(u.id, 4)::bigint AS place_number
        FROM offered JOIN {PEOPLE} ON u.id = offered.provider_id WHERE {theirs}
    """  # noqa: S608 - constants of ours
    return Listing(rows, (column, _NUMBER), sums=True, told=_FOUND)
