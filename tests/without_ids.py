"""Refusals compared without the ids that they name: whether something is there must not be told by anything else."""

import re
from collections.abc import Iterable


def without_ids(text: str, ids: Iterable[object]) -> str:
    """The text with a mark in the place of each id. One may begin or end with a hyphen, so words have another bound."""
    known = "|".join(re.escape(str(each)) for each in ids)
    return re.sub(rf"(?<![\w-])({known})(?![\w-])", "?", text)
