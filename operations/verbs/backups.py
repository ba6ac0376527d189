"""Copies of backups that leave the machine."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from operations import backups
from operations.starting import judged

app = typer.Typer()

Copy = Annotated[Path, typer.Argument(metavar="FILE", allow_dash=True, help="the copy; - for a pipe")]


@app.command()
def backup_key() -> None:
    """Make a key for REVCARE_BACKUP_KEY. Copies of backups are encrypted with it."""
    judged()
    print(backups.new_key())


@app.command()
def export_backup(backup: Annotated[str, typer.Argument(help="its name, as the list has it")], file: Copy) -> None:
    """Write an encrypted copy of a backup. It is for another machine."""
    backups.export_backup(judged().backups, backup, file)
    print(f"{backup} is in {file}", file=sys.stderr)


@app.command()
def import_backup(file: Copy) -> None:
    """Put a copied backup into BACKUP_DIR. It can be restored from there."""
    print(f"{backups.import_backup(judged().backups, file)} can be restored", file=sys.stderr)
