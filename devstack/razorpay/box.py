"""The sandbox itself: what the machine, the routes and the webhooks share."""

import asyncio
import contextlib
from typing import Any

from devstack.razorpay import ids
from devstack.razorpay.agenda import Agenda
from devstack.razorpay.chaos import Chaos
from devstack.razorpay.clock import Clock
from devstack.razorpay.config import Config
from devstack.razorpay.errors import UNKNOWN_ID, refused
from devstack.razorpay.store import Doc, Store, public
from devstack.razorpay.webhooks.engine import Webhooks


class Sandbox:
    """One account at the provider. All changes happen on one event loop, between two awaits: there are no locks."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.store = Store(config.state)
        life = self.store.get("meta", "life") or {"starts": 0, "offset": 0.0}
        life["starts"] += 1
        self.clock = Clock(virtual=config.virtual_clock, offset=life["offset"])
        self.ids = ids.Ids(config.seed, life["starts"])
        self.chaos = Chaos(self.store, config.seed)
        self.agenda = Agenda(self.store, self.clock, self.commit)
        self.webhooks = Webhooks(config, self.store, self.clock, self.ids, self.chaos, self.agenda)
        self.in_flight: set[str] = set()
        self.over = asyncio.Event()
        """Set by the next reset: whoever began before it must not act any more."""
        self._announced: list[tuple[str, dict[str, Doc]]] = []
        self._life = life
        self._tasks: list[asyncio.Task[None]] = []
        self.remember()

    def remember(self) -> None:
        """Put down what a restart needs to know besides the documents."""
        self._life["offset"] = self.clock.offset
        self.store.put("meta", "life", self._life)
        self.commit()

    def announce(self, event: str, **entities: Doc) -> None:
        """Announce an event: a snapshot taken now, sent with the commit and the operation's other events."""
        self._announced.append((event, {name: public(entity) for name, entity in entities.items()}))

    def commit(self) -> None:
        """Commit an operation: its events join the log and its documents reach the file."""
        if self._announced:
            batch, self._announced = self._announced, []
            self.webhooks.send(batch)
        self.store.commit()

    def find(self, kind: str, prefix: str, given: str) -> Doc:
        """A document by its id, or the provider's error for an unknown id."""
        if not ids.well_shaped(prefix, given):
            raise refused(f"{given} is not a valid id")
        found = self.store.get(kind, given)
        if found is None:
            raise refused(UNKNOWN_ID)
        return found

    def note_request(self, **facts: Any) -> None:
        """Keep a line about a call to the REST API."""
        number = self.store.count("request") + 1
        self.store.put("request", str(number), {"at": self.clock.now(), **facts})

    def reset(self) -> None:
        """Back to a fresh account; endpoints and keys come from the configuration."""
        self.over.set()
        self.over = asyncio.Event()
        self._announced.clear()
        self.in_flight.clear()
        self.store.clear()
        self.clock.offset = 0.0
        self.chaos.clear()
        self.agenda.wake()
        self.webhooks.endpoints.install()
        self.remember()

    async def open(self) -> None:
        """Start what runs beside the requests."""
        self._tasks.append(asyncio.create_task(self.agenda.run()))

    async def close(self) -> None:
        """Stop it again and let go of the file."""
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.agenda.stop()
        await self.webhooks.close()
        self.store.close()
