"""The commands by their names of earlier releases: each is a verb of ``revcare``."""

import sys
from typing import NoReturn

from operations.__main__ import main


def api() -> NoReturn:
    """``revcare-api``."""
    main(["api", *sys.argv[1:]])


def worker() -> NoReturn:
    """``revcare-worker``."""
    main(["worker", *sys.argv[1:]])


def migrate() -> NoReturn:
    """``revcare-migrate``."""
    main(["migrate", *sys.argv[1:]])
