"""Reference data as sheets."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from adapters.postgres.database import Database
from adapters.postgres.kind_operations import Operations
from operations import sheets as reference_data
from operations.starting import judged, operations_of, with_kind
from settings import Settings

app = typer.Typer()

Kind = Annotated[str, typer.Argument(help="as REVCARE_KIND names it")]
Sheet = Annotated[str, typer.Argument(help="its name, as `revcare sheets` has it")]


@app.command()
def sheets() -> None:
    """List the reference data of each kind. These sheets can be exported and imported."""
    for each in operations_of(judged()):
        for sheet in each.sheets:
            print(f"{each.kind.name.replace('_', '-')} {sheet.table.name}: {', '.join(sheet.columns)}")


@app.command()
def export(kind: Kind, sheet: Sheet) -> None:
    """Write a sheet as CSV to standard output."""

    async def write(database: Database, of_kind: Operations, _settings: Settings) -> int:
        async with database.read.connect() as connection:
            return await reference_data.export(connection, of_kind.sheet(sheet), sys.stdout)

    with_kind(judged(), kind, write)


@app.command("import")
def import_(
    kind: Kind, sheet: Sheet, file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="the CSV file")]
) -> None:
    """Add and change rows of a sheet from CSV. Rows are told apart by their key; all are taken or none."""

    async def read(database: Database, of_kind: Operations, _settings: Settings) -> int:
        with file.open(newline="", encoding="utf-8") as lines:
            async with database.write.begin() as connection:
                return await reference_data.load(connection, of_kind.sheet(sheet), lines)

    print(f"{with_kind(judged(), kind, read)} rows")
