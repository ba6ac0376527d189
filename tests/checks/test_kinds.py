import pytest

from checks import kinds
from checks.files import REPOSITORY

A_KIND = ("kinds/table_reservation/__init__.py", "")


def test_the_engine_names_no_kind():
    assert kinds.problems(REPOSITORY) == []


@pytest.mark.parametrize(
    "content",
    [
        "import kinds.table_reservation.domain.kind",
        "from kinds.table_reservation.domain import kind",
        "from kinds.table_reservation.worker import WORKER",
        "def load():\n    from kinds.table_reservation import domain",
        "NAME = 'table_reservation'",
        "SLUG = 'table-reservation'",
        "class TableReservationRoutes: ...",
        "table_reservation = 1",
        "call(table_reservation=1)",
        "import decimal as table_reservation",
        "from decimal import Decimal as TableReservation",
        "import tests.kinds.table_reservation",
        "PACKAGE = 'tests.kinds.another.worker'",
    ],
)
def test_an_engine_module_that_names_a_kind_is_found(plant, content):
    plant(*A_KIND)
    [problem] = kinds.problems(plant("workflows/booking/base.py", content))
    assert problem.startswith("workflows/booking/base.py:")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("domain/table_reservation.py", ""),
        ("api/table_reservation/__init__.py", ""),
        ("adapters/mail/templates/a.j2", "{{ table_reservation }}"),
        ("api/pages/static/a.js", "const path = '/table-reservation';"),
        ("migrations/engine/a.sql", "SELECT 'table_reservation'"),
    ],
)
def test_a_file_of_the_engine_that_names_a_kind_is_found_whatever_its_language(plant, path, content):
    plant("tests/kinds/table_reservation/__init__.py", "")
    assert len(kinds.problems(plant(path, content))) == 1


@pytest.mark.parametrize("path", ["kinds/table_reservation/api.py", "tests/a.py", "devstack/a.py", "bench/a.py"])
def test_kinds_tests_and_tools_may_name_a_kind(plant, path):
    plant(*A_KIND)
    assert kinds.problems(plant(path, "from kinds.table_reservation.domain import kind")) == []


def test_a_docstring_may_name_a_kind_as_an_example(plant):
    plant(*A_KIND)
    assert kinds.problems(plant("domain/kind.py", '"""For example table_reservation."""')) == []


def test_only_the_default_of_the_setting_may_be_a_kind(plant):
    default, other = (
        "class Web:\n    kind: str = 'table-reservation'",
        "class Web:\n    host: str = 'table-reservation'",
    )
    plant(*A_KIND)
    assert kinds.problems(plant("settings.py", default)) == []
    assert len(kinds.problems(plant("settings.py", other))) == 1
    plant("settings.py", "")
    assert len(kinds.problems(plant("api/main.py", default))) == 1
