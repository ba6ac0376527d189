"""The pages of lives and of who sees what against the kind."""

import re

from kinds.local_services.settings import LocalServicesSettings
from tests.kinds.local_services import pages, visibility
from tests.kinds.local_services.refresh_pages import LIFECYCLE_PAGE
from tests.kinds.vehicle_service.refresh_pages import OTHER_KINDS, VISIBILITY

PAGE = LIFECYCLE_PAGE.read_text(encoding="utf-8")


def test_the_page_shows_the_life_of_a_service_as_it_is():
    assert pages.mermaid() in PAGE
    assert pages.refreshed(PAGE) == PAGE, "run `python -m tests.kinds.local_services.refresh_pages`"


def test_the_page_of_who_sees_what_is_that_of_the_code():
    _, begins, others = VISIBILITY.read_text(encoding="utf-8").partition(OTHER_KINDS)
    assert begins + others.split(visibility.BY_HAND)[0] == visibility.page(), (
        "run `python -m tests.kinds.local_services.refresh_pages`"
    )
    rows = dict(re.findall(r"^\| `(.+?)` \| (.+) \|$", visibility.page(), re.MULTILINE))
    assert rows["payout.amount"] == " | all | all"
    assert rows["payments[].payment_id"] == "all |  | all"
    assert rows["requester.phone"] == "all | some | all"


def test_the_table_of_moves_has_no_row_of_the_engine():
    assert "| IN_PROGRESS | complete | COMPLETED | requester, provider, admin, system |" in pages.table()
    assert "issue-invoice" not in pages.table()
    assert "| REQUESTED | dispute |" not in pages.table()


def test_every_deadline_is_told_with_what_happens_then():
    assert set(pages.told_deadlines(PAGE)) == pages.deadlines()


def test_every_window_of_a_deadline_is_named_with_its_default():
    table = PAGE.split("## Deadlines of a service")[1]
    named = {name.lower(): table.split(f" (`{name}`)")[0] for name in re.findall(r"\(`([A-Z_]+)`\)", table)}
    units = {"h": 3600, "min": 60, "days": 86_400}
    said = {name: re.findall(r"(\d+) (h|min|days)\b", before)[-1] for name, before in named.items()}
    policy = LocalServicesSettings()
    assert {name: int(number) * units[unit] for name, (number, unit) in said.items()} == {
        name: int(getattr(policy, name).total_seconds()) for name in named
    }
