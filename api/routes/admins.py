"""Admins, by admins."""

from fastapi import APIRouter

router = APIRouter(prefix="/admins", tags=["admins"])
