"""Kinds are found by their names in settings; nothing is loaded before somebody asks for a part of one."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import kinds
import settings as configuration
import worker
from adapters.postgres.schemas import places_of
from api.main import run as run_api
from api.main import served
from kinds.vehicle_service.api import API
from migrations import command as migrations
from migrations.schemas import schemas
from operations.starting import operations_of
from settings import Process, Settings
from worker import installed


def test_a_kind_is_found_by_its_name_among_the_installed_packages():
    assert kinds.package_of("vehicle-service") == "kinds.vehicle_service"
    assert kinds.package_of("table-reservation", ("a.b", "tests.kinds.table_reservation")) == (
        "tests.kinds.table_reservation"
    )
    assert kinds.load_layer("kinds.vehicle_service", "api") is API


def test_every_folder_is_a_kind_that_is_shipped_and_a_shop_has_one_until_it_asks_for_more():
    folders = {worker.parent.name for worker in Path(kinds.__file__).parent.glob("*/worker.py")}
    assert {f"kinds.{name}" for name in folders} == set(kinds.SHIPPED)
    assert kinds.INSTALLED == ("kinds.vehicle_service",)


def test_a_name_that_is_not_installed_is_refused_with_those_that_are():
    with pytest.raises(LookupError, match=r"no kind tables is installed, only kinds\.vehicle_service"):
        kinds.package_of("tables")


def test_a_backup_finds_the_order_of_all_tables_of_the_kinds_that_are_shipped():
    places = places_of(schemas([kinds.load_storage(package) for package in kinds.SHIPPED]))
    assert {place.schema for place in places} == {"public", "vehicle_service", "local"}


@pytest.fixture
def settings_read_anew() -> Iterator[None]:
    configuration.load.cache_clear()
    yield
    configuration.load.cache_clear()


@pytest.mark.parametrize(
    ("process", "words"),
    [(run_api, ()), (worker.main, ("workflows",)), (migrations.main, ())],
    ids=["API", "worker", "migrations"],
)
def test_no_process_starts_with_two_kinds_that_name_one_schema(process, words, settings_read_anew, monkeypatch, capsys):
    monkeypatch.setenv("REVCARE_KINDS", "kinds.vehicle_service,kinds.vehicle_service")
    with pytest.raises(SystemExit) as ended:
        process(words)
    assert ended.value.code == 1
    assert "the schema vehicle_service is taken" in capsys.readouterr().err


@pytest.fixture
def with_the_numbers_of_vehicles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package of a kind that would number its documents as the vehicle service does."""
    package = tmp_path / "bistro"
    (package / "postgres").mkdir(parents=True)
    (package / "postgres/storage.py").write_text(
        "from dataclasses import replace\n"
        "from domain.billing.document_terms import Series\n"
        "from tests.kinds.table_reservation.postgres.storage import STORAGE as TABLES\n"
        "STORAGE = replace(TABLES, kind=replace(TABLES.kind, series={'': Series('RC', 'BN')}))\n"
    )
    made_of = {
        "worker": ("workers.kind", "KindWorker"),
        "operations": ("adapters.postgres.kind_operations", "KindOperations"),
    }
    for layer, (module, made) in made_of.items():
        (package / f"{layer}.py").write_text(
            f"from {module} import {made}\n"
            "from bistro.postgres.storage import STORAGE\n"
            f"{layer.upper()} = {made}(storage=STORAGE{', workflow=object' if layer == 'worker' else ''})\n"
        )
    monkeypatch.syspath_prepend(str(tmp_path))
    return "bistro"


@pytest.mark.parametrize("process", ["API", "worker", "operations"])
def test_no_process_starts_with_two_kinds_that_number_documents_alike(with_the_numbers_of_vehicles, process):
    packages = ("kinds.vehicle_service", with_the_numbers_of_vehicles)
    settings = Settings(process=Process(kinds=packages, environment="development"))
    start = {
        "API": lambda: served(settings),
        "worker": lambda: installed(packages),
        "operations": lambda: operations_of(settings),
    }
    with pytest.raises(ValueError, match="have one prefix, RC: every series needs its own"):
        start[process]()


def test_the_list_of_kinds_loads_none():
    loaded = "import sys, kinds, kinds.vehicle_service; print([name for name in sys.modules if 'vehicle' in name])"
    answer = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "['kinds.vehicle_service']"
