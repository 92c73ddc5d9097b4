"""Backups, restoring them, and the database itself."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot import config
from bot.caller import moment
from bot.cli.house import Commands, opened, tell_owed, upgrade, working
from bot.config import Settings
from bot.doctor import ago
from bot.single import alone
from storage import backup as backups
from storage import migrate
from storage.backup import Drill
from storage.db import make_engine

db = typer.Typer(cls=Commands, no_args_is_help=True, help="The database itself.")

TARGET = typer.Argument(help="The file to write.", show_default=False)
SOURCE = typer.Argument(help="A file that `chibo backup` has written.", show_default=False)
CHECK = typer.Option("--check", help="Only try it out, on a copy; change nothing.")
IDENTITY = typer.Option(help="The file with the secret key, for a backup that is encrypted.")
KEY_FILE = typer.Argument(help="The new file for the secret key.", show_default=False)


def backup(file: Annotated[Path, TARGET]) -> None:
    """Writes a checked copy of the database to a file, beside a running bot."""
    with opened() as (settings, _database), working("backing up"):
        key = settings.backup_key
        file = backups.sealed_name(file, key)
        size = backups.backup(settings.database, file, now=moment(settings), key=key)
    how = "checked, encrypted" if key else "checked"
    option = " --identity KEYFILE" if key else ""
    typer.echo(f"{file}: {size / 1024:,.0f} KiB, {how}.")
    typer.echo(f"`chibo restore {file} --check{option}` tries it.")


def backup_key(file: Annotated[Path, KEY_FILE]) -> None:
    """Makes a key pair for encrypted backups: the secret key goes into a file of its own."""
    public = backups.new_key(file)
    typer.echo(f"CHIBO_BACKUP_KEY={public}")
    typer.echo(
        f"Put this line into .env. {file} holds the secret key, without which no backup opens: "
        "keep it in two places, and not on the machine that the bot runs on."
    )


def restore(
    file: Annotated[Path, SOURCE],
    check: Annotated[bool, CHECK] = False,
    identity: Annotated[Path | None, IDENTITY] = None,
) -> None:
    """Puts a backup in place of the database; the replaced one is kept beside it."""
    settings = config.load()
    url, now = settings.database, moment(settings)
    if check:
        with working("trying it out"):
            drill = backups.drill(url, file, identity=identity)
        _tell(drill, settings, now)
        typer.echo(f"{file} is sound and can be restored. Nothing was changed.")
        return
    with alone(url), working("restoring"):
        aside = backups.restore(
            url,
            file,
            now=now,
            keeping=settings.keeping,
            keys=settings.keys,
            identity=identity,
        )
    typer.echo(f"{file} is restored." + (f" What it replaced is in {aside}." if aside else ""))
    typer.echo(
        "The outbox is paused: what it owes may have been sent since the backup was taken. "
        "`chibo outbox list` shows it; `chibo outbox resume` sends it, `discard` gives it up."
    )


def _tell(drill: Drill, settings: Settings, now: datetime) -> None:
    for table, rows in drill.rows.items():
        typer.echo(f"{rows:>9,}  {table}")
    people, meetings, notices = (drill.rows[name] for name in ("person", "meeting", "outbox"))
    typer.echo(f"{people:,} people, {meetings:,} meetings, {notices:,} notices.")
    newer = (
        "" if drill.revision == migrate.head() else f"; it would be upgraded to {migrate.head()}"
    )
    typer.echo(f"The schema is {drill.revision}{newer}.")
    if drill.taken_at is not None:
        local = drill.taken_at.astimezone(ZoneInfo(settings.timezone))
        typer.echo(f"Taken on {local:%Y-%m-%d %H:%M}, {ago(now - drill.taken_at)} ago.")
    tell_owed(drill.owed, settings, "The outbox would be paused")


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
