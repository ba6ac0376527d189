"""Draw the life of a booking anew into the pages that show it: ``python -m tests.domain.refresh_pages``."""

from pathlib import Path

from domain.kinds.vehicle_service.diagram import refreshed

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "docs" / "lifecycle.md")


def main() -> None:
    """Rewrite every page that exists."""
    for page in PAGES:
        if page.exists():
            page.write_text(refreshed(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
