"""`python -m bench.reads`: what an authorised read costs the API's process, beside a bare Starlette reply of its bytes.

Through all guards, log and metrics as shipped, over loopback, in turns: a case is a few rounds of both, and the medians
count. What is promised is the processor time of the process; rates depend on what else the machine does.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvloop

from bench.bare import bare_server
from bench.load import Measured, loaded, one_by_one, request
from bench.rows import change_photos
from bench.stacks import Info, processor_seconds, running_stack
from devstack.demo.calls import Json
from devstack.kinds.vehicle_service.journey import Journey
from devstack.kinds.vehicle_service.people import Customer
from devstack.kinds.vehicle_service.shop import Shop
from devstack.parts.base import REPOSITORY

CONNECTIONS = 16
PADS, WASH = "Brake pads, front", "Wash and vacuum"
_PREFIX = "/api/v1"
_LISTED, _WORKED_ON = 20, 8
_PASSES = 25


@dataclass(frozen=True, slots=True)
class Read:
    """One case: requests that are made in turn; ``limit`` is the promised multiple of the peer's processor time.

    ``changed`` are people whose rows change before each pass, so that nothing that was kept in memory is of use.
    """

    name: str
    limit: float | None
    paths: Sequence[str]
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    changed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What a case has shown, round by round."""

    read: Read
    size: int
    product: Sequence[Measured]
    bare: Sequence[Measured]
    postgres: Sequence[float]

    def row(self) -> dict[str, Any]:
        """Medians; ratios are of the two halves of one round."""
        pairs = list(zip(self.product, self.bare, strict=True))
        middle = statistics.median
        return {
            "case": self.read.name,
            "bytes": self.size,
            "cpu_us": round(middle(each.cpu_us for each in self.product), 1),
            "bare_cpu_us": round(middle(each.cpu_us for each in self.bare), 1),
            "cpu_ratio": round(middle(ours.cpu_us / theirs.cpu_us for ours, theirs in pairs), 2),
            "limit": self.read.limit,
            "rate": round(middle(each.rate for each in self.product)),
            "bare_rate": round(middle(each.rate for each in self.bare)),
            "rate_ratio": round(middle(ours.rate / theirs.rate for ours, theirs in pairs), 2),
            "postgres_cpu_us": round(middle(self.postgres), 1),
        }


