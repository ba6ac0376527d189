"""What hangs on a service: its price chart and the fuels that it fits. Bookings keep the prices they were made with."""

from collections.abc import Iterable, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.statements import write
from domain.money import Paise

_PRICE = "INSERT INTO price_chart (service_id, car_class_id, price) VALUES (:service, :car_class, :price)"
_FUEL = "INSERT INTO service_fuel_types (service_id, fuel_type_id) VALUES (:service, :fuel)"
_EVERY_FUEL = "INSERT INTO service_fuel_types (service_id, fuel_type_id) SELECT :service, id FROM fuel_types"


async def put_prices(connection: AsyncConnection, service_id: int, prices: Mapping[int, Paise]) -> None:
    """The whole price chart, by car class. The caller holds the service's row; Invalid for an unknown class."""
    await write(connection, "DELETE FROM price_chart WHERE service_id = :service", service=service_id)
    for car_class, price in prices.items():
        await write(connection, _PRICE, service=service_id, car_class=car_class, price=price)


async def put_fuels(connection: AsyncConnection, service_id: int, fuels: Iterable[int] | None) -> None:
    """The fuels that the service fits, None for all that there are. The caller holds the service's row."""
    await write(connection, "DELETE FROM service_fuel_types WHERE service_id = :service", service=service_id)
    if fuels is None:
        await write(connection, _EVERY_FUEL, service=service_id)
    for fuel in fuels or ():
        await write(connection, _FUEL, service=service_id, fuel=fuel)
