"""What a roster file would change: who is new, who is changed and in what, what is wrong.

A row is recognised by card number, else Telegram ID, else name and birth date, else name and
unit; two people who fit are an error. What such a row corrects in the marks that tell people apart
(name, birth date, card) is warned of, since it may be meant for somebody else. Names are compared
with their accents, wherever the tone is placed. Nothing is written here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, select

from storage.folding import NameKey, fold, given_name_key
from storage.powers import POWERS, Actor, Role, may
from storage.roster import (
    Person,
    RoleGrant,
    Unit,
    in_force,
    lineage_ids,
)
from storage.roster_import.columns import (
    BORN,
    CARD,
    JOINED,
    NAME,
    POSITION,
    TELEGRAM,
    UNIT,
    Entry,
    Path,
    check_order,
    understand,
)
from storage.roster_import.paths import Paths
from storage.sheets import MAX_PROBLEMS, AllProblems, BadValue, Column, Problem, Row, SheetError

RANKS = (Role.SECRETARY, Role.DEPUTY, Role.COMMITTEE, Role.MEMBER)


@dataclass(slots=True)
class Change:
    """What a row does to somebody on the roll."""

    person: Person
    entry: Entry
    fields: dict[str, object]  # the new values of columns of Person
    moves: bool = False
    new_role: bool = False


@dataclass(slots=True)
class Plan:
    """What would happen; nothing has been written."""

    new: list[Entry] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: int = 0
    absent: int = 0  # on the roll of the units in the file, but not in the file
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """How many rows stay out; one row may have several problems."""
        return len({each.row for each in self.problems})

    @property
    def writes(self) -> int:
        """How many people the file adds or changes."""
        return len(self.new) + len(self.changed)

    def raise_any(self) -> None:
        """Raises SheetError when anything is wrong with the file."""
        if self.problems:
            raise SheetError(self.problems[:MAX_PROBLEMS])


def plan(session: Session, actor: Actor, rows: Iterable[Row], *, today: date) -> Plan:
    """What the rows would change, for this importer."""
    return _Planner(session, actor, today).run(rows)


def may_grant(actor: Actor, role: Role, lineage: tuple[int, ...]) -> bool:
    """Whether the actor may give this role on a unit: never one above their own."""
    if actor.owner:
        return True
    if not may(actor, "role.give", lineage):
        return False
    own = [
        RANKS.index(grant.role)
        for grant in actor.grants
        if grant.role in POWERS["role.give"].roles and grant.unit_id in lineage
    ]
    return RANKS.index(role) >= min(own)


class _Planner:
    """The roll in memory, and the rows taken one by one."""

    def __init__(self, session: Session, actor: Actor, today: date) -> None:
        self.actor, self.today = actor, today
        self.problems = AllProblems()
        self.plan = Plan()
        self.units = {each.id: each for each in session.exec(select(Unit)).all()}
        self.paths = Paths(actor, self.units)
        self.children = {(each.parent_id, each.folded): each for each in self.units.values()}
        people = session.exec(select(Person)).all()
        self.by_card = {each.card: each for each in people if each.card}
        self.by_account = {each.telegram_id: each for each in people if each.telegram_id}
        self.by_name: defaultdict[NameKey, list[Person]] = defaultdict(list)
        for each in people:
            if each.ended is None:
                self.by_name[given_name_key(each.full_name)].append(each)
        self.roles: defaultdict[int, list[RoleGrant]] = defaultdict(list)
        for grant in session.exec(select(RoleGrant).where(*in_force(today))).all():
            self.roles[grant.person_id].append(grant)
        self.taken: dict[int, int] = {}  # person id -> the row that is about them
        self.cards: dict[str, int] = {}  # that the file names, and in which row
        self.accounts: dict[int, int] = {}
        self.new_names: defaultdict[NameKey, list[Entry]] = defaultdict(list)
        self.places: dict[Path, tuple[Unit | None, tuple[int, ...]]] = {}  # as _unit found them
        self.mentioned: set[int] = set()
        self.certain: set[int] = set()  # ids of people whom some row names beyond doubt

    def run(self, rows: Iterable[Row]) -> Plan:
        understood = (understand(row, self.today, self.problems) for row in rows)
        entries = [entry for entry in understood if entry is not None]
        self.certain = {each.id for entry in entries for each in self._certainly(entry)}
        for entry in entries:
            try:
                self._take(entry)
            except _RowError as wrong:
                self.problems.add(entry.row, wrong.column, wrong.bad.message, **wrong.bad.values)
        self.plan.problems = list(self.problems)
        self.plan.absent = self._absent()
        return self.plan

    def _take(self, entry: Entry) -> None:
        try:
            entry.path = self.paths.in_full(entry.path)
        except BadValue as bad:
            raise _RowError(UNIT.title, bad) from None
        if entry.path not in self.places:
            self.places[entry.path] = self._unit(entry.path)
        unit, lineage = self.places[entry.path]
        if not may(self.actor, "roster.import", lineage):
            raise _RowError(
                UNIT.title,
                BadValue("You may not change the roll of {unit}.", unit=" / ".join(entry.path)),
            )
        if unit is not None:
            self.mentioned.add(unit.id)
        if entry.role not in (None, Role.MEMBER) and not may_grant(self.actor, entry.role, lineage):
            raise _RowError(POSITION.title, BadValue("You may not give this position."))
        person = self._recognise(entry, unit)
        if person is None:
            self._add(entry)
            return
        if person.ended is not None:
            self.plan.same += 1
            values: dict[str, object] = {"name": entry.full_name}
            self.plan.warnings.append(
                Problem(
                    entry.row, NAME.title, "{name} has left the roll and is left alone.", values
                )
            )
            return
        if not may(self.actor, "roster.import", self._lineage_of(person)):
            column = CARD.title if entry.card == person.card and entry.card else TELEGRAM.title
            raise _RowError(column, BadValue("This belongs to somebody on another unit's roll."))
        if person.id in self.taken:
            raise _RowError(
                NAME.title,
                BadValue("The same person as in row {other}.", other=self.taken[person.id]),
            )
        if entry.telegram_id and entry.telegram_id != person.telegram_id:
            self._check_office(person)
        self._change(entry, person, unit)
        self.taken[person.id] = entry.row

    def _lineage_of(self, person: Person) -> tuple[int, ...]:
        return lineage_ids(self.units[person.unit_id].lineage)

    def _check_office(self, person: Person) -> None:
        """Another account for somebody in office is for those who may give that office."""
        for grant in self.roles[person.id]:
            lineage = lineage_ids(self.units[grant.unit_id].lineage)
            if not may_grant(self.actor, Role(grant.role), lineage):
                raise _RowError(TELEGRAM.title, BadValue("You may not give this position."))

    # -- recognising ---------------------------------------------------------------------------

    def _certainly(self, entry: Entry) -> list[Person]:
        """Those who fit by the first mark that fits anybody: card, account, name and birth date."""
        if entry.card in self.by_card:
            return [self.by_card[entry.card]]
        if entry.telegram_id in self.by_account:
            return [self.by_account[entry.telegram_id]]
        if entry.born is None:
            return []
        return [each for each in self._namesakes(entry) if each.born == entry.born]

    def _recognise(self, entry: Entry, unit: Unit | None) -> Person | None:
        found = _only_one(self._certainly(entry) or self._by_place(entry, unit))
        holder = self.by_account.get(entry.telegram_id or 0)
        if holder is not None and (found is not holder or self._names_another(entry, holder, unit)):
            if not may(self.actor, "roster.import", self._lineage_of(holder)):
                bad = BadValue("This belongs to somebody on another unit's roll.")
                raise _RowError(TELEGRAM.title, bad)
            raise _RowError(
                TELEGRAM.title, BadValue("This account belongs to {name}.", name=holder.full_name)
            )
        return found

    def _namesakes(self, entry: Entry) -> list[Person]:
        return self.by_name.get(given_name_key(entry.full_name), [])

    def _by_place(self, entry: Entry, unit: Unit | None) -> list[Person]:
        """Those of this name in the unit; not a namesake with a card of their own, and not one
        whom another row of the file names by a birth date of their own."""
        here = [each for each in self._namesakes(entry) if unit and each.unit_id == unit.id]
        return [
            each
            for each in here
            if not _differ(each.card, entry.card)
            and not (each.id in self.certain and _differ(each.born, entry.born))
        ]

    def _names_another(self, entry: Entry, holder: Person, unit: Unit | None) -> bool:
        """Whether name and birth date, or name and unit, are plainly somebody else's than the
        account's holder: one account cannot be two people."""
        if given_name_key(entry.full_name) == given_name_key(holder.full_name):
            return False
        if entry.card is not None and entry.card == holder.card:
            return False
        same_day = [
            each for each in self._namesakes(entry) if each.born and each.born == entry.born
        ]
        return bool(same_day or self._by_place(entry, unit))

    # -- what changes --------------------------------------------------------------------------

    def _add(self, entry: Entry) -> None:
        self._check_days(entry, None)
        for other in self.new_names[given_name_key(entry.full_name)]:
            same_place = [fold(name) for name in other.path] == [fold(name) for name in entry.path]
            same_day = entry.born is not None and other.born == entry.born
            apart = _differ(other.born, entry.born) or _differ(other.card, entry.card)
            if same_day or (same_place and not apart):
                raise _RowError(
                    NAME.title, BadValue("The same person as in row {other}.", other=other.row)
                )
        self._claim(entry)
        self.new_names[given_name_key(entry.full_name)].append(entry)
        self.plan.new.append(entry)

    def _claim(self, entry: Entry) -> None:
        """A card and an account are one person's, also within the file."""
        if entry.card is not None and entry.card in self.cards:
            raise _RowError(
                CARD.title, BadValue("The same as in row {other}.", other=self.cards[entry.card])
            )
        if entry.telegram_id is not None and entry.telegram_id in self.accounts:
            other = self.accounts[entry.telegram_id]
            raise _RowError(TELEGRAM.title, BadValue("The same as in row {other}.", other=other))
        if entry.card is not None:
            self.cards[entry.card] = entry.row
        if entry.telegram_id is not None:
            self.accounts[entry.telegram_id] = entry.row

    def _change(self, entry: Entry, person: Person, unit: Unit | None) -> None:
        self._check_days(entry, person)
        self._claim(entry)
        fields = {
            name: value for name, value in entry.fields.items() if getattr(person, name) != value
        }
        if person.full_name != entry.full_name:
            fields["full_name"] = entry.full_name
        self._warn(entry, person)
        change = Change(person, entry, fields, moves=unit is None or unit.id != person.unit_id)
        change.new_role = entry.role is not None and self._role_differs(entry.role, person, unit)
        if fields or change.moves or change.new_role:
            self.plan.changed.append(change)
        else:
            self.plan.same += 1

    def _warn(self, entry: Entry, person: Person) -> None:
        """Says which marks change of those that tell people apart; a card's number is proof."""
        if given_name_key(person.full_name) != given_name_key(entry.full_name):
            self._warn_of(entry, NAME, person.full_name, entry.full_name)
        if entry.card is None or entry.card != person.card:
            for column in (BORN, CARD):
                before, after = getattr(person, column.name), entry.fields.get(column.name)
                if _differ(before, after):
                    self._warn_of(entry, column, before, after)

    def _warn_of(self, entry: Entry, column: Column, before: object, after: object) -> None:
        self.plan.warnings.append(
            Problem(
                entry.row,
                column.title,
                "Changes from {before} to {after}: make sure that this is the same person.",
                {"before": _shown(before), "after": _shown(after)},
            )
        )

    def _role_differs(self, role: Role, person: Person, unit: Unit | None) -> bool:
        places = {person.unit_id, unit.id if unit else 0}
        held = {(each.role, each.unit_id) for each in self.roles[person.id]}
        held = {(each, place) for each, place in held if place in places}
        wanted = set() if role is Role.MEMBER else {(role, unit.id if unit else 0)}
        return held != wanted

    def _check_days(self, entry: Entry, person: Person | None) -> None:
        found: list[date | None] = []
        for name in ("born", "joined", "official"):
            day = entry.fields.get(name) or (getattr(person, name) if person else None)
            found.append(day if isinstance(day, date) else None)
        try:
            check_order(*found)
        except BadValue as bad:
            raise _RowError(JOINED.title, bad) from None

    # -- units ---------------------------------------------------------------------------------

    def _unit(self, path: Path) -> tuple[Unit | None, tuple[int, ...]]:
        """The unit, None where it is to be made, and the ids down to the last that exists."""
        unit: Unit | None = None
        for name in path:
            child = self.children.get((unit.id if unit else None, fold(name)))
            if child is None:
                return None, lineage_ids(unit.lineage) if unit else ()
            unit = child
        return unit, lineage_ids(unit.lineage) if unit else ()

    def _absent(self) -> int:
        named = self.taken.keys()
        return sum(
            1
            for people in self.by_name.values()
            for each in people
            if each.id not in named
            and not self.mentioned.isdisjoint(lineage_ids(self.units[each.unit_id].lineage))
        )


class _RowError(Exception):
    def __init__(self, column: str, bad: BadValue) -> None:
        super().__init__(str(bad))
        self.column, self.bad = column, bad


def _differ(one: object, other: object) -> bool:
    """Both are known and they are not the same."""
    return one is not None and other is not None and one != other


def _shown(value: object) -> str:
    return f"{value.day}/{value.month}/{value.year}" if isinstance(value, date) else str(value)


def _only_one(found: list[Person]) -> Person | None:
    if len(found) > 1:
        bad = BadValue(
            "{n} people on the roll fit. Add the card number or the birth date.", n=len(found)
        )
        raise _RowError(NAME.title, bad)
    return found[0] if found else None
