"""From request bodies to commands, with the facts that the rules need: qualifications, offers, the GST of now."""

from collections.abc import Mapping
from datetime import UTC, datetime

from adapters.mongo.gst import GstRates
from adapters.postgres.booking_queries import BookingQueries
from domain.billing.records import Method
from domain.children import booking_of
from domain.errors import Invalid, NotFound
from domain.money import Paise
from domain.people import Actor
from kinds.vehicle_service.api.factory import BookingFactory
from kinds.vehicle_service.api.offers import fitting, line_of
from kinds.vehicle_service.api.schemas.bookings import CancelBooking, ConfirmServicesBody, RescheduleBooking
from kinds.vehicle_service.api.schemas.cash import CashCollected
from kinds.vehicle_service.api.schemas.workshop import (
    AssignMechanic,
    EditAnalysisBody,
    EditProgressBody,
    SubmitAnalysisBody,
    SubmitProgressBody,
    Verdict,
)
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.lifecycle import STATUS_IDS, VisitStatus
from kinds.vehicle_service.domain.parts import Job, Line, Origin
from kinds.vehicle_service.domain.visit import VisitBooking
from kinds.vehicle_service.postgres.booking_facts import BookingFacts

_STATUSES = {number: status for status, number in STATUS_IDS.items()}


class CommandFactory:
    """Builds the commands of a vehicle service."""

    def __init__(
        self, facts: BookingFacts, rates: GstRates, factory: BookingFactory, queries: BookingQueries[VisitBooking]
    ) -> None:
        self._facts = facts
        self._rates = rates
        self._factory = factory
        self._queries = queries

    async def assign(self, actor: Actor, body: AssignMechanic) -> commands.Assign:
        """A job for a mechanic who exists."""
        job, mechanic, absences = await self._facts.mechanic(body.mechanic_id, body.assignment_type_id)
        if job is None:
            raise NotFound(f"there is no assignment type {body.assignment_type_id}")
        if mechanic is None:
            raise NotFound(f"there is no mechanic {body.mechanic_id}")
        if job not in list(Job):
            raise Invalid(f"{job} is not a job of this kind of booking")
        return commands.Assign(actor, Job(job), mechanic, body.note or None, absences)

    async def submit_progress(self, actor: Actor, body: SubmitProgressBody) -> commands.SubmitProgress:
        """A report; whatever it is about, the services that it names are the booking's."""
        await self._must_be_services_of(body.booking_id, actor, body.service_ids)
        status = status_with_id(body.status_id) if body.status_id is not None else None
        return commands.SubmitProgress(actor, body.notes or None, tuple(body.images or ()), body.service_ids, status)

    async def edit_progress(self, actor: Actor, report_id: int, body: EditProgressBody) -> commands.EditProgress:
        """A correction: what the body does not mention stays, null empties."""
        given = body.model_fields_set
        await self._must_be_services_of(booking_of(report_id), actor, body.service_ids)
        return commands.EditProgress(
            actor,
            report_id,
            notes=(body.notes or "") if "notes" in given else None,
            images=tuple(body.images or ()) if "images" in given else None,
            service_ids=body.service_ids if body.names_services else None,
        )

    async def validate_progress(self, actor: Actor, report_id: int, verdict: Verdict) -> commands.ValidateProgress:
        """Approved, or sent back."""
        return commands.ValidateProgress(actor, report_id, verdict.approved, verdict.reason or None)

    async def submit_analysis(self, actor: Actor, body: SubmitAnalysisBody) -> commands.SubmitAnalysis:
        """What was found."""
        return commands.SubmitAnalysis(
            actor,
            body.description,
            body.recommendation or None,
            body.price_quote,
            await self._recommended(body.booking_id, body.recommended_services),
            tuple(body.images),
        )

    async def edit_analysis(self, actor: Actor, booking_id: int, body: EditAnalysisBody) -> commands.EditAnalysis:
        """A correction: what the body does not mention stays, null empties."""
        given = body.model_fields_set
        recommended = None
        if "recommended_services" in given:
            recommended = await self._recommended(booking_id, body.recommended_services or {})
        return commands.EditAnalysis(
            actor,
            description=body.description,
            recommendation=(body.recommendation or "") if "recommendation" in given else None,
            quotes=body.price_quote or {},
            recommended=recommended,
            images=tuple(body.images or ()) if "images" in given else None,
        )

    async def validate_analysis(self, actor: Actor, verdict: Verdict) -> commands.ValidateAnalysis:
        """Approved at the GST of now, or sent back."""
        percent = await self._rates.percent() if verdict.approved else None
        return commands.ValidateAnalysis(actor, verdict.approved, verdict.reason or None, percent)

    async def confirm(self, actor: Actor, body: ConfirmServicesBody) -> commands.ConfirmServices:
        """The customer's choice."""
        return commands.ConfirmServices(actor, tuple(body.service_ids), await self._method(body))

    async def cancel(self, actor: Actor, body: CancelBooking) -> commands.Cancel:
        """A cancellation, its fee at the GST of now, or while nobody can tell that at the one of the booking."""
        return commands.Cancel(actor, body.reason or None, await self._rates.percent_if_told())

    async def reschedule(self, actor: Actor, booking_id: int, body: RescheduleBooking) -> commands.Reschedule:
        """New times; what the body leaves open stays as the booking has it."""
        booking = (await self._queries.detail(booking_id, actor)).booking
        return await self._factory.reschedule(body, booking, actor, datetime.now(UTC))

    async def choose_cash(self, actor: Actor) -> commands.ChooseCash:
        """Cash for the estimate, or the cash collection on delivery is opened."""
        return commands.ChooseCash(actor)

    async def cash_collected(self, actor: Actor, body: CashCollected) -> commands.VerifyCash | commands.RefusePayment:
        """Cash that was taken, or a customer who does not pay."""
        if not body.refused:
            return commands.VerifyCash(actor, body.amount)
        if body.amount:
            raise Invalid("a payment that was refused has the amount 0.00")
        return commands.RefusePayment(actor, body.reason or None)

    async def _must_be_services_of(self, booking_id: int, actor: Actor, service_ids: tuple[int, ...]) -> None:
        """During the work the rules know better: then a service has to be confirmed."""
        booking = (await self._queries.detail(booking_id, actor)).booking if service_ids else None
        if booking is None or booking.status is VisitStatus.IN_PROGRESS:
            return
        if unknown := set(service_ids) - {line.service_id for line in booking.lines}:
            raise Invalid(f"service {min(unknown)} is not a service of this booking", service_id=min(unknown))

    async def _method(self, body: ConfirmServicesBody) -> Method:
        if body.payment_method_id is None:
            return body.payment_method or Method.ONLINE
        name = await self._facts.payment_method(body.payment_method_id)
        if name is None:
            raise NotFound(f"there is no payment method {body.payment_method_id}")
        if name not in list(Method):
            raise Invalid(f"a booking cannot be paid by {name}")
        return Method(name)

    async def _recommended(self, booking_id: int, prices: Mapping[int, Paise]) -> tuple[Line, ...]:
        if not prices:
            return ()
        offers = await self._facts.recommended(booking_id, list(prices))
        lines = []
        for service_id, price in prices.items():
            line = line_of(fitting(service_id, offers), Origin.RECOMMENDED)
            line.quote = price
            lines.append(line)
        return tuple(lines)


def status_with_id(status_id: int) -> VisitStatus:
    """The status of that id.

    Raises:
        Invalid: there is none.
    """
    if status_id not in _STATUSES:
        raise Invalid(f"there is no status {status_id} in the life of a booking")
    return _STATUSES[status_id]
