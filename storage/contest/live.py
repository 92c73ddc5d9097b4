"""A round in the group: one question after the other in Telegram's own quizzes, and the score.

The quizzes are without names. What is known, and told, is how often the room was right: this is
for the evening's fun, and nothing that is said in it counts for anybody.

Each step is a schedule row, so a restart goes on where the round was. A step that comes very late
ends the round instead: nobody wants a quiz at midnight.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from storage import audit, bank, groups, outbox, schedule
from storage.acts import Did
from storage.bank import Item
from storage.contest.finding import MANAGE, SEE, fitting
from storage.contest.tables import LiveQuestion, LiveRound
from storage.errors import NotFound, Refusal
from storage.groups import Group
from storage.outbox import ANSWER, Class, to_group
from storage.powers import Actor, may, require
from storage.roster import Unit, unit_lineage

OPENING, QUESTION, SCORE = "live.opening", "live.question", "live.score"  # notices to the group
STEP = "live.step"
NUMBERS, SECONDS = (5, 10, 3), (30, 60, 20)  # of questions; for each of them. The first is usual
BEFORE = timedelta(seconds=20)  # between the announcement and the first question
BETWEEN = timedelta(seconds=10)  # to read why, and for Telegram to tell the numbers
TOO_LATE = timedelta(minutes=5)
ASK_LIMIT, CHOICE_LIMIT, MOST_CHOICES = 280, 100, 10  # Telegram's 300 have to hold "Câu 10/10. "


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of one question: `answers` is None where Telegram has told us nothing."""

    place: int
    ask: str
    answers: int | None
    right: int

    @property
    def share(self) -> float:
        """Of the answers, those that were right; 0 where there were none."""
        return self.right / self.answers if self.answers else 0.0


@dataclass(frozen=True, slots=True)
class Score:
    """What came of a round in a group, as far as it has been asked."""

    round: LiveRound
    questions: int  # that it has
    tallies: tuple[Tally, ...]  # of those asked

    @property
    def answers(self) -> int:
        """All answers to all questions."""
        return sum(each.answers or 0 for each in self.tallies)

    @property
    def share(self) -> float | None:
        """Of all answers, those that were right; None where nobody answered."""
        right = sum(each.right for each in self.tallies)
        return right / self.answers if self.answers else None

    @property
    def hardest(self) -> Tally | None:
        """The question that the fewest got right, where not all were got right by all."""
        told = [each for each in self.tallies if each.answers]
        found = min(told, key=lambda each: (each.share, each.place), default=None)
        return found if found is not None and found.share < 1 else None


# -- actions -----------------------------------------------------------------------------------


def start_live(
    session: Session,
    actor: Actor,
    unit_id: int,
    topic: str,
    *,
    number: int,
    seconds: int,
    token: str,
    zone: str,
    now: datetime,
) -> LiveRound:
    """Announces a round in the unit's group; pressed twice, it is one."""
    require(actor, MANAGE, unit_lineage(session, unit_id))
    made = session.exec(select(LiveRound).where(LiveRound.token == token)).first()
    if made is not None:
        return live_for(session, actor, made.id, MANAGE)
    if number not in NUMBERS or seconds not in SECONDS:
        raise NotFound
    group = groups.of_unit(session, unit_id)
    if group is None:
        raise Refusal("This unit has no group with me in it.")
    items = short_enough(session, unit_id, topic)
    if len(items) < number:
        raise Refusal(
            "The bank has {n} questions that fit; the round asks {number}.",
            n=len(items),
            number=number,
        )
    round_ = LiveRound(
        unit_id=unit_id,
        group_id=group.id,
        topic=topic,
        seconds=seconds,
        zone=session.get_one(Unit, unit_id).zone or zone,
        token=token,
        started_by=actor.person_id,
        started_at=now,
    )
    try:
        with session.begin_nested():
            session.add(round_)
    except IntegrityError:
        raise Refusal("A round is going on in this group.") from None
    _draw(session, round_, items, number)
    audit.record(session, actor, Did.LIVE_START, round_.about, now=now, questions=number)
    schedule.once(session, STEP, round_.subject, now + BEFORE, zone=round_.zone)
    _tell(session, round_, OPENING, round_.subject, until=now + BEFORE, now=now)
    return round_


def stop_live(session: Session, actor: Actor, round_id: int, *, now: datetime) -> LiveRound:
    """No further question; what has been asked is told. Twice is once."""
    live_for(session, actor, round_id, MANAGE)
    round_ = _locked(session, round_id)
    if round_.ended_at is None:
        schedule.drop(session, round_.subject)
        audit.record(session, actor, Did.LIVE_STOP, round_.about, now=now)
        _end(session, round_, now=now)
    return round_


