"""What people say of each other: written when a booking is completed, read by everybody once it is published."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.exceptions import RequestValidationError

from adapters.postgres.booking_queries import BookingWithTimeline
from api.bookings.dependencies import Bookings
from api.dependencies import CurrentUser, OpenResources, OptionalUser, ReadConnection, WriteTransaction, requires
from api.lists import WantedPage
from api.responses import reply
from api.schemas.fields import LARGEST_CHILD_ID
from domain.errors import RoleRequired
from kinds.local_services.api.dependencies import must_not_exceed
from kinds.local_services.api.policy import PolicyNow
from kinds.local_services.api.schemas.booking_answers import FlagAnswer, ReviewAnswer
from kinds.local_services.api.schemas.bookings import NewFlag, NewReview, ReviewModeration
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.commands import Review
from kinds.local_services.domain.roles import Role
from kinds.local_services.domain.views.parts import review_view
from kinds.local_services.postgres import reviews

router = APIRouter(prefix="/reviews", tags=["reviews"])

ReviewId = Annotated[int, Path(ge=1, le=LARGEST_CHILD_ID, examples=[1007004])]
Party = Annotated[CurrentUser, requires("WRITE:REVIEWS", roles=(Role.SEEKER, Role.PROVIDER))]
Person = Annotated[str | None, Query(pattern=r"^USR[0-9]{6,12}$", description="Whose reviews")]
_RATINGS: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "X-Rating-Average": {"description": "What the person received, two decimals", "schema": {"type": "string"}},
            "X-Rating-Count": {"description": "How many that are", "schema": {"type": "integer"}},
        }
    }
}


@router.post("/", status_code=201, response_model=ReviewAnswer, summary="Review the other party of a booking")
async def write(
    body: NewReview, person: Party, bookings: Bookings, opened: OpenResources, policy: PolicyNow
) -> Response:
    """Of a completed booking, once, within 14 days. Nobody else reads it until both have written, or the time is
    over."""
    await must_not_exceed(opened, person, "reviews", policy.reviews_per_minute)
    command = Review(person.actor, rating=body.rating, comment=body.comment or None)

    def written(seen: BookingWithTimeline[ServiceBooking], _: dict[str, Any]) -> dict[str, Any]:
        mine = next(each for each in seen.booking.reviews if each.reviewer_id == person.id)
        return review_view(seen.booking, mine, person.actor)

    return await bookings.act(person, body.booking_id, command, show=written, status=201)


@router.get(
    "/", response_model=list[ReviewAnswer], responses=_RATINGS, summary="What somebody received, the newest first"
)
async def received(
    person: OptionalUser,
    connection: ReadConnection,
    wanted: WantedPage,
    user_id: Person = None,
    given: Annotated[bool, Query(description="What the person wrote instead")] = False,
    flagged: Annotated[bool, Query(description="What somebody reported, for admins")] = False,
) -> Response:
    """Published ones. `X-Rating-Average` and `X-Rating-Count` are of all that the person received."""
    if flagged:
        if person is None or person.role != Role.ADMIN:
            raise RoleRequired("reported reviews are for admins", role=str(Role.ADMIN))
        return await wanted.of(connection, reviews.FLAGGED)
    if user_id is None:
        missing = {"type": "missing", "loc": ("query", "user_id"), "msg": "Field required", "input": None}
        raise RequestValidationError([missing])
    viewed = reviews.viewed_by(person.actor if person else None) if given else {}
    listing = reviews.GIVEN if given else reviews.RECEIVED
    answer, rating = await wanted.with_beside(connection, listing, user_id=user_id, **viewed)
    if rating and rating["average"] is not None:
        answer.headers["X-Rating-Average"] = rating["average"]
    answer.headers["X-Rating-Count"] = str(rating["number"] if rating else 0)
    return answer


@router.get("/{review_id}", response_model=ReviewAnswer, summary="One review")
async def read(person: OptionalUser, connection: ReadConnection, review_id: ReviewId) -> Response:
    """What is not published, or hidden, is there for its author and admins only."""
    return reply(await reviews.review(connection, review_id, person.actor if person else None))


@router.post("/{review_id}/flag", status_code=201, response_model=FlagAnswer, summary="Report a review")
async def report(
    person: Annotated[CurrentUser, requires("READ:REVIEWS")],
    connection: WriteTransaction,
    review_id: ReviewId,
    body: NewFlag,
) -> Response:
    """Once a person; an admin looks at it."""
    return reply(await reviews.flag(connection, review_id, person.id, body.reason), 201)


@router.patch("/{review_id}", response_model=ReviewAnswer, summary="Take a review out of sight, or bring it back")
async def moderate(
    person: Annotated[CurrentUser, requires("UPDATE:REVIEWS", roles=(Role.ADMIN,))],
    connection: WriteTransaction,
    review_id: ReviewId,
    body: ReviewModeration,
) -> Response:
    """A hidden one counts neither for the average nor for the reputation."""
    return reply(await reviews.hide(connection, review_id, person.actor, hidden=body.hidden))
