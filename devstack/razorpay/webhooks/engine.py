"""Sending: every event is logged once, signed once, and tried until the shop says 2xx or the ladder ends."""

import asyncio
import contextlib
from functools import lru_cache
from typing import Any

import httpcore
import httpx

from devstack.razorpay.agenda import Agenda
from devstack.razorpay.chaos import Chaos, covers
from devstack.razorpay.clock import Clock
from devstack.razorpay.config import Config
from devstack.razorpay.ids import Ids
from devstack.razorpay.signing import sign
from devstack.razorpay.store import Doc, Store
from devstack.razorpay.webhooks import envelope, ladder
from devstack.razorpay.webhooks.endpoints import Endpoints

AT_ONCE = 64
APART = 0.1  # seconds between events whose order matters; each also waits for the answer to the one before
_FAULTS = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, httpx.InvalidURL)


class Webhooks:
    """The log of events and their way out."""

    def __init__(self, config: Config, store: Store, clock: Clock, ids: Ids, chaos: Chaos, agenda: Agenda) -> None:
        self._config, self._store, self._clock, self._ids = config, store, clock, ids
        self._chaos, self._agenda = chaos, agenda
        self._connections: httpcore.AsyncConnectionPool | None = None
        self._too_slow = f"no answer within {config.delivery_timeout:g} s"
        self._slots = asyncio.Semaphore(AT_ONCE)
        self.endpoints = Endpoints(config, store, clock, ids)
        agenda.teach("deliver", self._deliver)

    def send(self, batch: list[tuple[str, dict[str, Doc]]]) -> None:
        """Log the events of one operation and plan their deliveries, changed by the chaos rules in force."""
        rules: list[Doc] = []
        for name, _ in batch:
            shared = next((rule for rule in rules if rule.get("reorder") and covers(rule, name)), None)
            rules.append(shared or self._chaos.pick("webhooks", name))
        order = next((rule["reorder"] for rule in rules if rule.get("reorder")), None)
        before: str | None = None
        for turn, place in enumerate(envelope.arrange([name for name, _ in batch], order, self._chaos)):
            name, entities = batch[place]
            wait = turn * APART if order else (turn + 1) / self._config.time_scale
            wait += float(rules[place].get("delay", 0))
            event = self._log_and_plan(name, entities, rules[place], wait, before)
            before = event["id"] if order and not event["dropped"] else before

    def _log_and_plan(self, name: str, entities: dict[str, Doc], rule: Doc, wait: float, before: str | None) -> Doc:
        """Log the event and plan its deliveries; ``before`` is the event that must be answered first."""
        now = self._clock.now()
        body = envelope.bend(envelope.compose(name, entities, self._config.account_id, int(now)), rule)
        text = envelope.render(body, rule)
        signature = None if rule.get("no_signature") else sign(self._secret(rule), text.encode())
        if rule.get("tamper_body"):
            text = envelope.tamper(text)
        event = self._log(name, text, signature, rule)
        if rule.get("drop"):
            return event
        copies = int(rule.get("duplicate", 0)) + (1 if rule.get("instant_dup") else 0)
        twin = self._log(name, text, signature, rule) if rule.get("new_event_id_same_body") else None
        for endpoint in self.endpoints.all():
            if not endpoint["active"] or name not in endpoint["events"]:
                continue
            target = {"endpoint": str(endpoint["_number"]), "taken": -1, "before": before}
            self._agenda.add("deliver", now + wait, event=event["id"], climbs=True, **target)
            for copy in range(copies):
                apart = 0.0 if rule.get("instant_dup") and copy == 0 else (copy + 1) * APART / 2
                self._agenda.add("deliver", now + wait + apart, event=event["id"], climbs=False, **target)
            if twin:
                self._agenda.add("deliver", now + wait + APART, event=twin["id"], climbs=True, **target)
        return event

    def _log(self, name: str, text: str, signature: str | None, rule: Doc) -> Doc:
        key = self._ids.bare()
        headers = {
            "User-Agent": "Razorpay-Webhook/v1",
            "Content-Type": "application/json",
            "Accept-Encoding": "gzip",
            "Request-Id": key,
            "X-Razorpay-Event-Id": key,
            "X-Razorpay-Signature": signature,
        }
        if rule.get("omit_event_id"):
            del headers["X-Razorpay-Event-Id"], headers["Request-Id"]
        sent = {header: value for header, value in headers.items() if value is not None}
        event = {"id": key, "event": name, "body": text, "headers": sent, "dropped": bool(rule.get("drop"))}
        return self._store.put("event", key, {**event, "created_at": self._clock.now(), "deliveries": []})

    def _secret(self, rule: Doc) -> str:
        if rule.get("wrong_secret"):
            return "not-" + self._config.webhook_secret
        if rule.get("old_secret"):
            old = rule["old_secret"]
            return old if isinstance(old, str) else self._config.webhook_secret_previous
        return self._config.webhook_secret

    async def replay(self, event: Doc, *, new_id: bool, times: int) -> list[Doc]:
        """Deliver an event again by hand, now: the same bytes and signature, under its own id or under new ones."""
        done: list[Doc] = []
        for _ in range(times):
            for endpoint in self.endpoints.all():
                if not endpoint["active"]:
                    continue
                fresh = self._ids.bare() if new_id else None
                done.append(await self._attempt(event, endpoint, fresh))
        return done

    async def _deliver(self, entry: Doc) -> None:
        event = self._store.get("event", entry["event"])
        endpoint = self._store.get("endpoint", entry["endpoint"])
        if event is None or endpoint is None or not endpoint["active"]:
            return
        self._store.commit()
        await self._answered(entry.get("before"), endpoint)
        attempt = await self._attempt(event, endpoint, None)
        good = attempt["status"] is not None and 200 <= attempt["status"] < 300
        if good or not entry["climbs"] or self._store.get("event", entry["event"]) is not event:
            return
        slow = attempt["error"] == self._too_slow
        step = ladder.next_step(entry["taken"] + 1, event["event"], attempt["status"], slow=slow)
        pause = ladder.pause(step, entry["taken"])
        if pause is None:
            self.endpoints.switch(endpoint, on=False)
        else:
            due = self._clock.now() + pause / self._config.time_scale
            self._agenda.add("deliver", due, **{**entry, "taken": step})

    async def _answered(self, before: str | None, endpoint: Doc) -> None:
        """Wait until this endpoint was asked about the event before: a pause alone promises no order of arrival."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._config.delivery_timeout + APART):
                while before and (event := self._store.get("event", before)) is not None:
                    if event["event"] not in endpoint["events"]:
                        return
                    if any(attempt["url"] == endpoint["url"] for attempt in event["deliveries"]):
                        return
                    await asyncio.sleep(APART / 10)

    async def _attempt(self, event: Doc, endpoint: Doc, fresh_id: str | None) -> Doc:
        headers = dict(event["headers"])
        if fresh_id:
            headers.update({"Request-Id": fresh_id, "X-Razorpay-Event-Id": fresh_id})
        if endpoint.get("_secret") and "X-Razorpay-Signature" in headers:
            headers["X-Razorpay-Signature"] = sign(endpoint["_secret"], event["body"].encode())
        attempt: dict[str, Any] = {"at": self._clock.now(), "status": None, "error": None, "url": endpoint["url"]}
        attempt["event_id"] = headers.get("X-Razorpay-Event-Id")
        async with self._slots:
            try:
                async with asyncio.timeout(self._config.delivery_timeout):
                    attempt["status"] = await self._post(endpoint["url"], event["body"].encode(), headers)
            except TimeoutError:
                attempt["error"] = self._too_slow
            except _FAULTS as fault:
                attempt["error"] = f"{type(fault).__name__}: {fault}"
        event["deliveries"].append(attempt)
        if self._store.get("event", event["id"]) is event:
            self._store.put("event", event["id"], event)
        return attempt

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """The status of the answer. A client of httpx has cookies, redirects and more: a delivery would cost twice."""
        if self._connections is None:
            self._connections = httpcore.AsyncConnectionPool(
                max_connections=AT_ONCE * 2, max_keepalive_connections=AT_ONCE, keepalive_expiry=2.0
            )
        target, host = _target(url)
        sent = {"Host": host, "Accept": "*/*", "Connection": "keep-alive", **headers, "Content-Length": str(len(body))}
        return (await self._connections.request("POST", target, headers=list(sent.items()), content=body)).status

    async def close(self) -> None:
        """Let go of the connections."""
        if self._connections is not None:
            await self._connections.aclose()


@lru_cache(maxsize=100)
def _target(url: str) -> tuple[httpcore.URL, str]:
    """An address taken apart, and what it calls its host; not all that begins like one is one."""
    parsed = httpx.URL(url)
    scheme, host, path = parsed.raw_scheme, parsed.raw_host, parsed.raw_path
    return httpcore.URL(scheme=scheme, host=host, port=parsed.port, target=path), parsed.netloc.decode("ascii")
