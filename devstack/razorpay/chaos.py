"""Misbehaviour on demand: rules that match an event's name or a REST call, each for a number of times or for ever."""

import asyncio
import random
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from devstack.razorpay.errors import refused
from devstack.razorpay.store import Doc, Store

Shape = Callable[[Any], bool]


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _number(value: Any) -> bool:
    return type(value) is int and value >= 0


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _order(value: Any) -> bool:
    return _names(value) or (isinstance(value, str) and value in {"shuffle", "reverse"})


def _escape(value: Any) -> bool:
    return all(name in ("slashes", "unicode") for name in (value if _names(value) else [value]))


def _response(value: Any) -> bool:
    status = value.get("status", 502) if isinstance(value, dict) else None
    return type(status) is int and 200 <= status <= 599


WEBHOOK_SWITCHES: dict[str, Shape] = {
    "drop": _flag,
    "duplicate": _number,
    "instant_dup": _flag,
    "reorder": _order,
    "delay": _seconds,
    "tamper_body": _flag,
    "wrong_secret": _flag,
    "old_secret": lambda value: isinstance(value, bool | str),
    "no_signature": _flag,
    "omit_event_id": _flag,
    "new_event_id_same_body": _flag,
    "escape": _escape,
    "pretty_print": _flag,
    "authorized_snapshot_captured": _flag,
    "omit_account_id": _flag,
    "notes_as_list": _flag,
}
API_SWITCHES: dict[str, Shape] = {
    "latency": _seconds,
    "drop_after_commit": _flag,
    "http": _response,
    "list_lag": _seconds,
    "insufficient_balance": _flag,
    "refund_pending": _flag,
    "refund_fail_later": lambda value: _flag(value) or _seconds(value),
    "capture_conflict": _flag,
    "transfer_fail": _flag,
    "reversal_insufficient": _flag,
}
_RULE: dict[str, Shape] = {"match": lambda value: isinstance(value, str), "times": _number}
_SWITCHES = {"webhooks": WEBHOOK_SWITCHES, "api": API_SWITCHES}


class Chaos:
    """The rules in force; the first that matches and has times left applies. Seeded, so a bad day can be repeated."""

    def __init__(self, store: Store, seed: str | None) -> None:
        self._store = store
        self.chance = random.Random(seed)  # noqa: S311
        self.replaced = asyncio.Event()
        """Set when other rules take the place of these; the next rules have an event of their own."""

    def rules(self) -> dict[str, list[Doc]]:
        """Both lists, with the times that are left."""
        return {side: self._rules(side) for side in _SWITCHES}

    def replace(self, given: Any) -> None:
        """Put new lists in place of the old ones; an unknown key is refused, or a test would pass for no reason."""
        self._put(_checked(given))
        self._let_go()

    def add(self, given: Any) -> None:
        """Put rules behind those in force, of which none is forgotten or used again; those without times left go."""
        wanted = _checked(given)
        self._put({side: [*filter(_in_force, self._rules(side)), *rules] for side, rules in wanted.items()})

    def clear(self) -> None:
        """Good behaviour again."""
        self._put({side: [] for side in _SWITCHES})
        self._let_go()

    def pick(self, side: str, subject: str) -> Doc:
        """The rule for this event or call, used once; nothing at all if none applies."""
        for rule in self._rules(side):
            if _in_force(rule) and covers(rule, subject):
                self._use(side, rule)
                return rule
        return {}

    def _put(self, rules: dict[str, list[Doc]]) -> None:
        for side, wanted in rules.items():
            self._store.put("chaos", side, {"rules": wanted})

    def _let_go(self) -> None:
        self.replaced.set()
        self.replaced = asyncio.Event()

    def _use(self, side: str, rule: Doc) -> None:
        if "times" in rule:
            rule["times"] -= 1
            self._store.put("chaos", side, {"rules": self._rules(side)})

    def _rules(self, side: str) -> list[Doc]:
        kept = self._store.get("chaos", side)
        return list(kept["rules"]) if kept else []


def covers(rule: Doc, subject: str) -> bool:
    """Whether a rule is about this event or call."""
    return fnmatchcase(subject, rule.get("match", "*"))


def _in_force(rule: Doc) -> bool:
    return bool(rule.get("times", 1) > 0)


def _checked(given: Any) -> dict[str, list[Doc]]:
    if not isinstance(given, dict) or set(given) - set(_SWITCHES):
        raise refused("send {webhooks: [rule], api: [rule]}")
    wanted = {side: given.get(side) or [] for side in _SWITCHES}
    for side, rules in wanted.items():
        if not isinstance(rules, list):
            raise refused(f"{side} is a list of rules", side)
        for rule in rules:
            _check(side, rule)
    return wanted


def _check(side: str, rule: Any) -> None:
    if not isinstance(rule, dict):
        raise refused("a rule is an object")
    if rule.get("times", 0) is None:
        del rule["times"]
    for name, value in rule.items():
        shape = {**_RULE, **_SWITCHES[side]}.get(name)
        if shape is None:
            raise refused(f"no such switch for {side}: {name}", name)
        if not shape(value):
            raise refused(f"{name} cannot be {value!r}", name)
