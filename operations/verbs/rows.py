"""The rows of the database: what is missing, what contradicts itself, how long they are kept."""

import typer

from operations.checks import finding_text, missing, run_checks
from operations.retention import retention_text
from operations.starting import judged, operations_of, with_pools

app = typer.Typer()


@app.command()
def first_steps() -> None:
    """Say what is missing before the first booking. Exit code 1 when something is."""
    found = with_pools(judged(), missing)
    for kind, lacking in found.items():
        print(f"{kind}: {'nothing is missing' if not lacking else ''}".rstrip())
        print("".join(f"  {each}\n" for each in lacking), end="")
    print("`revcare check --ready` asks the servers and the workers as well")
    if any(found.values()):
        raise typer.Exit(1)


@app.command()
def checks() -> None:
    """Find rows that contradict each other. Says what that means; exit code 1 when there are any."""
    found = with_pools(judged(), run_checks)
    for each in found:
        print(finding_text(each))
    if any(each.rows for each in found):
        raise typer.Exit(1)


@app.command()
def retention() -> None:
    """Say how long the rows of each table are kept."""
    print(retention_text([each.storage for each in operations_of(judged())]))
