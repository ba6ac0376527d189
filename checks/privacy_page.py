"""``docs/privacy.md``: what is held of people, from the list that erasing and exporting walk."""

import kinds
from checks.files import REPOSITORY
from operations.privacy import privacy_text

PAGE = REPOSITORY / "docs/privacy.md"
_INTRODUCTION = """# What is held of people

Written by `python -m checks.interface` from `personal_data.py` in `adapters/postgres/`, `adapters/postgres/people/`,
`adapters/mongo/` and `kinds/*/postgres/`; edit the entries there. Erasing a person and
exporting what is held of them walk the same entries, and a test asks for a place in them for every column of text. How
long rows are kept by their age is in [operations.md](operations.md).

**Leaving** (`DELETE /customers/{id}`, `/admins/{id}` and what a kind has) erases in one transaction, MongoDB right
before its commit: while either store is away nobody leaves. Nobody leaves in the middle of an open booking.
Who has left is kept as (id, role, time) in the table `erasures`, with the ids of their deleted questions. No restore
takes a row of it away, and every restore erases again whoever has left since the backup, before it ends.
[Why rows stay](decisions/0012-people-are-anonymised.md).
"""


def privacy_page() -> str:
    """The page of today."""
    storages = [kinds.load_layer(package, "worker").storage for package in kinds.SHIPPED]
    return f"{_INTRODUCTION.rstrip()}\n{privacy_text(storages)}\n"
