"""The shapes of cars, places, reference rows, services and reviews, for the documentation."""

from pydantic import Field

from api.schemas.answers import Answer, example

_CATEGORY = {"id": 11, "name": "Brakes"}
_MODEL = {
    "id": 1,
    "name": "Hyundai i20",
    "model": "i20",
    "year": 2022,
    "img": None,
    "manufacturer_id": 2,
    "manufacturer": {"id": 2, "name": "Hyundai"},
    "fuel_type_id": 1,
    "fuel_type": {"id": 1, "name": "Petrol"},
    "car_class_id": 1,
    "car_class": {"id": 1, "name": "Hatchback"},
}
_AREA = {"id": 2, "name": "Deccan Gymkhana", "pincode": "411004"}
_REVIEW = {
    "service_id": 45,
    "reviewer": "Asha",
    "rating": 5,
    "review": "Quiet brakes again, car back on time.",
    "images": [],
    "created_at": "2026-11-26T09:12:00Z",
}


class Named(Answer):
    """A reference row."""

    model_config = example({"id": 1, "name": "Hatchback"})

    id: int
    name: str


class CarModelAnswer(Answer):
    """A model with its manufacturer, fuel and class."""

    model_config = example(_MODEL)

    id: int
    name: str
    model: str
    year: int
    img: str | None
    manufacturer_id: int
    manufacturer: Named
    fuel_type_id: int
    fuel_type: Named
    car_class_id: int
    car_class: Named


class CarAnswer(Answer):
    """A customer's car; the number is kept in capitals without spaces."""

    model_config = example(
        {
            "id": 88,
            "customer_id": "CST000210",
            "registration_number": "TN01AB1234",
            "car_model_id": 1,
            "car_model": _MODEL,
        }
    )

    id: int
    customer_id: str
    registration_number: str
    car_model_id: int
    car_model: CarModelAnswer


class AreaAnswer(Answer):
    """A part of the city."""

    model_config = example(_AREA)

    id: int
    name: str
    pincode: str


class AddressAnswer(Answer):
    """Where a car is fetched or brought."""

    model_config = example(
        {
            "id": 5,
            "customer_id": "CST000210",
            "label": "Home",
            "line1": "12 Lake View",
            "line2": None,
            "area_id": 2,
            "area": _AREA,
        }
    )

    id: int
    customer_id: str
    label: str
    line1: str
    line2: str | None
    area_id: int
    area: AreaAnswer


class TimeslotAnswer(Answer):
    """A part of the day."""

    model_config = example({"id": 2, "name": "Morning", "start_time": "08:00", "end_time": "12:00", "capacity": 10})

    id: int
    name: str
    start_time: str
    end_time: str
    capacity: int


class TimeslotOffer(TimeslotAnswer):
    """A part of the day, with ``free`` where a date was asked for."""

    model_config = example(
        {"id": 2, "name": "Morning", "start_time": "08:00", "end_time": "12:00", "capacity": 10, "free": 7}
    )

    free: int | None = None


class CategoryAnswer(Named):
    """A category of the catalogue."""

    model_config = example(dict(**_CATEGORY, description="What makes it stop."))

    description: str


class PriceAnswer(Answer):
    """What a class of car pays, without GST."""

    car_class_id: int
    car_class: str
    price: str


class ServiceAnswer(Answer):
    """A service; ``price`` is that of the car class that was asked for."""

    model_config = example(
        {
            "id": 45,
            "title": "Brake pads, front",
            "description": "Pads replaced; Pins greased; Bedded in.",
            "category_id": 11,
            "category": _CATEGORY,
            "works": ["Pads replaced", "Pins greased", "Bedded in"],
            "warranty_kms": 10000,
            "warranty_months": 6,
            "time_hrs": 1.5,
            "difficulty": 2,
            "images": [],
            "sac": "998714",
            "price_chart": [{"car_class_id": 1, "car_class": "Hatchback", "price": "1500.00"}],
            "fuel_type_ids": [1, 2, 3, 4, 5],
            "price": "1500.00",
            "rating_average": 4.5,
            "rating_count": 2,
        }
    )

    id: int
    title: str
    description: str
    category_id: int
    category: Named
    works: list[str]
    warranty_kms: int
    warranty_months: int
    time_hrs: float
    difficulty: int
    images: list[str]
    sac: str
    price_chart: list[PriceAnswer]
    fuel_type_ids: list[int]
    price: str | None
    rating_average: float | None
    rating_count: int


class ReviewAnswer(Answer):
    """A review; ``customer_id`` is there for its writer and for admins."""

    model_config = example(_REVIEW)

    service_id: int
    customer_id: str | None = Field(default=None, description="For the writer and for admins only")
    reviewer: str
    rating: int
    review: str
    images: list[str]
    created_at: str
