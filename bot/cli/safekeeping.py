"""Backups, restoring them, and the database itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot import config
from bot.caller import moment
from bot.cli.house import Commands, opened, upgrade, working
from bot.single import alone
from storage import backup as backups
from storage import migrate
from storage.db import make_engine

db = typer.Typer(cls=Commands, no_args_is_help=True, help="The database itself.")

TARGET = typer.Argument(help="The file to write.", show_default=False)
SOURCE = typer.Argument(help="A file that `chibo backup` has written.", show_default=False)
CHECK = typer.Option("--check", help="Only try it out, on a copy; change nothing.")


def backup(file: Annotated[Path, TARGET]) -> None:
    """Writes a checked copy of the database to a file, beside a running bot."""
    with opened() as (settings, _database), working("backing up"):
        size = backups.backup(settings.database, file, now=moment(settings))
    typer.echo(f"{file}: {size / 1024:,.0f} KiB, checked. `chibo restore --check {file}` tries it.")


def restore(file: Annotated[Path, SOURCE], check: Annotated[bool, CHECK] = False) -> None:
    """Puts a backup in place of the database; the replaced one is kept beside it."""
    settings = config.load()
    url = settings.database
    if check:
        with working("trying it out"):
            drill = backups.drill(url, file)
        for table, rows in drill.rows.items():
            typer.echo(f"{rows:>9,}  {table}")
        typer.echo(f"{file} is sound and can be restored. Nothing was changed.")
        return
    with alone(url), working("restoring"):
        aside = backups.restore(url, file, now=moment(settings))
    typer.echo(f"{file} is restored." + (f" What it replaced is in {aside}." if aside else ""))
    typer.echo(
        "The outbox is paused: what it owes may have been sent since the backup was taken. "
        "`chibo outbox list` shows it; `chibo outbox resume` sends it, `discard` gives it up."
    )


@db.command(name="upgrade")
def upgrade_database() -> None:
    """Creates the database or brings it to the newest schema, after a backup."""
    settings = config.load()
    with working("upgrading"):
        done = upgrade(settings)
    engine = make_engine(settings.database)
    try:
        revision = migrate.current(engine)
    finally:
        engine.dispose()
    typer.echo(f"The database is {'now ' if done else ''}at {revision}.")
