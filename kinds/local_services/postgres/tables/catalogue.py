"""What providers offer, where, at what price, with pictures; and the categories of it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Numeric, text
from sqlalchemy.dialects.postgresql import INT4RANGE, JSONB, TSVECTOR
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from adapters.postgres.tables.base import CreatedAt, Id, Paise
from adapters.postgres.tables.people.users import User
from kinds.local_services.postgres.tables.base import TablesBase

_SHOWN = text("deleted_at IS NULL AND is_active")
WORDS = "to_tsvector('english', title || ' ' || description)"
AROUND = """CASE WHEN lat IS NULL THEN NULL WHEN abs(lat) + degrees(radius_km / 6371.0088) > 89 THEN
    box(point(-540, lat - degrees(radius_km / 6371.0088)), point(540, lat + degrees(radius_km / 6371.0088)))
    ELSE box(point(lng - degrees(asin(sin(radius_km / 6371.0088) / cos(radians(lat)))),
        lat - degrees(radius_km / 6371.0088)),
    point(lng + degrees(asin(sin(radius_km / 6371.0088) / cos(radians(lat)))),
        lat + degrees(radius_km / 6371.0088))) END"""
"""Degrees that hold the circle around a point; near a pole all of its meridians."""


class Box(UserDefinedType[Any]):
    """PostgreSQL's ``box``; only its index is used."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        """The type as SQL names it."""
        return "box"


ischema_names["box"] = Box  # so that a comparison with the database knows the type


class Category(TablesBase):
    """What a listing belongs to. ``sac`` is the tax code of its papers; ``platform_pays_gst``: where its provider has
    no GSTIN, the platform owes the GST."""

    __tablename__ = "categories"
    __table_args__ = (
        CheckConstraint("sac ~ '^[0-9]{4,8}$'", name="sac_shape"),
        Index("uq_categories_name", text("lower(name)"), unique=True),
    )

    id: Mapped[Id]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    icon: Mapped[str | None]
    sac: Mapped[str] = mapped_column(server_default="999799")
    platform_pays_gst: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[CreatedAt]


class ServiceListing(TablesBase):
    """What one provider offers. Without a place (``area_label``, ``lat``, ``lng``, ``radius_km``) it is done anywhere.

    ``pricing_options`` is a JSON list of ``{"id", "name", "price"}`` in paise. One that was deleted is hidden for good;
    bookings keep what they need of it.
    """

    __tablename__ = "listings"
    __table_args__ = (
        CheckConstraint("pricing_unit IN ('HOUR', 'FIXED', 'QUOTE')", name="pricing_unit_known"),
        CheckConstraint("(base_price IS NULL) = (pricing_unit = 'QUOTE')", name="price_unless_quote"),
        CheckConstraint("base_price BETWEEN 100 AND 100000000", name="base_price_range"),
        CheckConstraint(
            "min_hours IS NULL OR min_hours > 0 AND min_hours <= 24 AND pricing_unit = 'HOUR'", name="min_hours_range"
        ),
        CheckConstraint("num_nulls(area_label, lat, lng, radius_km) IN (0, 4)", name="area_whole"),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lng BETWEEN -180 AND 180", name="area_on_globe"),
        CheckConstraint("radius_km BETWEEN 0.5 AND 200", name="radius_range"),
        Index("ix_listings_of_provider", "provider_id", "id"),
        Index("ix_listings_of_category", "category_id"),
        Index("ix_listings_newest", text("created_at DESC"), text("id DESC"), postgresql_where=_SHOWN),
        Index("ix_listings_words", "words", postgresql_using="gin"),
        Index("ix_listings_around", "category", "around", postgresql_using="gist", postgresql_where=_SHOWN),
        Index("ix_listings_anywhere", "category_id", postgresql_where=text(f"{_SHOWN} AND lat IS NULL")),
        Index("ix_listings_label", text("lower(area_label)"), postgresql_where=_SHOWN),
    )

    id: Mapped[Id]
    provider_id: Mapped[str] = mapped_column(ForeignKey(User.id))
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    title: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    pricing_unit: Mapped[str]
    base_price: Mapped[Paise | None]
    min_hours: Mapped[Decimal | None] = mapped_column(Numeric(4, 2))
    pricing_options: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    area_label: Mapped[str | None]
    lat: Mapped[float | None]
    lng: Mapped[float | None]
    radius_km: Mapped[float | None]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    cover_image_url: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    deleted_at: Mapped[datetime | None]
    # To search by: the words, and category and place as types whose indexes can be combined.
    words: Mapped[Any] = mapped_column(TSVECTOR, Computed(WORDS, persisted=True))
    category: Mapped[Any] = mapped_column(
        INT4RANGE, Computed("int4range(category_id, category_id, '[]')", persisted=True)
    )
    around: Mapped[Any | None] = mapped_column(Box, Computed(AROUND, persisted=True))


class ListingMedium(TablesBase):
    """A picture of a listing; the first one is its cover unless another is named."""

    __tablename__ = "listing_media"
    __table_args__ = (Index("ix_listing_media_of_listing", "listing_id", "id"),)

    id: Mapped[Id]
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id", ondelete="CASCADE"))
    media_url: Mapped[str]
    media_type: Mapped[str]
    created_at: Mapped[CreatedAt]
