"""What people ask of a service visit, and what its deadlines do: the payloads of updates.

Whoever builds a command has looked up the facts in it (a mechanic's qualifications, a service's title, the GST of
the moment); whether the booking grants it is decided by the rules alone.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from domain.billing.records import Method
from domain.commands import Command, CommandWithOrder, EngineCommand
from domain.money import Paise
from kinds.vehicle_service.domain.lifecycle import VisitStatus
from kinds.vehicle_service.domain.parts import Absence, Job, Leg, Line, Mechanic


@dataclass(frozen=True, slots=True)
class Assign(Command):
    """Give a job to a mechanic, or to another one instead."""

    job: Job
    mechanic: Mechanic
    note: str | None = None
    absences: tuple[Absence, ...] = ()
    """Of the mechanic, as far as they are not over; a command of an earlier release knows of none."""


@dataclass(frozen=True, slots=True)
class SubmitProgress(Command):
    """A report from the road or the workshop. ``status`` is where the reporter says it leads; checked."""

    notes: str | None = None
    images: tuple[str, ...] = ()
    service_ids: tuple[int, ...] = ()
    status: VisitStatus | None = None


@dataclass(frozen=True, slots=True)
class EditProgress(Command):
    """An admin's correction of a report that waits; None leaves a field as it is."""

    report_id: int
    notes: str | None = None
    images: tuple[str, ...] | None = None
    service_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class ValidateProgress(Command):
    """An admin's decision on a report: approved, or sent back with a reason."""

    report_id: int
    approved: bool = True
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SubmitAnalysis(Command):
    """What the mechanic found. ``quotes``: paise per unit for every requested line; ``recommended``: new lines."""

    description: str
    recommendation: str | None
    quotes: dict[int, Paise]
    recommended: tuple[Line, ...] = ()
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EditAnalysis(Command):
    """An admin's correction of an analysis that waits, prices too; None leaves a field as it is."""

    description: str | None = None
    recommendation: str | None = None
    quotes: dict[int, Paise] = field(default_factory=dict)
    recommended: tuple[Line, ...] | None = None
    images: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ValidateAnalysis(Command):
    """An admin's decision on the analysis; ``gst_percent`` is the rate of the moment, kept from then on."""

    approved: bool = True
    reason: str | None = None
    gst_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ConfirmServices(CommandWithOrder):
    """The customer's line-by-line choice and how they will pay; an online choice is performed with its order."""

    service_ids: tuple[int, ...]
    method: Method


@dataclass(frozen=True, slots=True)
class ChooseCash(CommandWithOrder):
    """Cash on delivery: the customer's choice for the approved estimate, or the collection opened on site.

    On site an order is offered beside cash, for those who pay online.
    """


@dataclass(frozen=True, slots=True)
class VerifyCash(Command):
    """Cash was collected; the amount in paise must be the amount due."""

    amount: Paise


@dataclass(frozen=True, slots=True)
class RefusePayment(Command):
    """The customer does not pay at the door; an admin decides how it goes on."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Reschedule(Command):
    """New times for one or both ways; None leaves a way as it is."""

    pickup: Leg | None = None
    drop: Leg | None = None


@dataclass(frozen=True, slots=True)
class Cancel(Command):
    """Give the booking up; ``gst_percent`` is the rate of the moment for the fee while none is frozen."""

    reason: str | None = None
    gst_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LapseDecision(EngineCommand):
    """The customer did not answer in time: cancelled with the inspection fee."""
