"""What operators and clients rely on beside the HTTP API, as one document: ``python -m checks.interface`` writes it.

Settings come from ``settings.py``, ``kind_settings.py`` and the ``settings.py`` of each kind, mail headers and metrics
from the texts of the sources, the keys of ``stack.json`` from ``devstack/stack_json.py``. `docs/interface.json` and the
table `docs/settings.md` are written from it; a test says when they are stale, and `checks.release` compares it with the
newest release's.
"""

import ast
import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

import kinds
from checks.files import REPOSITORY, files, nodes
from checks.generated_pages import PAGES
from checks.imports import closure
from checks.settings_page import SETTINGS_PAGE
from devstack.stack_json import KEYS
from kind_settings import KindSettings
from production import NEEDED
from setting_types import Group, default_of, variable
from settings import Settings

_PRODUCT = ("activities", "adapters", "api", "domain", "kinds", "migrations", "workers", "workflows")
_SNAPSHOT_ONLY = re.compile(r"(kinds/\w+/)?(activities|domain|\w*workflows?)\b")
"""What knows no settings: a booking's own policy is a snapshot."""

_JUDGES = ("settings.py", "kind_settings.py", "production.py", "startup.py")
"""What looks at settings for every process, whether it needs them or not."""

_HEADER = re.compile(r"X-RevCare-[A-Za-z-]+")
_HTTP_METRIC, _WORKER_METRIC = re.compile(r"# TYPE (revcare_\w+)"), re.compile(r"revcare_\w+")
_PROCESSES: dict[str, Callable[[Path], list[str]]] = {
    "API": lambda root: ["api/main.py", *_of_kinds(root, "api")],
    "worker": lambda root: ["worker.py", *_of_kinds(root, "worker")],
    "migrations": lambda root: ["migrations/command.py"],
    "operations": lambda root: ["operations/backups.py"],
}
_OF_A_KIND = {
    "REVCARE_<KIND>_PUBLIC_URL": ("`REVCARE_PUBLIC_URL`", "`REVCARE_PUBLIC_URL`; needed in production"),
    "REVCARE_<KIND>_FROM_NAME": ("`MAIL_FROM_NAME`", "`MAIL_FROM_NAME`"),
    "REVCARE_<KIND>_MONGODB_DB": ("`MONGODB_DB`", "`MONGODB_DB`, `_` and its name"),
}
"""Those of ``kind_settings.py``, and what they are when left out."""


_Use = tuple[set[str], bool, set[tuple[str, str]]]
"""The groups that a module imports, whether it knows settings at all, and its attributes with what they are of."""


@dataclass(frozen=True, slots=True)
class _Setting:
    """One variable. ``owner`` is the attribute under which its group is found; ``kind`` whose it is, if one's."""

    group: type[Group]
    owner: str
    attribute: str
    kind: str | None = None

    @property
    def name(self) -> str:
        return variable(self.group, self.attribute)

    @property
    def field(self) -> FieldInfo:
        return self.group.model_fields[self.attribute]

    @property
    def needed_by(self) -> tuple[str, ...]:
        """What does not start in production where it is not set."""
        if self.kind is not None:
            return ()
        return tuple(part.value for part, groups in NEEDED.items() if self.attribute in groups.get(self.owner, ()))

    @property
    def heading(self) -> str:
        return f"{self.group.__name__} of {self.kind}" if self.kind else self.group.__name__


def document(root: Path = REPOSITORY) -> dict[str, Any]:
    """Everything that may not be removed without being listed in ``docs/api-changes.md``."""
    texts = {path: list(_texts(root / path)) for path in _product(root)}
    return {
        "settings": {
            each.name: {"default": default_of(each.field), "needed_in_production": bool(each.needed_by)}
            | ({"kind": each.kind} if each.kind else {})
            for each in _settings()
        }
        | {name: {"default": None, "needed_in_production": False} for name in _OF_A_KIND},
        "mail_headers": sorted({name for each in texts.values() for text in each for name in _HEADER.findall(text)}),
        "metrics": sorted({name for path, each in texts.items() for name in _metrics((root / path).read_text(), each)}),
        "stack_json": sorted(KEYS),
    }


