"""A roster file kept until it is written, undone for a day, and the roll written to a file."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, String, delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, col, select

from storage import audit, db, meetings, menus, roster
from storage.acts import Did
from storage.db import Database
from storage.errors import NotFound, Refusal
from storage.joining import Invite
from storage.powers import SHELL, Actor, Role
from storage.quiet import Quiet
from storage.roster import Person, RoleGrant, Unit, in_force, members, unit_path
from storage.roster_import.applying import Undo, apply, concerned
from storage.roster_import.columns import COLUMNS, KIND_WORDS, ROLE_WORDS
from storage.roster_import.planning import Plan, plan
from storage.sheets import Cell, Problem, Row, Table, read_table

UNDO_WITHIN = timedelta(hours=24)
KEPT = timedelta(days=2)


class RosterFile(db.Row, table=True):
    """A file somebody sent: its rows until it is written or given up, then how to undo it."""

    __tablename__ = "roster_file"

    id: int = Field(default=None, primary_key=True)
    telegram_id: int = Field(sa_type=BigInteger)  # who sent it
    name: str = Field(sa_type=String)
    rows: list[Any] | None = Field(default=None, sa_type=JSON)
    problems: list[Any] = Field(default_factory=list, sa_type=JSON)  # of reading it
    at: datetime
    applied_at: datetime | None = None
    undo: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    undone_at: datetime | None = None


# -- actions: from the chat --------------------------------------------------------------------


def keep_file(
    session: Session,
    actor: Actor,
    name: str,
    rows: list[Row],
    problems: list[Problem],
    *,
    now: datetime,
) -> RosterFile:
    """Keeps what was read from a file until its sender confirms it."""
    session.execute(delete(RosterFile).where(col(RosterFile.at) < now - KEPT))
    kept = RosterFile(
        telegram_id=actor.telegram_id,
        name=name,
        rows=[[row.number, row.values] for row in rows],
        problems=[list(each) for each in problems],
        at=now,
    )
    session.add(kept)
    session.flush()
    return kept


def kept_file(session: Session, actor: Actor, file_id: int) -> RosterFile:
    """A file that this account sent and that waits; raises NotFound or Refusal."""
    kept = session.get(RosterFile, file_id, with_for_update=True)
    if kept is None or kept.telegram_id != actor.telegram_id:
        raise NotFound
    if kept.applied_at is not None:
        raise Refusal("This file has been written already.")
    if kept.rows is None:
        raise Refusal("This file is no longer here. Please send it again.")
    return kept


def plan_kept(session: Session, actor: Actor, kept: RosterFile, *, today: date) -> Plan:
    """What a kept file would change now, with what was wrong when it was read."""
    rows = [Row(number, values) for number, values in kept.rows or []]
    planned = plan(session, actor, rows, today=today)
    read = [Problem(row, column, message, values) for row, column, message, values in kept.problems]
    planned.problems = _by_row(read + planned.problems)
    return planned


def _by_row(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda each: each.row or 0)


def write_kept(
    session: Session,
    actor: Actor,
    file_id: int,
    *,
    quiet: Quiet | None = None,
    now: datetime,
    today: date,
) -> tuple[RosterFile, Plan]:
    """Writes the rows of a kept file that are right; what is wrong in it stays out."""
    kept = kept_file(session, actor, file_id)
    planned = plan_kept(session, actor, kept, today=today)
    kept.undo = apply(
        session, planned, actor=actor, quiet=quiet, now=now, today=today, file_id=kept.id
    )
    kept.applied_at, kept.rows = now, None
    session.add(kept)
    session.flush()
    return kept, planned


def give_up(session: Session, actor: Actor, file_id: int) -> None:
    """Forgets a file that was not written."""
    session.delete(kept_file(session, actor, file_id))
    session.flush()


def undoable(
    session: Session, actor: Actor, file_id: int, *, now: datetime
) -> tuple[RosterFile, int]:
    """An import that can still be undone, and how many people it concerned."""
    kept = session.get(RosterFile, file_id, with_for_update=True)
    if kept is None or kept.telegram_id != actor.telegram_id or kept.undo is None:
        raise NotFound
    if kept.undone_at is not None:
        raise Refusal("This import has been undone already.")
    if kept.applied_at is None or kept.applied_at < now - UNDO_WITHIN:
        raise Refusal("An import can be undone for 24 hours only.")
    return kept, len(kept.undo["new"]) + len(kept.undo["changed"])


def undo(session: Session, actor: Actor, file_id: int, *, now: datetime) -> int:
    """Takes an import back; returns how many people it concerned.

    Whoever came in through it and has taken part since stands in the way: then nothing is undone.
    """
    kept, count = undoable(session, actor, file_id, now=now)
    try:
        with session.begin_nested():
            _take_back(session, kept.undo or {}, now=now)
    except IntegrityError:
        raise Refusal("People of this import have taken part since; it cannot be undone.") from None
    kept.undone_at = now
    session.add(kept)
    session.flush()
    people = concerned(kept.undo or {})
    audit.record(session, actor, Did.ROSTER_UNDO, {"file": kept.id}, now=now, **people)
    return count


def _take_back(session: Session, inverse: Undo, *, now: datetime) -> None:
    new = inverse["new"]
    agreed = session.exec(
        select(Person.id).where(col(Person.id).in_(new), col(Person.consented_at).is_not(None))
    ).first()
    if agreed is not None:
        raise Refusal("People of this import have taken part since; it cannot be undone.")
    session.execute(delete(RoleGrant).where(col(RoleGrant.id).in_(inverse["roles"])))
    session.execute(
        update(RoleGrant).where(col(RoleGrant.id).in_(inverse["closed"])).values(to_day=None)
    )
    session.execute(delete(Invite).where(col(Invite.person_id).in_(new)))
    meetings.unseat(session, new, now=now)
    session.execute(delete(Person).where(col(Person.id).in_(new)))
    changed = {each["person"]: each["before"] for each in inverse["changed"]}
    people = session.exec(select(Person).where(col(Person.id).in_(changed))).all()
    places = {person.unit_id for person in people}
    for person in people:
        _restore(session, person, changed[person.id])
    session.flush()
    places |= {person.unit_id for person in people}
    meetings.follow(session, changed, places, now=now)
    menus.owe(session, *(person.telegram_id for person in people), now=now)


def _restore(session: Session, person: Person, before: dict[str, Any]) -> None:
    for name, value in before.items():
        if name == "full_name":
            roster.rename(person, value)
        elif name in ("born", "joined", "official") and value is not None:
            setattr(person, name, date.fromisoformat(value))
        else:
            setattr(person, name, value)
    if "telegram_id" in before:  # the account of before is asked again
        person.consented_at, person.started = None, False
    session.add(person)


# -- the command line --------------------------------------------------------------------------


def read_roster(content: bytes, filename: str) -> Table:
    """The rows of a roster file; raises SheetError. Touches no database."""
    return read_table(content, filename, COLUMNS)


def import_roster(
    database: Database, table: Table, *, now: datetime, today: date, dry_run: bool = False
) -> Plan:
    """All of the file or nothing; raises SheetError with every problem found."""

    def work(session: Session) -> Plan:
        planned = plan(session, SHELL, table, today=today)
        planned.problems = _by_row(table.problems + planned.problems)
        planned.warnings = table.warnings + planned.warnings
        planned.raise_any()
        if not dry_run:
            apply(session, planned, actor=SHELL, now=now, today=today)
        return planned

    return database.run(work)


def export_roster(
    session: Session, unit: Unit | None = None, *, today: date
) -> tuple[list[str], list[list[Cell]]]:
    """Header and rows of the roll, in the columns that an import takes."""
    roots = [unit] if unit else session.exec(select(Unit).where(col(Unit.parent_id).is_(None)))
    paths = {each.id: unit_path(session, each) for each in session.exec(select(Unit)).all()}
    held = session.exec(select(RoleGrant).where(*in_force(today))).all()
    roles = {(each.person_id, each.unit_id): Role(each.role) for each in held}
    rows: list[list[Cell]] = []
    for root in roots:
        for each in members(session, root):
            role = roles.get((each.id, each.unit_id))
            rows.append(
                [
                    each.full_name,
                    paths[each.unit_id],
                    ROLE_WORDS[role][0] if role else None,
                    KIND_WORDS[roster.Kind(each.kind)][0],
                    each.born,
                    each.joined,
                    each.official,
                    each.card,
                    each.phone,
                    each.residence,
                    None if each.telegram_id is None else str(each.telegram_id),
                ]
            )
    return [column.title for column in COLUMNS], rows
