"""What does not keep a rule of these checks yet. The lists only shrink: an entry that keeps it is a problem, too."""

NAMES: frozenset[str] = frozenset()
"""Files with a forbidden word in a name: `checks.names`."""

SIZES: frozenset[str] = frozenset()
"""Files that are too long: `checks.sizes`."""

KINDS: frozenset[str] = frozenset()
"""Modules of the engine that name a kind: `checks.kinds`."""
