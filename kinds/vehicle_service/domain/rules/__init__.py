"""The rules of a service visit: what each command makes of it. The engine's own are in ``domain.decide``."""

from collections.abc import Mapping

from domain.commands import Command, LapseOrder, TakePayment
from domain.kind import Rule
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.rules import analysing, assigning, cancelling, paying, reporting, timing
from kinds.vehicle_service.domain.visit import VisitBooking

RULES: Mapping[type[Command], Rule[VisitBooking]] = {
    commands.Assign: assigning.assign,
    commands.SubmitProgress: reporting.submit,
    commands.EditProgress: reporting.edit,
    commands.ValidateProgress: reporting.validate,
    commands.SubmitAnalysis: analysing.submit,
    commands.EditAnalysis: analysing.edit,
    commands.ValidateAnalysis: analysing.validate,
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
