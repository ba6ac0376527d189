"""Requests with something wrong in them, made from the document: whole bodies, fields of bodies, parameters.

A refusal for its shape names every field that is wrong. So fields and parameters are wrong several at once, and each
has to be named; what the refusal does not name is asked alone (``parts``), as is what spoils a request as a whole.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import quote

from tests.api.concurrent import encoded, raw
from tests.api.document import Operation, Way, operations

JSON = "application/json"
_LONG = "x" * 100_000
_OPERATOR = {"$gt": ""}
_HUGE = [raw("1e400"), raw("-1e400"), raw("NaN"), 2**63, 10**30, -(10**30)]
_NO_TEXT = ["a\x00b", "\ud800"]
_OF = 6

_VALUES: dict[str, list[Any]] = {
    "integer": [0, -1, 1.5, "x", "", True, [], {}, [1], _OPERATOR, *_HUGE, *_NO_TEXT],
    "string": [5, 1.5, True, [], {}, ["x"], _OPERATOR, raw("1e400"), *_NO_TEXT, "a\udfffb", _LONG],
    "number": ["x", "", True, [], {}, _OPERATOR, *_HUGE, *_NO_TEXT],
    "date": ["x", "2030-02-30", True, [], {}, _OPERATOR, *_HUGE, *_NO_TEXT],
    "money": [-1, "-1.00", "1.234", 0.001, "", "x", "NaN", "Infinity", "1e400", [], _OPERATOR, *_HUGE, *_NO_TEXT],
    "boolean": ["x", 5, [], {}, _OPERATOR, raw("1e400"), *_NO_TEXT],
    "array": ["x", 5, True, _OPERATOR, [None], [[]], [_OPERATOR], ["\ud800"], ["\x00"], [_LONG], list(range(1, 5000))],
    "object": ["x", 5, True, ["x"], *_NO_TEXT],
    "prices": [_OPERATOR, {"x": "1.00"}, {"0": "1.00"}, {"-1": "1.00"}, {"\ud800": "1.00"}, {str(10**30): "1.00"}, [1]],
}
_IN_ADDRESS = [
    "x",
    "0",
    "-1",
    "1.5",
    "1e400",
    "NaN",
    str(2**63),
    str(10**30),
    "%00",
    "1%00",
    "%ED%A0%80",
    "%FF",
    quote('{"$gt": ""}'),
    "x" * 1_000,
    "x" * 10_000,
]


@dataclass(frozen=True)
class Malformed:
    """A request to make, and what to call it."""

    what: str
    url: str
    content: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    parts: "dict[str, Malformed]" = field(default_factory=dict)
    """By the name that the refusal has for it, what else would be asked alone."""

    def unnamed(self, named: set[str]) -> "list[Malformed]":
        """The parts that are not among these, nor above one of them."""
        return [
            part
            for name, part in self.parts.items()
            if not any(each == name or each.startswith(f"{name}.") for each in named)
        ]

    def __str__(self) -> str:
        return self.what[:100]


def kind_of(schema: Mapping[str, Any]) -> str:
    """What the values of a field are like."""
    if isinstance(schema.get("type"), list):
        return "money"
    if schema.get("format") == "date":
        return "date"
    if "additionalProperties" in schema:
        return "prices"
    return str(schema.get("type", "string"))


def some_of(operation: Operation, requests: Iterable[Malformed]) -> list[Malformed]:
    """Every sixth. Each operation begins at another one, so that between them nothing is left out."""
    every = list(requests)
    return every[_places()[str(operation)] % min(_OF, len(every) or 1) :: _OF]


@cache
def _places() -> dict[str, int]:
    return {str(each): place for place, each in enumerate(operations())}


@cache
def _fields_of_a_kind() -> dict[str, list[tuple[str, Way]]]:
    found: dict[str, list[tuple[str, Way]]] = defaultdict(list)
    for each in operations():
        for way, schema in each.fields() if each.takes_json else ():
            found[kind_of(schema)].append((str(each), way))
    return found


def _is_its_turn(operation: Operation, way: Way, number: int) -> bool:
    """Whether this field is given the value of that number: a sixth is, and the next field of its kind the next."""
    alike = next(ways for ways in _fields_of_a_kind().values() if (str(operation), way) in ways)
    of = min(_OF, len(alike))
    return number % of == alike.index((str(operation), way)) % of


def bodies(operation: Operation, known: Mapping[str, Any]) -> Iterator[Malformed]:
    """Bodies that are no JSON, JSON of another kind, and other media types; about rows that do not exist."""
    url, fits = operation.url(), encoded(operation.sample(known))
    malformed: dict[str, bytes] = {
        "nothing": b"",
        "no JSON": b"{not json",
        "no UTF-8": b'{"a": "\xff\xfe"}',
        "a NUL byte": b'{"a": "\x00"}',
        "a list": b"[]",
        "a list of bodies": b"[" + fits + b"]",
        "text": b'"x"',
        "a number": b"5",
        "no number": b"1e400",
        "null": b"null",
        "true": b"true",
        "deep lists": b"[" * 10_000 + b"]" * 10_000,
        "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        "lists just deep enough": b"[" * 900 + b"]" * 900,
        "a number of 5000 digits": b'{"a": ' + b"9" * 5_000 + b"}",
        "an operator": b'{"$gt": ""}',
        "over 1 MB": b'{"a": "' + b"x" * 1_000_000 + b'"}',
    }
    for what, content in malformed.items():
        yield Malformed(what, url, content, {"Content-Type": JSON})
    for media in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "x"):
        yield Malformed(f"JSON as {media}", url, fits, {"Content-Type": media})
    yield Malformed("over 1 MB in pieces", url, _pieces, {"Content-Type": JSON})


def fields(operation: Operation, known: Mapping[str, Any]) -> Iterator[Malformed]:
    """Bodies that fit but for one field, about rows that do exist."""
    for way, value in _wrong_values(operation):
        yield _with_fields(operation, known, {way: value})
    for name in (operation.body or {}).get("required", []):
        yield _without(operation, known, [name])


def fields_together(operation: Operation, known: Mapping[str, Any], *, some: bool = False) -> Iterator[Malformed]:
    """The same in fewer requests: several fields are wrong at once. ``some``: a sixth of the values of each field."""
    ways = {way for way, _ in operation.fields()}
    holders = {way[:length] for way in ways for length in range(1, len(way))}
    turns: dict[tuple[int, int], dict[Way, Any]] = defaultdict(dict)
    count: dict[Way, int] = defaultdict(int)
    seen = Counter[Way]()
    for way, value in _wrong_values(operation):
        seen[way] += 1
        if some and not _is_its_turn(operation, way, seen[way]):
            continue
        if _NUL in encoded(value):
            yield _with_fields(operation, known, {way: value})
        else:
            turns[len(way) if way in holders else 0, count[way]][way] = value
            count[way] += 1
    for wrong in turns.values():
        alone = {_named("body", way): _with_fields(operation, known, {way: value}) for way, value in wrong.items()}
        yield replace(_with_fields(operation, known, wrong), parts=alone)
    if required := (operation.body or {}).get("required", []):
        alone = {_named("body", (name,)): _without(operation, known, [name]) for name in required}
        yield replace(_without(operation, known, required), parts=alone)


_NUL = b"\\u0000"
"""Refused before anybody looks at fields."""


def _wrong_values(operation: Operation) -> Iterator[tuple[Way, Any]]:
    for way, schema in operation.fields():
        for value in _VALUES[kind_of(schema)]:
            if schema.get("minimum") == 0 and type(value) is int and value == 0:
                continue
            yield way, value


def _with_fields(operation: Operation, known: Mapping[str, Any], wrong: Mapping[Way, Any]) -> Malformed:
    what = ", ".join(f"{'.'.join(map(str, way))} = {value!r}"[:100] for way, value in wrong.items())
    content = encoded(operation.with_fields(known, wrong))
    return Malformed(what, operation.url(known), content, {"Content-Type": JSON})


def _without(operation: Operation, known: Mapping[str, Any], names: list[str]) -> Malformed:
    body = {key: value for key, value in operation.sample(known).items() if key not in names}
    return Malformed(f"without {', '.join(names)}", operation.url(known), encoded(body), {"Content-Type": JSON})


def _named(where: str, way: Way) -> str:
    return ".".join(map(str, (where, *way)))


def paths(operation: Operation, known: Mapping[str, Any]) -> Iterator[Malformed]:
    """Paths with one value that is none."""
    for parameter in operation.parameters("path"):
        for value in _IN_ADDRESS:
            url = operation.url({parameter["name"]: value})
            yield _at(operation, known, f"{parameter['name']} {value}", url)


def queries(operation: Operation, known: Mapping[str, Any]) -> Iterator[Malformed]:
    """Queries with one value that is none."""
    for name, value in _wrong_parameters(operation):
        yield _query(operation, known, [name], value)


def queries_together(operation: Operation, known: Mapping[str, Any]) -> Iterator[Malformed]:
    """The same in fewer requests: whatever can have a value has it."""
    turns: dict[str, list[str]] = defaultdict(list)
    for name, value in _wrong_parameters(operation):
        if len(value) >= 10_000:  # several would be too long an address
            yield _query(operation, known, [name], value)
        else:
            turns[value].append(name)
    for value, names in turns.items():
        alone = {_named("query", (name,)): _query(operation, known, [name], value) for name in names}
        yield replace(_query(operation, known, names, value), parts=alone)


def _wrong_parameters(operation: Operation) -> Iterator[tuple[str, str]]:
    for parameter in operation.parameters("query"):
        schema = operation.resolved(parameter["schema"])
        free = schema.get("type") == "string" and not {"pattern", "format", "enum"} & set(schema)
        for value in [value for value in _IN_ADDRESS if not free or "%00" in value or len(value) >= 1_000]:
            if value not in ("0", "1.5") or schema.get("minimum") == 1:
                yield parameter["name"], value


def _query(operation: Operation, known: Mapping[str, Any], names: list[str], value: str) -> Malformed:
    query = "&".join(f"{name}={value}" for name in names)
    return _at(operation, known, f"?{query}", f"{operation.url()}?{query}")


def _at(operation: Operation, known: Mapping[str, Any], what: str, url: str) -> Malformed:
    content = encoded(operation.sample(known)) if operation.takes_json else None
    return Malformed(what, url, content, {"Content-Type": JSON} if content else {})


def headers(operation: Operation) -> Iterator[Malformed]:
    """Headers with a value that is none; about rows that do not exist."""
    for parameter in operation.parameters("header"):
        for value in ("", "x" * 1_000, "x" * 100_000):
            yield Malformed(f"{parameter['name']}: {value}", operation.url(), None, {parameter["name"]: value})


async def _pieces() -> AsyncIterator[bytes]:
    yield b'{"a": "'
    for _ in range(20):
        yield b"x" * 60_000
    yield b'"}'
