import json
from functools import cache

import pytest

from checks import interface
from checks.files import REPOSITORY
from checks.generated_pages import PAGES

STALE = "run `python -m checks.interface`"
document, settings_page = cache(interface.document), cache(interface.settings_page)
"""Read from all sources of the product, once for all who look."""


def test_the_document_of_the_interface_is_that_of_the_code():
    assert json.loads((REPOSITORY / "docs/interface.json").read_text()) == document(), STALE


def test_the_table_of_settings_is_that_of_the_code():
    assert (REPOSITORY / "docs/settings.md").read_text() == settings_page(), STALE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_pages_of_how_long_rows_are_kept_and_what_they_hold_of_people_are_those_of_the_code(page):
    assert page.read_text() == PAGES[page](), STALE


def test_every_setting_is_read_by_a_process():
    rows = [line for line in settings_page().splitlines() if line.startswith("| `")]
    assert len(rows) == len(document()["settings"])
    assert [row for row in rows if row.endswith("|  |")] == []


def test_what_production_has_to_set_is_needed_by_each_process_that_reads_it_and_no_other():
    page = settings_page().partition("## For each kind")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| `")]
    needed = {
        variable: ({part.partition(" ")[0] for part in by.split(", ")}, read) for variable, _, by, read in rows if by
    }
    assert len(needed) == 10
    # What an operator starts needs a part of what it could read.
    others = {name: (by - {"operations"}, {*read.split(", ")} - {"operations"}) for name, (by, read) in needed.items()}
    assert {name for name, (by, read) in others.items() if by != read} == set()


def test_every_part_of_the_interface_is_found():
    found = document()
    assert {"X-RevCare-Notice", "X-RevCare-Booking", "X-RevCare-Sequence"} <= set(found["mail_headers"])
    assert {"revcare_http_requests_total", "revcare_paid_orders_without_webhook"} <= set(found["metrics"])
    assert found["settings"]["SECRET_KEY"] == {"default": "for development only", "needed_in_production": True}
    fee = {"default": "100.00", "needed_in_production": False, "kind": "vehicle_service"}
    assert found["settings"]["REVCARE_INSPECTION_FEE"] == fee
    assert found["settings"]["REVCARE_PATIENCE"] == {"default": "15s", "needed_in_production": False}
