"""The import contracts of pyproject.toml reach every workflow module: import-linter cannot tell which those are."""

import re
import tomllib

from checks.files import REPOSITORY, files


def test_every_workflow_module_of_a_kind_is_bound_by_the_contracts_on_workflows():
    contracts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [drivers] = [
        each
        for each in contracts
        if "sqlalchemy" in each.get("forbidden_modules", ()) and "domain" in each["source_modules"]
    ]
    [layers] = [each for each in contracts if each.get("containers") == ["kinds.*"]]
    for path in files(REPOSITORY, ".py"):
        if path.parts[0] == "kinds" and "workflow.defn" in (REPOSITORY / path).read_text():
            assert f"kinds.*.{path.stem}" in drivers["source_modules"]
            assert re.search(rf"\({path.stem}\)", " ".join(layers["layers"]))
