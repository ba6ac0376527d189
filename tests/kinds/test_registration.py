"""Kinds are found by their names in settings; nothing is loaded before somebody asks for a part of one."""

import os
import subprocess
import sys

import pytest

import kinds
from checks.files import REPOSITORY
from kinds.vehicle_service.api import API


def test_a_kind_is_found_by_its_name_among_the_installed_packages():
    assert kinds.package_of("vehicle-service") == "kinds.vehicle_service"
    assert kinds.package_of("table-reservation", ("a.b", "tests.kinds.table_reservation")) == (
        "tests.kinds.table_reservation"
    )
    assert kinds.load_layer("kinds.vehicle_service", "api") is API


def test_a_name_that_is_not_installed_is_refused_with_those_that_are():
    with pytest.raises(LookupError, match=r"no kind tables is installed, only kinds\.vehicle_service"):
        kinds.package_of("tables")


@pytest.mark.parametrize("process", [("api.main",), ("worker", "workflows"), ("migrations.command",)])
def test_no_process_starts_with_two_kinds_that_name_one_schema(process):
    env = dict(os.environ) | {"REVCARE_KINDS": "kinds.vehicle_service,kinds.vehicle_service"}
    env["TEMPORAL_ADDRESS"] = "127.0.0.1:1"
    command = [sys.executable, "-m", *process]
    ended = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "the schema vehicle_service is taken" in ended.stdout + ended.stderr


def test_the_list_of_kinds_loads_none():
    loaded = "import sys, kinds, kinds.vehicle_service; print([name for name in sys.modules if 'vehicle' in name])"
    answer = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "['kinds.vehicle_service']"
