"""Writing what a roster file plans, undoing it for a day, and writing the roll to a file."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, BigInteger, String, delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, col, select

from storage import db, drafts, menus, role_news, roster
from storage.db import Database
from storage.errors import NotFound, Refusal
from storage.joining import Invite
from storage.powers import Actor, Role
from storage.quiet import Quiet
from storage.roster import Person, RoleGrant, Unit, in_force, members, unit_at, unit_path
from storage.roster_import.columns import COLUMNS, KIND_WORDS, ROLE_WORDS, Entry
from storage.roster_import.planning import Change, Plan, plan
from storage.sheets import Cell, Problem, Row, Table, read_table

UNDO_WITHIN = timedelta(hours=24)
KEPT = timedelta(days=2)
COMMAND_LINE = Actor(0, owner=True)  # whoever can run commands on the machine


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


# -- actions: writing --------------------------------------------------------------------------


def apply(
    session: Session,
    planned: Plan,
    *,
    actor: Actor,
    quiet: Quiet | None = None,
    now: datetime,
    today: date,
) -> Undo:
    """Writes the plan, all of it; returns what it takes to undo it."""
    writer = _Writer(session, actor, quiet, now, today)
    writer.add(planned.new)
    for change in planned.changed:
        writer.change(change)
    session.flush()
    return writer.undo


Undo = dict[str, Any]


class _Writer:
    def __init__(
        self, session: Session, actor: Actor, quiet: Quiet | None, now: datetime, today: date
    ) -> None:
        self.session, self.actor, self.now, self.today = session, actor, now, today
        self.quiet = quiet
        self.units: dict[tuple[str, ...], Unit] = {}
        self.undo: Undo = {"new": [], "changed": [], "roles": [], "closed": []}

    def add(self, entries: list[Entry]) -> None:
        people: list[Person] = []
        for entry in entries:
            person = Person(
                unit_id=self._unit(entry).id,
                full_name=entry.full_name,
                folded="",
                sort_key="",
                linked_at=self.now if entry.telegram_id is not None else None,
                **entry.fields,
            )
            roster.rename(person, entry.full_name)
            people.append(person)
        self.session.add_all(people)
        self.session.flush()  # all at once: a roster may have thousands
        self.undo["new"] = [person.id for person in people]
        for person, entry in zip(people, entries, strict=True):
            self._give(person, self._unit(entry), entry.role)

    def change(self, change: Change) -> None:
        person, entry = change.person, change.entry
        unit = self._unit(entry)
        before = {name: getattr(person, name) for name in change.fields}
        if change.moves:
            before["unit_id"] = person.unit_id
        self.undo["changed"].append(
            {
                "person": person.id,
                "before": {name: _plain(value) for name, value in before.items()},
            }
        )
        places = {person.unit_id, unit.id}
        for name, value in change.fields.items():
            if name == "full_name":
                roster.rename(person, str(value))
            elif name == "telegram_id":
                self._relink(person, value)
            else:
                setattr(person, name, value)
        person.unit_id = unit.id
        self.session.add(person)
        if change.new_role:
            self._close_roles(person, places, keep=(unit.id, entry.role))
            self._give(person, unit, entry.role)
            menus.owe(self.session, person.telegram_id, now=self.now)

    def _relink(self, person: Person, account: object) -> None:
        """An account that the file brings is asked for consent before anything counts."""
        if person.telegram_id is not None:
            drafts.close(self.session, person.telegram_id)
            menus.owe(self.session, person.telegram_id, now=self.now)
        person.telegram_id = account if isinstance(account, int) else None
        person.linked_at, person.consented_at = self.now, None
        person.started, person.blocked_at = False, None

    def _give(self, person: Person, unit: Unit, role: Role | None) -> None:
        if role is None or role is Role.MEMBER:
            return
        by = self.actor.person_id
        grant = roster.give_role(self.session, person, unit.id, role, today=self.today, by=by)
        self.undo["roles"].append(grant.id)
        role_news.tell(self.session, person, grant, quiet=self.quiet, now=self.now)

    def _close_roles(
        self, person: Person, places: set[int], *, keep: tuple[int, Role | None]
    ) -> None:
        held = self.session.exec(
            select(RoleGrant)
            .where(RoleGrant.person_id == person.id, col(RoleGrant.unit_id).in_(places))
            .where(*in_force(self.today))
        ).all()
        for grant in held:
            if (grant.unit_id, grant.role) != keep:
                roster.end_role(self.session, grant, today=self.today)
                self.undo["closed"].append(grant.id)

    def _unit(self, entry: Entry) -> Unit:
        if entry.path not in self.units:
            self.units[entry.path] = unit_at(self.session, " / ".join(entry.path))
        return self.units[entry.path]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


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
    planned.problems = read + planned.problems
    return planned


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
    kept.undo = apply(session, planned, actor=actor, quiet=quiet, now=now, today=today)
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
    session.execute(delete(Person).where(col(Person.id).in_(new)))
    for each in inverse["changed"]:
        person = session.get(Person, each["person"])
        if person is not None:
            _restore(session, person, each["before"], now=now)


def _restore(session: Session, person: Person, before: dict[str, Any], *, now: datetime) -> None:
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
    menus.owe(session, person.telegram_id, now=now)


# -- the command line --------------------------------------------------------------------------


def read_roster(source: Path | bytes, filename: str) -> Table:
    """The rows of a roster file; raises SheetError. Touches no database."""
    return read_table(source, filename, COLUMNS)


def import_roster_file(
    database: Database, path: Path, *, now: datetime, today: date, dry_run: bool = False
) -> Plan:
    """All of the file or nothing; raises SheetError with every problem found."""
    table = read_roster(path, path.name)

    def work(session: Session) -> Plan:
        planned = plan(session, COMMAND_LINE, table, today=today)
        planned.raise_any()
        if not dry_run:
            apply(session, planned, actor=COMMAND_LINE, now=now, today=today)
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
