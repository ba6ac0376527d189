"""The demo of local services: six bookings at once, both roles of the worker and the API killed in the middle."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from devstack.demo.calls import Json
from devstack.demo.closing import workflow_page
from devstack.demo.crash import Crash
from devstack.demo.run import Run, ScenarioRun
from devstack.kinds.local_services.journey import ServiceJourney
from devstack.kinds.local_services.market import Market
from devstack.kinds.local_services.scenarios import SCENARIOS
from devstack.kinds.local_services.verification import ServiceRun, verify, verify_all
from devstack.stack_folder import StackFolder

SETTINGS = {
    "REVCARE_KINDS": "kinds.vehicle_service,kinds.local_services",
    "REVCARE_LOCAL_SERVICES_ANSWER_AT_LEAST": "20s",
    "REVCARE_LOCAL_SERVICES_START_EARLY": "24h",
    "REVCARE_LOCAL_SERVICES_CANCEL_GRACE": "0s",
}
"""A request for within the hour is answered within 20 seconds or not at all, work that was booked for later may begin
at once, and who has just paid cancels at the price of any other day. All else is as in production."""

_COLOURS = {
    "REQUESTED": "cyan",
    "ACCEPTED": "bright_blue",
    "IN_PROGRESS": "yellow",
    "COMPLETED": "bold green",
    "CANCELLED": "bold red",
}
_STAGGER = 0.6


class Wording:
    """How bookings of services read."""

    heading = "seeker, service"
    colours: Mapping[str, str] = _COLOURS

    def subject(self, booking: Json) -> tuple[str, str]:
        return booking["requester"]["first_name"], f"{booking['listing']['title']}, {booking['provider']['first_name']}"

    def described(self, booking: Json) -> str:
        seeker, provider = booking["requester"]["first_name"], booking["provider"]["first_name"]
        return f"{seeker} asks {provider}: {booking['listing']['title']}, {booking['total_price']}"

    def money(self, booking: Json) -> list[str]:
        payout, state = booking["payout"], booking["payment_status"]
        lines = [] if state == "none" else [f"{booking['total_price']} {state.replace('_', ' ')}"]
        return [*lines, *([f"payout {payout['state']}"] if payout else [])]


class ServicesDemo:
    """Four completed, one unanswered, one cancelled."""

    wording = Wording()
    needed = ("kinds", "people", "mail", "phone", "razorpay", "processes")
    own_stack: str | None = "This demo starts one of its own, with short windows"
    settings: Mapping[str, str] = SETTINGS
    verified_against = "the API, the ledger and the payment provider"

    def shop(self, info: Json) -> Market:
        return Market(info)

    def runs(self, shop: Market, say: Callable[[str], None], pace: float, timeout: float) -> list[ServiceRun]:
        return [
            ScenarioRun(
                scenario,
                ServiceJourney(scenario.name, shop, scenario.people, say=say, pace=pace, timeout=timeout),
                pace * _STAGGER * number,
            )
            for number, scenario in enumerate(SCENARIOS)
        ]

    def crashes(
        self, folder: StackFolder, shop: Market, announce: Callable[[str], None], runs: Sequence[Run]
    ) -> list[Crash]:
        titles = {
            "worker": "the worker that runs the bookings",
            "activities": "the worker that calls the payment provider",
            "api-local-services": "the API",
        }
        crashes = {part: Crash(folder, shop, announce, part, title) for part, title in titles.items()}
        of = {run.scenario.name: run.journey for run in runs}
        of["plain"].amid_payment = crashes["worker"].kill_now
        of["disputed"].amid_payment = crashes["activities"].kill_now
        of["counter"].amid_chat = crashes["api-local-services"].kill_now
        return list(crashes.values())

    def verify(self, shop: Market, run: ServiceRun) -> Iterator[str]:
        yield from verify(shop, run)

    def verify_all(self, shop: Market, runs: Sequence[ServiceRun]) -> Iterator[str]:
        yield from verify_all(shop, runs)

    def places(self, info: Json, runs: Sequence[ServiceRun]) -> dict[str, str]:
        number, api = runs[0].journey.id, info["kinds"]["local-services"]["api"]
        places = {"API, to try out (Swagger)": f"{api}/docs"}
        if info.get("temporal_ui"):
            places["Temporal UI"] = f"{info['temporal_ui']}/namespaces/{info['temporal_namespace']}/workflows"
            places[f"  booking {number} there"] = workflow_page(info, f"local_services-{number}")
        return {**places, "mails": str(info["mail"]["api"]), "text messages and pushes": str(info["phone"]["api"])}

    def logins(self, info: Json, runs: Sequence[ServiceRun]) -> list[tuple[str, Json]]:
        admin, one = info["kinds"]["local-services"]["people"]["admin"], runs[0].journey
        return [("admin", admin), ("provider", one.provider.card), ("seeker", one.seeker.card)]


DEMO = ServicesDemo()
