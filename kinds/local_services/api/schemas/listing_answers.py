"""The shapes of categories, listings, their pictures, and providers in lists."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.answer_fields import Moment, Rupees, Url
from api.schemas.answers import Answer, example
from kinds.local_services.api.schemas.people_answers import PublicPerson
from kinds.local_services.domain.parts import PricingUnit

_CATEGORY = {"id": 2, "name": "Cleaning", "icon": "sparkles"}
_PROVIDER = {
    "id": "USR000009",
    "role": "SERVICE_PROVIDER",
    "first_name": "Meera",
    "last_name": "K.",
    "avatar_url": None,
    "bio": "Ten years of deep cleaning.",
    "rating_avg": 4.75,
    "rating_count": 12,
    "reputation": 88.4,
    "skills": [{"id": 3, "skill_tag": "cleaning"}],
    "certifications": [],
    "created_at": "2026-11-01T08:00:00Z",
}
_MEDIUM = {
    "id": 7,
    "listing_id": 12,
    "media_url": "/uploads/4f0c1a9be2d34c5f8a7b6c5d4e3f2a10.jpg",
    "media_type": "image/jpeg",
}
_LISTING = {
    "id": 12,
    "provider_id": "USR000009",
    "category_id": 2,
    "title": "Deep clean",
    "description": "Kitchen, bath and floors, with my own material.",
    "base_price": "450.00",
    "pricing_unit": "HOUR",
    "pricing_options": [{"id": 1, "name": "Windows", "price": "200.00"}],
    "min_hours": 2,
    "coverage_area": {"label": "Pune", "lat": 18.5204, "lng": 73.8567, "radius_km": 15},
    "is_active": True,
    "cover_image_url": _MEDIUM["media_url"],
    "media": [_MEDIUM],
    "category": _CATEGORY,
    "provider": _PROVIDER,
    "created_at": "2026-11-02T08:00:00Z",
    "updated_at": "2026-11-02T08:00:00Z",
}

Kilometres = Annotated[
    float | None, Field(description="From the point that was asked for; null without one, or where it is done anywhere")
]


class CategoryAnswer(Answer):
    """What a listing belongs to."""

    model_config = example(
        {**_CATEGORY, "description": "Homes and offices.", "sac": "998533", "platform_pays_gst": True}
    )

    id: int
    name: str
    description: str
    icon: str | None
    sac: str
    platform_pays_gst: bool


class MediumAnswer(Answer):
    """A picture of a listing."""

    model_config = example(_MEDIUM)

    id: int
    listing_id: int
    media_url: Url
    media_type: Literal["image/jpeg", "image/png", "image/webp"]


class OptionAnswer(Answer):
    """Something that can be chosen beside the service."""

    id: int
    name: str
    price: Rupees


class AreaAnswer(Answer):
    """Where a service is offered."""

    label: str
    lat: float
    lng: float
    radius_km: float


class CategoryOfListing(Answer):
    """The category of a listing."""

    id: int
    name: str


class ListingAnswer(Answer):
    """What a provider offers."""

    model_config = example(_LISTING)

    id: int
    provider_id: str
    category_id: int
    title: str
    description: str
    base_price: Rupees | None
    pricing_unit: PricingUnit
    pricing_options: list[OptionAnswer]
    min_hours: float | None
    coverage_area: AreaAnswer | None
    is_active: bool
    cover_image_url: Url | None
    media: list[MediumAnswer]
    category: CategoryOfListing
    provider: PublicPerson
    created_at: Moment
    updated_at: Moment


class FoundListing(ListingAnswer):
    """A listing in a list."""

    model_config = example({**_LISTING, "distance_km": 3.2})

    distance_km: Kilometres


class FoundProvider(PublicPerson):
    """A provider in a list, with what they offer; ``from_price`` is the lowest of their active listings."""

    model_config = example(
        {**_PROVIDER, "categories": [{"id": 2, "name": "Cleaning"}], "distance_km": 3.2, "from_price": "450.00"}
    )

    categories: list[CategoryOfListing]
    distance_km: Kilometres
    from_price: Rupees | None
