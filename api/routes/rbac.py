"""Roles and what they may do."""

from fastapi import APIRouter

router = APIRouter(prefix="/rbac", tags=["rbac"])
