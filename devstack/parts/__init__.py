"""The parts of the stack, in the order in which they start. Each says how it is run and when it answers.

A part that the environment already gives (`TEMPORAL_ADDRESS`, `MONGODB_URI`, `POSTGRESQL_URL`) is not started; it only
passes its address on.
"""

from devstack.parts.base import Given, Part, Site
from devstack.parts.jobs import Job, migrate, seed
from devstack.parts.mongodb import MongoDB
from devstack.parts.postgres import PostgreSQL
from devstack.parts.product import Activities, Api, Worker
from devstack.parts.services import Mail, Razorpay
from devstack.parts.temporal import Temporal

ALL = ("postgres", "mongodb", "temporal", "mail", "razorpay", "migrate", "seed", "worker", "activities", "api")
SERVERS = ("postgres", "mongodb", "temporal", "mail", "razorpay")
JOBS = ("migrate", "seed")
PRODUCT = ("worker", "activities", "api")

__all__ = ["ALL", "JOBS", "PRODUCT", "SERVERS", "Given", "Job", "Part", "Site", "job", "part"]


def part(name: str, site: Site) -> Part:
    """The part of that name, for one stack."""
    kinds: dict[str, type[Part]] = {
        "postgres": PostgreSQL,
        "mongodb": MongoDB,
        "temporal": Temporal,
        "mail": Mail,
        "razorpay": Razorpay,
        "worker": Worker,
        "activities": Activities,
        "api": Api,
    }
    kind = kinds[name]
    return kind.given(site) or kind(site)


def job(name: str, site: Site) -> Job:
    """The one-time work of that name."""
    return {"migrate": migrate, "seed": seed}[name](site)
