"""The product itself: both roles of the worker and the API, configured by the environment as anywhere else."""

import time
from dataclasses import replace
from typing import Any

from devstack.child import Command
from devstack.parts.base import Part, Site, answers
from devstack.parts.services import site_api
from devstack.stack_folder import read_json

# A stack is stopped by people who wait for it; work that is cut short is done again by the next worker.
_GRACEFUL = "3s"
_OUT_OF_REACH = "1000000"  # more registrations, each with a text, than a run of the tests makes


class Worker(Part):
    """Runs bookings. It listens nowhere: its log says when it is ready, unless it is kept quiet."""

    name = "worker"
    role = "workflows"
    _settled = 8.0

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._log = site.folder.log(self.name)
        self._since, self._read = 0.0, 0

    def command(self) -> Command:
        self._since = time.monotonic()
        self._read = self._log.stat().st_size if self._log.exists() else 0
        pages = self.site.env.get("REVCARE_PUBLIC_URL") or site_api(self.site)  # where links in mails lead
        env = {"REVCARE_GRACEFUL_SHUTDOWN": _GRACEFUL, "REVCARE_PUBLIC_URL": pages}
        env["REVCARE_UPLOADS"] = str(self.site.folder.data("uploads"))
        return self.site.python("-m", "worker", self.role, **env)

    def ready(self) -> bool:
        if time.monotonic() - self._since > self._settled:
            return True
        with self._log.open("rb") as log:
            log.seek(self._read if self._log.stat().st_size >= self._read else 0)
            return b"worker ready" in log.read()


class Activities(Worker):
    """Does what bookings need done: payments, e-mails, maintenance, backups."""

    name = "activities"
    role = "activities"


class Api(Part):
    """The HTTP side."""

    name = "api"

    @property
    def _url(self) -> str:
        return site_api(self.site)

    def command(self) -> Command:
        port = self._url.rpartition(":")[2]
        env = {"REVCARE_HOST": "127.0.0.1", "REVCARE_PORT": port, "REVCARE_PUBLIC_URL": self._url}
        env["REVCARE_UPLOADS"] = str(self.site.folder.data("uploads"))
        env |= dict.fromkeys(("REVCARE_REGISTRATIONS_PER_ADDRESS", "REVCARE_REGISTRATIONS_IN_ALL"), _OUT_OF_REACH)
        return self.site.python("-m", "api.main", REVCARE_GRACEFUL_SHUTDOWN=_GRACEFUL, **env)

    def ready(self) -> bool:
        return answers(f"{self._url}/health/ready")

    def address(self) -> str:
        return self._url

    def facts(self) -> dict[str, Any]:
        return {"api": self._url}


class LocalServicesApi(Api):
    """The HTTP side of local services, beside that of the kind which the environment names."""

    name = "api-local-services"
    kind = "local-services"

    @property
    def _url(self) -> str:
        return f"http://127.0.0.1:{self.site.folder.port(self.name)}"

    def command(self) -> Command:
        """As the other one, whatever the environment says of that one's kind and port."""
        made, own = super().command(), {"REVCARE_KIND": self.kind, "REVCARE_PORT": self._url.rpartition(":")[2]}
        own["REVCARE_LOCAL_SERVICES_TEXTS_IN_ALL"] = _OUT_OF_REACH
        return replace(made, env={**made.env, **own})

    def facts(self) -> dict[str, Any]:
        people = read_json(self.site.folder.people_of(self.kind))
        return {"kinds": {self.kind: {"api": self._url, "people": people}}}

    def exports(self) -> dict[str, str]:
        """Where links in its mails lead."""
        return {"REVCARE_LOCAL_SERVICES_PUBLIC_URL": self._url}
