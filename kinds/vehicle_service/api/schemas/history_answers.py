"""The service history of a car, for the documentation."""

from pydantic import ConfigDict

from api.schemas.answers import Answer
from api.schemas.document_answers import InvoiceOfBooking


class WorkDone(Answer):
    """A service that was done; amounts without GST, as on the invoice."""

    service_id: int
    title: str
    quantity: int
    price: str
    amount: str
    works: list[str]
    warranty_kms: int
    warranty_until: str | None


class WorkAdvised(Answer):
    """A service that was offered and declined."""

    service_id: int
    title: str
    price: str


class Worker(Answer):
    """Who looked at the car or worked on it."""

    id: str
    name: str
    photo: str | None
    jobs: list[str]


class HistoryEntry(Answer):
    """One visit. ``date`` is the day of delivery, before it the day on which the work was finished."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "booking_id": 1021,
                    "status": "delivered",
                    "date": "2026-11-25",
                    "finished_at": "2026-11-25T08:02:00Z",
                    "delivered_at": "2026-11-25T11:40:00Z",
                    "services": [
                        {
                            "service_id": 45,
                            "title": "Brake pads, front",
                            "quantity": 1,
                            "price": "1650.00",
                            "amount": "1650.00",
                            "works": ["Pads replaced", "Pins greased", "Bedded in"],
                            "warranty_kms": 10000,
                            "warranty_until": "2027-05-25",
                        }
                    ],
                    "not_done": [{"service_id": 52, "title": "Gear oil change", "price": "800.00"}],
                    "recommendation": "Gear oil within a month.",
                    "mechanics": [{"id": "MEC000034", "name": "Ravi Kumar", "photo": None, "jobs": ["service"]}],
                    "total": "1947.00",
                    "invoice": {
                        "number": "RC-2627-000123",
                        "issued_at": "2026-11-25T06:30:00Z",
                        "total": "1947.00",
                        "url": "/api/v1/bookings/1021/invoice.pdf",
                    },
                }
            ]
        }
    )

    booking_id: int
    status: str
    date: str
    finished_at: str
    delivered_at: str | None
    services: list[WorkDone]
    not_done: list[WorkAdvised]
    recommendation: str | None
    mechanics: list[Worker]
    total: str
    invoice: InvoiceOfBooking | None
