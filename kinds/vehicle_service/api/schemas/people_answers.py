"""The shapes that the routes of mechanics, carts and favourites answer with."""

from api.schemas.answers import Answer, example
from api.schemas.people_answers import ASHA, PersonAnswer
from kinds.vehicle_service.api.schemas.catalogue_answers import Named, PriceAnswer

_ANITA = {
    **ASHA,
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


class CategoryName(Answer):
    """A category that a mechanic works on."""

    id: int
    name: str


class MechanicCard(Answer):
    """What customers see of a mechanic."""

    model_config = example({"id": "MEC000034", "name": "Anita Jadhav", "photo": None})

    id: str
    name: str
    photo: str | None


class MechanicAnswer(PersonAnswer):
    """A mechanic: what they can be assigned to, how many jobs are open, and the points of validated work."""

    model_config = example(_ANITA)

    photo: str | None
    dob: str | None
    pickup_drop: bool
    analysis: bool
    service_categories: list[CategoryName]
    open_jobs: int
    score: int


class AssignmentTypeAnswer(Answer):
    """A kind of work."""

    model_config = example({"id": 1, "name": "pickup"})

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

    model_config = example(
        {
            "customer_id": "CST000210",
            "service_id": 45,
            "service": {
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
            "created_at": "2026-11-20T09:12:44Z",
        }
    )

    customer_id: str
    service_id: int
    service: ServiceOnShelf
    created_at: str
