"""What customers think of services."""

from fastapi import APIRouter

router = APIRouter(prefix="/services/review", tags=["services"])