def main() -> int:
    """Measure, print, write the JSON, and answer 0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m bench.reads", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each side (5)")
    parser.add_argument("--seconds", type=float, default=0.8, help="length of a round (0.8)")
    parser.add_argument("--only", default="", help="cases whose name begins so")
    parser.add_argument("--json", type=Path, default=REPOSITORY / ".stack" / "bench" / "reads.json", help="the file")
    wanted = parser.parse_args()
    with running_stack() as info:
        results = measured(info, wanted.rounds, wanted.seconds, wanted.only)
    rows = [each.row() for each in results]
    print(table(rows))
    wanted.json.parent.mkdir(parents=True, exist_ok=True)
    wanted.json.write_text(json.dumps(rows, indent=2) + "\n")
    print(f"the same as JSON: {wanted.json}")
    return 0 if all(row["cpu_ratio"] <= row["limit"] for row in rows if row["limit"]) else 1


def measured(info: Info, rounds: int = 5, seconds: float = 0.8, only: str = "") -> list[Result]:
    """The cases of P1 on a running stack."""
    shop = Shop(info)
    try:
        print(f"{_LISTED} bookings are made, {_WORKED_ON} of them worked on ...", flush=True)
        reads = [read for read in _cases(shop) if read.name.startswith(only)]
    finally:
        shop.close()
    with httpx.Client(base_url=info["api"], trust_env=False) as http:
        bodies = {read.name: [_body(http, read, path) for path in read.paths] for read in reads}
    routes = {_bare(read, n): (read.status, bodies[read.name][n]) for read in reads for n in range(len(read.paths))}
    with tempfile.TemporaryDirectory(prefix="revcare-bench-") as folder, bare_server(Path(folder), routes) as peer:
        results = []
        for read in reads:
            print(f"{read.name} ...", flush=True)
            size = max(len(json.dumps(body, ensure_ascii=False, separators=(",", ":"))) for body in bodies[read.name])
            results.append(Result(read, size, *uvloop.run(_rounds(info, read, peer, rounds, seconds))))
        return results


def _cases(shop: Shop) -> list[Read]:
    owner, worked_on = _bookings(shop)
    customer, admin = owner.login(), shop.admin.login()
    details = [f"{_PREFIX}/bookings/{booking['id']}" for booking in worked_on]
    mechanics = sorted({job["mechanic"]["id"] for booking in worked_on for job in booking["assignments"]})
    return [
        Read("detail", 3.0, details, customer),
        Read("detail, changed since", None, details, customer, changed=mechanics),
        Read("list of 20", 2.5, [f"{_PREFIX}/bookings/customer?limit=20"], customer),
        Read("dashboard of 20", None, [f"{_PREFIX}/bookings/admin/dashboard?limit=20"], admin),
        Read("health", 2.5, ["/health/live"]),
        Read("401", 2.5, details, status=401),
    ]


def _bookings(shop: Shop) -> tuple[Customer, list[Json]]:
    """A customer with that many bookings, some of them paid online and worked on."""
    owner = shop.customers[0]
    model, services = owner.cars()[0]["car_model_id"], [shop.service(PADS), shop.service(WASH)]

    def booked(_number: int) -> Json:
        car = owner.add_car(f"MH15{uuid.uuid4().hex[:6].upper()}", model)["id"]
        return owner.book(car, services, pickup_type="walk_in", **shop.times())

    def worked_on(booking: Json) -> Json:
        journey = Journey("bench", shop)
        journey.customer, journey.booking = owner, booking
        journey.receive_walk_in()
        journey.analyse()
        journey.pay_online()
        journey.work(PADS)
        return owner.booking(booking["id"])

    with ThreadPoolExecutor(4) as people:
        made = list(people.map(booked, range(_LISTED)))
        return owner, list(people.map(worked_on, made[:_WORKED_ON]))


def _body(http: httpx.Client, read: Read, path: str) -> Any:
    answer = http.get(path, headers=read.headers)
    if answer.status_code != read.status:
        raise ValueError(f"{path}: {answer.status_code} {answer.text[:300]}")
    return answer.json()


def _bare(read: Read, number: int) -> str:
    return f"/{read.name.replace(' ', '-')}/{number}"


async def _rounds(
    info: Info, read: Read, peer: tuple[str, int], rounds: int, seconds: float
) -> tuple[list[Measured], list[Measured], list[float]]:
    """Both in turns; a short round of each before that, to get warm."""
    url, pid = peer
    ours = [request(info["api"] + path, read.headers.items()) for path in read.paths]
    theirs = [request(url + _bare(read, number)) for number in range(len(read.paths))]
    product: list[Measured] = []
    bare: list[Measured] = []
    postgres: list[float] = []
    for length in (seconds / 4, *(seconds for _ in range(rounds))):
        bare.append(await loaded(url, pid, theirs, read.status, length, CONNECTIONS))
        before = processor_seconds(info)["postgres"]
        product.append(await _product(info, read, ours, length))
        postgres.append((processor_seconds(info)["postgres"] - before) / product[-1].answers * 1e6)
    return product[1:], bare[1:], postgres[1:]


async def _product(info: Info, read: Read, requests: Sequence[bytes], seconds: float) -> Measured:
    url, pid = info["api"], info["processes"]["api"]
    if not read.changed:
        return await loaded(url, pid, requests, read.status, seconds, CONNECTIONS)
    passes = []
    for _ in range(_PASSES):
        await change_photos(info, read.changed)
        await asyncio.sleep(0.02)  # token caches hear of it; that is not what is measured
        passes.append(await one_by_one(url, pid, requests, read.status))
    return Measured(*(sum(figures) for figures in zip(*(astuple(each) for each in passes), strict=True)))


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The figures for people: processor time in microseconds an answer, rates in answers a second."""
    heads = ("case", "bytes", "API us", "bare us", "x CPU", "limit", "API/s", "bare/s", "x rate", "PG us")
    lines = [heads, *(tuple("" if value is None else str(value) for value in row.values()) for row in rows)]
    return "\n".join(
        "".join(f"{cell:<24}" if n == 0 else f"{cell:>9}" for n, cell in enumerate(line)) for line in lines
    )


if __name__ == "__main__":
    sys.exit(main())
