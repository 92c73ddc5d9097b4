"""Units, people and roles: who belongs where, and who may act for whom.

Everything hangs on the person, never on the Telegram account: an account is a number that a
person holds for now and may lose. A unit knows the ids from the root down to itself (`lineage`,
written "/1/4/9/"), so that "this unit and all below" is one comparison.

Here are the tables, the changes and the questions that every feature asks; files of people are
read in `storage/roster_import.py`, invitations and consent in `storage/joining.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    UniqueConstraint,
    bindparam,
    func,
)
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, col, select

from storage.db import Row
from storage.errors import NotFound
from storage.folding import WordKey, clean_name, fold, given_name_key
from storage.powers import Actor, Role, may_between

# -- tables ------------------------------------------------------------------------------------


class Kind(StrEnum):
    """What kind of member a person is; names follow the glossary in docs."""

    OFFICIAL = "official"
    PROBATIONARY = "probationary"
    TEMPORARY = "temporary"  # here for a while; not counted in the unit's strength
    EXEMPT = "exempt"  # from work and meetings
    LIAISON = "liaison"  # residence liaison, "213"
    CANDIDATE = "candidate"  # outstanding, not yet admitted


class Standing(StrEnum):
    """Whether somebody takes part in the life of the unit now; who does not is not convened."""

    HERE = "here"
    ELSEWHERE = "elsewhere"  # with another branch for a while
    SUSPENDED = "suspended"


NOT_CONVENED = frozenset({Kind.CANDIDATE, Kind.LIAISON})


class Unit(Row, table=True):
    """A branch, a group of it, or a committee above: one node of the tree."""

    __table_args__ = (UniqueConstraint("parent_id", "folded"),)

    id: int = Field(default=None, primary_key=True)
    parent_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    name: str
    folded: str
    lineage: str = Field(default="", index=True)  # "/1/4/9/", the unit itself last
    expects_everyone: bool = True  # "expected unless excused"; else "asks each time"
    names_in_group: bool = False  # of those who tapped; only a unit of up to 30 may
    zone: str | None = None
    language: str | None = None


class Person(Row, table=True):
    """Somebody on the roll, and how they can be reached."""

    id: int = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    full_name: str
    folded: str = Field(index=True)
    sort_key: str  # by given name, then middle, then family
    kind: Kind = Field(default=Kind.OFFICIAL, sa_type=String)
    standing: Standing = Field(default=Standing.HERE, sa_type=String)
    born: date | None = None
    joined: date | None = None
    official: date | None = None
    card: str | None = Field(default=None, unique=True)
    phone: str | None = None
    residence: str | None = None
    ended: date | None = None  # left the roll on that day

    telegram_id: int | None = Field(default=None, sa_type=BigInteger, unique=True)
    linked_at: datetime | None = None
    consented_at: datetime | None = None
    started: bool = False  # pressed Start: Telegram lets us write
    blocked_at: datetime | None = None

    language: str | None = None
    quiet_hours: str | None = None  # None: the installation's; "": none
    zone: str | None = None

    @property
    def about(self) -> dict[str, int]:
        """What the audit calls them."""
        return {"person": self.id, "unit": self.unit_id}


class RoleGrant(Row, table=True):
    """A dated role: from a day, to a day (not included), by somebody."""

    __tablename__ = "role_grant"

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    role: Role = Field(sa_type=String)
    from_day: date
    to_day: date | None = None
    granted_by: int | None = Field(default=None, foreign_key="person.id")


# -- rules -------------------------------------------------------------------------------------


def lineage_ids(lineage: str) -> tuple[int, ...]:
    """ "/1/4/9/" as (1, 4, 9)."""
    return tuple(int(part) for part in lineage.strip("/").split("/") if part)


def sort_key(full_name: str) -> str:
    """`given_name_key` as hexadecimal digits, which every database sorts the same way."""
    given, middle, family = given_name_key(full_name)
    return "00".join(_hex(word) for word in (given, *middle, *family))


def names(full_name: str) -> dict[str, str]:
    """The columns of a person that hold the name and what is derived from it."""
    return {"full_name": full_name, "folded": fold(full_name), "sort_key": sort_key(full_name)}


@lru_cache(maxsize=4096)  # few words make up all names
def _hex(word: WordKey) -> str:
    letters, tones = word
    return (
        "".join(f"{min(max(rank + 0x20, 0x02), 0xFF):02x}" for rank in letters)
        + "01"
        + "".join(f"{tone + 1:02x}" for tone in tones)
    )


def takes_part(person: Person) -> bool:
    """Whether somebody takes part in the life of the unit at present, the exempt among them."""
    here = person.ended is None and person.standing == Standing.HERE
    return here and person.kind not in NOT_CONVENED


def within(unit: Unit) -> ColumnElement[bool]:
    """The condition "this unit or one below", on a query that has `Unit` in it."""
    return col(Unit.lineage).startswith(unit.lineage)


# -- actions -----------------------------------------------------------------------------------


def unit_at(session: Session, path: str) -> Unit:
    """The unit that a path such as "Đảng bộ X / Chi bộ 1 / Tổ 2" names; made where missing."""
    parent: Unit | None = None
    for name in _path_parts(path):
        found = _child(session, parent, name)
        if found is None:
            found = Unit(parent_id=parent.id if parent else None, name=name, folded=fold(name))
            session.add(found)
            session.flush()
            found.lineage = f"{parent.lineage if parent else '/'}{found.id}/"
        parent = found
    if parent is None:
        raise ValueError("an empty path names no unit")
    session.flush()
    return parent


def new_person(session: Session, unit: Unit, full_name: str, **fields: Any) -> Person:
    """Adds somebody to a unit's roll."""
    person = Person(unit_id=unit.id, full_name=full_name, folded="", sort_key="", **fields)
    rename(person, full_name)
    session.add(person)
    session.flush()
    return person


