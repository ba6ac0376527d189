"""How often people may repeat themselves on one visit: far more than a visit needs, however it goes."""

from domain.limits import HourlyLimit
from kinds.vehicle_service.domain import commands

LIMITS = (
    # A customer who weighs an estimate changes it a few times.
    HourlyLimit("choices", 20, (commands.ConfirmServices, commands.ChooseCash)),
    # One for each service of a long visit, some of them sent back; each has one of the 900 ids that people can use up.
    HourlyLimit("reports", 30, (commands.SubmitProgress, commands.SubmitAnalysis)),
    # Each takes and frees places in slots that others want.
    HourlyLimit("new times", 20, (commands.Reschedule,)),
    # Assignments, corrections and decisions, each with its note in the timeline.
    HourlyLimit(
        "notes",
        60,
        (
            commands.Assign,
            commands.EditProgress,
            commands.ValidateProgress,
            commands.EditAnalysis,
            commands.ValidateAnalysis,
            commands.RefusePayment,
        ),
    ),
)
"""``VerifyCash`` is granted once and ``Cancel`` ends the visit: neither is counted."""
