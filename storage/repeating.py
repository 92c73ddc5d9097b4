"""What somebody has missed comes back by spaced repetition, if they want it to.

The algorithm is FSRS (the package `fsrs`): after each answer it says when the question is about to
be forgotten. A person's switch is a row, each question that is gone over is a row, and the evening
is a schedule row of one's own. Without the switch nothing is kept and nothing is sent.

The policy: in the evening, at most one message a day, outside quiet hours, to who has questions due
that day; an evening that was slept through is left out, for the next one comes anyway.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, Index, UniqueConstraint, delete, func, update
from sqlmodel import Field, Session, col, select

from storage import bank, outbox, schedule
from storage.bank import Given, Half, Item
from storage.db import Row, upsert
from storage.errors import NotFound, Refusal
from storage.outbox import Class, to_person
from storage.powers import Actor
from storage.quiet import Quiet
from storage.reach import Reach, reach
from storage.roster import Person, unit_lineage

EVENING = "repeat.evening"  # what happens
DUE = "repeat.due"  # what is sent
HOUR = 19
ASKED = "repeat"  # what half-given answers are kept under

# -- tables ------------------------------------------------------------------------------------


class Repeater(Row, table=True):
    """Somebody who wants to go over what they have missed; without the row they do not."""

    person_id: int = Field(primary_key=True, foreign_key="person.id")
    zone: str  # of their evenings
    since: datetime


class Repeated(Row, table=True):
    """One question that one person goes over: FSRS's two figures, and when it is due.

    `times` counts the answers, so that a button of an earlier time judges nothing; `given` is the
    last one, for a tap that comes twice.
    """

    __table_args__ = (
        UniqueConstraint("person_id", "item_id"),
        Index("ix_repeated_due", "person_id", "due_at"),
    )

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    item_id: int = Field(foreign_key="bank_item.id", index=True)
    stability: float
    difficulty: float
    seen_at: datetime
    due_at: datetime
    times: int = 0
    given: list[int] | str | None = Field(default=None, sa_type=JSON)


# -- rules -------------------------------------------------------------------------------------


class Memory(NamedTuple):
    """What FSRS knows of a question and a person."""

    stability: float
    difficulty: float
    seen_at: datetime
    due_at: datetime


def remembered(before: Memory | None, right: bool, *, now: datetime) -> Memory:
    """The same after an answer; before the first, nothing is known.

    Whole days only, and no chance in it: the same answers give the same days.
    """
    from fsrs import Card, Rating, Scheduler, State  # here: few answers come to it

    scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    card = Card(card_id=1, due=now)
    if before is not None:
        card.state, card.step = State.Review, None
        card.stability, card.difficulty = before.stability, before.difficulty
        card.last_review, card.due = before.seen_at, before.due_at
    rating = Rating.Good if right else Rating.Again
    after, _log = scheduler.review_card(card, rating, now.astimezone(UTC))
    return Memory(after.stability or 0.0, after.difficulty or 0.0, now, after.due)


def end_of_day(now: datetime, zone: str) -> datetime:
    """Midnight: what is due before it is due today."""
    here = ZoneInfo(zone)
    day = now.astimezone(here).date() + timedelta(days=1)
    return datetime.combine(day, time(), here).astimezone(UTC)


def day_of(row: Repeated, zone: str) -> date:
    """The day on which a question is due."""
    return _day(row.due_at, zone)


def _day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


# -- the switch --------------------------------------------------------------------------------


def begin(
    session: Session, actor: Actor, missed: Collection[int], *, zone: str, now: datetime
) -> None:
    """From now on what is missed comes back; what has been missed so far begins tomorrow."""
    person_id = _self(actor)
    new = upsert(session, Repeater).values(person_id=person_id, zone=zone, since=now)
    session.execute(new.on_conflict_do_nothing())
    schedule.repeat(session, EVENING, f"person:{person_id}", f"0 {HOUR} * * *", zone=zone, now=now)
    _add(session, person_id, missed, now=now)


def stop(session: Session, actor: Actor) -> None:
    """Nothing comes back any more, nothing of it is kept, and what was to be sent is not."""
    person_id = _self(actor)
    for table in (Repeater, Repeated):
        session.execute(delete(table).where(col(table.person_id) == person_id))
    session.execute(delete(Half).where(col(Half.person_id) == person_id, col(Half.asked) == ASKED))
    schedule.drop(session, f"person:{person_id}", kind=EVENING)
    outbox.cancel(session, f"person:{person_id}", kind=DUE)


def note_missed(session: Session, person_id: int, items: Collection[int], *, now: datetime) -> None:
    """They have got these wrong elsewhere; nothing is kept of who does not go over such things."""
    if session.get(Repeater, person_id) is None:
        return
    again = session.exec(
        select(Repeated).where(Repeated.person_id == person_id, col(Repeated.item_id).in_(items))
    ).all()
    for row in again:
        for name, value in remembered(_memory(row), False, now=now)._asdict().items():
            setattr(row, name, value)
    _add(session, person_id, {*items} - {row.item_id for row in again}, now=now)


def _add(session: Session, person_id: int, items: Collection[int], *, now: datetime) -> None:
    if not items:
        return
    fresh = remembered(None, False, now=now)
    values = {"person_id": person_id, "times": 0, "given": None, **fresh._asdict()}
    session.execute(
        upsert(session, Repeated).on_conflict_do_nothing(),
        [{"item_id": item_id, **values} for item_id in items],
    )


def _memory(row: Repeated) -> Memory:
    return Memory(row.stability, row.difficulty, row.seen_at, row.due_at)


# -- going over it -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Turn:
    """Where somebody stands: the question that is next or, once it is answered, what came of it."""

    left: int  # how many are due today, this one included
    row: Repeated | None = None
    item: Item | None = None
    half: Given = field(default_factory=list)
    just: Given | None = None  # the answer that was given last, when that is asked for

    @property
    def order(self) -> list[int]:
        """The order in which the choices are shown this time."""
        if self.row is None or self.item is None:
            return []
        before = self.row.times - (self.just is not None)
        return bank.shown(self.item, f"{ASKED}:{self.row.person_id}:{before}")


def turn(session: Session, actor: Actor, *, now: datetime) -> Turn:
    """The question that is next; none where nothing is due today."""
    person_id = _self(actor)
    due = _due(session, person_id, now=now)
    if not due:
        return Turn(0)
    row, item = due[0]
    return Turn(len(due), row, item, bank.half(session, person_id, ASKED, item))


def pick(
    session: Session,
    actor: Actor,
    times: int,
    item_id: int,
    index: int,
    mark: int,
    *,
    now: datetime,
) -> Turn:
    """A tap on a choice: the answer, or a part of it where it takes several."""
    found = _asked(session, actor, times, item_id, now=now)
    if found.item is None or found.just is not None:
        return found
    if not bank.takes_several(found.item):
        return _judge(session, actor, found, [index], now=now)
    bank.pick(session, _self(actor), ASKED, found.item, index, mark)
    return _asked(session, actor, times, item_id, now=now)


def jot(
    session: Session, actor: Actor, times: int, item_id: int, text: str, *, now: datetime
) -> Turn:
    """Typed, and shown back before it counts."""
    found = _asked(session, actor, times, item_id, now=now)
    if found.item is not None and found.just is None:
        bank.jot(session, _self(actor), ASKED, found.item, text)
        return _asked(session, actor, times, item_id, now=now)
    return found


def submit(session: Session, actor: Actor, times: int, item_id: int, *, now: datetime) -> Turn:
    """What has been chosen or typed is the answer."""
    found = _asked(session, actor, times, item_id, now=now)
    if found.item is None or found.just is not None:
        return found
    if not bank.complete(found.item, found.half):
        raise Refusal("This is not an answer yet.")
    return _judge(session, actor, found, found.half, now=now)


def _asked(session: Session, actor: Actor, times: int, item_id: int, *, now: datetime) -> Turn:
    """The question that a button names, answered a moment ago or not; else what is next."""
    person_id = _self(actor)
    due = _due(session, person_id, now=now)
    for row, item in due:
        if (row.item_id, row.times) == (item_id, times):
            return Turn(len(due), row, item, bank.half(session, person_id, ASKED, item))
    last = session.exec(
        select(Repeated, Item)
        .join(Item, col(Item.id) == Repeated.item_id)
        .where(Repeated.person_id == person_id, Repeated.item_id == item_id)
        .where(Repeated.times == times + 1)
    ).first()
    if last is None or last[0].given is None:
        return turn(session, actor, now=now)
    return Turn(len(due), *last, just=last[0].given)


def _judge(session: Session, actor: Actor, found: Turn, given: Given, *, now: datetime) -> Turn:
    """Judges the answer once: who comes second with the same question sees what became of it."""
    row, item = found.row, found.item
    if row is None or item is None or not bank.complete(item, given):
        raise NotFound
    after = remembered(_memory(row), bank.right(item, given), now=now)
    session.execute(
        update(Repeated)
        .where(col(Repeated.id) == row.id, col(Repeated.times) == row.times)
        .values(times=row.times + 1, given=given, **after._asdict())
        .execution_options(synchronize_session="fetch")
    )
    session.refresh(row)
    bank.forget(session, row.person_id, ASKED, item.id)
    return Turn(found.left - 1, row, item, just=row.given)


# -- in the evening ----------------------------------------------------------------------------


def remind(session: Session, person_id: int, *, quiet: Quiet, now: datetime) -> int:
    """Owes somebody the message of this evening; returns 0 where there is nothing to say."""
    person, switch = session.get(Person, person_id), session.get(Repeater, person_id)
    if person is None or switch is None or person.ended or reach(person) is not Reach.LINKED:
        return 0
    if now.astimezone(ZoneInfo(switch.zone)).hour < HOUR:  # the evening was slept through
        return 0
    if not due_today(session, person_id, now=now):
        return 0
    at = quiet.for_person(person, now)
    return outbox.enqueue(
        session,
        DUE,
        f"person:{person_id}",
        [to_person(person_id)],
        klass=Class.REMINDER,
        revision=_day(at, switch.zone).toordinal(),  # of one day there is one
        due_at=at,
        valid_until=end_of_day(at, switch.zone),
        now=now,
    )


# -- questions ---------------------------------------------------------------------------------


def wants(session: Session, person_id: int) -> bool:
    """Whether somebody goes over what they have missed."""
    return session.get(Repeater, person_id) is not None


def kept(session: Session, person_id: int) -> int:
    """How many questions somebody goes over, due or not."""
    counted = select(func.count()).select_from(Repeated).where(Repeated.person_id == person_id)
    return session.exec(counted).one()


def due_today(session: Session, person_id: int, *, now: datetime) -> int:
    """How many are due before midnight."""
    return len(_due(session, person_id, now=now))


def _due(session: Session, person_id: int, *, now: datetime) -> Sequence[Any]:
    """The rows that are due today with their questions, those in use and of the person's units."""
    switch, person = session.get(Repeater, person_id), session.get(Person, person_id)
    if switch is None or person is None:
        return []
    found = select(Repeated, Item).join(Item, col(Item.id) == Repeated.item_id)
    mine = found.where(
        Repeated.person_id == person_id, Repeated.due_at < end_of_day(now, switch.zone)
    )
    usable = mine.where(
        col(Item.retired_at).is_(None),
        col(Item.unit_id).in_(unit_lineage(session, person.unit_id)),
    )
    return session.exec(usable.order_by(col(Repeated.due_at), col(Repeated.id))).all()


def _self(actor: Actor) -> int:
    if actor.person_id is None:
        raise NotFound
    return actor.person_id
