"""All sheets of a kind to the files of a folder, and the files of a folder into the tables: all of them or none."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.kind_operations import Sheet
from domain.errors import Invalid
from operations.sheets.loading import load
from operations.sheets.report import Report

ENDINGS = (".csv", ".xlsx")


@dataclass(frozen=True, slots=True)
class FolderReport:
    """What became of each file, and the sheets that were not judged for others that they name have faults."""

    reports: tuple[Report, ...]
    unjudged: tuple[str, ...]

    @property
    def faults(self) -> bool:
        """Whether a file has any."""
        return any(report.faults for report in self.reports)

    def unwritten(self) -> "FolderReport":
        """The same once all of it was taken back."""
        return replace(self, reports=tuple(replace(report, written=False) for report in self.reports))


def files_of(sheets: Iterable[Sheet], folder: Path) -> dict[str, Path]:
    """The file of each sheet that has one, by the name of the sheet.

    Raises:
        Invalid: there is a file of no sheet, there are two of one, or there is none.
    """
    names, files = {sheet.table.name for sheet in sheets}, dict[str, Path]()
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() not in ENDINGS:
            continue
        if file.stem not in names:
            raise Invalid(f"{file.name} is of no sheet; there are: {', '.join(sorted(names))}")
        if file.stem in files:
            raise Invalid(f"{file.stem} has two files: {files[file.stem].name} and {file.name}")
        files[file.stem] = file
    if not files:
        raise Invalid(f"{folder} has no file that ends in {' or '.join(ENDINGS)}")
    return files


async def load_all(connection: AsyncConnection, sheets: Iterable[Sheet], files: Mapping[str, Path]) -> FolderReport:
    """Add or change the rows of all files, in the order of the sheets: those that others name come first.

    With a fault anywhere the caller's transaction must be rolled back; what names a sheet with faults is not judged,
    for its rows would be said to name what is not there.

    Raises:
        Invalid: a file as a whole cannot be read.
        Conflict: somebody else wrote into a table meanwhile; the caller's transaction must be rolled back.
    """
    reports, unjudged, without = list[Report](), list[str](), set[str]()
    for sheet in (each for each in sheets if each.table.name in files):
        name = sheet.table.name
        if _names(sheet, without):
            unjudged.append(name)
        else:
            reports.append(await load(connection, sheet, files[name]))
        if name in unjudged or reports[-1].faults:
            without.add(name)
    return FolderReport(tuple(reports), tuple(unjudged))


def _names(sheet: Sheet, tables: Collection[str]) -> bool:
    return any(key.column.table.name in tables for key in sheet.table.foreign_keys)
