"""`chibo`: the commands of the one who runs the bot."""

from __future__ import annotations

import os

import typer

from bot.cli import files, running, safekeeping
from bot.cli.auditing import auditing
from bot.cli.house import Commands
from bot.cli.outbox import outbox

app = typer.Typer(
    name="chibo",
    cls=Commands,
    help="A Telegram bot that helps a branch run its month.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they would print the values of variables
)


@app.callback()
def private() -> None:
    """What chibo writes is for the one who runs it."""
    os.umask(0o077)


for command in (
    running.demo,
    running.init,
    running.run,
    running.doctor,
    files.invites,
    safekeeping.backup,
    safekeeping.backup_key,
    safekeeping.restore,
):
    app.command()(command)
app.add_typer(files.importing, name="import")
app.add_typer(files.exporting, name="export")
app.add_typer(outbox, name="outbox")
app.add_typer(auditing, name="audit")
app.add_typer(safekeeping.db, name="db")
