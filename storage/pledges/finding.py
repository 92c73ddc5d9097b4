"""Whom a commitment is for, who has signed it and who has not.

It is for the members of the unit and of those below; of two committees in one line the nearer one's
counts. The exempt are invited and may sign, and count nowhere; candidates, residence liaisons and
whoever takes no part in the life of the unit at present are not asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage import audit
from storage.acts import Did
from storage.errors import NotFound
from storage.pledges.tables import Pledge, PledgeYear, Signed
from storage.powers import Actor, require, units_with
from storage.roster import Kind, Person, Unit, lineage_ids, members, takes_part, unit_lineage

MANAGE = "pledge.manage"
OWN = "pledge.own"


@dataclass(frozen=True, slots=True)
class State:
    """Who has signed: those who are expected to, by given name, and those only invited."""

    year: PledgeYear
    unit: Unit
    signed: list[tuple[Person, Signed]]
    unsigned: list[Person]
    invited: list[tuple[Person, Signed | None]]  # the exempt: they count nowhere

    @property
    def expected(self) -> int:
        """How many are to sign."""
        return len(self.signed) + len(self.unsigned)

    @property
    def late(self) -> int:
        """How many signed after the last day."""
        return sum(self.year.late(version.signed_at) for _person, version in self.signed)

    @property
    def all_signed(self) -> list[tuple[Person, Signed]]:
        """Every signed commitment, the exempt's among them, by given name."""
        found = [*self.signed, *((person, each) for person, each in self.invited if each)]
        return sorted(found, key=lambda pair: (pair[0].sort_key, pair[0].id))


# -- questions ---------------------------------------------------------------------------------


def year_of(session: Session, unit_id: int, year: int) -> PledgeYear | None:
    """The commitment that a unit has started for a year."""
    return session.exec(
        select(PledgeYear).where(PledgeYear.unit_id == unit_id, PledgeYear.year == year)
    ).first()


def led(session: Session, actor: Actor) -> list[tuple[Unit, list[PledgeYear]]]:
    """The units whose commitments are the actor's to run, with what there is, newest year first."""
    found = []
    for unit_id in units_with(actor, MANAGE):
        years = session.exec(
            select(PledgeYear)
            .where(PledgeYear.unit_id == unit_id)
            .order_by(col(PledgeYear.year).desc())
        ).all()
        found.append((session.get_one(Unit, unit_id), list(years)))
    return found


def managed(session: Session, actor: Actor, year_id: int, *, lock: bool = False) -> PledgeYear:
    """A commitment for its committee; NotFound for anybody else's."""
    statement = select(PledgeYear).where(PledgeYear.id == year_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    year = session.exec(statement).first()
    if year is None:
        raise NotFound
    require(actor, MANAGE, unit_lineage(session, year.unit_id))
    return year


def covered(session: Session, year: PledgeYear) -> list[Person]:
    """Whom it is for, the exempt among them, by given name."""
    unit = session.get_one(Unit, year.unit_id)
    nearer = session.exec(
        select(Unit.id)
        .join(PledgeYear, col(PledgeYear.unit_id) == Unit.id)
        .where(PledgeYear.year == year.year, Unit.id != unit.id)
        .where(col(Unit.lineage).startswith(unit.lineage))
    ).all()
    lineages = dict(
        session.exec(
            select(Unit.id, Unit.lineage).where(col(Unit.lineage).startswith(unit.lineage))
        ).all()
    )
    return [
        person
        for person in members(session, unit)
        if takes_part(person) and not set(nearer) & set(lineage_ids(lineages[person.unit_id]))
    ]


def mine(session: Session, actor: Actor) -> list[PledgeYear]:
    """The commitments that are for the actor, the newest first; of each year the nearest unit's.

    Whoever is not asked any more still has what they have signed.
    """
    person = session.get(Person, actor.person_id) if actor.person_id else None
    if person is None:
        return []
    lineage = unit_lineage(session, person.unit_id)
    found = session.exec(
        select(PledgeYear)
        .join(Unit, col(Unit.id) == PledgeYear.unit_id)
        .where(col(PledgeYear.unit_id).in_(lineage))
        .order_by(col(PledgeYear.year).desc(), func.length(Unit.lineage))
    ).all()
    nearest = [*{each.year: each for each in found}.values()]
    if takes_part(person):
        return nearest
    return [each for each in nearest if signed_by(session, each.id, person.id)]


def of_person(session: Session, actor: Actor, year_id: int) -> tuple[PledgeYear, Person]:
    """A commitment that is for the actor; NotFound for anybody else's."""
    year = next((each for each in mine(session, actor) if each.id == year_id), None)
    if year is None:
        raise NotFound
    require(actor, OWN, unit_lineage(session, year.unit_id))
    return year, session.get_one(Person, actor.person_id)


def latest(session: Session, year: PledgeYear) -> dict[int, Signed]:
    """The newest signed version of everybody, by person."""
    found = session.exec(
        select(Pledge.person_id, Signed)
        .join(Signed, col(Signed.pledge_id) == Pledge.id)
        .where(Pledge.year_id == year.id)
        .order_by(col(Signed.number))
    ).all()
    return dict(found)


def standing(session: Session, year: PledgeYear) -> State:
    """Who has signed; for whoever has asked for the right already."""
    versions = latest(session, year)
    people = {person.id: person for person in covered(session, year)}
    gone = set(versions) - set(people)  # have signed, and are elsewhere or off the roll since
    if gone:
        people |= {
            each.id: each
            for each in session.exec(select(Person).where(col(Person.id).in_(gone))).all()
        }
    ordered = sorted(people.values(), key=lambda each: (each.sort_key, each.id))
    counted = [each for each in ordered if each.kind != Kind.EXEMPT]
    return State(
        year,
        session.get_one(Unit, year.unit_id),
        [(each, versions[each.id]) for each in counted if each.id in versions],
        [each for each in counted if each.id not in versions],
        [(each, versions.get(each.id)) for each in ordered if each.kind == Kind.EXEMPT],
    )


def state(session: Session, actor: Actor, year_id: int) -> State:
    """Who has signed and who has not, for the committee."""
    return standing(session, managed(session, actor, year_id))


def versions(
    session: Session, actor: Actor, year_id: int, person_id: int
) -> tuple[PledgeYear, Person, Sequence[Signed]]:
    """All that one person has signed, the newest last, for the committee."""
    year = managed(session, actor, year_id)
    person = session.get(Person, person_id)
    found = signed_by(session, year.id, person_id)
    if person is None or not found:
        raise NotFound
    return year, person, found


def signed_by(session: Session, year_id: int, person_id: int) -> Sequence[Signed]:
    """All versions that one person has signed, the newest last."""
    return session.exec(
        select(Signed)
        .join(Pledge, col(Pledge.id) == Signed.pledge_id)
        .where(Pledge.year_id == year_id, Pledge.person_id == person_id)
        .order_by(col(Signed.number))
    ).all()


def taken_away(session: Session, actor: Actor, year_id: int, what: str, *, now: datetime) -> State:
    """All commitments in a file, for the committee; that they were taken is written down."""
    found = state(session, actor, year_id)
    audit.record(session, actor, Did.EXPORT_PLEDGES, found.year.about, now=now, what=what)
    return found
