"""How somebody can be reached: every list of people can say so, and who has to be called."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from sqlmodel import Session, col, select

from storage.powers import Actor, may
from storage.roster import Person, Unit, lineage_ids


class Reach(StrEnum):
    """The ways, best first."""

    LINKED = "linked"
    NOT_STARTED = "not_started"  # has an account, but has not let us write or has not agreed
    BLOCKED = "blocked"
    PHONE = "phone"  # no account
    PAPER = "paper"  # neither account nor telephone


def reach(person: Person) -> Reach:
    """The way to reach this person today."""
    if person.telegram_id is None:
        return Reach.PHONE if person.phone else Reach.PAPER
    if person.blocked_at is not None:
        return Reach.BLOCKED
    if not person.started or person.consented_at is None:
        return Reach.NOT_STARTED
    return Reach.LINKED


def not_reached(people: Iterable[Person]) -> list[tuple[Reach, Person]]:
    """Those of the people whom no message reaches, best way first, else in their order."""
    found = [(how, each) for each in people if (how := reach(each)) is not Reach.LINKED]
    return sorted(found, key=lambda pair: list(Reach).index(pair[0]))


def to_call(session: Session, actor: Actor, power: str) -> list[tuple[Reach, Person]]:
    """People of the actor's units whom no message reaches: by the way, then by given name."""
    units = session.exec(select(Unit.id, Unit.lineage)).all()
    mine = [number for number, lineage in units if may(actor, power, lineage_ids(lineage))]
    people = session.exec(
        select(Person)
        .where(col(Person.unit_id).in_(mine), col(Person.ended).is_(None))
        .order_by(Person.sort_key, col(Person.id))
    ).all()
    return not_reached(people)
