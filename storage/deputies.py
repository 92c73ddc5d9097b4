"""Deputies: who may answer for an elder without a telephone, a grandson or one of the committee.

The committee names them, for people of its unit and those below. Both are told, and each of them
can see it and end it, as the committee can. It holds as long as both are on the roll there; that
is asked each time, so nobody has to think of it when somebody leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, func, text
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, col, select

from storage import audit, outbox
from storage.acts import Did
from storage.db import Row
from storage.errors import NotFound, Refusal
from storage.folding import fold
from storage.outbox import ANSWER, Class, Notice, to_person
from storage.powers import Actor, may, require
from storage.reach import Reach, reach
from storage.roster import Person, Unit, members, unit_lineage

NAMED = "deputy.named"  # to both, at the beginning and at the end
ANSWERED = "deputy.answered"  # to the elder: what was said or marked for them

# -- tables ------------------------------------------------------------------------------------


class Deputy(Row, table=True):
    """Somebody who may answer for somebody, from a moment to a moment."""

    __table_args__ = (
        Index(  # named twice is named once
            "ix_deputy_standing",
            "elder_id",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    elder_id: int = Field(foreign_key="person.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")  # whose committee named them; both are in it
    named_by: int | None = Field(default=None, foreign_key="person.id")
    named_at: datetime
    ended_by: int | None = Field(default=None, foreign_key="person.id")
    ended_at: datetime | None = None

    @property
    def subject(self) -> str:
        """What notices call it."""
        return f"deputy:{self.id}"

    @property
    def about(self) -> dict[str, int | None]:
        """What the audit calls it."""
        return {"person": self.elder_id, "unit": self.unit_id, "deputy": self.person_id}


# -- actions: the committee --------------------------------------------------------------------


def name(session: Session, actor: Actor, elder_id: int, person_id: int, *, now: datetime) -> Deputy:
    """Names who may answer for somebody; naming them twice is naming them once."""
    elder, unit = elder_of(session, actor, elder_id)
    person = session.get(Person, person_id)
    if person is None or person.id not in {each.id for each in members(session, unit, [person_id])}:
        raise NotFound
    if person.id == elder.id:
        raise Refusal("Nobody is their own deputy.")
    if reach(person) is not Reach.LINKED:
        raise Refusal("{name} has not opened the bot yet.", name=person.full_name)
    found = _standing(session, elder.id, person.id)
    if found is not None:
        return found
    found = Deputy(
        elder_id=elder.id,
        person_id=person.id,
        unit_id=unit.id,
        named_by=actor.person_id,
        named_at=now,
    )
    session.add(found)
    session.flush()
    audit.record(session, actor, Did.DEPUTY_NAME, found.about, now=now)
    _tell_both(session, found, 0, now=now)
    return found


def end(session: Session, actor: Actor, deputy_id: int, *, now: datetime) -> Deputy:
    """Ends it: the committee, or one of the two; ended twice, it is ended once."""
    found = session.exec(
        select(Deputy)
        .where(Deputy.id == deputy_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound
    if not actor.grants or actor.person_id not in (found.elder_id, found.person_id):
        require(actor, "deputy.name", unit_lineage(session, found.unit_id))
    if found.ended_at is None:
        found.ended_at, found.ended_by = now, actor.person_id
        session.add(found)
        session.flush()
        audit.record(session, actor, Did.DEPUTY_END, found.about, now=now)
        _tell_both(session, found, 1, now=now)
    return found


def tell(session: Session, seat: str, elder_id: int, *, now: datetime) -> None:
    """Owes the elder a word of what a deputy did with their seat; an unsent one is replaced."""
    outbox.cancel(session, seat, kind=ANSWERED)
    newest = session.exec(
        select(func.max(Notice.revision)).where(Notice.subject == seat, Notice.kind == ANSWERED)
    ).one()
    elder = session.get_one(Person, elder_id)
    if elder.telegram_id is not None:
        outbox.enqueue(
            session,
            ANSWERED,
            seat,
            [to_person(elder_id)],
            klass=Class.ONCE,
            revision=0 if newest is None else newest + 1,
            priority=ANSWER,
            now=now,
        )


# -- questions ---------------------------------------------------------------------------------


def check(session: Session, actor: Actor, elder_id: int) -> Deputy:
    """That the actor may answer for this person now; NotFound for anybody else."""
    found = None
    if actor.person_id is not None and actor.grants:
        found = _standing(session, elder_id, actor.person_id)
    if found is None:
        raise NotFound
    return found


def elders(session: Session, person_id: int | None) -> list[tuple[Deputy, Person]]:
    """Those for whom somebody may answer, by given name."""
    if person_id is None:
        return []
    found = [(each, elder) for each, elder, _person in _in_force(session, person_id=person_id)]
    return sorted(found, key=lambda pair: (pair[1].sort_key, pair[1].id))


def deputies(session: Session, elder_id: int) -> list[tuple[Deputy, Person]]:
    """Those who may answer for somebody, by given name."""
    found = [(each, person) for each, _elder, person in _in_force(session, elder_id=elder_id)]
    return sorted(found, key=lambda pair: (pair[1].sort_key, pair[1].id))


def elder_of(session: Session, actor: Actor, elder_id: int) -> tuple[Person, Unit]:
    """Somebody for whom the actor may name deputies, and the unit in which to look for them."""
    elder = session.get(Person, elder_id)
    if elder is None or elder.ended is not None:
        raise NotFound
    for unit_id in reversed(unit_lineage(session, elder.unit_id)):
        if may(actor, "deputy.name", unit_lineage(session, unit_id)):
            return elder, session.get_one(Unit, unit_id)
    raise NotFound


def may_name(session: Session, actor: Actor, elder: Person) -> bool:
    """Whether the actor may name who answers for this person."""
    lineage = unit_lineage(session, elder.unit_id)
    return any(may(actor, "deputy.name", lineage[: end + 1]) for end in range(len(lineage)))


def candidates(
    session: Session, actor: Actor, elder_id: int, *, query: str = ""
) -> Sequence[Person]:
    """Who can be named: members whom we reach, whose name fits, and who are it not yet."""
    elder, unit = elder_of(session, actor, elder_id)
    taken = {elder.id, *(person.id for _deputy, person in deputies(session, elder.id))}
    wanted = fold(query)
    return [
        each
        for each in members(session, unit)
        if reach(each) is Reach.LINKED and each.id not in taken and wanted in each.folded
    ]


# -- parts -------------------------------------------------------------------------------------


def _standing(session: Session, elder_id: int, person_id: int) -> Deputy | None:
    found = _in_force(session, elder_id=elder_id, person_id=person_id)
    return found[0][0] if found else None


def _in_force(
    session: Session, *, elder_id: int | None = None, person_id: int | None = None
) -> list[tuple[Deputy, Person, Person]]:
    """Those not ended whose two people are both on the roll of the unit, or below it."""
    elder, person = aliased(Person), aliased(Person)
    statement = (
        select(Deputy, elder, person)
        .join(elder, col(elder.id) == Deputy.elder_id)
        .join(person, col(person.id) == Deputy.person_id)
        .where(col(Deputy.ended_at).is_(None))
        .where(col(elder.ended).is_(None), col(person.ended).is_(None))
        .order_by(col(Deputy.id))
    )
    if elder_id is not None:
        statement = statement.where(Deputy.elder_id == elder_id)
    if person_id is not None:
        statement = statement.where(Deputy.person_id == person_id)
    return [
        (deputy, one, other)
        for deputy, one, other in session.exec(statement).all()
        if deputy.unit_id in unit_lineage(session, one.unit_id)
        and deputy.unit_id in unit_lineage(session, other.unit_id)
    ]


def _tell_both(session: Session, deputy: Deputy, revision: int, *, now: datetime) -> None:
    """Both hear of it at once, if they have an account: the one by the other's name."""
    both = session.exec(
        select(Person).where(col(Person.id).in_((deputy.elder_id, deputy.person_id)))
    ).all()
    outbox.cancel(session, deputy.subject, kind=NAMED)
    outbox.enqueue(
        session,
        NAMED,
        deputy.subject,
        [to_person(each.id) for each in both if each.telegram_id is not None],
        klass=Class.ONCE,
        revision=revision,
        now=now,
    )
