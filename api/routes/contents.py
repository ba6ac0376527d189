"""Texts of the app that admins change."""

from fastapi import APIRouter

router = APIRouter(prefix="/content", tags=["content"])
