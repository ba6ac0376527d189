"""The routes of listings, in the order in which a path is looked for; before those of people, for a fixed path wins."""

from fastapi import APIRouter

from kinds.local_services.api.routes import availability, listing_media, providers, services

LISTING_ROUTERS: tuple[APIRouter, ...] = (
    providers.router,
    availability.own,
    availability.router,
    listing_media.router,
    services.router,
)
LISTING_BODY_LIMITS = {"/services/listings/{listing_id}/media": listing_media.LARGEST_BODY}
