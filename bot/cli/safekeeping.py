"""Backups, what follows a restore, and the database itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot import config
from bot.cli.house import Commands, Failed, moment, opened, upgrade, working
from bot.single import alone
from storage import backup as backups
from storage import migrate, upkeep
from storage.db import make_engine
from storage.upkeep import Mark

db = typer.Typer(cls=Commands, no_args_is_help=True, help="The database itself.")

TARGET = typer.Argument(help="The file to write.", show_default=False)
SOURCE = typer.Argument(help="A file that `chibo backup` has written.", show_default=False)
CHECK = typer.Option("--check", help="Only try it out, on a copy; change nothing.")
RESUME = typer.Option("--resume", help="Send what is owed, and go on.")
DISCARD = typer.Option("--discard", help="Give up what is owed, and go on.")


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
        "`chibo outbox` shows how much it is; then --resume sends it, --discard gives it up."
    )


def outbox(
    resume: Annotated[bool, RESUME] = False, discard: Annotated[bool, DISCARD] = False
) -> None:
    """Shows what is owed to people and not yet sent; lets it go on after a restore."""
    if resume and discard:
        raise Failed("choose one of --resume and --discard")
    with opened() as (settings, database):
        if resume:
            typer.echo(f"The outbox goes on; {database.run(backups.resume)} notices are owed.")
        elif discard:
            now = moment(settings)
            given_up = database.run(lambda session: backups.discard(session, now=now))
            typer.echo(f"The outbox goes on; {given_up} notices were given up.")
        else:
            owed = database.run(backups.waiting)
            since = database.run(lambda session: upkeep.since(session, Mark.OUTBOX_PAUSED))
            typer.echo(f"{owed} notices are owed." + (" The outbox is paused." if since else ""))


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
