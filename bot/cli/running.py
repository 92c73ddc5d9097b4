"""Setting up, running and looking after the bot."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from bot import config, logs
from bot import doctor as checks
from bot.app import build
from bot.cli import setting_up
from bot.cli.house import Failed, needs_token, upgrade
from bot.single import alone
from storage import backup, upkeep
from storage.db import Database
from storage.upkeep import Mark

PORT = typer.Option("--port", min=0, max=65535, help="Where the page is served.")
AS_JSON = typer.Option("--json", help="As JSON, for a program that watches.")


def run() -> None:
    """Runs the bot with the settings of the environment and of .env, until it is told to stop."""
    settings = needs_token(config.load())
    logs.configure(settings.secrets, style=settings.log)
    url = settings.database
    with alone(url):
        backup.refuse_unsound(url, newest=next(reversed(settings.keeping.files(url)), None))
        upgrade(settings)
        database = Database(settings.database, keys=settings.keys)
        try:
            # Whoever cannot write, or has no key, would find out with the first update.
            database.run(partial(upkeep.note, mark=Mark.STARTED, now=datetime.now(UTC)))
            database.keys.ready()
            asyncio.run(build(settings, database).serve())
        finally:
            database.close()


def demo(port: Annotated[int, PORT] = 8080) -> None:
    """A town of three units in your browser: the real bot and a pretend Telegram; no token."""
    from bot.demo import DemoError, run_demo  # what only the demo needs

    try:
        run_demo(port, say=typer.echo)
    except DemoError as error:
        raise Failed(str(error)) from None


def init() -> None:
    """Asks what is needed, checks the token and writes .env."""
    setting_up.ask()


def doctor(as_json: Annotated[bool, AS_JSON] = False) -> None:
    """Checks everything that the bot needs; says what to do about what is wrong."""
    found = checks.examine(config.load())
    if as_json:
        typer.echo(json.dumps([each.as_json() for each in found], ensure_ascii=False, indent=2))
    else:
        for each in found:
            typer.echo(each.line())
    if any(each.wrong for each in found):
        raise typer.Exit(1)