def settings_page(root: Path = REPOSITORY) -> str:
    """The table of all settings, a section for each group."""
    imports: dict[Path, list[Path]] = {}
    processes = {name: closure(root, starts(root), imports) for name, starts in _PROCESSES.items()}
    product = {
        path: _use_of_settings(root / path)
        for path in _product(root)
        if path.name not in _JUDGES and not _SNAPSHOT_ONLY.match(path.as_posix())
    }
    lines, heading = [SETTINGS_PAGE.rstrip()], ""
    for each in _settings():
        if each.heading != heading:
            heading = each.heading
            lines += ["", f"## {heading}", "", " ".join((each.group.__doc__ or "").replace("``", "`").split()), ""]
            lines += ["| variable | default | needed by | read by |", "|---|---|---|---|"]
        readers = _readers(product, each)
        read_by = ", ".join(name for name, modules in processes.items() if modules & readers)
        lines.append(f"| `{each.name}` | {default_of(each.field) or '-'} | {', '.join(each.needed_by)} | {read_by} |")
    lines += ["", "## For each kind of booking", "", " ".join((KindSettings.__doc__ or "").split()), ""]
    lines += ["| variable | default kind | any other kind | read by |", "|---|---|---|---|"]
    lines += [f"| `{name}` | {default} | {other} | API, worker |" for name, (default, other) in _OF_A_KIND.items()]
    return "\n".join(lines) + "\n"


def _readers(modules: Mapping[Path, _Use], setting: _Setting) -> set[Path]:
    """The modules that read a field, itself or by a property of its group."""
    alike = [each for each in _settings() if each.attribute == setting.attribute]
    properties = {name for name, attribute in _used_by_properties(setting.group) if attribute == setting.attribute}
    names = {setting.attribute, *properties}
    return {
        path
        for path, use in modules.items()
        if setting.kind in (None, *path.parts[1:2])
        if _reads(use, setting.group.__name__, setting.owner, names, alone=len(alike) == 1)
    }


@cache
def _used_by_properties(group: type[Group]) -> set[tuple[str, str]]:
    """Each property of a group with each attribute that it is made from."""
    return {
        (method.name, node.attr)
        for method in ast.walk(ast.parse(inspect.getsource(group)))
        if isinstance(method, ast.FunctionDef) and isinstance(getattr(group, method.name, None), property)
        for node in ast.walk(method)
        if isinstance(node, ast.Attribute)
    }


def _reads(use: _Use, group: str, owner: str, names: set[str], *, alone: bool) -> bool:
    """``alone``: no other group has a field of that name, so that it is enough for a module to know settings."""
    classes, knows, attributes = use
    return any((name in names) and ((knows and (alone or group in classes)) or of == owner) for of, name in attributes)


@cache
def _use_of_settings(path: Path) -> _Use:
    classes = {
        alias.name
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and (node.module or "").rpartition(".")[2] == "settings"
        for alias in node.names
    }
    attributes = {(_last_name(node.value), node.attr) for node in nodes(path) if isinstance(node, ast.Attribute)}
    return classes, bool(classes) or any(_last_name(node) == "settings" for node in nodes(path)), attributes


def _last_name(node: ast.AST) -> str:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


@cache
def _settings() -> list[_Setting]:
    """Each setting: those of the engine, then those of each kind that the product has."""
    found = [
        _Setting(of_all.annotation, owner, attribute)
        for owner, of_all in Settings.model_fields.items()
        if isinstance(of_all.annotation, type) and issubclass(of_all.annotation, Group)
        for attribute in of_all.annotation.model_fields
    ]
    for module in filter(find_spec, (f"{package}.settings" for package in kinds.SHIPPED)):
        kind = module.split(".")[-2]
        for group in vars(import_module(module)).values():
            if isinstance(group, type) and issubclass(group, Group) and group.__module__ == module:
                found += [_Setting(group, "policy", attribute, kind) for attribute in group.model_fields]
    return found


def _metrics(source: str, texts: list[str]) -> Iterator[str]:
    """The API writes its metrics as text; a worker's go through Temporal's meter by their name."""
    for text in texts:
        yield from _HTTP_METRIC.findall(text)
        if "metric_meter" in source and _WORKER_METRIC.fullmatch(text):
            yield text


def _texts(path: Path) -> Iterator[str]:
    """Every text of a source, without docstrings."""
    prose = {id(node.value) for node in nodes(path) if isinstance(node, ast.Expr)}
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def _of_kinds(root: Path, layer: str) -> list[str]:
    """The modules of the kinds that a process loads by name."""
    places = [*root.glob(f"kinds/*/{layer}.py"), *root.glob(f"kinds/*/{layer}/__init__.py")]
    return sorted(path.relative_to(root).as_posix() for path in places)


def _product(root: Path) -> Iterator[Path]:
    return (path for path in files(root, ".py") if path.parts[0] in _PRODUCT or len(path.parts) == 1)


def main() -> None:
    (REPOSITORY / "docs/interface.json").write_text(json.dumps(document(), indent=2) + "\n")
    (REPOSITORY / "docs/settings.md").write_text(settings_page())
    for page, written in PAGES.items():
        page.write_text(written())


if __name__ == "__main__":
    main()
