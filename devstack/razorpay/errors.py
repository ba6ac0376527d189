"""Errors in the provider's own envelope and texts."""

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

URL_NOT_FOUND = "The requested URL was not found on the server."
UNKNOWN_ID = "The id provided does not exist"
ORDER_PAID = "Your payment has been declined as the order is already paid. Please place a new order to pay again."
ALREADY_CAPTURED = "This payment has already been captured"
LOW_BALANCE = (
    "Your account does not have enough balance to carry out the refund operation. "
    "You can add funds to your account from your dashboard or capture new payments."
)


class ApiError(Exception):
    """An answer other than 200; raised anywhere below a route."""

    def __init__(
        self,
        status: int,
        description: str,
        *,
        code: str = "BAD_REQUEST_ERROR",
        field: str | None = None,
        source: str = "business",
        step: str = "payment_initiation",
        reason: str = "input_validation_failed",
        metadata: dict[str, str] | None = None,
    ) -> None:
        super().__init__(description)
        self.status = status
        self.error: dict[str, Any] = {
            "code": code,
            "description": description,
            "source": source,
            "step": step,
            "reason": reason,
            "metadata": metadata or {},
        }
        if field is not None:
            self.error["field"] = field


def refused(description: str, field: str | None = None) -> ApiError:
    """400: what was sent cannot be done."""
    return ApiError(400, description, field=field)


def too_little() -> ApiError:
    """400: an order of less than a rupee has a step and a reason of its own."""
    said, reason = "Order amount less than minimum amount allowed", "amount_less_than_minimum_amount"
    return ApiError(400, said, field="amount", step="order_creation", reason=reason)


def receipt_taken(order_id: str) -> ApiError:
    """400, with the order that has the receipt."""
    return ApiError(400, "Order receipt should be unique.", field="receipt", metadata={"order_id": order_id})


def unauthenticated() -> ApiError:
    """401, in the wording for a missing and for a wrong key alike."""
    return ApiError(401, "Authentication failed", source="NA", step="NA", reason="NA")


def conflict(description: str) -> ApiError:
    """409: an idempotency key that is busy or was used for something else."""
    return ApiError(409, description, source="NA", step="NA", reason="NA")


def not_found() -> ApiError:
    """404: no such path."""
    return ApiError(404, URL_NOT_FOUND, source="NA", step="NA", reason="NA")


def envelope(error: ApiError) -> JSONResponse:
    """The refusal as it goes over the wire."""
    return JSONResponse({"error": error.error}, status_code=error.status)


async def answer_refusal(_: Request, error: Exception) -> JSONResponse:
    """Exception handler for ``ApiError``."""
    return envelope(error if isinstance(error, ApiError) else not_found())
