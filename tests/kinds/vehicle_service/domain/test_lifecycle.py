import contextlib

from domain.errors import ActionNotAllowed, BookingError, RoleRequired
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, STATUS_IDS, Action, VisitStatus
from kinds.vehicle_service.domain.roles import Role
from tests.of_every import of_every

# Written down by hand, not from the code: status, action,
# who (A admin, C customer, M mechanic, S system), and where it may lead, the usual status first.
EXPECTED = """
booked            assign              A   pickup
booked            receive             A   received
booked            reschedule          AC  booked
booked            cancel              AC  cancelled
pickup            assign              A   pickup
pickup            submit-progress     AM  received
pickup            reschedule          AC  pickup booked
pickup            cancel              AC  cancelled
received          submit-progress     AM  received
received          edit-progress       A   received
received          validate-progress   A   received
received          send-back-progress  A   received
received          assign              A   analysis
received          reschedule          AC  received
received          cancel              AC  cancelled
analysis          assign              A   analysis
analysis          submit-analysis     AM  analysed
analysis          reschedule          AC  analysis
analysis          cancel              AC  cancelled
analysed          edit-analysis       A   analysed
analysed          validate-analysis   A   analysed
analysed          send-back-analysis  A   analysis
analysed          confirm-services    AC  analysed in-progress
analysed          choose-cash         AC  in-progress
analysed          pay                 S   in-progress
analysed          expire              S   analysed cancelled
analysed          reschedule          AC  analysed
analysed          cancel              AC  cancelled
in-progress       assign              A   in-progress
in-progress       submit-progress     AM  in-progress
in-progress       edit-progress       A   in-progress
in-progress       validate-progress   A   in-progress completed
in-progress       send-back-progress  A   in-progress
in-progress       reschedule          AC  in-progress
in-progress       cancel              AC  cancelled
completed         assign              A   out-for-delivery
completed         reschedule          AC  completed
completed         open-collection     A   completed
completed         verify-cod          A   completed
completed         pay                 S   completed
completed         hand-over           A   delivered
out-for-delivery  assign              A   out-for-delivery
out-for-delivery  open-collection     AM  out-for-delivery
out-for-delivery  verify-cod          AM  out-for-delivery
out-for-delivery  refuse-payment      AM  out-for-delivery
out-for-delivery  pay                 S   out-for-delivery
out-for-delivery  submit-progress     AM  delivered
cancelled         assign              A   cancelled
cancelled         open-collection     AM  cancelled
cancelled         verify-cod          AM  cancelled
cancelled         refuse-payment      AM  cancelled
cancelled         pay                 S   cancelled
cancelled         submit-progress     AM  cancelled
cancelled         hand-over           A   cancelled
"""
RECORDS = ("alert", "payment-failed", "refund", "return-money", "dispute", "issue-invoice", "repair")
ADMINS_RECORDS = ("retry-refund", "clear-attention")
INITIALS = {"A": Role.ADMIN, "C": Role.CUSTOMER, "M": Role.MECHANIC, "S": Role.SYSTEM}
STATUSES = (
    "booked", "pickup", "received", "analysis", "analysed", "in-progress", "completed", "out-for-delivery",
    "delivered", "cancelled",
)  # fmt: skip


def _expected():
    rows = {}
    for line in EXPECTED.strip().splitlines():
        status, action, who, *to = line.split()
        rows[status, action] = ({INITIALS[initial] for initial in who}, tuple(to))
    for status in STATUSES:
        for action in RECORDS:
            rows[status, action] = ({Role.SYSTEM}, (status,))
        for action in ADMINS_RECORDS:
            rows[status, action] = ({Role.ADMIN}, (status,))
    return rows


TABLE = _expected()


def test_the_states_have_the_spelling_of_the_wire():
    assert tuple(VisitStatus) == STATUSES


@of_every(VisitStatus)
def test_every_action_of_every_role_leads_where_it_was_agreed(status):
    asked = [(action, role) for action in Action for role in Role]
    assert {each: led_to(status, *each) for each in asked} == {each: agreed(status, *each) for each in asked}


def led_to(status, action, role):
    """The usual status afterwards, and all that can be asked for; or the refusal."""
    try:
        usual = LIFECYCLE.after(status, action, role)
    except BookingError as refusal:
        return type(refusal)
    possible = set()
    for target in VisitStatus:
        with contextlib.suppress(ActionNotAllowed):
            assert LIFECYCLE.after(status, action, role, target) is target
            possible.add(target)
    return usual, possible


def agreed(status, action, role):
    who, to = TABLE.get((str(status), str(action)), (set(), ()))
    if not to:
        return ActionNotAllowed
    return (to[0], set(to)) if role in who else RoleRequired


def test_the_table_has_no_row_that_was_not_agreed():
    assert set(LIFECYCLE.transitions) == set(TABLE)


@of_every(VisitStatus, Role)
def test_the_allowed_actions_are_the_rows_of_the_status_that_name_the_role(status, role):
    expected = {action for (at, action), (who, _) in TABLE.items() if at == status and role in who}
    assert set(LIFECYCLE.allowed(status, role)) == expected


def test_every_state_is_reached_from_the_first():
    reached, frontier = {VisitStatus.BOOKED}, [VisitStatus.BOOKED]
    while frontier:
        here = frontier.pop()
        onward = {to for (at, _), move in LIFECYCLE.transitions.items() if at is here for to in move.to} - reached
        reached |= onward
        frontier += onward
    assert LIFECYCLE.first is VisitStatus.BOOKED
    assert reached == set(VisitStatus)


def test_from_every_state_that_is_not_final_the_journey_can_end_well():
    ends_well = {VisitStatus.DELIVERED}
    for _ in VisitStatus:
        ends_well |= {at for (at, _), move in LIFECYCLE.transitions.items() if ends_well & set(move.to)}
    assert ends_well == set(VisitStatus) - {VisitStatus.CANCELLED}


def test_nothing_moves_a_final_booking():
    assert LIFECYCLE.final == {VisitStatus.DELIVERED, VisitStatus.CANCELLED}
    for (status, _), move in LIFECYCLE.transitions.items():
        if status in LIFECYCLE.final:
            assert move.to == (status,)


def test_a_delivered_booking_only_takes_records():
    assert {action for status, action in LIFECYCLE.transitions if status is VisitStatus.DELIVERED} == {
        *RECORDS,
        *ADMINS_RECORDS,
    }


def test_cancelling_is_possible_until_the_work_is_completed():
    cancellable = {status for status, action in LIFECYCLE.transitions if action is Action.CANCEL}
    assert cancellable == {"booked", "pickup", "received", "analysis", "analysed", "in-progress"}


def test_every_action_but_booking_has_a_row():
    assert {action for _, action in LIFECYCLE.transitions} == set(Action) - {Action.BOOK}


def test_the_ids_of_the_states_are_those_of_the_seed():
    assert STATUS_IDS == {
        "booked": 1, "pickup": 2, "received": 3, "analysis": 4, "analysed": 5, "cancelled": 6, "in-progress": 7,
        "completed": 8, "out-for-delivery": 9, "delivered": 10,
    }  # fmt: skip
