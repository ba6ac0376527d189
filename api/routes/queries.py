"""Questions of customers and visitors, and the answers of admins."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AwareDatetime, Field

from adapters.mongo import queries
from api.bookings.dependencies import Services
from api.dependencies import CurrentUser, OpenResources, OptionalUser, requires
from api.emails import email_queue
from api.http.rate_limits import must_not_be_too_often
from api.lists import WantedPage
from api.people.ownership import owner_filter
from api.responses import reply
from api.schemas.queries import NewQuery, QueryAnswer, QueryResponse
from domain.account_emails import query_response_email
from domain.errors import NotFound
from domain.people import Role

router = APIRouter(prefix="/queries", tags=["queries"])

QueryId = Annotated[str, Path(max_length=100, examples=["66b0f3c2a1d4e5f607182930"])]
DocumentId = Annotated[str, Field(pattern="^[0-9a-f]{24}$")]
Answered = Annotated[bool | None, Query(description="Only those with an answer, or only those without")]


@router.post(
    "/",
    status_code=201,
    response_model=QueryAnswer,
    summary="Ask the shop something",
    openapi_extra={"security": [{}]},  # a token is welcome, not needed
)
async def ask(body: NewQuery, person: OptionalUser, request: Request, opened: OpenResources) -> Response:
    """Open to everybody, a limited number of times per address. Asked while logged in, it is found in GET."""
    await must_not_be_too_often(opened, request, "query from", opened.settings.throttles.queries_per_address)
    owner = person.id if person and person.role == Role.CUSTOMER else None
    asked = await opened.mongo.queries.ask(str(body.customer_email), body.query, owner, datetime.now(UTC))
    return reply(_shape(asked), 201)


@router.get("/", response_model=list[QueryAnswer], summary="Questions: a customer's own, all for admins")
async def listed(
    person: Annotated[CurrentUser, requires("READ:QUERIES")],
    opened: OpenResources,
    wanted: WantedPage,
    answered: Answered = None,
) -> Response:
    """Newest first."""
    owner = owner_filter(person, None)
    part = wanted.part(AwareDatetime | None, DocumentId)
    found, told = await opened.mongo.queries.page(owner, part, answered=answered)
    return wanted.rows([_shape(query) for query in found], told.total, told.last, part)


@router.put("/{query_id}/respond", response_model=QueryAnswer, summary="Answer a question; the answer is mailed")
async def respond(
    query_id: QueryId,
    body: QueryResponse,
    person: Annotated[CurrentUser, requires("UPDATE:QUERIES")],
    opened: OpenResources,
    services: Services,
) -> Response:
    """Each answer is mailed once: the same words again change and send nothing, other words are another answer."""
    now = datetime.now(UTC)
    found = await opened.mongo.queries.respond(query_id, body.response, person.id, now)
    if found is None:
        raise NotFound(f"there is no query {query_id}")
    # Also for words that were there before: should the mail not have been taken then, it is now.
    said = (found.customer_email, found.query, body.response)
    await email_queue.send(opened, query_response_email(services.kind.name, found.id, found.revision, *said, now))
    return reply(_shape(found))


def _shape(query: queries.Query) -> dict[str, Any]:
    return {name: value for name, value in asdict(query).items() if name != "revision"}
