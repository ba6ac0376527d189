"""The table of ``docs/operations.md`` that says how long rows are kept, from the rules themselves."""

import kinds
from checks.files import REPOSITORY
from operations.retention import retention_text

PAGE = REPOSITORY / "docs/operations.md"
_BEGIN, _END = "<!-- written by python -m checks.interface -->\n", "<!-- until here -->\n"


def operations_page() -> str:
    """The page as it stands, with the table of today."""
    before, _, rest = PAGE.read_text().partition(_BEGIN)
    _, _, after = rest.partition(_END)
    storages = [kinds.load_layer(package, "worker").storage for package in kinds.SHIPPED]
    return f"{before}{_BEGIN}{retention_text(storages)}\n\n{_END}{after}"
