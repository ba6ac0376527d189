"""The log of mails."""

from fastapi import APIRouter

router = APIRouter(prefix="/notification", tags=["notifications"])
