"""Who takes part in an attack, and what the attackers have in their hands."""

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from attack.attackers import Material
from attack.customers import Customer
from attack.scenario import ATTACKERS, CUSTOMERS_NETWORK, Scenario
from bench.clients import Http
from bench.orders import PADS, waiting_order
from bench.stacks import Info
from devstack.kinds.vehicle_service.shop import Shop

_API = "/api/v1"
_CALLBACK = ("razorpay_payment_id", "razorpay_order_id", "razorpay_signature")
_NOISE = (1600, 1200)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The customers, the attackers' material, and whose row is locked."""

    customers: list[Customer]
    material: Material
    locked: str

    def told(self, url: str, scenario: Scenario) -> Json:
        """What the attackers' process is told."""
        material = asdict(self.material)
        return {"url": url, "per_second": scenario.per_second, "idle": scenario.idle, "material": material}


@contextmanager
def prepared(info: Info, scenario: Scenario) -> Iterator[Prepared]:
    """New people for one attack; those of the stack are left alone, but for an order that one of them pays.

    Raises:
        httpx.HTTPStatusError: somebody is refused what everybody may do.
    """
    shop = Shop(info)
    try:
        model = shop.customers[0].cars()[0]["car_model_id"]
        wish = {"services": [{"service_id": shop.service(PADS)}], "pickup_type": "walk_in"}
        addresses = [f"{CUSTOMERS_NETWORK}{number + 1}" for number in range(scenario.customers)]
        customers = [_customer(info["api"], address, model, wish) for address in addresses]
        httpx.get(f"{info['api']}/openapi.json", timeout=60).raise_for_status()  # a process builds it once
        order = waiting_order(shop, 0)[1]["order_id"]
        paid = shop.provider.pay(order)
        with tempfile.TemporaryDirectory(prefix="revcare-attack-") as folder:
            picture = Path(folder) / "noise.jpg"
            Image.effect_noise(_NOISE, 60).save(picture, quality=90)
            attacker, locked = (_Newcomer(info["api"], address) for address in ATTACKERS[:2])
            material = Material(
                token=attacker.token,
                picture=str(picture),
                callback={name: paid[name] for name in _CALLBACK},
                phones=[each.phone for each in customers],
                locked={"username": locked.phone, "password": locked.password},
            )
            yield Prepared(customers, material, locked.id)
    finally:
        shop.close()


class _Newcomer:
    """Somebody who has registered and logged in."""

    def __init__(self, base: str, address: str) -> None:
        number = uuid.uuid4().int % 10**9
        self.phone, self.password = f"7{number:09}", f"Secret-{uuid.uuid4().hex[:12]}"
        card = {"name": "Nina New", "phone": self.phone, "email": f"nina{number}@example.com"}
        way = httpx.HTTPTransport(local_address=address)
        with httpx.Client(base_url=base + _API, transport=way, timeout=30) as http:
            self.id = self._post(http, "/customers/", json={**card, "password": self.password})["id"]
            form = {"username": self.phone, "password": self.password}
            self.token = self._post(http, "/auth/login", data=form)["access_token"]
            self.device = f"known_device={http.cookies['known_device']}"

    def _post(self, http: httpx.Client, path: str, **content: Any) -> Any:
        return http.post(path, **content).raise_for_status().json()


def _customer(base: str, address: str, model: int, wish: Json) -> Customer:
    somebody = _Newcomer(base, address)
    car = {"registration_number": f"KA09{uuid.uuid4().hex[:6].upper()}", "car_model_id": model}
    bearer = {"Authorization": f"Bearer {somebody.token}"}
    with httpx.Client(base_url=base + _API, transport=httpx.HTTPTransport(), timeout=30) as http:
        vehicle = http.post("/car/", json=car, headers=bearer).raise_for_status().json()["id"]
    http_of_their_own = Http(base, address)
    asks = {**wish, "vehicle_id": vehicle}
    return Customer(http_of_their_own, somebody.phone, somebody.password, somebody.device, asks, somebody.token)
