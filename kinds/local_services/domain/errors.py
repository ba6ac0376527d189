"""Refusals of local services, beside those of every kind; their status is that of the family."""

from domain.errors import Conflict, Invalid, NotAllowed


class StaleVersion(Conflict):
    """The booking has changed since it was read"""


class OutsideSchedule(Conflict):
    """The provider does not work at that time"""


class OutsideCoverage(Conflict):
    """That place is outside of the area of the listing"""


class ListingInactive(Conflict):
    """The listing takes no requests"""


class TooManyOpen(Conflict):
    """There are too many open requests of this person"""


class TooManyOffers(Conflict):
    """There were as many offers as there can be"""


class PriceNeeded(Conflict):
    """There is no price yet"""


class NotPaid(Conflict):
    """The booking is not paid"""


class TooEarly(Conflict):
    """It is too early for that"""


class TooLate(Conflict):
    """It is too late for that"""


class NotArrived(Conflict):
    """The provider has not said that he arrived"""


class NotCompleted(Conflict):
    """The service is not completed"""


class PriceFixed(Invalid):
    """Once it is accepted, only the time can change"""


class OwnListing(Invalid):
    """Nobody requests his own service"""


class PriceOutOfRange(Invalid):
    """That price is outside of what can be paid"""


class FeeTooHigh(Invalid):
    """The fee is more than the requester would pay"""


class PhoneNotVerified(NotAllowed):
    """The phone number has to be verified first"""
