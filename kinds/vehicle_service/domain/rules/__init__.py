"""The rules of a service visit: what each command makes of it. The engine's own are in ``domain.decide``."""

from collections.abc import Mapping

from domain.commands import Command, LapseOrder, TakePayment
from domain.kind import Rule
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.rules import analysing, assigning, cancelling, paying, reporting, timing
from kinds.vehicle_service.domain.visit import VisitBooking

RULES: Mapping[type[Command], Rule[VisitBooking]] = {
    commands.Assign: assigning.assign,
    commands.SubmitProgress: reporting.submit_progress,
    commands.EditProgress: reporting.edit_progress,
    commands.ValidateProgress: reporting.validate_progress,
    commands.SubmitAnalysis: analysing.submit_analysis,
    commands.EditAnalysis: analysing.edit_analysis,
    commands.ValidateAnalysis: analysing.validate_analysis,
    commands.ConfirmServices: paying.confirm,
    commands.ChooseCash: paying.choose_cash,
    TakePayment: paying.take_payment,
    LapseOrder: paying.lapse,
    commands.VerifyCash: paying.verify_cash,
    commands.RefusePayment: paying.refuse_payment,
    commands.Reschedule: timing.reschedule,
    commands.Cancel: cancelling.cancel,
    commands.LapseDecision: cancelling.lapse_decision,
}
