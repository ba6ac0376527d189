"""Pages that operators read and that are written from what the code does."""

from collections.abc import Callable, Mapping
from pathlib import Path

from checks import operations_page, privacy_page

PAGES: Mapping[Path, Callable[[], str]] = {
    operations_page.PAGE: operations_page.operations_page,
    privacy_page.PAGE: privacy_page.privacy_page,
}
"""Each with what writes it; ``python -m checks.interface`` does, and a test says when one is stale."""
