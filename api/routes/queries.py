"""What people ask, and what the shop answers."""

from fastapi import APIRouter

router = APIRouter(prefix="/queries", tags=["queries"])
