"""The application without its stores, for whoever looks at its routes and documents: made once in a process."""

from functools import cache

from fastapi import FastAPI

from api.app import create_app
from kinds.vehicle_service.api import API
from settings import Settings


@cache
def bare_application() -> FastAPI:
    """That of vehicle services, whatever its settings. To make one takes three quarters of a second."""
    return create_app(API, settings=Settings())