def rename(person: Person, full_name: str) -> None:
    """Sets the name and what is derived from it."""
    for column, value in names(full_name).items():
        setattr(person, column, value)


def reached(person: Person) -> None:
    """They wrote to us in private: from now on Telegram lets us write to them."""
    if not person.started or person.blocked_at is not None:
        person.started, person.blocked_at = True, None


def give_role(
    session: Session, person: Person, unit_id: int, role: Role, *, today: date, by: int | None
) -> RoleGrant:
    """Gives a role from today on; giving it twice changes nothing."""
    held = session.exec(
        select(RoleGrant)
        .where(RoleGrant.person_id == person.id, RoleGrant.unit_id == unit_id)
        .where(RoleGrant.role == role, *in_force(today))
    ).first()
    if held is not None:
        return held
    grant = RoleGrant(
        person_id=person.id, unit_id=unit_id, role=role, from_day=today, granted_by=by
    )
    session.add(grant)
    session.flush()
    return grant


def end_role(session: Session, grant: RoleGrant, *, today: date) -> None:
    """Ends a role: from today on it gives no right."""
    grant.to_day = today
    session.add(grant)
    session.flush()


# -- questions ---------------------------------------------------------------------------------


def in_force(today: date) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a role grant holds today."""
    return (
        col(RoleGrant.from_day) <= today,
        col(RoleGrant.to_day).is_(None) | (col(RoleGrant.to_day) > today),
    )


def people(session: Session, ids: Collection[int]) -> dict[int, tuple[Person, Unit]]:
    """Persons and their units, by the ids of the persons."""
    if not ids:
        return {}
    found = session.execute(_PEOPLE, {"ids": list(ids)}).all()
    return {person.id: (person, unit) for person, unit in found}


def person_of(session: Session, telegram_id: int) -> Person | None:
    """The person who holds this account."""
    return session.exec(select(Person).where(Person.telegram_id == telegram_id)).first()


def unit_lineage(session: Session, unit_id: int) -> tuple[int, ...]:
    """The ids from the root down to the unit; raises NotFound when there is none."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound
    return lineage_ids(unit.lineage)


def roots(session: Session) -> list[Unit]:
    """The units that have none above them."""
    return list(
        session.exec(select(Unit).where(col(Unit.parent_id).is_(None)).order_by(col(Unit.id))).all()
    )


def units_below(session: Session, unit_id: int) -> list[Unit]:
    """The units right below a unit, by name."""
    found = select(Unit).where(Unit.parent_id == unit_id).order_by(Unit.folded, col(Unit.id))
    return list(session.exec(found).all())


def units_led(session: Session, actor: Actor, power: str, top: Unit) -> dict[int, Unit]:
    """Of a unit and those below, the ones over which the actor holds a power; by id.

    Over one held higher up, down to `top`, as `may_between` has it.
    """
    above = lineage_ids(top.lineage)
    found = session.exec(select(Unit).where(within(top))).all()
    return {
        unit.id: unit
        for unit in found
        if may_between(actor, power, above, lineage_ids(unit.lineage))
    }


def unit_path(session: Session, unit: Unit) -> str:
    """ "Đảng bộ X / Chi bộ 1"."""
    ids = lineage_ids(unit.lineage)
    names = dict(session.exec(select(Unit.id, Unit.name).where(col(Unit.id).in_(ids))).all())
    return " / ".join(names[number] for number in ids)


def members(session: Session, unit: Unit, among: Collection[int] | None = None) -> list[Person]:
    """Everybody on the roll of the unit and of those below, by given name; or those `among` it."""
    found = (
        select(Person)
        .join(Unit, col(Unit.id) == Person.unit_id)
        .where(within(unit), col(Person.ended).is_(None))
        .order_by(col(Person.sort_key), col(Person.id))
    )
    if among is not None:
        found = found.where(col(Person.id).in_(among))
    return list(session.exec(found).all())


def holders(session: Session, unit_id: int, roles: frozenset[Role], *, today: date) -> list[Person]:
    """Those who hold one of the roles on exactly this unit, in the order of the roles."""
    found = session.exec(
        select(Person, RoleGrant.role)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .where(RoleGrant.unit_id == unit_id, col(RoleGrant.role).in_(roles), *in_force(today))
        .where(col(Person.ended).is_(None))
        .order_by(col(Person.sort_key))
    ).all()
    order = list(Role)
    ranked = sorted(found, key=lambda pair: order.index(Role(pair[1])))
    return list({person.id: person for person, _ in ranked}.values())


def nearest_secretary(session: Session, unit_id: int, *, today: date) -> Person | None:
    """The secretary of the unit, or of the nearest one above it that has one."""
    lineage = unit_lineage(session, unit_id)
    return session.exec(
        select(Person)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .join(Unit, col(Unit.id) == RoleGrant.unit_id)
        .where(col(RoleGrant.unit_id).in_(lineage), RoleGrant.role == Role.SECRETARY)
        .where(*in_force(today), col(Person.ended).is_(None))
        .order_by(func.length(Unit.lineage).desc(), col(Person.sort_key))
    ).first()


def _path_parts(path: str) -> list[str]:
    return [name for part in path.split("/") if (name := clean_name(part))]


def _child(session: Session, parent: Unit | None, name: str) -> Unit | None:
    parent_id = parent.id if parent else None
    return session.exec(
        select(Unit).where(Unit.parent_id == parent_id, Unit.folded == fold(name))
    ).first()


_PEOPLE: Any = (
    sa_select(Person, Unit)
    .join(Unit, col(Unit.id) == col(Person.unit_id))
    .where(col(Person.id).in_(bindparam("ids", expanding=True)))
)
