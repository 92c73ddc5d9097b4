"""What is asked of contests everywhere: one of them for this person, its rounds, its people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage import bank
from storage.bank import Item, ItemKind
from storage.contest.tables import Answer, Attempt, Contest, Naming, Round
from storage.errors import NotFound
from storage.powers import POWERS, Actor, may, require
from storage.roster import (
    Person,
    RoleGrant,
    Unit,
    in_force,
    lineage_ids,
    members,
    unit_lineage,
)

# Who plays studies; who organises is whoever may change the bank that the contest draws from.
PLAY, SEE, MANAGE = "study.own", "campaign.see", "campaign.manage"
KINDS = (ItemKind.SINGLE, ItemKind.TRUE_FALSE)  # one press is one answer


# -- for one who asks --------------------------------------------------------------------------


def contest_for(session: Session, actor: Actor, contest_id: int, power: str) -> Contest:
    """A contest, for who holds the power over its unit; NotFound for anybody else."""
    contest = session.get(Contest, contest_id, populate_existing=True)
    if contest is None:
        raise NotFound
    require(actor, power, unit_lineage(session, contest.unit_id))
    if power == PLAY and actor.person_id is None:
        raise NotFound
    return contest


def round_for(
    session: Session, actor: Actor, round_id: int, power: str, *, write: bool = False
) -> tuple[Contest, Round]:
    """A round and its contest; to `write` it is locked, beside others who answer in it."""
    round_ = session.get(Round, round_id, populate_existing=True)
    if round_ is None:
        raise NotFound
    contest = contest_for(session, actor, round_.contest_id, power)
    if write:
        round_ = locked(session, round_id, share=round_.pool is not None)
    return contest, round_


def organises(session: Session, actor: Actor, contest: Contest) -> bool:
    """Whether they may manage the contest, and so do not take part."""
    return may(actor, MANAGE, unit_lineage(session, contest.unit_id))


def locked(session: Session, round_id: int, *, share: bool = False) -> Round:
    """A round that nobody seals meanwhile: answers go side by side, sealing waits for them."""
    return session.exec(
        select(Round)
        .where(Round.id == round_id)
        .with_for_update(read=share)
        .execution_options(populate_existing=True)
    ).one()


# -- rounds, questions, people -----------------------------------------------------------------


def rounds_of(session: Session, contest_id: int) -> Sequence[Round]:
    """The rounds of a contest, in their order."""
    found = select(Round).where(Round.contest_id == contest_id).order_by(col(Round.number))
    return session.exec(found.execution_options(populate_existing=True)).all()


def fitting(session: Session, unit_id: int, topic: str) -> list[Item]:
    """The questions of the bank that a contest may draw."""
    found = bank.of_unit(session, unit_id, topic=topic or None)
    return [each for each in found if each.kind in KINDS]


def topics(session: Session, unit_id: int) -> list[tuple[str, int]]:
    """The topics of the bank with fitting questions, and how many there are of each."""
    counted: dict[str, int] = {}
    for each in fitting(session, unit_id, ""):
        counted[each.topic] = counted.get(each.topic, 0) + 1
    return sorted((topic, number) for topic, number in counted.items() if topic)


def held(session: Session, unit_id: int) -> int:
    """How many questions of the bank a contest of a unit may draw."""
    return len(fitting(session, unit_id, ""))


def items_of(session: Session, attempt: Attempt) -> list[Item]:
    """The questions of an attempt, in the order in which they are asked."""
    found = session.exec(select(Item).where(col(Item.id).in_(attempt.items))).all()
    return sorted(found, key=lambda item: attempt.items.index(item.id))


def organisers(session: Session, contest: Contest, day: date) -> set[int]:
    """The people who may manage a contest on a day."""
    lineage = unit_lineage(session, contest.unit_id)
    found = select(RoleGrant.person_id).where(
        col(RoleGrant.unit_id).in_(lineage),
        col(RoleGrant.role).in_(POWERS[MANAGE].roles),
        *in_force(day),
    )
    return set(session.exec(found).all())


def players(session: Session, contest: Contest, day: date) -> list[Person]:
    """Everybody who may take part on a day, by given name."""
    barred = organisers(session, contest, day)
    unit = session.get_one(Unit, contest.unit_id)
    return [each for each in members(session, unit) if each.id not in barred]


def teams(session: Session, contest: Contest, person_ids: Collection[int]) -> dict[int, int | None]:
    """For which unit right below the contest's each person counts; None for its own members."""
    depth = len(unit_lineage(session, contest.unit_id))
    found: dict[int, int | None] = {}
    for person_id, lineage in session.exec(
        select(Person.id, Unit.lineage)
        .join(Unit, col(Unit.id) == Person.unit_id)
        .where(col(Person.id).in_(person_ids))
    ):
        below = lineage_ids(lineage)[depth : depth + 1]
        found[person_id] = below[0] if below else None
    return found


def took_part(session: Session, round_id: int) -> set[int]:
    """Those who have answered anything in a round so far."""
    found = (
        select(Attempt.person_id)
        .join(Answer, col(Answer.attempt_id) == Attempt.id)
        .where(Attempt.round_id == round_id)
        .distinct()
    )
    return set(session.exec(found).all())


def named(session: Session, contest_id: int) -> set[int]:
    """Those who let the others read their name."""
    found = select(Naming.person_id).where(Naming.contest_id == contest_id, col(Naming.named))
    return set(session.exec(found).all())


def naming(session: Session, contest_id: int, person_id: int) -> bool | None:
    """What somebody has said about being named; None before they were asked."""
    return session.exec(
        select(Naming.named).where(Naming.contest_id == contest_id, Naming.person_id == person_id)
    ).first()


def attempts_of(session: Session, round_id: int, person_id: int) -> Sequence[Attempt]:
    """Somebody's attempts in a round, in their order."""
    return session.exec(
        select(Attempt)
        .where(Attempt.round_id == round_id, Attempt.person_id == person_id)
        .order_by(col(Attempt.number))
        .execution_options(populate_existing=True)
    ).all()


def answered(session: Session, attempt_id: int) -> int:
    """How many questions of an attempt have an answer."""
    found = select(func.count()).where(Answer.attempt_id == attempt_id)
    return session.exec(found).one()
