"""What the shop has paused, for everybody to know before they try."""

from fastapi import APIRouter, Response

from api.bookings.dependencies import Services
from api.responses import reply
from api.schemas.pauses import PauseAnswer

router = APIRouter(prefix="/pauses", tags=["bookings"])


@router.get("", response_model=list[PauseAnswer], summary="What the shop has paused for now")
async def pauses(services: Services) -> Response:
    """New bookings, or new payments online; an empty list nearly always. Meanwhile these are answered 503, with
    `BookingsPaused` and `PaymentsPaused`, the `sentence` and `Retry-After`; what is under way goes on."""
    timezone = services.pauses.timezone
    return reply(
        [
            {
                "what": pause.what,
                "sentence": pause.sentence(timezone),
                "since": pause.since,
                "until": pause.until,
                "reason": pause.reason,
            }
            for pause, _ in await services.pauses.current()
        ]
    )
