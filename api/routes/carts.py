"""What a customer means to book."""

from fastapi import APIRouter

router = APIRouter(prefix="/customers/cart", tags=["customers"])
