"""Write the generated parts of pages about services anew: ``python -m tests.kinds.local_services.refresh_pages``."""

from pathlib import Path

from tests.kinds.local_services import pages, visibility
from tests.kinds.vehicle_service.refresh_pages import OTHER_KINDS, VISIBILITY

LIFECYCLE_PAGE = Path(__file__).parents[3] / "docs" / "lifecycle.md"


def main() -> None:
    LIFECYCLE_PAGE.write_text(pages.refreshed(LIFECYCLE_PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    text = VISIBILITY.read_text(encoding="utf-8")
    _, begins, by_hand = text.partition(visibility.BY_HAND)
    VISIBILITY.write_text(text.split(OTHER_KINDS)[0] + visibility.page() + begins + by_hand, encoding="utf-8")


if __name__ == "__main__":
    main()
