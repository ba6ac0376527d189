"""The books: ledger, provider and documents."""

import asyncio
from typing import Annotated

import typer

from operations import reconciliation
from operations.starting import judged

app = typer.Typer()


@app.command()
def reconcile(
    days: Annotated[float, typer.Option(help="how far back to look")] = 10,
    patience: Annotated[
        float, typer.Option(help="seconds after which a difference is looked at again, and counts if it is still there")
    ] = 30,
) -> None:
    """Compare the books with the provider now. So are documents and workflows; exit code 1 when they differ."""
    judged()
    answer = asyncio.run(reconciliation.reconcile(days, patience))
    print(reconciliation.report_text(answer))
    if answer.differences:
        raise typer.Exit(1)
