"""Files in and out: what people keep in tables, lists of links, tables to take away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.cli.house import (
    Commands,
    complain,
    moment,
    opened,
    reader_of,
    shell_actor,
    working,
)
from bot.config import Settings
from handlers.text import Reader, _
from storage import questions
from storage.errors import Refusal
from storage.sheets import Problem, SheetError

importing = typer.Typer(
    cls=Commands, no_args_is_help=True, help="Takes people, answers or a campaign from a file."
)

FILE = typer.Argument(exists=True, dir_okay=False, readable=True, show_default=False)
DRY_RUN = typer.Option("--dry-run", help="Only say what would change; write nothing.")


@importing.command(name="questions")
def import_questions(
    file: Annotated[Path, FILE], dry_run: Annotated[bool, DRY_RUN] = False
) -> None:
    """Brings the base of questions up to date from a CSV or XLSX file."""
    with opened() as (settings, database), _plainly(reader_of(settings)), working(str(file)):
        reader, actor = reader_of(settings), shell_actor(settings)
        entries = questions.read(file, file.name, today=_today(settings))
        act = questions.plan if dry_run else questions.apply
        plan = database.run(lambda session: act(session, actor, entries))
    words = _(
        "{file}: {added} new, {changed} changed, {same} as before.",
        file=file.name,
        added=plan.added,
        changed=plan.changed,
        same=plan.same,
    )
    typer.echo(reader.plain(words))
    _written(reader, dry_run)


@contextmanager
def _plainly(reader: Reader) -> Iterator[None]:
    """Says a refusal, or what is wrong with a file, in the reader's language."""
    try:
        yield
    except Refusal as refusal:
        complain(reader.plain(_(refusal.sentence, **refusal.values)))
        raise typer.Exit(1) from None
    except SheetError as error:
        for problem in error.problems:
            complain(_said(reader, problem))
        complain(reader.plain(_("Nothing was written.")))
        raise typer.Exit(1) from None


def _said(reader: Reader, problem: Problem) -> str:
    said = reader.plain(_(problem.message, **problem.values))
    if problem.row is None:
        return said
    if problem.column is None:
        return reader.plain(_("Row {row}: {problem}", row=str(problem.row), problem=said))
    return reader.plain(
        _(
            "Row {row}, column {column}: {problem}",
            row=str(problem.row),
            column=problem.column,
            problem=said,
        )
    )


def _written(reader: Reader, dry_run: bool) -> None:
    if dry_run:
        typer.echo(reader.plain(_("Nothing was written: this was a trial.")))


def _today(settings: Settings) -> date:
    return moment().astimezone(ZoneInfo(settings.timezone)).date()
