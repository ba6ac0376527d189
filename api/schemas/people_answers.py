"""The shapes that the routes of people, carts and favourites answer with, for the documentation."""

from typing import Any

from pydantic import ConfigDict

from api.schemas.answers import Answer
from api.schemas.catalogue_answers import Named, PriceAnswer


def _example(**sample: Any) -> ConfigDict:
    return ConfigDict(extra="allow", json_schema_extra={"examples": [sample]})


_ASHA = {
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
    **_ASHA,
    "id": "ADM000012",
    "name": "Akhil Joseph",
    "first_name": "Akhil",
    "last_name": "Joseph",
    "email": "akhil@revcare.in",
    "phone": "+919000000001",
    "role": "admin",
}
_ANITA = {
    **_ASHA,
    "id": "MEC000034",
    "name": "Anita Jadhav",
    "first_name": "Anita",
    "last_name": "Jadhav",
    "email": "anita.jadhav@example.com",
    "phone": "+919000010034",
    "photo": None,
    "role": "mechanic",
    "dob": "1988-01-30",
    "pickup_drop": True,
    "analysis": True,
    "service_categories": [{"id": 2, "name": "Engine"}],
    "open_jobs": 1,
    "score": 17,
}


class PersonAnswer(Answer):
    """Somebody; times in UTC."""

    model_config = _example(**_ASHA)

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


class AdminAnswer(PersonAnswer):
    """An admin."""

    model_config = _example(**_AKHIL)


class CategoryName(Answer):
    """A category that a mechanic works on."""

    id: int
    name: str


class MechanicCard(Answer):
    """What customers see of a mechanic."""

    model_config = _example(id="MEC000034", name="Anita Jadhav", photo=None)

    id: str
    name: str
    photo: str | None


class MechanicAnswer(PersonAnswer):
    """A mechanic: what they can be assigned to, how many jobs are open, and the points of validated work."""

    model_config = _example(**_ANITA)

    photo: str | None
    dob: str | None
    pickup_drop: bool
    analysis: bool
    service_categories: list[CategoryName]
    open_jobs: int
    score: int


class AssignmentTypeAnswer(Answer):
    """A kind of work."""

    model_config = _example(id=1, name="pickup")

    id: int
    name: str


class ServiceOnShelf(Answer):
    """A service, as short as a cart shows it."""

    id: int
    title: str
    description: str
    category_id: int
    category: Named
    time_hrs: float
    difficulty: int
    images: list[str]
    price_chart: list[PriceAnswer]


class ShelfRow(Answer):
    """A service in a cart or among the favourites, priced for every class of car."""

    model_config = _example(
        customer_id="CST000210",
        service_id=45,
        service={
            "id": 45,
            "title": "Brake pads, front",
            "description": "New pads for both front wheels, the discs are looked at.",
            "category_id": 6,
            "category": {"id": 6, "name": "Brakes"},
            "time_hrs": 1.5,
            "difficulty": 3,
            "images": [],
            "price_chart": [{"car_class_id": 1, "car_class": "Hatchback", "price": "1500.00"}],
        },
        created_at="2026-11-20T09:12:44Z",
    )

    customer_id: str
    service_id: int
    service: ServiceOnShelf
    created_at: str
