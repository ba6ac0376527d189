"""The demo people and what each can do: one method, one call of the public API."""

from typing import Any

from devstack.demo.calls import Json
from devstack.demo.person import API, Person, new_key

__all__ = ["API", "Admin", "Customer", "Mechanic", "Person", "Staff", "new_key"]


class Customer(Person):
    """Owns the cars, decides, pays."""

    def cars(self) -> list[Json]:
        rows: list[Json] = self.get("/car/")
        return rows

    def add_car(self, registration_number: str, car_model_id: int) -> Json:
        row: Json = self.post("/car/", {"registration_number": registration_number, "car_model_id": car_model_id})
        return row

    def book(self, vehicle_id: int, service_ids: list[int], key: str | None = None, **more: Any) -> Json:
        """`more`: pickup_type, dates, slots, addresses, notes."""
        lines = [{"service_id": number, "quantity": 1} for number in service_ids]
        made: Json = self.post("/bookings/", {"vehicle_id": vehicle_id, "services": lines, **more}, key)
        return made

    def reschedule(self, booking_id: int, **times: Any) -> Json:
        moved: Json = self.put(f"/bookings/{booking_id}/reschedule", times)
        return moved

    def confirm(self, booking_id: int, service_ids: list[int], payment_method_id: int, key: str | None = None) -> Json:
        """Line by line: what is not listed is declined."""
        body = {"service_ids": service_ids, "payment_method_id": payment_method_id}
        answer: Json = self.put(f"/bookings/{booking_id}/confirm-services", body, key)
        return answer

    def choose_cash(self, booking_id: int) -> Json:
        answer: Json = self.post(f"/payment/cash-on-delivery/{booking_id}")
        return answer

    def bring_callback(self, paid: Json) -> Json:
        """What the browser does after the checkout."""
        fields = ("razorpay_payment_id", "razorpay_order_id", "razorpay_signature")
        answer: Json = self.post("/payment/verify", {name: paid[name] for name in fields})
        return answer

    def price_of_cancelling(self, booking_id: int) -> Json:
        preview: Json = self.get(f"/bookings/{booking_id}/cancellation")
        return preview

    def cancel(self, booking_id: int, reason: str, key: str | None = None) -> Json:
        answer: Json = self.put(f"/bookings/{booking_id}/cancel", {"reason": reason}, key)
        return answer


class Staff(Person):
    """What mechanics and admins share."""

    def report(self, booking_id: int, notes: str, service_ids: tuple[int, ...] = (), key: str | None = None) -> Json:
        """A progress report: by a mechanic, or by an admin in the shop."""
        body = {"booking_id": booking_id, "notes": notes, "completed_service_ids": list(service_ids)}
        answer: Json = self.post("/bookings/mechanic/progress", body, key)
        return answer

    def verify_cash(self, booking_id: int, amount: str, key: str | None = None) -> Json:
        answer: Json = self.post("/payment/verify-cod", {"booking_id": booking_id, "amount": amount}, key)
        return answer


class Mechanic(Staff):
    """Collects, analyses, repairs and returns cars."""

    def analyse(self, booking_id: int, quotes: dict[int, str], recommended: dict[int, str], words: str) -> Json:
        body = {
            "booking_id": booking_id,
            "description": words,
            "recommendation": "Do the recommended work within a month." if recommended else None,
            "images": ["https://images.revcare.example/underbody.jpg"],
            "price_quote": {str(service_id): amount for service_id, amount in quotes.items()},
            "recommended_services": {str(service_id): amount for service_id, amount in recommended.items()},
        }
        answer: Json = self.post("/bookings/mechanic/analysis", body)
        return answer

    def open_collection(self, booking_id: int) -> Json:
        """On site: the customer may pay this mechanic now."""
        answer: Json = self.post(f"/payment/cash-on-delivery/{booking_id}")
        return answer


class Admin(Staff):
    """Assigns and validates the work."""

    def assign(self, booking_id: int, mechanic_id: str, assignment_type_id: int, key: str | None = None) -> Json:
        body = {"booking_id": booking_id, "mechanic_id": mechanic_id, "assignment_type_id": assignment_type_id}
        answer: Json = self.post("/bookings/admin/assign", body, key)
        return answer

    def validate_report(self, report_id: int, key: str | None = None) -> Json:
        answer: Json = self.post(f"/bookings/admin/progress/{report_id}/validate", {"approved": True}, key)
        return answer

    def validate_analysis(self, booking_id: int, key: str | None = None) -> Json:
        answer: Json = self.post(f"/bookings/admin/analysis/{booking_id}/validate", {"approved": True}, key)
        return answer

    def send_back_analysis(self, booking_id: int, reason: str) -> Json:
        body = {"approved": False, "reason": reason}
        answer: Json = self.post(f"/bookings/admin/analysis/{booking_id}/validate", body)
        return answer
