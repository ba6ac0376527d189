"""What can be held against docker-compose.yml without a container engine."""

import re
from pathlib import Path

from devstack.parts.temporal import DYNAMIC_CONFIGURATION
from domain.temporal_ui import SEARCH_ATTRIBUTES

COMPOSE = (Path(__file__).resolve().parents[2] / "docker-compose.yml").read_text()


def test_hosting_registers_the_search_attributes_that_the_bookings_set() -> None:
    assert dict(re.findall(r"--name (\w+) --type (\w+)", COMPOSE)) == SEARCH_ATTRIBUTES


def test_the_temporal_server_of_the_stack_has_the_settings_of_hosting() -> None:
    dynamic = COMPOSE.partition("temporal-dynamic:\n    content: |\n")[2].partition("\nvolumes:")[0]
    assert dict(re.findall(r"(\S+):\n +- value: (\S+)", dynamic)) == DYNAMIC_CONFIGURATION


def test_every_image_names_its_version_and_nothing_listens_beyond_this_machine() -> None:
    images = re.findall(r"image: (\S+)", COMPOSE)
    assert len(images) >= 7
    assert [image for image in images if not re.search(r":v?\d+\.\d+", image)] == []
    assert [ports for ports in re.findall(r"ports: \[(.+)\]", COMPOSE) if not ports.startswith('"127.0.0.1:')] == []


def test_no_secret_has_a_default() -> None:
    assert re.findall(r"\$\{\w*(?:PASSWORD|SECRET|KEY_ID)\w*:-[^}]+\}", COMPOSE) == []
