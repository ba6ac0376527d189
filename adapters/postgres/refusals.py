"""Why PostgreSQL does nothing for an operator: in a sentence, where it is nothing that only its trace explains."""

_BEHIND = ("42P01", "42703", "3F000")  # no such table, column, schema
_NOT_LET_IN = ("28", "3D", "53", "57")  # login, database, connections, shut down: classes of its codes


def why_not(fault: BaseException) -> str | None:
    """A sentence about a server that is away, does not let us in, or is not migrated; None for anything else."""
    if isinstance(fault, OSError) and fault.filename is None:
        return f"PostgreSQL does not answer: {_first_line(fault)}"
    cause = getattr(fault, "orig", None) or fault
    state = str(getattr(cause, "sqlstate", None) or "")
    if state in _BEHIND:
        return f"the schema is behind ({_first_line(cause)}): `revcare migrate` brings it to the newest"
    if state[:2] in _NOT_LET_IN:
        return f"PostgreSQL refuses: {_first_line(cause)}"
    return None


def _first_line(fault: BaseException) -> str:
    said = next(iter(str(fault).splitlines()), "").rpartition(">: ")[2]
    return said[:300] or type(fault).__name__
