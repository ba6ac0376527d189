"""Print the document: ``python -m api.documentation > docs/openapi.json``; of the kind in ``REVCARE_KIND``."""

import json
import sys
from typing import Any

import kinds
from api.app import create_app
from api.kind import KindApi
from settings import Settings


def main() -> None:
    """The document of this checkout, the same on every machine."""
    settings = Settings()
    packages = settings.process.kinds or kinds.INSTALLED
    kind: KindApi[Any] = kinds.load_layer(kinds.package_of(settings.web.kind, packages), "api")
    json.dump(create_app(kind, settings=settings).openapi(), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
