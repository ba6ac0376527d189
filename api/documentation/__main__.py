"""Print the document: ``python -m api.documentation > docs/openapi.json``."""

import json
import sys
from typing import Any

import kinds
from api.app import create_app
from api.kind import KindApi
from settings import Settings


def main() -> None:
    """The document of this checkout, the same on every machine."""
    kind: KindApi[Any] = kinds.load_layer(kinds.package_of(Settings().web.kind), "api")
    json.dump(create_app(kind, settings=Settings()).openapi(), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
