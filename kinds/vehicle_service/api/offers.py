"""Services as the catalogue offers them for a car, and the lines of a booking made from them."""

from collections.abc import Mapping

from domain.errors import Invalid, NotFound
from kinds.vehicle_service.api.schemas.bookings import WantedService
from kinds.vehicle_service.domain.parts import Line, Origin
from kinds.vehicle_service.postgres.request_facts import Offer


def requested_line(wanted: WantedService, offers: Mapping[int, Offer]) -> Line:
    offer = fitting(wanted.service_id, offers)
    if offer.price is None:
        raise Invalid(f"{offer.title} has no price for this class of car", service_id=offer.id)
    return line_of(offer, Origin.REQUESTED, wanted.quantity)


def fitting(service_id: int, offers: Mapping[int, Offer]) -> Offer:
    """The offer of a service that exists and suits the car.

    Raises:
        NotFound, Invalid: it does not.
    """
    offer = offers.get(service_id)
    if offer is None:
        raise NotFound(f"there is no service {service_id}")
    if not offer.fits:
        raise Invalid(f"{offer.title} does not fit the fuel type of this car", service_id=service_id)
    return offer


def line_of(offer: Offer, origin: Origin, quantity: int = 1) -> Line:
    """A line as the price chart estimates it."""
    return Line(
        service_id=offer.id,
        title=offer.title,
        quantity=quantity,
        origin=origin,
        category_id=offer.category_id,
        difficulty=offer.difficulty,
        estimate=offer.price,
        sac=offer.sac,
    )
