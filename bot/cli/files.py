"""Files in and out: what people keep in tables, lists of links, tables to take away."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlmodel import Session

from bot.caller import moment
from bot.cli.house import (
    Commands,
    Failed,
    complain,
    name_of,
    needs_token,
    opened,
    reader_of,
    working,
)
from bot.config import Settings
from bot.reading import read_file
from handlers.attendance.files import attendance_sheet
from handlers.campaigns.showing import problem_words
from handlers.text import Reader, Text, _, n_
from storage import attendance, audit, campaigns, joining, questions, roster, roster_import
from storage.acts import Did
from storage.campaigns import CampaignError
from storage.campaigns.importing import unit_named
from storage.errors import Refusal
from storage.powers import SHELL
from storage.reading import Read, Tables
from storage.roster import Unit
from storage.sheets import (
    Cell,
    Problem,
    Sheet,
    SheetError,
    check_size,
    file_name,
    write_csv,
    write_xlsx,
)

importing = typer.Typer(
    cls=Commands, no_args_is_help=True, help="Takes people, answers or a campaign from a file."
)

exporting = typer.Typer(
    cls=Commands, no_args_is_help=True, help="Writes people or attendance to an XLSX file."
)

# The committee's own words for a list that it prints and hands out.
INVITE_TITLES = ("Họ và tên", "Đơn vị", "Liên kết", "Hết hạn")

FILE = typer.Argument(help="A file to read.", show_default=False)
TARGET = typer.Argument(help="The file to write.", show_default=False)
DRY_RUN = typer.Option("--dry-run", help="Only say what would change; write nothing.")
UNIT = typer.Option("--unit", help="Only this unit and those below it; its name or path.")
OUTPUT = typer.Option("--output", dir_okay=False, help="A CSV file instead of the screen.")


@importing.command(name="roster")
def import_roster(file: Annotated[Path, FILE], dry_run: Annotated[bool, DRY_RUN] = False) -> None:
    """Brings the roll up to date from a CSV or XLSX file: all of it or nothing."""
    with opened() as (settings, database), _plainly(reader_of(settings), file), working(file.name):
        now, reader = moment(settings), reader_of(settings)
        table = _read(file, {"": roster_import.COLUMNS}).table
        plan = roster_import.import_roster(
            database, table, now=now, today=_today(settings), dry_run=dry_run
        )
    _warn(reader, file, plan.warnings)
    words = _(
        "{file}: {added} new, {changed} changed, {same} as before; not in the file: {absent}.",
        file=file.name,
        added=len(plan.new),
        changed=len(plan.changed),
        same=plan.same,
        absent=plan.absent,
    )
    _report(reader, words, dry_run)


@importing.command(name="questions")
def import_questions(
    file: Annotated[Path, FILE], dry_run: Annotated[bool, DRY_RUN] = False
) -> None:
    """Brings the base of questions up to date from a CSV or XLSX file."""
    with opened() as (settings, database), _plainly(reader_of(settings), file), working(file.name):
        now, reader = moment(settings), reader_of(settings)
        table = _read(file, {"": questions.COLUMNS}).table
        table.raise_any()
        entries = questions.entries_of(table, today=_today(settings))

        def work(session: Session) -> questions.Plan:
            if dry_run:
                return questions.plan(session, SHELL, entries)
            return questions.apply(session, SHELL, entries, now=now)

        plan = database.run(work)
    _warn(reader, file, table.warnings)
    words = _(
        "{file}: {added} new, {changed} changed, {same} as before.",
        file=file.name,
        added=plan.added,
        changed=plan.changed,
        same=plan.same,
    )
    _report(reader, words, dry_run)


@importing.command(name="campaign")
def import_campaign(file: Annotated[Path, FILE], dry_run: Annotated[bool, DRY_RUN] = False) -> None:
    """Brings a study campaign up to date from a TOML file; its reminders begin after now."""
    with opened() as (settings, database), _plainly(reader_of(settings), file), working(file.name):
        now, reader, zone = moment(settings), reader_of(settings), settings.timezone
        campaign = campaigns.campaign_of(_read(file, None).settings)
        with _opening(file):
            campaign = campaigns.read_attachments(campaign, file.parent)
        plan = database.run(
            lambda session: campaigns.import_campaign(
                session, campaign, zone=zone, now=now, dry_run=dry_run
            )
        )
    words = _(
        "{file}: {unit}, {people} people; lessons: {added} new, {changed} changed, {dropped} gone;"
        " {questions} questions.",
        file=file.name,
        unit=plan.unit.name,
        people=plan.people,
        added=plan.added,
        changed=plan.changed,
        dropped=len(plan.dropped),
        questions=plan.questions,
    )
    _report(reader, words, dry_run)


def invites(
    unit: Annotated[str | None, UNIT] = None, output: Annotated[Path | None, OUTPUT] = None
) -> None:
    """Makes a personal link, good for one use, for each person who has no account yet."""
    with opened() as (settings, database), _plainly(reader_of(settings)):
        needs_token(settings)
        reader, now = reader_of(settings), moment(settings)
        with working("asking the bot for its name"):
            house = settings.house(name_of(settings))
        with working("making links"):
            links = database.run(
                lambda session: joining.invites_for(session, _unit(session, unit), now=now)
            )
    zone = ZoneInfo(settings.timezone)
    rows = [
        (each.full_name, each.unit, house.link(each.code), each.expires_at.astimezone(zone))
        for each in links
    ]
    if output is None:
        write_csv(sys.stdout.buffer, INVITE_TITLES, rows)
        return
    _writing(output, lambda: write_csv(output, INVITE_TITLES, rows))
    typer.echo(reader.plain(n_("{n} link: {file}", "{n} links: {file}", n=len(rows), file=output)))


@exporting.command(name="roster")
def export_roster(file: Annotated[Path, TARGET]) -> None:
    """Writes the roll to an XLSX file, in the columns that an import takes."""
    with opened() as (settings, database), working(file.name):
        now, today = moment(settings), _today(settings)
        header, rows = database.run(lambda session: _roll(session, now, today))
        sheet = Sheet(reader_of(settings).plain(_("Roster")), header, rows)
        _writing(file, lambda: write_xlsx(file, [sheet]))
    _exported(settings, file, len(rows))


@exporting.command(name="attendance")
def export_attendance(file: Annotated[Path, TARGET]) -> None:
    """Writes who came to which meeting to an XLSX file."""
    with opened() as (settings, database), working(file.name):
        now, zone = moment(settings), settings.timezone
        rows = database.run(lambda session: _attendance(session, now, zone))
        sheet = attendance_sheet(rows, reader_of(settings))
        _writing(file, lambda: write_xlsx(file, [sheet]))
    _exported(settings, file, len(rows))


def _roll(session: Session, now: datetime, today: date) -> tuple[list[str], list[list[Cell]]]:
    audit.record(session, SHELL, Did.EXPORT_ROSTER, {}, now=now)
    return roster_import.export_roster(session, today=today)


def _attendance(session: Session, now: datetime, zone: str) -> list[attendance.Row]:
    audit.record(session, SHELL, Did.EXPORT_ATTENDANCE, {}, now=now)
    return [
        row
        for unit in roster.roots(session)
        for row in attendance.attendance_rows(session, unit, zone=zone, reasons=True)
    ]


@contextmanager
def _plainly(reader: Reader, file: Path | None = None) -> Iterator[None]:
    """Says a refusal, or what is wrong with the file, in the reader's language."""
    name = file.name if file else ""
    if file is not None and not file.is_file():
        raise Failed(f"there is no file {file}")
    try:
        yield
        return
    except Refusal as refusal:
        complain(reader.plain(_(refusal.sentence, **refusal.values)))
    except SheetError as error:
        for problem in error.problems:
            typer.echo(reader.plain(_said(name, problem)), err=True)
    except CampaignError as error:
        for wrong in error.problems:
            words = _("{file}: {problem}", file=name, problem=problem_words(wrong))
            typer.echo(reader.plain(words), err=True)
    typer.echo(reader.plain(_("Nothing was written.")), err=True)
    raise typer.Exit(1)


