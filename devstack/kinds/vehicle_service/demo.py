"""The demo of vehicle service: six cars at once, each role of the worker killed in the middle."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

from devstack.demo.calls import Json
from devstack.demo.closing import workflow_page
from devstack.demo.crash import Crash
from devstack.demo.run import Run, ScenarioRun
from devstack.kinds.vehicle_service.journey import Journey
from devstack.kinds.vehicle_service.scenarios import SCENARIOS, Scenario
from devstack.kinds.vehicle_service.shop import Shop
from devstack.kinds.vehicle_service.verification import verify
from devstack.stack_folder import StackFolder

VisitRun = ScenarioRun[Scenario, Journey]
KIND = "vehicle_service"
_COLOURS = {
    "booked": "white",
    "pickup": "cyan",
    "received": "bright_blue",
    "analysis": "blue",
    "analysed": "magenta",
    "in-progress": "yellow",
    "completed": "green_yellow",
    "out-for-delivery": "bright_green",
    "delivered": "bold green",
    "cancelled": "bold red",
}
_IN_THE_WORKSHOP = frozenset({"received", "analysis", "analysed", "in-progress"})
_STAGGER = 0.6


def run_of(scenario: Scenario, shop: Shop, pace: float, timeout: float, delay: float) -> VisitRun:
    """A run that begins after ``delay`` seconds; ``pace`` is the pause before each step."""
    return ScenarioRun(scenario, Journey(scenario.name, shop, pace=pace, timeout=timeout), delay)


def in_the_workshop(share: float) -> Callable[[Sequence[Run]], str | None]:
    """The moment at which that share of the bookings is in the workshop."""

    def moment(runs: Sequence[Run]) -> str | None:
        busy = sum(run.status in _IN_THE_WORKSHOP for run in runs)
        return f"with {busy} of {len(runs)} bookings in the workshop" if busy >= share * len(runs) else None

    return moment


class Wording:
    """How visits read."""

    heading = "customer, vehicle"
    colours: Mapping[str, str] = _COLOURS

    def subject(self, booking: Json) -> tuple[str, str]:
        vehicle = booking["vehicle"]
        return booking["customer"]["name"], f"{vehicle['manufacturer']} {vehicle['model']}"

    def described(self, booking: Json) -> str:
        return f"{', '.join(self.subject(booking))} ({booking['vehicle']['registration_number']})"

    def money(self, booking: Json) -> list[str]:
        totals = booking["totals"]
        lines = [f"paid {totals['paid']}"] if Decimal(totals["paid"]) else []
        if Decimal(totals["refunded"]):
            lines.append(f"refunded {totals['refunded']}")
        elif Decimal(totals["due"]):
            lines.append(f"due {totals['due']}")
        return lines


class VehicleDemo:
    """Four delivered, two cancelled."""

    wording = Wording()
    needed = ("api", "people", "mail", "razorpay", "processes")
    own_stack: str | None = None
    settings: Mapping[str, str] = {}
    verified_against = "the API, the mailbox and the payment provider"

    def shop(self, info: Json) -> Shop:
        return Shop(info)

    def runs(self, shop: Shop, say: Callable[[str], None], pace: float, timeout: float) -> list[VisitRun]:
        return [run_of(each, shop, pace, timeout, pace * _STAGGER * n) for n, each in enumerate(SCENARIOS)]

    def crashes(
        self, folder: StackFolder, shop: Shop, announce: Callable[[str], None], runs: Sequence[Run]
    ) -> list[Crash]:
        first, second = "the worker that runs the bookings", "the worker that calls provider and mail server"
        return [
            Crash(folder, shop, announce, "worker", first, in_the_workshop(0.5)),
            Crash(folder, shop, announce, "activities", second, in_the_workshop(0.0)),
        ]

    def verify(self, shop: Shop, run: VisitRun) -> Iterator[str]:
        yield from verify(shop, run.scenario, run.journey.customer, run.booking, crashed=True)

    def verify_all(self, shop: Shop, runs: Sequence[VisitRun]) -> Iterator[str]:
        yield from ()

    def places(self, info: Json, runs: Sequence[VisitRun]) -> dict[str, str]:
        run = next((run for run in runs if run.booking.get("invoice")), runs[0])
        number = run.journey.id
        places = {"API, to try out (Swagger)": f"{info['api']}/docs"}
        if info.get("temporal_ui"):
            places["Temporal UI"] = f"{info['temporal_ui']}/namespaces/{info['temporal_namespace']}/workflows"
            places[f"  booking {number} there"] = workflow_page(info, f"{KIND}-{number}")
        places["mails"] = str(info["mail"]["api"])
        places[f"booking {number} (log in first)"] = f"{info['api']}/bookings/{number}"
        if run.booking.get("invoice"):
            places["  its invoice"] = f"{info['api']}{run.booking['invoice']['url']}"
        return places

    def logins(self, info: Json, runs: Sequence[VisitRun]) -> list[tuple[str, Json]]:
        people, customer = info["people"], runs[0].journey.customer.card
        return [("admin", people["admin"]), ("mechanic", people["mechanics"][0]), ("customer", customer)]


DEMO = VehicleDemo()
