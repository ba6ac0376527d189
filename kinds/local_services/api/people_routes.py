"""The routes of people, in the order in which a path is looked for."""

from fastapi import APIRouter

from kinds.local_services.api.routes import (
    audit,
    identities,
    registration,
    resets,
    user_admin,
    users,
    verification,
)

PEOPLE_ROUTERS: tuple[APIRouter, ...] = (
    registration.router,
    verification.router,
    resets.router,
    identities.router,
    users.router,
    user_admin.router,
    audit.router,
)
REPLACED = frozenset({"POST /auth/password/reset/request", "POST /auth/password/reset/confirm"})
"""Routes of the engine that these stand in place of (``KindApi.leaves_out``)."""
BODY_LIMITS = {"/users/me/avatar": 16_000_000}
