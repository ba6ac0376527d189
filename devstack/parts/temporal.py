"""The Temporal dev server with its UI; bookings survive its restart, for it keeps a database file."""

from devstack import builder
from devstack.child import Command
from devstack.parts.base import Given, Part, Site, answers, listening
from devstack.parts.hosted_temporal import HostedTemporal
from domain.temporal_ui import SEARCH_ATTRIBUTES

NAMESPACE = "default"
DYNAMIC_CONFIGURATION = {
    # An activity on its workflow's own queue is handed to the worker with the answer that asked for it.
    "system.enableActivityEagerExecution": "true",
    "limit.maxIDLength": "255",
    # The command line's server turns this on by default, the hosted one of the same release does not.
    "activity.enableStandalone": "false",
}
"""The server's own settings where they differ from its defaults; docker-compose.yml has the same."""

_ONE_PART_A_QUEUE = {"matching.numTaskqueueReadPartitions": "1", "matching.numTaskqueueWritePartitions": "1"}


def dynamic_configuration(*, lasting: bool) -> dict[str, str]:
    """The settings of a development server.

    One that nothing outlives keeps each queue in one part instead of four, which takes a quarter less of the processor
    while nobody asks; one that goes on from its rows would never look at what the other three hold.
    """
    return DYNAMIC_CONFIGURATION | ({} if lasting else _ONE_PART_A_QUEUE)


class Temporal(Part):
    """The server and its UI, one process."""

    name = "temporal"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._port = site.folder.port("temporal")
        self._ui_port = site.folder.port("temporal_ui")

    @classmethod
    def given(cls, site: Site) -> Part | None:
        if not (address := site.env.get("TEMPORAL_ADDRESS")):
            hosted = site.env.get("TEMPORAL_STORE") == "postgresql"
            return HostedTemporal(site, NAMESPACE, DYNAMIC_CONFIGURATION) if hosted else None
        exports = {name: value for name, value in site.env.items() if name.startswith("TEMPORAL_")}
        namespace = exports.setdefault("TEMPORAL_NAMESPACE", NAMESPACE)
        facts = {"temporal": address, "temporal_namespace": namespace, "temporal_ui": None}
        return Given(site, cls.name, facts, exports)

    def command(self) -> Command:
        folder = self.site.folder.data("temporal")
        attributes = [f"--search-attribute={name}={kind}" for name, kind in SEARCH_ATTRIBUTES.items()]
        synchronous = "normal" if self.site.lasting else "off"
        dynamic = dynamic_configuration(lasting=self.site.lasting)
        words = [
            str(builder.temporal(self.site.say)),
            *("server", "start-dev", "--ip", "127.0.0.1"),
            *("--port", str(self._port), "--ui-port", str(self._ui_port)),
            *("--db-filename", str(folder / "temporal.db")),
            # Writes to a log and waits for the disk at checkpoints only: 1.7 times faster than the default file.
            *("--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", f"synchronous={synchronous}"),
            *("--log-level", "warn", "--ui-disable-news-fetch", *attributes),
            *(f"--dynamic-config-value={name}={value}" for name, value in dynamic.items()),
        ]
        return Command(words, self.site.environment(), folder)

    def ready(self) -> bool:
        """Asked over HTTP through the UI, which asks the server: a Temporal client here could abort at exit."""
        return listening(self._port) and answers(f"{self.ui}/api/v1/namespaces/{NAMESPACE}")

    @property
    def ui(self) -> str:
        return f"http://127.0.0.1:{self._ui_port}"

    def address(self) -> str:
        return f"127.0.0.1:{self._port}, UI {self.ui}"

    def facts(self) -> dict[str, str]:
        return {"temporal": f"127.0.0.1:{self._port}", "temporal_namespace": NAMESPACE, "temporal_ui": self.ui}

    def exports(self) -> dict[str, str]:
        return {"TEMPORAL_ADDRESS": f"127.0.0.1:{self._port}", "TEMPORAL_NAMESPACE": NAMESPACE}
