"""The parts of the stack, in the order in which they start. Each says how it is run and when it answers.

A part that the environment already gives (`TEMPORAL_ADDRESS`, `MONGODB_URI`, `POSTGRESQL_URL`) is not started; it only
passes its address on.
"""

from collections.abc import Mapping

from devstack.parts.base import Given, Part, Site
from devstack.parts.jobs import LOCAL_SERVICES, Job, kinds_of, migrate, seed
from devstack.parts.mongodb import MongoDB
from devstack.parts.phone import Phone
from devstack.parts.postgres import PostgreSQL
from devstack.parts.product import Activities, Api, LocalServicesApi, Worker
from devstack.parts.services import Mail, Razorpay
from devstack.parts.temporal import Temporal

SERVERS = ("postgres", "mongodb", "temporal", "mail", "razorpay", "phone")
JOBS = ("migrate", "seed")
PRODUCT = ("worker", "activities", "api", "api-local-services")
ALL = (*SERVERS, *JOBS, *PRODUCT)
OF_KINDS = dict.fromkeys(("phone", "api-local-services"), LOCAL_SERVICES)
"""Parts that one kind asks for: such a part runs where it is installed."""

__all__ = ["ALL", "JOBS", "PRODUCT", "SERVERS", "Given", "Job", "Part", "Site", "job", "part", "usual"]


def usual(env: Mapping[str, str]) -> tuple[str, ...]:
    """The parts of a stack for which nobody names any."""
    kinds = kinds_of(env)
    return tuple(name for name in ALL if OF_KINDS.get(name, kinds[0]) in kinds)


def part(name: str, site: Site) -> Part:
    """The part of that name, for one stack."""
    kinds: dict[str, type[Part]] = {
        "postgres": PostgreSQL,
        "mongodb": MongoDB,
        "temporal": Temporal,
        "mail": Mail,
        "razorpay": Razorpay,
        "phone": Phone,
        "worker": Worker,
        "activities": Activities,
        "api": Api,
        "api-local-services": LocalServicesApi,
    }
    kind = kinds[name]
    return kind.given(site) or kind(site)


def job(name: str, site: Site) -> Job:
    """The one-time work of that name."""
    return {"migrate": migrate, "seed": seed}[name](site)
