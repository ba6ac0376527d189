"""The processes of the product. Nothing but the one that is asked for is loaded: it stays as long as it runs."""

import gc
from typing import Annotated, Literal

import typer

app = typer.Typer()


@app.command()
def api() -> None:
    """Serve the HTTP API. It is that of one kind of booking, REVCARE_KIND."""
    gc.disable()  # as where the process is started by its own name: what is imported stays
    from api.main import run

    run([])


@app.command()
def worker(
    role: Annotated[
        Literal["workflows", "activities", "all"],
        typer.Argument(help="workflows: bookings themselves; activities: payments, e-mails, backups and the rest"),
    ] = "all",
) -> None:
    """Run bookings, or what they need done. As many processes of each role as you like may run."""
    gc.disable()
    from worker import main

    main([role])


@app.command()
def migrate(
    check: Annotated[bool, typer.Option("--check", help="change nothing; exit 1 when something is missing")] = False,
    draft: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="STREAM MESSAGE", help="write the next revision of a stream (for developers)"),
    ] = None,
) -> None:
    """Bring the database to the newest schema. Processes that do so at once wait for each other."""
    from migrations.command import main

    main([*(["--check"] if check else []), *(["--draft", *draft] if draft else [])])
