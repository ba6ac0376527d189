"""Backups of both databases."""

from fastapi import APIRouter

router = APIRouter(prefix="/backup", tags=["backup"])
