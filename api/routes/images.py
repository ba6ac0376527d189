"""Pictures that people send."""

from fastapi import APIRouter

router = APIRouter(prefix="/utils/images", tags=["utils"])
