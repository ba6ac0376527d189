"""Customers and mechanics as the routes read them, and their ids."""

from typing import Annotated

from fastapi import Path, Query

from api.people.accounts import PeopleOfRole, id_pattern, people_of
from kinds.vehicle_service.domain.roles import CUSTOMER, MECHANIC
from kinds.vehicle_service.postgres import mechanics

CustomerId = Annotated[str, Path(pattern=id_pattern(CUSTOMER), examples=["CST000210"])]
MechanicId = Annotated[str, Path(pattern=id_pattern(MECHANIC), examples=["MEC000034"])]
OfCustomer = Annotated[str | None, Query(pattern=id_pattern(CUSTOMER), description="For admins: of this customer")]

CUSTOMERS = people_of(CUSTOMER)
MECHANICS = PeopleOfRole(MECHANIC, mechanics.MECHANICS, mechanics.MECHANIC_SEARCH)
