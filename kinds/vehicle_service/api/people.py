"""Customers and mechanics as the routes read them, and their ids."""

from typing import Annotated

from fastapi import Path, Query

from adapters.postgres.people import users
from api.people.accounts import PeopleOfRole
from domain.people import Role
from kinds.vehicle_service.postgres import mechanics

CustomerId = Annotated[str, Path(pattern=r"^CST[0-9]{6,12}$", examples=["CST000210"])]
MechanicId = Annotated[str, Path(pattern=r"^MEC[0-9]{6,12}$", examples=["MEC000034"])]
OfCustomer = Annotated[str | None, Query(pattern=r"^CST[0-9]{6,12}$", description="For admins: of this customer")]

CUSTOMERS = PeopleOfRole(Role.CUSTOMER, users.CUSTOMERS, users.SEARCH)
MECHANICS = PeopleOfRole(Role.MECHANIC, mechanics.MECHANICS, mechanics.MECHANIC_SEARCH)
