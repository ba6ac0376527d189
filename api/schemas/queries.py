"""Questions and answers."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.answers import Answer
from api.schemas.fields import Body, by_rule, documented
from api.schemas.people_fields import Mail
from domain.texts import long_text

_EXAMPLE = {
    "id": "66b0f3c2a1d4e5f607182930",
    "customer_email": "customer@example.com",
    "query": "Do you also look after the air conditioning?",
    "customer_id": "CST000210",
    "response": "We do: see the category Air conditioning.",
    "responded_by": "ADM000001",
    "created_at": "2026-11-24T06:11:09Z",
    "responded_at": "2026-11-24T09:30:00Z",
}


Words = Annotated[str, StringConstraints(max_length=5000), by_rule(long_text, 1, 5000), documented(minLength=1)]


class NewQuery(Body):
    """A question, and where the answer goes."""

    customer_email: Annotated[Mail, Field(examples=[_EXAMPLE["customer_email"]])]
    query: Annotated[Words, Field(examples=[_EXAMPLE["query"]])]


class QueryResponse(Body):
    """The answer."""

    response: Annotated[Words, Field(examples=[_EXAMPLE["response"]])]


class QueryAnswer(Answer):
    """A question with its answer, if it has one; ``customer_id`` when it was asked while logged in."""

    id: Annotated[str, Field(examples=[_EXAMPLE["id"]])]
    customer_email: Annotated[str, Field(examples=[_EXAMPLE["customer_email"]])]
    query: Annotated[str, Field(examples=[_EXAMPLE["query"]])]
    customer_id: Annotated[str | None, Field(examples=[_EXAMPLE["customer_id"]])]
    response: Annotated[str | None, Field(examples=[_EXAMPLE["response"]])]
    responded_by: Annotated[str | None, Field(examples=[_EXAMPLE["responded_by"]])]
    created_at: Annotated[str, Field(examples=[_EXAMPLE["created_at"]])]
    responded_at: Annotated[str | None, Field(examples=[_EXAMPLE["responded_at"]])]