def step_live(session: Session, round_id: int, *, slot: datetime, now: datetime) -> None:
    """The next question, or the score when there is none."""
    round_ = _locked(session, round_id)
    if round_.ended_at is not None:
        return
    asked = [each for each in questions_of(session, round_id) if each.asked_at is None]
    if not asked or now - slot > TOO_LATE:
        _end(session, round_, now=now)
        return
    question, lasts = asked[0], timedelta(seconds=round_.seconds)
    question.asked_at = now
    session.add(question)
    session.flush()
    _tell(session, round_, QUESTION, question.subject, until=now + lasts, now=now)
    schedule.once(session, STEP, round_.subject, now + lasts + BETWEEN, zone=round_.zone)


def _draw(session: Session, round_: LiveRound, items: Sequence[Item], number: int) -> None:
    dice = random.SystemRandom()
    for place, item in enumerate(dice.sample(list(items), number), start=1):
        order = list(range(len(item.choices)))
        if not item.fixed and item.kind is bank.ItemKind.SINGLE:
            dice.shuffle(order)
        session.add(LiveQuestion(round_id=round_.id, place=place, item_id=item.id, choices=order))
    session.flush()


def _end(session: Session, round_: LiveRound, *, now: datetime) -> None:
    round_.ended_at = now
    session.add(round_)
    session.flush()
    outbox.cancel(session, round_.subject, kind=OPENING)
    if any(each.asked_at is not None for each in questions_of(session, round_.id)):
        _tell(session, round_, SCORE, round_.subject, until=now + timedelta(hours=1), now=now)


def _tell(
    session: Session, round_: LiveRound, kind: str, subject: str, *, until: datetime, now: datetime
) -> None:
    """To the group; what is late is not said at all."""
    outbox.enqueue(
        session,
        kind,
        subject,
        [to_group(round_.group_id)],
        klass=Class.ONCE,
        priority=ANSWER,
        valid_until=until,
        now=now,
    )


def _locked(session: Session, round_id: int) -> LiveRound:
    found = session.exec(
        select(LiveRound)
        .where(LiveRound.id == round_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound
    return found


# -- questions ---------------------------------------------------------------------------------


def live_for(session: Session, actor: Actor, round_id: int, power: str = SEE) -> LiveRound:
    """A round of a unit over which the actor has the power; NotFound for any other."""
    round_ = session.get(LiveRound, round_id, populate_existing=True)
    if round_ is None:
        raise NotFound
    require(actor, power, unit_lineage(session, round_.unit_id))
    return round_


def rooms(session: Session, actor: Actor) -> list[tuple[Unit, Group]]:
    """The groups in which the actor may hold a round, with their units."""
    found = session.exec(
        select(Unit, Group)
        .join(Group, col(Group.unit_id) == Unit.id)
        .where(col(Group.left_at).is_(None))
        .order_by(col(Unit.lineage), col(Group.id))
    ).all()
    own = [(unit, group) for unit, group in found if _runs(session, actor, unit.id)]
    return list({unit.id: (unit, group) for unit, group in own}.values())


def _runs(session: Session, actor: Actor, unit_id: int) -> bool:
    return may(actor, MANAGE, unit_lineage(session, unit_id))


def short_enough(session: Session, unit_id: int, topic: str) -> list[Item]:
    """The questions of the bank that Telegram's form can hold."""
    return [
        each
        for each in fitting(session, unit_id, topic)
        if len(each.ask) <= ASK_LIMIT
        and 2 <= len(each.choices) <= MOST_CHOICES
        and all(1 <= len(choice) <= CHOICE_LIMIT for choice in each.choices)
    ]


def questions_of(session: Session, round_id: int) -> Sequence[LiveQuestion]:
    """The questions of a round in their order."""
    found = select(LiveQuestion).where(LiveQuestion.round_id == round_id)
    return session.exec(found.order_by(col(LiveQuestion.place))).all()


def running_in(session: Session, unit_id: int) -> LiveRound | None:
    """The round that is going on in a unit's group."""
    found = select(LiveRound).where(LiveRound.unit_id == unit_id, col(LiveRound.ended_at).is_(None))
    return session.exec(found).first()


def score_of(session: Session, round_: LiveRound) -> Score:
    """What is known of a round now."""
    questions = questions_of(session, round_.id)
    asked = [each for each in questions if each.asked_at is not None]
    counts = outbox.counted(session, QUESTION, [each.subject for each in asked])
    tallies = []
    for each in asked:
        item, told = session.get_one(Item, each.item_id), counts.get(each.subject)
        right = each.choices.index(item.answer[0])
        tallies.append(
            Tally(
                each.place,
                item.ask,
                None if told is None else sum(told),
                told[right] if told else 0,
            )
        )
    return Score(round_, len(questions), tuple(tallies))


def score_before(session: Session, round_: LiveRound) -> Score | None:
    """The last round in the same group before this one in which anybody answered."""
    found = session.exec(
        select(LiveRound)
        .where(LiveRound.group_id == round_.group_id, col(LiveRound.id) < round_.id)
        .order_by(col(LiveRound.id).desc())
        .limit(5)
    ).all()
    scores = (score_of(session, each) for each in found)
    return next((each for each in scores if each.answers), None)
