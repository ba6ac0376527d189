"""Verifies a finished booking of a service against the API and the payment provider, to the paisa."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from devstack.demo.calls import Json
from devstack.demo.expectations import must
from devstack.demo.run import ScenarioRun
from devstack.kinds.local_services.journey import ServiceJourney
from devstack.kinds.local_services.market import Market
from devstack.kinds.local_services.scenarios import Scenario

ServiceRun = ScenarioRun[Scenario, ServiceJourney]


def verify(market: Market, run: ServiceRun) -> Iterator[str]:
    """Each check that passed, as text.

    Raises:
        VerificationFailed: the first check that does not pass.
    """
    scenario, booking = run.scenario, run.booking
    yield _ended(scenario, booking)
    yield _moved(scenario, booking)
    yield from run.journey.holds
    yield _paid(market, scenario, booking)
    yield _paid_out(market, run)


def verify_all(market: Market, runs: Sequence[ServiceRun]) -> Iterator[str]:
    """The ledger of all bookings: what came in, went back and went to the providers, and what is left.

    Raises:
        VerificationFailed: its sum is not what the payments, refunds and payouts leave.
    """
    entries = [entry for run in runs for entry in market.admin.ledger(run.journey.id)]
    kinds = sorted({entry["kind"] for entry in entries})
    sums = [f"{kind} {_sum(entry for entry in entries if entry['kind'] == kind):+}" for kind in kinds]
    wanted = sum((_left(run.scenario) for run in runs), Decimal(0))
    must(_sum(entries) == wanted, f"the ledger sums up to {_sum(entries)}, not {wanted}: {', '.join(sums)}")
    yield f"ledger sum {_sum(entries)}, which RevCare keeps: {', '.join(sums)}"


def _ended(scenario: Scenario, booking: Json) -> str:
    must(booking["status"] == scenario.status, f"it ended {booking['status']}, not {scenario.status}")
    must(booking["waiting_for"] is None, f"it still waits: {booking['waiting_for']}")
    state = booking["payment_status"]
    must(state == scenario.payment, f"its payment is {state}, not {scenario.payment}")
    return f"ended {scenario.status}"


def _moved(scenario: Scenario, booking: Json) -> str:
    versions = [entry["version"] for entry in booking["timeline"]]
    last = booking["version"]
    must(versions == list(range(1, last + 1)), f"the timeline counts {versions}, not 1 to {last}")
    told = set(scenario.moves)
    moves = tuple(entry["action"] for entry in booking["timeline"] if entry["action"] in told)
    must(moves == scenario.moves, f"it was moved by {moves}, not {scenario.moves}")
    return f"timeline 1..{last} without a gap"


def _paid(market: Market, scenario: Scenario, booking: Json) -> str:
    """What the payment provider took and gave back, each once."""
    captured = [_rupees(each["amount"]) for each in market.gateway.captured(booking)]
    refunded = [_rupees(each["amount"]) for each in market.gateway.refunds(booking)]
    must(captured == _once(scenario.paid), f"captured were {captured}, not {scenario.paid} once")
    must(refunded == _once(scenario.refunded), f"refunded were {refunded}, not {scenario.refunded} once")
    back = f", {scenario.refunded} back" if refunded else ""
    return f"{scenario.paid} paid once{back}" if captured else "no money moved"


def _paid_out(market: Market, run: ServiceRun) -> str:
    """What the provider has got: in the booking, at the payment provider, and in the ledger."""
    scenario, booking, provider = run.scenario, run.booking, run.journey.provider
    transfers = market.accounts.transfers(booking["id"])
    entries = market.admin.ledger(booking["id"])
    must(_sum(entries) == _left(scenario), f"its ledger sums up to {_sum(entries)}, not {_left(scenario)}")
    if not Decimal(scenario.payout):
        must(not transfers and not booking["payout"], f"there is a payout: {booking['payout']}, {transfers}")
        return f"no payout to {provider.name}"
    must(len(transfers) == 1, f"there are {len(transfers)} transfers, not one")
    transfer, payout = transfers[0], booking["payout"]
    kept = _rupees(transfer["amount"] - transfer["amount_reversed"])
    must(payout["amount"] == scenario.payout, f"the payout is {payout['amount']}, not {scenario.payout}")
    must(kept == Decimal(scenario.payout), f"the payment provider transferred {kept}, not {scenario.payout}")
    taken_back = _rupees(transfer["amount_reversed"])
    must(taken_back == Decimal(scenario.reversed), f"{taken_back} of it was taken back, not {scenario.reversed}")
    must(not transfer["on_hold"], "the transfer is still on hold")
    return f"payout {scenario.payout} to {provider.name}, one transfer"


def _left(scenario: Scenario) -> Decimal:
    """What stays with the platform: commission and taxes."""
    return Decimal(scenario.paid) - Decimal(scenario.refunded) - Decimal(scenario.payout)


def _once(amount: str) -> list[Decimal]:
    return [Decimal(amount)] if Decimal(amount) else []


def _sum(entries: "Iterator[Json] | list[Json]") -> Decimal:
    return sum((Decimal(entry["amount"]) for entry in entries), Decimal("0.00"))


def _rupees(paise: int) -> Decimal:
    return Decimal(paise) / 100
