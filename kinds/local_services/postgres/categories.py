"""Categories of listings, as a reference table."""

from adapters.postgres.reference_tables import ReferenceTable

_ROWS = "SELECT id, name, description, icon, sac, platform_pays_gst FROM categories"
CATEGORIES = ReferenceTable(
    name="categories",
    what="category",
    rows=_ROWS,
    nullable=frozenset({"icon"}),
    instead="its listings need another one",
)
