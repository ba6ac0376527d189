"""Write the generated pages about bookings anew: ``python -m tests.kinds.vehicle_service.refresh_pages``."""

from pathlib import Path

from kinds.vehicle_service.domain.diagram import refreshed
from tests.kinds.vehicle_service import visibility

ROOT = Path(__file__).parents[3]
PAGES = (ROOT / "README.md", ROOT / "docs" / "lifecycle.md")
VISIBILITY = ROOT / "docs" / "visibility.md"
OTHER_KINDS = "\n# Who sees what of "
"""With this the pages of other kinds begin, in the same file."""


def main() -> None:
    """Rewrite the parts of pages that show the lifecycle, and the page of who sees what."""
    for page in PAGES:
        if page.exists():
            page.write_text(refreshed(page.read_text(encoding="utf-8")), encoding="utf-8")
    _, begins, others = VISIBILITY.read_text(encoding="utf-8").partition(OTHER_KINDS)
    VISIBILITY.write_text(visibility.page() + begins + others, encoding="utf-8")


if __name__ == "__main__":
    main()
