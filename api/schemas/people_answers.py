"""The shapes that the routes of people answer with, for the documentation."""

from typing import Any, TypeVar

from pydantic import create_model

from api.schemas.answers import Answer, example
from domain.people import RoleSpec

ASHA = {
    "id": "CST000210",
    "name": "Asha Rao",
    "first_name": "Asha",
    "last_name": "Rao",
    "email": "asha.rao@example.com",
    "phone": "+919000020210",
    "role": "customer",
    "created_at": "2026-11-20T09:12:44Z",
}
_AKHIL = {
    **ASHA,
    "id": "ADM000012",
    "name": "Akhil Joseph",
    "first_name": "Akhil",
    "last_name": "Joseph",
    "email": "akhil@revcare.in",
    "phone": "+919000000001",
    "role": "admin",
}


class PersonAnswer(Answer):
    """Somebody; times in UTC."""

    model_config = example(ASHA)

    id: str
    name: str
    first_name: str
    last_name: str
    email: str
    phone: str
    role: str
    created_at: str


class CustomerAnswer(PersonAnswer):
    """A customer."""


class PersonalDataAnswer(Answer):
    """Everything that is held of somebody: rows and documents, by table and collection."""

    model_config = example(
        {
            "person_id": "CST000210",
            "made_at": "2026-11-30T09:12:44+00:00",
            "held": {
                "users": [{"id": "CST000210", "first_name": "Asha", "last_name": "Rao", "phone": "+919000020210"}],
                "queries": [],
            },
        }
    )

    person_id: str
    made_at: str
    held: dict[str, list[dict[str, Any]]]


class AdminAnswer(PersonAnswer):
    """An admin."""

    model_config = example(_AKHIL)


P = TypeVar("P", bound=PersonAnswer)


def of_role(answer: type[P], role: RoleSpec) -> type[P]:
    """The answer about people of a role: the mail address may be null where they may do without."""
    return create_model(answer.__name__, __base__=answer, email=(str | None, ...)) if role.email_optional else answer
