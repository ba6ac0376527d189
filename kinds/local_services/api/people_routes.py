"""The routes of people, in the order in which a path is looked for."""

from collections.abc import Mapping

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
REFUSALS: Mapping[str, frozenset[int]] = {
    "POST /auth/register": frozenset({403, 409, 429}),
    "POST /auth/verify/request": frozenset({409, 429}),
    "POST /auth/verify/confirm": frozenset({409}),
    "POST /auth/phone/change": frozenset({409, 429}),
    "POST /auth/phone/confirm": frozenset({409}),
    "POST /auth/social/{provider}": frozenset({409, 429}),
    "PATCH /users/me": frozenset({429}),
    "POST /users/me/avatar": frozenset({429}),
    "GET /users/me/export": frozenset({400, 413, 429}),
}
"""Statuses that no dependency shows (``KindApi.refusals``)."""
BODY_LIMITS = {"/users/me/avatar": 16_000_000}
