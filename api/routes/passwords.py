"""Changing a password, and getting in again without it."""

from fastapi import APIRouter

router = APIRouter(prefix="/auth/password", tags=["auth"])
