"""What customers think of services; admins moderate."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api.dependencies import CurrentUser, OptionalUser, ReadConnection, WriteTransaction, requires
from api.lists import WantedPage
from api.people.ownership import owner_of_new
from api.reference_routes import given
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.fields import LARGEST_ID
from domain.errors import NotFound
from kinds.vehicle_service.api.schemas.catalogue_answers import ReviewAnswer
from kinds.vehicle_service.api.schemas.services import NewReview, ReviewChange
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.postgres.reviews import REVIEWS, add_review, change_review, remove_review

router = APIRouter(prefix="/services/review", tags=["services"])

ServiceId = Annotated[int, Path(ge=1, le=LARGEST_ID, examples=[45])]
Reviewer = Annotated[str | None, Query(pattern=r"^CST[0-9]{6,12}$", description="Whose review, for admins")]
_RATINGS: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "X-Rating-Average": {"description": "Of all, with two decimals", "schema": {"type": "string"}},
            "X-Rating-Count": {"description": "How many there are", "schema": {"type": "integer"}},
        }
    }
}


@router.get(
    "/{service_id}",
    response_model=list[ReviewAnswer],
    responses=_RATINGS,
    summary="Reviews of a service, the newest first",
)
async def reviews(
    person: OptionalUser, connection: ReadConnection, wanted: WantedPage, service_id: ServiceId
) -> Response:
    """`X-Rating-Average` and `X-Rating-Count` are over all of them."""
    answer, rating = await wanted.with_beside(connection, REVIEWS, partial(_seen, person), service_id=service_id)
    if rating is None:
        raise NotFound(f"there is no service {service_id}")
    answer.headers["X-Rating-Average"] = rating["average"]
    answer.headers["X-Rating-Count"] = str(rating["number"])
    return answer


@router.post("", status_code=201, response_model=ReviewAnswer, summary="Review a service that was delivered")
async def add(
    person: Annotated[CurrentUser, requires("WRITE:SERVICE_REVIEWS")], connection: WriteTransaction, body: NewReview
) -> Response:
    """One per customer and service, after a delivered booking of it."""
    customer = owner_of_new(person, body.customer_id)
    row = {"rating": body.rating, "review": body.review, "images": body.images}
    return reply(await add_review(connection, body.service_id, customer, row), 201)


@router.put("/{service_id}", response_model=ReviewAnswer, summary="Change one's review; admins: anybody's")
async def change(
    person: Annotated[CurrentUser, requires("UPDATE:SERVICE_REVIEWS")],
    connection: WriteTransaction,
    service_id: ServiceId,
    body: ReviewChange,
    customer_id: Reviewer = None,
) -> Response:
    return reply(await change_review(connection, service_id, owner_of_new(person, customer_id), given(body)))


@router.delete("/{service_id}", response_model=Message, summary="Remove one's review; admins: anybody's")
async def remove(
    person: Annotated[CurrentUser, requires("DELETE:SERVICE_REVIEWS")],
    connection: WriteTransaction,
    service_id: ServiceId,
    customer_id: Reviewer = None,
) -> Response:
    await remove_review(connection, service_id, owner_of_new(person, customer_id))
    return done("the review was removed")


def _seen(person: CurrentUser | None, row: dict[str, Any]) -> dict[str, Any]:
    """Who wrote it is known to themselves and to admins; everybody else reads a first name."""
    if person is not None and (person.role == Role.ADMIN or person.id == row["customer_id"]):
        return row
    return {name: value for name, value in row.items() if name != "customer_id"}
