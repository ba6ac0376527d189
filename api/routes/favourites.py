"""What a customer likes."""

from fastapi import APIRouter

router = APIRouter(prefix="/customers/favourite", tags=["customers"])
