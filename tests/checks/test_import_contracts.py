"""The import contracts of pyproject.toml have no exceptions, bind every workflow module, and find what they forbid."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from checks.files import REPOSITORY, files

CONFIGURATION = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = CONFIGURATION["contracts"]
PLANTED = {
    "workflows/planted.py": "import kinds.vehicle_service.domain.kind",
    "adapters/planted.py": "from kinds.vehicle_service.domain import kind",
    "api/routes/planted.py": "def load():\n    from kinds.vehicle_service import domain",
    "domain/planted.py": "import kinds",
    "workers/planted.py": "from kinds import load_layer",
    "api/planted.py": "import kinds",
    "migrations/planted.py": "import kinds",
    "kinds/vehicle_service/planted.py": "from operations.checks import run_checks",
    "kinds/vehicle_service/api/planted.py": "import kinds",
}
FOUND = {
    "workflows.planted -> kinds.vehicle_service.domain.kind (l.1)",
    "adapters.planted -> kinds.vehicle_service.domain.kind (l.1)",
    "api.routes.planted -> kinds.vehicle_service.domain (l.2)",
    "domain.planted -> kinds (l.1)",
    "workers.planted -> kinds (l.1)",
    "api.planted -> kinds (l.1)",
    "migrations.planted -> kinds (l.1)",
    "kinds.vehicle_service.planted -> operations.checks (l.1)",
    "kinds.vehicle_service.api.planted -> kinds (l.1)",
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The product and its contracts, where something can be planted."""
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    for package in CONFIGURATION["root_packages"]:
        shutil.copytree(REPOSITORY / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "*.js"))
    return tmp_path


def broken(tree: Path, *contracts: str) -> str:
    """What import-linter says of these contracts."""
    asked = [part for each in contracts for part in ("--contract", each)]
    linter = Path(sys.executable).with_name("lint-imports")
    wide = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(
        [linter, "--no-cache", *asked], cwd=tree, env=wide, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr if done.returncode else ""


def test_no_contract_has_an_exception():
    assert [each["name"] for each in CONTRACTS if "ignore_imports" in each] == []


def test_an_import_of_a_kind_of_the_kinds_or_of_a_command_is_found_wherever_it_is_planted(copy):
    assert broken(copy, "no-kind", "roots", "no-commands") == ""
    for path, content in PLANTED.items():
        (copy / path).write_text(content + "\n")
    said = broken(copy, "no-kind", "roots", "no-commands")
    assert {line for line in FOUND if line not in said} == set()


def test_a_composition_root_that_imports_a_kind_itself_is_found(copy):
    (copy / "api" / "main.py").write_text("from kinds.vehicle_service.api import API\n")
    assert "api.main -> kinds.vehicle_service.api (l.1)" in broken(copy, "no-kind")


def test_every_workflow_module_of_a_kind_is_bound_by_the_contracts_on_workflows():
    [drivers] = [
        each
        for each in CONTRACTS
        if "sqlalchemy" in each.get("forbidden_modules", ()) and "domain" in each["source_modules"]
    ]
    [layers] = [each for each in CONTRACTS if each.get("containers") == ["kinds.*"]]
    for path in files(REPOSITORY, ".py"):
        if path.parts[0] == "kinds" and "workflow.defn" in (REPOSITORY / path).read_text():
            assert f"kinds.*.{path.stem}" in drivers["source_modules"]
            assert re.search(rf"\({path.stem}\)", " ".join(layers["layers"]))