def _read(file: Path, tables: Tables | None) -> Read:
    """What the file says; raises SheetError where that cannot be told."""
    with _opening(file):
        check_size(file.stat().st_size, file_name(file.name))
        content = file.read_bytes()
    found = read_file(file.name, content, tables)
    found.raise_any()
    return found


@contextmanager
def _opening(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename or file
        raise Failed(f"{where} cannot be read: {error.strerror or error}") from None


def _warn(reader: Reader, file: Path, warnings: Iterable[Problem]) -> None:
    """What was left out of a file, or should be looked at again; it stops nothing."""
    for problem in warnings:
        typer.echo(reader.plain(_said(file.name, problem)), err=True)


def _said(file: str, problem: Problem) -> Text:
    said = _(problem.message, **problem.values)
    if problem.row is None:
        whole = "{file}" in problem.message
        return said if whole else _("{file}: {problem}", file=file, problem=said)
    row = str(problem.row)
    if problem.column is None:
        return _("{file}, row {row}: {problem}", file=file, row=row, problem=said)
    return _(
        "{file}, row {row}, column {column}: {problem}",
        file=file,
        row=row,
        column=problem.column,
        problem=said,
    )


def _report(reader: Reader, words: Text, dry_run: bool) -> None:
    typer.echo(reader.plain(words))
    if dry_run:
        typer.echo(reader.plain(_("Nothing was written: this was a trial.")))


def _exported(settings: Settings, file: Path, rows: int) -> None:
    words = n_("{file}: {n} row", "{file}: {n} rows", n=rows, file=str(file))
    typer.echo(reader_of(settings).plain(words))


def _writing(file: Path, write: Callable[[], None]) -> None:
    try:
        write()
    except OSError as error:
        raise Failed(f"{file} cannot be written: {error.strerror or error}") from None


def _unit(session: Session, name: str | None) -> Unit | None:
    """The unit with this name or path; None for all."""
    if not name:
        return None
    try:
        return unit_named(session, name)
    except CampaignError as error:
        problem = error.problems[0]
        raise Refusal(problem.message, **problem.values) from None


def _today(settings: Settings) -> date:
    return moment(settings).astimezone(ZoneInfo(settings.timezone)).date()
