"""A payment provider for one's own machine: Razorpay's REST API, checkout and webhooks, offline.

It speaks to the official SDK, keeps its state in one file, and can be made to misbehave in the ways the real service
does (``README.md`` lists them). Never imported by the product.
"""

from devstack.razorpay.app import create_app
from devstack.razorpay.config import Config
from devstack.razorpay.serving import Served, serving

__all__ = ["Config", "Served", "create_app", "serving"]
