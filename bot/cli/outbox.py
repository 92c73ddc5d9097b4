"""What is owed to people: looking at it, deciding about what failed, going on after a restore."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.caller import moment
from bot.cli.house import Commands, Failed, opened, tell_owed
from handlers.text import Reader, _
from storage import backup, upkeep
from storage import outbox as notices
from storage.errors import NotFound, Refusal
from storage.outbox import Notice, State
from storage.powers import SHELL
from storage.upkeep import Mark

outbox = typer.Typer(cls=Commands, help="What is owed to people, and what came of it.")

SHOWN = 100  # rows of a list for people
NUMBER = typer.Argument(help="The number in `chibo outbox list`.", show_default=False)
STATES = typer.Option("--state", help="Only notices in this state; may be given several times.")
AS_JSON = typer.Option("--json", help="All of them as JSON, for a program.")


@outbox.callback(invoke_without_command=True)
def summary(context: typer.Context) -> None:
    """What is owed to people, and what came of it; alone, how much is owed."""
    if context.invoked_subcommand is None:
        with opened() as (settings, database):
            paused = database.run(lambda session: upkeep.since(session, Mark.OUTBOX_PAUSED))
            state = "The outbox is open" if paused is None else "The outbox is paused"
            tell_owed(database.run(backup.owed), settings, state)


@outbox.command(name="list")
def listing(
    state: Annotated[list[State] | None, STATES] = None, as_json: Annotated[bool, AS_JSON] = False
) -> None:
    """Lists notices, newest first: what, for whom (a Telegram id), and where it stands."""
    with opened() as (_settings, database):
        rows = database.run(
            lambda session: [
                _facts(notice, account)
                for notice, account in notices.listing(
                    session, tuple(state or State), limit=None if as_json else SHOWN
                )
            ]
        )
        paused = database.run(lambda session: upkeep.since(session, Mark.OUTBOX_PAUSED))
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    columns = ("id", "kind", "recipient", "state", "reason")
    table = Table(*columns, box=None)
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in columns))
    Console().print(table)
    if len(rows) == SHOWN:
        typer.echo(f"These are the newest {SHOWN}; --json gives all.")
    if paused is not None:
        typer.echo("The outbox is paused since a restore: `chibo outbox resume` or `discard`.")


@outbox.command()
def show(number: Annotated[int, NUMBER]) -> None:
    """Shows one notice as JSON: everything but words, of which it holds none."""
    with opened() as (_settings, database):
        found = database.run(lambda session: notices.at(session, number))
        if found is None:
            raise Failed(f"there is no notice {number}")
        notice, account = found
    more = {
        "subject": notice.subject,
        "class": notice.klass,
        "due_at": _iso(notice.due_at),
        "valid_until": _iso(notice.valid_until),
        "attempts": notice.attempts,
        "unknowns": notice.unknowns,
        "settled_at": _iso(notice.settled_at),
        "closed_at": _iso(notice.closed_at),
    }
    typer.echo(json.dumps({**_facts(notice, account), **more}, ensure_ascii=False, indent=2))


@outbox.command()
def resend(number: Annotated[int, NUMBER]) -> None:
    """Sends a failed notice once more; where it may have arrived, it says so in its first line."""
    _decide(number, notices.resend)
    typer.echo(f"Notice {number} is queued again.")


@outbox.command()
def close(number: Annotated[int, NUMBER]) -> None:
    """Lets a failed notice rest, or takes an unsent one back."""
    _decide(number, notices.close)
    typer.echo(f"Notice {number} is closed.")


@outbox.command()
def resume() -> None:
    """After a restore: says what is owed, sends it, and goes on."""
    with opened() as (settings, database):
        tell_owed(database.run(backup.owed), settings, "What goes out now")
        now = moment(settings)
        owed = database.run(lambda session: backup.resume(session, now=now))
    typer.echo(f"The outbox goes on; {owed} notices are owed.")


@outbox.command()
def discard() -> None:
    """After a restore: gives up what is owed, and goes on."""
    with opened() as (settings, database):
        now = moment(settings)
        given_up = database.run(lambda session: backup.discard(session, now=now))
    typer.echo(f"The outbox goes on; {given_up} notices were given up.")


def _decide(number: int, decision: Any) -> None:
    with opened() as (settings, database):
        now = moment(settings)
        try:
            database.run(lambda session: decision(session, SHELL, number, now=now))
        except NotFound:
            raise Failed(f"there is no notice {number}") from None
        except Refusal as refusal:
            raise Failed(Reader("en").plain(_(refusal.sentence, **refusal.values))) from None


def _facts(notice: Notice, account: int | None) -> dict[str, Any]:
    return {
        "id": notice.id,
        "kind": notice.kind,
        "recipient": account,
        "state": notice.state,
        "reason": notice.reason,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
