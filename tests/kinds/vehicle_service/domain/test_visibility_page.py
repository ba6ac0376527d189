"""The page of who sees what against the view."""

from tests.kinds.vehicle_service import visibility
from tests.kinds.vehicle_service.refresh_pages import OTHER_KINDS, VISIBILITY


def rows() -> dict[str, dict[str, str]]:
    lines = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in visibility.page().splitlines()
        if line.startswith("| `")
    ]
    return {field.strip("`"): dict(zip(visibility.VIEWERS, cells, strict=True)) for field, *cells in lines}


def test_the_page_is_that_of_the_code():
    assert VISIBILITY.read_text().split(OTHER_KINDS)[0] == visibility.page(), (
        "run `python -m tests.kinds.vehicle_service.refresh_pages`"
    )


def test_the_table_knows_what_is_kept_from_whom():
    table = rows()
    assert table["disputes[].status"]["admin"] == "all"
    assert {table["disputes[].status"][viewer] for viewer in ("customer", "mechanic at work")} == {""}
    assert {table["totals.total"][viewer] for viewer in ("customer", "admin")} == {"all"}
    assert table["totals.total"]["mechanic at work"] == ""
