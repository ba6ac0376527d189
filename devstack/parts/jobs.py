"""Work that is done once per start: the schema and the seed data. Both may be repeated."""

from dataclasses import dataclass

from devstack.child import Command
from devstack.parts.base import Site


@dataclass(frozen=True)
class Job:
    """A command that must end well before the product starts."""

    name: str
    command: Command


def migrate(site: Site) -> Job:
    """The schema, by the same command as in production."""
    return Job("migrate", site.python("-m", "migrations.command"))


def seed(site: Site) -> Job:
    """Reference data, a catalogue and people to log in as."""
    return Job("seed", site.python("-m", "devstack.seed", "--people", str(site.folder.people_file)))


def seed_local_services(site: Site) -> Job:
    """A market of local services, with people of its own."""
    words = ("-m", "devstack.seed", "--kind", "devstack.kinds.local_services", "--people")
    return Job("seed-local-services", site.python(*words, str(site.folder.people_of("local-services"))))
