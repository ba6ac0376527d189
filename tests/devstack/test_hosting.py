"""What can be held against docker-compose.yml without a container engine."""

import importlib.util
import json
import re
import tomllib
from functools import cache
from typing import Any

import pytest
import yaml

import kinds
import startup
from api.main import served
from devstack.parts.temporal import DYNAMIC_CONFIGURATION
from kind_settings import KindSettings, variable_of
from operations.__main__ import GROUPS
from production import NEEDED, Part
from setting_types import variable
from settings import Settings
from tests.devstack.compose import (
    EXAMPLE,
    FILLED_IN,
    LOCAL_SERVICES,
    PRODUCT,
    REPOSITORY,
    TEXT,
    Unset,
    environment_of,
    hosting,
    services,
    written_env,
)
from worker import installed
from workers.queues import WorkerRole

PARTS = {
    "migrate": Part.MIGRATIONS,
    "bootstrap": Part.OPERATIONS,
    "operator": Part.OPERATIONS,
    "worker": Part.WORKFLOWS,
    "activities": Part.ACTIVITIES,
    "api": Part.API,
    "api-local-services": Part.API,
}
IN_THE_IMAGE = {"BACKUP_DIR", "REVCARE_PG_BIN"}
"""Folders of the image: a `.env` has no say in them."""
OF_OTHERS = {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "FORWARDED_ALLOW_IPS"}
"""Read by Temporal's configuration and by uvicorn."""
OF_COMPOSE = {"COMPOSE_PROFILES"}
"""Read by Compose itself."""
STAYS_UP = "unless-stopped"


@cache
def needed(part: Part) -> set[str]:
    """The variables without which a part does not start in production."""
    groups = {name: type(getattr(Settings(), name)) for name in NEEDED.get(part, {})}
    return {variable(groups[name], field) for name, fields in NEEDED.get(part, {}).items() for field in fields}


def test_the_roles_of_the_worker_start_when_rows_namespace_and_search_attributes_are_there() -> None:
    every = services()
    assert every["bootstrap"]["command"][:2] == ["revcare", "bootstrap"]
    for name in ("worker", "activities", "api"):
        before = {
            each for each, when in every[name]["depends_on"].items() if when["condition"].endswith("successfully")
        }
        assert {"migrate", "bootstrap"} <= before


def test_the_temporal_server_of_the_stack_has_the_settings_of_hosting() -> None:
    dynamic = yaml.safe_load(hosting()["configs"]["temporal-dynamic"]["content"])
    assert {name: str(value).lower() for name, [given] in dynamic.items() for value in given.values()} == (
        DYNAMIC_CONFIGURATION
    )


def test_every_image_names_its_version_and_nothing_listens_beyond_this_machine() -> None:
    every = services().values()
    assert [each["image"] for each in every if not re.search(r":v?\d+\.\d+", each["image"])] == []
    ports = [port for each in every for port in each.get("ports", ())]
    assert len(ports) >= 3
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_no_secret_has_a_default() -> None:
    assert re.findall(r"\$\{\w*(?:PASSWORD|SECRET|KEY_ID)\w*:-[^}]+\}", TEXT) == []


@pytest.mark.parametrize("service", PRODUCT)
@pytest.mark.parametrize("second", [{}, LOCAL_SERVICES], ids=["vehicle service", "both kinds"])
def test_a_process_starts_in_production_with_the_example_filled_in(monkeypatch, service, second) -> None:
    for name, value in environment_of(service, written_env(**FILLED_IN, **second)).items():
        monkeypatch.setenv(name, value)
    settings, unreadable = startup.read()
    running = installed(settings.process.kinds)
    names, policies = [each.kind.name for each in running], [each.policy for each in running if each.policy]
    startup.judge(settings, PARTS[service], kinds=names, supplier=True, unreadable=unreadable, policies=policies)
    assert (settings.process.environment, len(names)) == ("production", 2 if second else 1)


def test_the_second_api_serves_the_second_kind_beside_the_first_and_only_where_it_is_asked_for(monkeypatch) -> None:
    env = written_env(**FILLED_IN, **LOCAL_SERVICES)
    for name, value in environment_of("api-local-services", env).items():
        monkeypatch.setenv(name, value)
    kind, own = served(*startup.read())
    assert (kind.kind.name, own.web.public_url) == ("local_services", "https://near.sahyadri.example")
    assert own.stores.mongodb_db in env["MONGO_DATABASES"].split(",")
    assert services()["api-local-services"]["profiles"] == [env["COMPOSE_PROFILES"]]
    assert services()["api-local-services"]["ports"] != services()["api"]["ports"]


@pytest.mark.parametrize("name", sorted({name for part in PARTS.values() for name in needed(part)}))
def test_hosting_does_not_begin_without_a_variable_that_the_product_needs(name) -> None:
    env = written_env(**FILLED_IN) | {name: ""}
    for service, part in PARTS.items():
        if name in needed(part):
            with pytest.raises(Unset, match=name):
                environment_of(service, env)


