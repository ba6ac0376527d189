"""Refusals of the vehicle service, beside those of every kind; their status is that of the family."""

from domain.errors import Conflict


class VehicleBusy(Conflict):
    """The vehicle already has an open booking"""


class NotQualified(Conflict):
    """The mechanic is not qualified for that"""


class MechanicAbsent(Conflict):
    """The mechanic is away then"""


class NotDelivered(Conflict):
    """That service has not been delivered to this customer"""
