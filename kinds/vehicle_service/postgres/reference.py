"""The reference tables of the vehicle service."""

from adapters.postgres.reference_tables import ReferenceTable
from domain.billing.records import Method
from kinds.vehicle_service.domain.lifecycle import VisitStatus
from kinds.vehicle_service.postgres import catalogue

MANUFACTURERS = ReferenceTable("manufacturers", "manufacturer", catalogue.MANUFACTURERS)
CAR_CLASSES = ReferenceTable("car_classes", "car class", catalogue.CAR_CLASSES)
FUEL_TYPES = ReferenceTable("fuel_types", "fuel type", catalogue.FUEL_TYPES)
CAR_MODELS = ReferenceTable(
    "cars",
    "car model",
    catalogue.MODELS,
    same=("manufacturer_id", "model", "year", "fuel_type_id"),
    title="model",
    nullable=frozenset({"img"}),
)
AREAS = ReferenceTable(
    "areas",
    "area",
    catalogue.AREAS,
    same=("name", "pincode"),
    spent="DELETE FROM addresses WHERE area_id = :id AND deleted_at IS NOT NULL",  # bookings have their own copy
)
STATUSES = ReferenceTable("statuses", "state", catalogue.STATUSES, fixed=frozenset(VisitStatus))
PAYMENT_METHODS = ReferenceTable(
    "payment_methods", "payment method", catalogue.PAYMENT_METHODS, fixed=frozenset(Method)
)
TIMESLOTS = ReferenceTable(
    "timeslots",
    "timeslot",
    catalogue.TIMESLOT_ROWS,
    spent="DELETE FROM slot_usage WHERE timeslot_id = :id AND used = 0",
    instead="a capacity of 0 stops offering it",
)
CATEGORIES = ReferenceTable("service_categories", "category", catalogue.CATEGORIES)
SERVICES = ReferenceTable(
    "services",
    "service",
    "SELECT id, title FROM services",
    same=("title",),
    title="title",
    instead="an empty price_chart stops offering it",
)