@pytest.mark.parametrize("name", ["FORWARDED_ALLOW_IPS", "MAIL_SERVER", "MAIL_FROM", "POSTGRES_REVCARE_PASSWORD"])
def test_hosting_does_not_begin_without_the_proxy_the_mail_server_or_a_password(name) -> None:
    with pytest.raises(Unset, match=name):
        environment_of("api", written_env(**FILLED_IN) | {name: ""})


def test_hosting_passes_on_every_setting_of_the_product_and_nothing_that_it_does_not_know() -> None:
    settings = json.loads((REPOSITORY / "docs/interface.json").read_text())["settings"]
    known = {name for name in settings if "<KIND>" not in name}
    further = [package.rpartition(".")[2] for package in kinds.SHIPPED if package not in kinds.INSTALLED]
    known |= {variable_of(kind, field) for kind in further for field in KindSettings.model_fields}
    passed = {name for service in PRODUCT for name in services()[service]["environment"]}
    assert known - passed - IN_THE_IMAGE == set()
    assert passed - known - OF_OTHERS == set()


def test_the_example_names_nothing_that_hosting_does_not_read() -> None:
    read = set(re.findall(r"\$\{(\w+)", TEXT))
    read |= {name for service in PRODUCT for name in services()[service]["environment"]}
    commented = set(re.findall(r"^#(\w+)=", EXAMPLE, re.MULTILINE))
    assert (set(written_env(**FILLED_IN)) | commented) - read - OF_COMPOSE == set()
    assert set(LOCAL_SERVICES) <= commented


@pytest.mark.parametrize("service", PRODUCT)
def test_hosting_starts_commands_that_there_are(service) -> None:
    told = services()[service]
    program, *words = [*told.get("entrypoint", ()), *told["command"]]
    scripts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["scripts"]
    if program == "revcare":
        assert f"> /usr/local/bin/{program}" in (REPOSITORY / "Dockerfile").read_text()
        assert words[0] in {"--help", *(verb for verbs in GROUPS.values() for verb in verbs)}
        module = scripts[program].partition(":")[0]
    else:
        assert (program, words[0]) == ("python", "-m")
        module, words = words[1], words[2:]
    assert importlib.util.find_spec(module) is not None
    if module == "worker":
        [role] = words
        assert role in list(WorkerRole)


def test_both_roles_of_the_worker_run_and_each_says_whether_it_works() -> None:
    commands = {tuple(each["command"]): each for each in services().values() if "command" in each}
    for role in (WorkerRole.WORKFLOWS, WorkerRole.ACTIVITIES):
        worker = commands["python", "-m", "worker", str(role)]
        assert worker["healthcheck"]["test"]
        assert worker["restart"] == STAYS_UP


def test_logs_and_memory_of_every_service_have_a_bound_and_their_sum_is_what_is_said() -> None:
    every = services()
    for name, each in every.items():
        assert each["logging"]["driver"] == "json-file", name
        assert set(each["logging"]["options"]) == {"max-size", "max-file"}, name
        assert re.fullmatch(r"\d+m", each["mem_limit"]), name
    always = [each for each in every.values() if not each.get("profiles")]
    stays = sum(int(each["mem_limit"][:-1]) for each in always if each["restart"] == STAYS_UP)
    said = re.search(r"add up to ([\d.]+) GB", TEXT)
    assert said
    assert float(said[1]) == stays / 1024


def test_nobody_but_the_service_that_makes_roles_logs_in_as_an_administrator_of_a_database() -> None:
    def names(value: Any) -> set[str]:
        return set(re.findall(r"\$\{((?:POSTGRES|MONGO)_PASSWORD)\b", json.dumps(value)))

    assert {name for name, each in services().items() if names(each)} == {
        *("postgres", "database-roles", "mongo", "mongo-roles")
    }


def test_the_temporal_ui_has_no_buttons_unless_somebody_asks_for_them() -> None:
    windows = [each for each in services().values() if each["image"].startswith("temporalio/ui:")]
    always = [each for each in windows if not each.get("profiles")]
    assert [each["environment"]["TEMPORAL_DISABLE_WRITE_ACTIONS"] for each in always] == ["true"]
    assert len(windows) == 2


def test_the_proxy_of_the_example_is_the_gateway_of_the_network() -> None:
    [network] = hosting()["networks"]["default"]["ipam"]["config"]
    assert written_env(**FILLED_IN)["FORWARDED_ALLOW_IPS"] == network["gateway"]


def test_the_image_has_every_part_of_the_product() -> None:
    """The wheel, the lines that copy into the image, and what is let through to them name the same."""
    wheel = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    dockerfile = (REPOSITORY / "Dockerfile").read_text()
    copied = [word for line in re.findall(r"^COPY (?!--)(.+) \S+$", dockerfile, re.MULTILINE) for word in line.split()]
    let_through = re.findall(r"^!(\S+)$", (REPOSITORY / ".dockerignore").read_text(), re.MULTILINE)
    locks = {name for name in let_through if name.endswith(".lock")}
    assert {name for name in copied if not name.startswith("${")} == set(wheel["only-include"])
    assert set(let_through) - locks == set(wheel["only-include"])
    assert "requirements.product.lock" in locks
