"""A bad release is found by what its workers have done."""

from pathlib import Path

from workers.build import build_id, build_of


async def test_every_task_of_a_booking_names_the_build_that_decided_it(opened):
    visit = await opened()
    await visit.pickup_assigned()
    tasks = [event.workflow_task_completed_event_attributes for event in await visit.quiet()]
    assert {task.worker_version.build_id for task in tasks if task.started_event_id} == {build_id()}


def test_other_sources_are_another_build_and_their_order_is_none(tmp_path: Path):
    rules, money = tmp_path / "rules.py", tmp_path / "money.py"
    rules.write_text("FEE = 100")
    money.write_text("PAISE = 100")
    first = build_of([str(rules), str(money)])
    assert build_of([str(money), str(rules)]) == first
    rules.write_text("FEE = 200")
    assert build_of([str(rules), str(money)]) != first
