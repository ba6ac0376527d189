"""Who sees what of a booking, found by looking at it as each of them in every situation."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from domain.people import Actor
from kinds.vehicle_service.domain.lifecycle import Action
from kinds.vehicle_service.domain.roles import Role
from tests.kinds.vehicle_service.booking_builder import BookingBuilder
from tests.kinds.vehicle_service.bookings import in_progress
from tests.kinds.vehicle_service.people import ADMIN, ALL_ROUNDER, ASHA, PETER, actor
from tests.kinds.vehicle_service.seen import seen
from tests.kinds.vehicle_service.situations import SITUATIONS
from tests.kinds.vehicle_service.typical_commands import typical_command

HEAD = """# Who sees what

Written by `python -m tests.kinds.vehicle_service.refresh_pages`: a booking of vehicle service is looked at in every
situation of the tests, by its customer, the mechanic at work, another mechanic who has had a job on it, and an admin.
"all": whatever there is; "some": not in every situation, or not every entry; empty: never.

What is left out is decided in these places: `view` and `HIDDEN_NOTES` in
`kinds/vehicle_service/domain/views/detail.py`, `without_unvalidated` in `kinds/vehicle_service/domain/views/parts.py`,
`detail`, `timeline_entry` and `waiting_view` in `domain/views.py`, the actions in
`kinds/vehicle_service/domain/allowed_actions.py`, the sentence of the wait in
`kinds/vehicle_service/domain/waiting.py`. Who may read a booking at all: `kinds/vehicle_service/domain/participants.py`
says who takes part, `adapters/postgres/visibility.py` reads it.

"""

VIEWERS: dict[str, Callable[[BookingBuilder], Actor]] = {
    "customer": lambda builder: ASHA,
    "mechanic at work": lambda builder: actor(
        at_work.mechanic if (at_work := builder.booking.active()) else ALL_ROUNDER
    ),
    "other mechanic": lambda builder: actor(PETER),
    "admin": lambda builder: ADMIN,
}


def page() -> str:
    """The table, a row for each field."""
    looks = ({viewer: seen(builder, who(builder)) for viewer, who in VIEWERS.items()} for builder in _situations())
    return HEAD + table(looks, tuple(VIEWERS))


def table(looks: Iterable[Mapping[str, dict[str, Any]]], viewers: Sequence[str]) -> str:
    """What each viewer sees of each field; ``looks`` has, of each situation, what they are shown."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for look in looks:
        shown = {viewer: _fields(each) for viewer, each in look.items()}
        for field in {field for each in shown.values() for field in each}:
            most = max(len(each.get(field, [])) for each in shown.values())
            for viewer, each in shown.items():
                has = len(each.get(field, []))
                found[field][viewer].add("all" if has == most else "some" if has else "")
    rows = [f"| field | {' | '.join(viewers)} |", f"|---{'|---' * len(viewers)}|"]
    for field, seen_by in sorted(found.items()):
        cells = (seen_by[viewer].pop() if len(seen_by[viewer]) == 1 else "some" for viewer in viewers)
        rows.append(f"| `{field}` | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _situations() -> Iterator[BookingBuilder]:
    yield from (situation() for situation in SITUATIONS.values())
    yield _disputed()


def _disputed() -> BookingBuilder:
    builder = in_progress()
    return builder.asks(typical_command(Action.DISPUTE, builder.booking, Role.SYSTEM))


def _fields(shown: dict[str, Any]) -> dict[str, list[Any]]:
    """Every field that has a value, by its path; of lists all entries under one path."""
    fields: dict[str, list[Any]] = defaultdict(list)
    for path, value in _leaves(shown, ""):
        fields[path].append(value)
    return fields


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    match value:
        case dict():
            for name, each in value.items():
                yield from _leaves(each, f"{path}.{name}" if path else name)
        case list():
            for each in value:
                yield from _leaves(each, f"{path}[]")
        case None:
            return
        case _:
            yield path, value
