import pytest

from kinds.vehicle_service.domain.diagram import limits_table, mermaid, refreshed, table
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, VisitStatus
from tests.kinds.vehicle_service.refresh_pages import ROOT

BEHIND = "the page tells an older version than the code: run `python -m tests.kinds.vehicle_service.refresh_pages`"


@pytest.mark.parametrize("page", ["README.md", "docs/lifecycle.md"])
def test_the_pages_show_the_life_of_a_booking_as_it_is(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert "<!-- lifecycle:begin -->" in text, f"{page} has no place for the diagram"
    assert "<!-- lifecycle:end -->" in text
    assert refreshed(text) == text, BEHIND
    assert mermaid() in text


def test_the_page_of_the_lifecycle_has_the_whole_table():
    assert table() in (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8"), BEHIND


def test_the_page_of_the_lifecycle_has_the_limits():
    assert limits_table() in (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8"), BEHIND


def test_the_diagram_stays_readable():
    arrows = [line for line in mermaid().splitlines() if "-->" in line]
    assert len(arrows) <= 25
    assert len(arrows) == len(set(arrows))


def test_every_change_of_state_is_an_arrow_with_its_action():
    drawn = mermaid()
    for (at, action), move in LIFECYCLE.transitions.items():
        for to in set(move.to) - {at}:
            start = f"    {at.replace('-', '_')} --> {to.replace('-', '_')}: "
            arrow = next(line for line in drawn.splitlines() if line.startswith(start))
            assert action in arrow.removeprefix(start).split(" / ")


def test_the_diagram_begins_with_the_booking_and_ends_at_the_final_states():
    assert "[*] --> booked: book" in mermaid()
    assert [line.strip() for line in mermaid().splitlines() if line.endswith("[*]")] == [
        "delivered --> [*]",
        "cancelled --> [*]",
    ]


def test_no_state_has_a_name_that_mermaid_cannot_read():
    for line in mermaid().splitlines():
        if "-->" in line:
            assert "-" not in line.split(":")[0].replace("-->", "")


def test_the_table_has_a_line_for_every_row_and_tells_the_records_once():
    lines = table().splitlines()[2:]
    records = [line for line in lines if line.startswith("| any status |")]
    assert len(records) == 9
    assert len(lines) - len(records) + len(records) * len(VisitStatus) == len(LIFECYCLE.transitions)
    assert "| pickup | reschedule | pickup or booked | admin, customer |" in lines


def test_a_page_without_marks_is_left_alone():
    assert refreshed("# A page\n") == "# A page\n"


def test_an_old_page_is_filled_anew():
    old = "before\n<!-- lifecycle:begin -->\nold\n<!-- lifecycle:end -->\nafter\n"
    assert (
        refreshed(old)
        == f"before\n<!-- lifecycle:begin -->\n```mermaid\n{mermaid()}\n```\n<!-- lifecycle:end -->\nafter\n"
    )
