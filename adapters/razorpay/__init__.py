"""The payment provider, through its official SDK."""

from adapters.razorpay.gateway import PAGE, RazorpayGateway
from adapters.razorpay.signatures import callback_is_genuine, webhook_is_genuine
from adapters.razorpay.transport import GatewayUnavailable

__all__ = ["PAGE", "GatewayUnavailable", "RazorpayGateway", "callback_is_genuine", "webhook_is_genuine"]
