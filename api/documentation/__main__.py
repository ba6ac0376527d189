"""Print the document: ``python -m api.documentation > docs/openapi.json``."""

import json
import sys

from api.app import create_app
from settings import Settings


def main() -> None:
    """The document of this checkout, the same on every machine."""
    json.dump(create_app(settings=Settings()).openapi(), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
