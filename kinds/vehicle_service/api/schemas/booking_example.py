"""The example of a booking: brake pads, quoted and validated; the customer has an order to pay."""

from typing import Any

Json = dict[str, Any]

_MORNING = {"id": 1, "name": "Morning", "start_time": "08:00", "end_time": "12:00"}
_HOME = {
    "id": 12,
    "label": "Home",
    "line1": "14, Lake View Road",
    "line2": None,
    "area": "Adyar",
    "pincode": "600020",
}
_VEHICLE = {
    "id": 88,
    "registration_number": "TN01AB1234",
    "manufacturer": "Hyundai",
    "model": "i20",
    "fuel_type": "Petrol",
    "car_class": "Hatchback",
}
_ASHA = {"role": "customer", "id": "CST000210", "name": "Asha Rao"}
_MEENA = {"role": "admin", "id": "ADM000012", "name": "Meena Pillai"}
_RAVI = {"role": "mechanic", "id": "MEC000034", "name": "Ravi Kumar"}
_RAVI_AS_SEEN = {"id": "MEC000034", "name": "Ravi Kumar", "photo": None}


def _entry(version: int, status: str, action: str, by: Json, at: str) -> Json:
    return {"version": version, "status": status, "action": action, "by": by, "at": at, "note": None}


def _job(number: int, kind: str, at: str) -> Json:
    return {"id": number, "type": kind, "mechanic": _RAVI_AS_SEEN, "active": False, "note": None, "at": at}


ANALYSED: Json = {
    "id": 1021,
    "kind": "vehicle_service",
    "status": "analysed",
    "version": 9,
    "customer": {"id": "CST000210", "name": "Asha Rao"},
    "vehicle": _VEHICLE,
    "car": _VEHICLE,
    "pickup": {"type": "doorstep", "date": "2026-11-24", "timeslot": _MORNING, "address": _HOME},
    "drop": {"date": "2026-11-25", "timeslot": _MORNING, "address": _HOME},
    "notes": "Need quick turnaround",
    "services": [
        {
            "service_id": 45,
            "title": "Brake pads, front",
            "quantity": 1,
            "origin": "requested",
            "estimate": "1500.00",
            "quote": "1650.00",
            "price": None,
            "state": "quoted",
        }
    ],
    "analysis": {
        "id": 1045507,
        "description": "The front pads are worn down to 2 mm.",
        "recommendation": "Replace both front pads now.",
        "images": [],
        "mechanic_id": "MEC000034",
        "validated": True,
        "sent_back": None,
        "at": "2026-11-24T06:11:09Z",
    },
    "progress": [
        {
            "id": 1045505,
            "service_ids": [],
            "notes": "Collected at the door",
            "images": [],
            "status": "received",
            "updated_by": "MEC000034",
            "validated": True,
            "sent_back": None,
            "timestamp": "2026-11-24T04:02:51Z",
        }
    ],
    "assignments": [
        _job(1045504, "pickup", "2026-11-23T09:30:00Z"),
        _job(1045506, "analysis", "2026-11-24T05:00:12Z"),
    ],
    "totals": {
        "subtotal": "1650.00",
        "gst_percent": "18",
        "cgst": "148.50",
        "sgst": "148.50",
        "igst": "0.00",
        "round_off": "0.00",
        "total": "1947.00",
        "paid": "0.00",
        "refunded": "0.00",
        "due": "1947.00",
        "currency": "INR",
    },
    "payment": {
        "method": "online",
        "status": "pending",
        "order_id": "order_9A33XWu170gUtm",
        "expires_at": "2026-11-24T07:10:00Z",
    },
    "checkout": {
        "order_id": "order_9A33XWu170gUtm",
        "amount": 194700,
        "currency": "INR",
        "key_id": "rzp_test_1DP5mmOlF5G5ag",
    },
    "payments": [
        {
            "id": 1045508,
            "booking_id": 1021,
            "leg": "service",
            "method": "online",
            "amount": "1947.00",
            "currency": "INR",
            "status": "pending",
            "order_id": "order_9A33XWu170gUtm",
            "payment_id": None,
            "created_at": "2026-11-24T06:40:00Z",
            "captured_at": None,
        }
    ],
    "refunds": [],
    "invoice": None,
    "credit_notes": [],
    "cancellation": None,
    "waiting_for": {
        "who": "customer",
        "what": "to pay 1947.00 online",
        "until": "2026-11-24T07:10:00Z",
        "then": "the order lapses and the estimate must be confirmed again",
    },
    "allowed_actions": ["confirm-services", "reschedule", "cancel"],
    "timeline": [
        _entry(1, "booked", "book", _ASHA, "2026-11-22T15:20:31Z"),
        _entry(2, "pickup", "assign", _MEENA, "2026-11-23T09:30:00Z"),
        _entry(3, "received", "submit-progress", _RAVI, "2026-11-24T04:02:51Z"),
        _entry(4, "received", "validate-progress", _MEENA, "2026-11-24T04:20:00Z"),
        _entry(5, "analysis", "assign", _MEENA, "2026-11-24T05:00:12Z"),
        _entry(6, "analysed", "submit-analysis", _RAVI, "2026-11-24T06:11:09Z"),
        _entry(7, "analysed", "edit-analysis", _MEENA, "2026-11-24T06:25:40Z"),
        _entry(8, "analysed", "validate-analysis", _MEENA, "2026-11-24T06:30:00Z"),
        _entry(9, "analysed", "confirm-services", _ASHA, "2026-11-24T06:40:00Z"),
    ],
    "created_at": "2026-11-22T15:20:31Z",
    "updated_at": "2026-11-24T06:40:00Z",
    "completed_at": None,
    "closed_at": None,
}
