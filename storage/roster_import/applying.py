"""Writing what a roster file plans, in statements for many rows at once.

On SQLite everybody else waits while a file is written, so the number of statements grows with the
kinds of changes in a file, not with its rows: units level by level, new people, changed people
and roles each go to the database together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from storage import audit, drafts, meetings, menus, role_news, roster
from storage.acts import Did
from storage.audit import spans
from storage.folding import fold
from storage.powers import Actor, Role
from storage.quiet import Quiet
from storage.roster import Kind, Person, RoleGrant, Unit, in_force
from storage.roster_import.columns import Entry, Path
from storage.roster_import.planning import Change, Plan

Undo = dict[str, Any]
Held = tuple[int, int, Role]  # a role: person, unit, role

_EMPTY: dict[str, Any] = {
    "kind": Kind.OFFICIAL,
    **dict.fromkeys(("born", "joined", "official", "card", "phone", "residence", "telegram_id")),
    "started": False,
}


def apply(
    session: Session,
    planned: Plan,
    *,
    actor: Actor,
    quiet: Quiet | None = None,
    now: datetime,
    today: date,
    file_id: int | None = None,
) -> Undo:
    """Writes the plan, all of it; returns what it takes to undo it."""
    session.flush()
    entries = [*planned.new, *(change.entry for change in planned.changed)]
    before = {change.person.id: change.person.unit_id for change in planned.changed}
    units = _units(session, dict.fromkeys(entry.path for entry in entries))
    writer = _Writer(session, units, now)
    writer.add(planned.new)
    writer.change(planned.changed)
    writer.write_roles(actor, today)
    drafts.close(session, *writer.closed_drafts)
    menus.owe(session, *writer.owed_menus, now=now)
    for change in planned.changed:
        session.expire(change.person)  # the statements went past the session's objects
    people = {*writer.undo["new"], *before}
    places = {*before.values(), *(writer.unit_ids[entry.path] for entry in entries)}
    meetings.follow(session, people, places, quiet=quiet, now=now)
    given = col(RoleGrant.id).in_(writer.undo["roles"])
    for grant, person in session.exec(
        select(RoleGrant, Person).join(Person, col(Person.id) == RoleGrant.person_id).where(given)
    ).all():
        role_news.tell(session, person, grant, quiet=quiet, now=now)
    if planned.writes:
        about = {"file": file_id}
        audit.record(session, actor, Did.ROSTER_IMPORT, about, now=now, **writer.told())
    return writer.undo


def concerned(undo: Undo) -> dict[str, str | None]:
    """The people whom an import concerns, as the audit names them."""
    changed = (each["person"] for each in undo["changed"])
    return {"new": spans(undo["new"]), "changed": spans(changed)}


def _units(session: Session, paths: Iterable[Path]) -> dict[Path, Unit]:
    """The unit of each path; what is missing is made, all units of one level together."""
    known = {(each.parent_id, each.folded): each for each in session.exec(select(Unit)).all()}
    found: dict[Path, Unit] = {}
    for depth in range(1, max(map(len, paths), default=0) + 1):
        made: list[tuple[Unit, Unit | None]] = []
        for path in paths:
            if len(path) >= depth and path[:depth] not in found:
                parent = found[path[: depth - 1]] if depth > 1 else None
                place = (parent.id if parent else None, fold(path[depth - 1]))
                if place not in known:
                    unit = Unit(parent_id=place[0], name=path[depth - 1], folded=place[1])
                    known[place] = unit
                    made.append((unit, parent))
                found[path[:depth]] = known[place]
        session.add_all(unit for unit, _parent in made)
        session.flush()
        for unit, parent in made:
            unit.lineage = f"{parent.lineage if parent else '/'}{unit.id}/"
    session.flush()
    return found


class _Writer:
    """Collects rows of a kind and writes them together."""

    def __init__(self, session: Session, units: dict[Path, Unit], now: datetime) -> None:
        self.session, self.now = session, now
        self.unit_ids = {path: unit.id for path, unit in units.items()}
        self.given: list[Held] = []
        self.written: list[Held] = []  # those of them that were not held yet
        self.ended: list[Held] = []
        self.linked: list[int] = []  # people whose account comes from the file
        self.replaced: dict[int, set[int]] = {}  # person -> the units where other roles end
        self.closed_drafts: set[int] = set()
        self.owed_menus: dict[int, None] = {}
        self.undo: Undo = {"new": [], "changed": [], "roles": [], "closed": []}

    def add(self, entries: list[Entry]) -> None:
        rows = [
            {
                **_EMPTY,
                **entry.fields,
                **roster.names(entry.full_name),
                "unit_id": self.unit_ids[entry.path],
                "linked_at": self.now if entry.telegram_id is not None else None,
            }
            for entry in entries
        ]
        # Ids in the order of the rows would cost SQLite a statement for each; the plan lets no
        # two new people be the same in all of these.
        marks = ("unit_id", "full_name", "born", "card")
        columns = [getattr(Person, name) for name in marks]
        new = insert(Person).returning(col(Person.id), *columns)
        written = self.session.execute(new, rows).all() if rows else []
        ids = {tuple(found): person_id for person_id, *found in written}
        self.undo["new"] = [ids[tuple(row[name] for name in marks)] for row in rows]
        for person_id, entry in zip(self.undo["new"], entries, strict=True):
            if entry.telegram_id is not None:
                self.linked.append(person_id)
            self._give(person_id, self.unit_ids[entry.path], entry.role)

    def change(self, changes: list[Change]) -> None:
        rows: defaultdict[frozenset[str], list[dict[str, Any]]] = defaultdict(list)
        for change in changes:
            values = self._values(change)
            if values:
                rows[frozenset(values)].append({"id": change.person.id, **values})
        for same_columns in rows.values():
            self.session.execute(update(Person), same_columns)

    def _values(self, change: Change) -> dict[str, Any]:
        """The new values of the person's columns; what else follows is noted."""
        person, unit_id = change.person, self.unit_ids[change.entry.path]
        values = dict(change.fields)
        if change.moves:
            values["unit_id"] = unit_id
        before = {name: _plain(getattr(person, name)) for name in values}
        self.undo["changed"].append({"person": person.id, "before": before})
        if change.new_role:
            self.replaced[person.id] = {person.unit_id, unit_id}
            self._give(person.id, unit_id, change.entry.role)
            self._owe_menu(change.entry.telegram_id or person.telegram_id)
        if "full_name" in values:
            values |= roster.names(change.entry.full_name)
        if "telegram_id" in values:
            values |= self._relinked(person)
        return values

    def _relinked(self, person: Person) -> dict[str, Any]:
        """An account that the file brings is asked for consent before anything counts."""
        if person.telegram_id is not None:
            self.closed_drafts.add(person.telegram_id)
            self._owe_menu(person.telegram_id)
        self.linked.append(person.id)
        return {"linked_at": self.now, "consented_at": None, "started": False, "blocked_at": None}

    def _owe_menu(self, account: int | None) -> None:
        if account is not None:
            self.owed_menus[account] = None

    def _give(self, person_id: int, unit_id: int, role: Role | None) -> None:
        if role is not None and role is not Role.MEMBER:
            self.given.append((person_id, unit_id, role))

    def write_roles(self, actor: Actor, today: date) -> None:
        """Ends the roles that others replace, and gives those that are not held yet."""
        held = {
            (each.person_id, each.unit_id, Role(each.role)): each.id
            for each in self.session.exec(select(RoleGrant).where(*in_force(today))).all()
        }
        given = set(self.given)
        self.ended = [
            (person_id, unit_id, role)
            for person_id, unit_id, role in held
            if unit_id in self.replaced.get(person_id, ())
            and (person_id, unit_id, role) not in given
        ]
        ended = [held[each] for each in self.ended]
        if ended:
            self.session.execute(update(RoleGrant), [{"id": it, "to_day": today} for it in ended])
        self.written = [each for each in self.given if each not in held]
        rows = [
            {
                "person_id": person_id,
                "unit_id": unit_id,
                "role": role,
                "from_day": today,
                "granted_by": actor.person_id,
            }
            for person_id, unit_id, role in self.written
        ]
        self.undo["closed"] = ended
        new = insert(RoleGrant).returning(col(RoleGrant.id))
        self.undo["roles"] = list(self.session.execute(new, rows).scalars()) if rows else []

    def told(self) -> dict[str, str | None]:
        """Whom it concerned, for the audit; roles as person:unit:role."""
        return {
            **concerned(self.undo),
            "linked": spans(self.linked),
            "given": _roles(self.written),
            "ended": _roles(self.ended),
        }


def _roles(roles: list[Held]) -> str | None:
    return ",".join(f"{person}:{unit}:{role}" for person, unit, role in roles) or None


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
