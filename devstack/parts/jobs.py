"""Work that is done once per start: the schema and the seed data. Both may be repeated."""

from collections.abc import Mapping
from dataclasses import dataclass

from devstack.child import Command
from devstack.parts.base import Site
from kinds import INSTALLED

LOCAL_SERVICES = "kinds.local_services"


def kinds_of(env: Mapping[str, str]) -> tuple[str, ...]:
    """The packages of the kinds that a stack with this environment runs."""
    return tuple(name.strip() for name in env.get("REVCARE_KINDS", "").split(",") if name.strip()) or INSTALLED


@dataclass(frozen=True)
class Job:
    """A command that must end well before the product starts."""

    name: str
    command: Command


def migrate(site: Site) -> Job:
    """The schema, by the same command as in production."""
    return Job("migrate", site.python("-m", "migrations.command"))


def seed(site: Site) -> Job:
    """Reference data, a catalogue and people to log in as, of every kind that runs and has such a data set.

    One process for all: most of what it needs is starting.
    """
    people = {"kinds.vehicle_service": site.folder.people_file}
    if LOCAL_SERVICES in kinds_of(site.env):
        people[LOCAL_SERVICES] = site.folder.people_of("local-services")
    words = (f"devstack.{kind}={path}" for kind, path in people.items())
    return Job("seed", site.python("-m", "devstack.seed", *words))
