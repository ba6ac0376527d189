"""Write the lifecycle anew into the pages that show it: ``python -m tests.kinds.vehicle_service.refresh_pages``."""

from pathlib import Path

from kinds.vehicle_service.domain.diagram import refreshed

ROOT = Path(__file__).parents[3]
PAGES = (ROOT / "README.md", ROOT / "docs" / "lifecycle.md")


def main() -> None:
    """Rewrite every page that exists."""
    for page in PAGES:
        if page.exists():
            page.write_text(refreshed(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
