"""Timeslots and addresses that a request names, looked up among those that there are."""

from domain.booking import Address
from domain.errors import Invalid, NotFound
from kinds.vehicle_service.api.schemas.bookings import AddressInPlace, Times
from kinds.vehicle_service.domain.parts import Timeslot
from kinds.vehicle_service.postgres.request_facts import Places


def timeslot(places: Places, slot_id: int | None) -> Timeslot | None:
    if slot_id is None:
        return None
    if slot_id not in places.timeslots:
        raise NotFound(f"there is no timeslot {slot_id}")
    return places.timeslots[slot_id]


def pickup_place(wish: Times, places: Places) -> Address | None:
    return _place(wish.pickup_address, wish.pickup_address_id, places)


def drop_place(wish: Times, places: Places) -> Address | None:
    return _place(wish.drop_address, wish.drop_address_id, places)


def _place(new: AddressInPlace | None, known: int | None, places: Places) -> Address | None:
    if new is not None:
        area = places.areas.get(new.area_id)
        if area is None:
            raise NotFound(f"there is no area {new.area_id}")
        return Address(None, new.label, new.line1, new.line2, area.name, area.pincode)
    if known is not None and known not in places.addresses:
        raise NotFound(f"there is no address {known}")
    return places.addresses[known] if known is not None else None


def first_address(places: Places) -> Address:
    if not places.addresses:
        raise Invalid("give an address to collect the car from: pickup_address_id or pickup_address")
    return next(iter(places.addresses.values()))
