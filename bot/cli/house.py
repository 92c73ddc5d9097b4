"""What every command needs: the settings, the database, a way to say that work goes on.

A command that cannot do its work ends with one line on standard error: exit code 2 when a setting
is wrong, 1 for anything else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import DBAPIError
from telegram.error import InvalidToken, NetworkError
from typer.core import TyperGroup

from bot import config
from bot.caller import moment, username
from bot.config import Settings, WrongSetting
from bot.logs import blot
from bot.single import AlreadyRunning
from handlers.text import Reader
from storage import audit, backup, migrate, trouble
from storage.backup import BackupError, Owed
from storage.db import Database
from storage.keyed import NoKey
from storage.migrate import BrokenDatabase, NewerSchema

UNSET = "CHIBO_TOKEN: is not set; @BotFather gives one, and `chibo init` writes it down"
REFUSED = "CHIBO_TOKEN: Telegram refuses this token; ask @BotFather for the present one"


class Failed(Exception):
    """A command cannot do its work; the text is a sentence that says what to do."""


class Commands(TyperGroup):
    """A group of commands that says what went wrong in one line."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command; turns what may go wrong into a line and an exit code."""
        try:
            return super().invoke(ctx)
        except WrongSetting as wrong:
            complain(str(wrong))
            raise typer.Exit(2) from None
        except InvalidToken:
            complain(REFUSED)
            raise typer.Exit(2) from None
        except (Failed, AlreadyRunning, BackupError, NewerSchema, BrokenDatabase, NoKey) as error:
            complain(str(error))
        except DBAPIError as error:
            told = str(error.orig).strip().splitlines() or ["no reason given"]
            complain(trouble.advice(error) or f"the database cannot be used: {told[0]}")
        except OSError as error:
            if trouble.advice(error) is None:
                raise
            where = f"{error.filename}: " if error.filename else ""
            complain(f"{where}{trouble.advice(error)}")
        raise typer.Exit(1)


def complain(line: str) -> None:
    """One line on standard error."""
    typer.echo(f"chibo: {blot(line)}", err=True)


def needs_token(settings: Settings) -> Settings:
    """The settings; raises WrongSetting where the bot has no token."""
    if not settings.token.get_secret_value():
        raise WrongSetting(UNSET)
    return settings


def name_of(settings: Settings) -> str:
    """The bot's name, which Telegram knows; raises InvalidToken, and Failed without an answer."""
    try:
        return asyncio.run(username(settings))
    except NetworkError:
        raise Failed(f"{settings.api_url} does not answer (CHIBO_API_URL); try again") from None


def reader_of(settings: Settings) -> Reader:
    """Whom the output is for."""
    return Reader(settings.language, settings.timezone, settings.profile)


def upgrade(settings: Settings) -> bool:
    """Creates or upgrades the database, after a backup where it holds something."""

    def keep() -> None:
        now, keeping = moment(settings), settings.keeping
        kept = backup.before_upgrade(settings.database, now=now, keeping=keeping)
        complain(f"upgrading the database; a backup is kept in {kept}" if kept else NO_BACKUP)

    return migrate.upgrade(settings.database, before=keep)


NO_BACKUP = "upgrading the database without a backup: pg_dump is not installed here"


def tell_owed(owed: list[Owed], settings: Settings, before: str) -> None:
    """What is not yet sent, by kind."""
    count = sum(each.count for each in owed)
    typer.echo(f"{before}: {count:,} notices are owed" + (":" if count else "."))
    for each in owed:
        due = each.due_at.astimezone(ZoneInfo(settings.timezone))
        typer.echo(f"{each.count:>9,}  {each.kind}, the first due {due:%Y-%m-%d %H:%M}")


@contextmanager
def opened() -> Iterator[tuple[Settings, Database]]:
    """The settings and the database, up to date, for one command beside a running bot."""
    settings = config.load()
    upgrade(settings)
    database = Database(settings.database, keys=settings.keys)
    try:
        yield settings, database
        database.run(audit.seal)
    finally:
        database.close()


@contextmanager
def working(what: str) -> Iterator[Callable[[str], None]]:
    """A line that moves while work goes on, on a terminal; gives a function that renames it."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    console = Console(stderr=True)
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task(what, total=None)
        yield lambda now: progress.update(task, description=now)
