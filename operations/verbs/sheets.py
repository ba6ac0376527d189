"""Reference data as sheets."""

import csv
import sys
from pathlib import Path
from typing import Annotated

import typer

from adapters.postgres.database import Database
from adapters.postgres.kind_operations import Operations
from operations.sheets import folders, loading
from operations.sheets.report import Report
from operations.starting import judged, operations_of, with_kind
from settings import Settings

app = typer.Typer()

Kind = Annotated[str, typer.Argument(help="as REVCARE_KIND names it")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="judge it, and write nothing")]
Sheet = Annotated[str, typer.Argument(help="its name, as `revcare sheets` has it")]


@app.command()
def sheets() -> None:
    """List the reference data of each kind that can be exported and imported."""
    for each in operations_of(judged()):
        for sheet in each.sheets:
            print(f"{each.kind.name.replace('_', '-')} {sheet.table.name}: {', '.join(sheet.columns)}")


@app.command()
def export(
    kind: Kind,
    sheet: Sheet,
    file: Annotated[
        Path | None,
        typer.Argument(dir_okay=False, help="XLSX where its name ends so, else CSV; without it CSV is printed"),
    ] = None,
) -> None:
    """Write a sheet as CSV or XLSX."""

    async def write(database: Database, of_kind: Operations, _settings: Settings) -> int:
        async with database.read.connect() as connection:
            if file is None:
                return await loading.export_csv(connection, of_kind.sheet(sheet), sys.stdout)
            return await loading.export_file(connection, of_kind.sheet(sheet), file)

    rows = with_kind(judged(), kind, write)
    if file is not None:
        print(f"{rows} rows")


@app.command("import")
def import_(
    kind: Kind,
    sheet: Sheet,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV in UTF-8, or XLSX")],
    dry_run: DryRun = False,
    report: Annotated[Path | None, typer.Option(dir_okay=False, help="a CSV file with a line for each row")] = None,
) -> None:
    """Add and change rows of a sheet by their key, all of them or none; exit code 1 when the file has faults."""

    async def read(database: Database, of_kind: Operations, _settings: Settings) -> Report:
        async with database.write.begin() as connection:
            return await loading.load(connection, of_kind.sheet(sheet), file, dry_run)

    found = with_kind(judged(), kind, read)
    if report is not None:
        with report.open("w", newline="", encoding="utf-8") as lines:
            csv.writer(lines).writerows([("row", "what", "where", "told"), *found.every_row()])
    for line in found.lines():
        print(line)
    if found.faults:
        raise typer.Exit(1)


@app.command("import-all")
def import_all(
    kind: Kind,
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="files named as their sheets")],
    dry_run: DryRun = False,
) -> None:
    """Add and change rows of every sheet that has a file in a folder, all or none; exit code 1 when one has faults."""

    async def read(database: Database, of_kind: Operations, _settings: Settings) -> folders.FolderReport:
        files = folders.files_of(of_kind.sheets, folder)
        async with database.write.connect() as connection, connection.begin() as transaction:
            found = await folders.load_all(connection, of_kind.sheets, files)
            if not found.faults and not dry_run:
                return found
            await transaction.rollback()
            return found.unwritten()

    found = with_kind(judged(), kind, read)
    for each in found.reports:
        for line in each.lines():
            print(f"{each.sheet} {line}" if line.startswith("row ") else line)
    for name in found.unjudged:
        print(f"{name}: not judged, for it names a sheet with faults")
    if found.faults:
        raise typer.Exit(1)


@app.command("export-all")
def export_all(
    kind: Kind,
    folder: Annotated[Path, typer.Argument(file_okay=False, help="it is made where there is none")],
    xlsx: Annotated[bool, typer.Option("--xlsx", help="as XLSX, not as CSV")] = False,
) -> None:
    """Write every sheet into a folder, each into a file named as the sheet; what is there is written over."""

    async def write(database: Database, of_kind: Operations, _settings: Settings) -> dict[str, int]:
        folder.mkdir(parents=True, exist_ok=True)
        async with database.read.connect() as connection:
            return {
                sheet.table.name: await loading.export_file(
                    connection, sheet, folder / f"{sheet.table.name}{'.xlsx' if xlsx else '.csv'}"
                )
                for sheet in of_kind.sheets
            }

    for name, rows in with_kind(judged(), kind, write).items():
        print(f"{name}: {rows} rows")
