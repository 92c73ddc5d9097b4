"""Taking part: an attempt is begun, answered, handed in; all of it rows.

So neither a restart nor another telephone loses anything, and an old button leads to the present
state. What is right is told nobody before the round is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from storage import bank
from storage.bank import Item
from storage.contest.finding import (
    PLAY,
    attempts_of,
    contest_for,
    fitting,
    items_of,
    naming,
    organises,
    round_for,
    rounds_of,
)
from storage.contest.rules import PREDICTION_AT_MOST, last_second, second
from storage.contest.tables import Answer, Attempt, Contest, Naming, Result, Round
from storage.db import upsert
from storage.errors import NotFound, Refusal
from storage.powers import Actor, require
from storage.roster import Person, Unit, lineage_ids


@dataclass(frozen=True, slots=True)
class Play:
    """An attempt as it stands."""

    contest: Contest
    round: Round
    attempt: Attempt
    items: list[Item]
    chosen: dict[int, int]  # the index of a choice, by question
    late: bool = False  # what was just pressed came after the attempt had ended

    @property
    def over(self) -> bool:
        """Whether it has been handed in."""
        return self.attempt.ended_at is not None

    @property
    def current(self) -> int | None:
        """The place of the first question without an answer."""
        return next((at for at, each in enumerate(self.items) if each.id not in self.chosen), None)

    @property
    def last(self) -> datetime:
        """The last second in which it takes anything."""
        return last_second(self.attempt.started_at, self.round.closes_at, self.contest.minutes)

    def shown(self, item: Item) -> list[int]:
        """The order in which the choices of a question are shown in this attempt."""
        return bank.shown(item, f"contest:{self.attempt.id}")


@dataclass(frozen=True, slots=True)
class Mine:
    """A contest as one who may take part has it."""

    contest: Contest
    organiser: bool
    open: Round | None
    next: Round | None  # where none is open
    attempts: tuple[Attempt, ...]  # in the open round
    sealed: Round | None  # the last one with results
    named: bool | None

    @property
    def running(self) -> Attempt | None:
        """The attempt that is not handed in yet."""
        return next((each for each in self.attempts if each.ended_at is None), None)

    @property
    def left(self) -> bool:
        """Whether another attempt may be begun."""
        limit = self.contest.attempts
        return not limit or len(self.attempts) < limit


# -- actions -----------------------------------------------------------------------------------


def begin(
    session: Session,
    actor: Actor,
    round_id: int,
    number: int,
    prediction: int | None,
    *,
    now: datetime,
) -> Play:
    """Begins the attempt of that number; pressed twice, or with another under way, shows that."""
    contest, round_ = round_for(session, actor, round_id, PLAY, write=True)
    person_id, moment = actor.person_id or 0, second(now)
    if organises(session, actor, contest):
        raise Refusal("Who organises a contest does not take part in it.")
    made = attempts_of(session, round_id, person_id)
    if made:
        _run_out(session, contest, round_, made[-1], moment)
    if made and (made[-1].ended_at is None or number <= made[-1].number):
        return _play(session, contest, round_, made[-1])
    _check_open(round_, moment)
    if number != len(made) + 1:
        raise NotFound
    if contest.attempts and number > contest.attempts:
        raise Refusal("You have used all {n} attempts of this round.", n=contest.attempts)
    if contest.predicts and (prediction is None or not 0 <= prediction <= PREDICTION_AT_MOST):
        raise Refusal("Please type a whole number, such as 120.")
    pool = fix_pool(session, contest, round_)
    seed = f"{round_.seed}:{person_id}" if contest.personal else round_.seed
    new = upsert(session, Attempt).values(
        round_id=round_id,
        person_id=person_id,
        number=number,
        prediction=prediction if contest.predicts else None,
        items=[each.id for each in bank.draw(pool, contest.questions, seed)],
        started_at=moment,
    )
    session.execute(new.on_conflict_do_nothing())
    return _play(session, contest, round_, attempts_of(session, round_id, person_id)[-1])


def give(
    session: Session, actor: Actor, attempt_id: int, item_id: int, choice: int, *, now: datetime
) -> Play:
    """An answer; it may be changed until the attempt is handed in, and never after that."""
    contest, round_, attempt = _own(session, actor, attempt_id)
    _run_out(session, contest, round_, attempt, second(now))
    items = items_of(session, attempt)
    item = next((each for each in items if each.id == item_id), None)
    if item is None or not 0 <= choice < len(item.choices):
        raise NotFound
    if attempt.ended_at is None:
        new = upsert(session, Answer).values(
            attempt_id=attempt_id, item_id=item_id, choice=choice, at=second(now)
        )
        session.execute(
            new.on_conflict_do_update(
                index_elements=["attempt_id", "item_id"],
                set_={"choice": new.excluded.choice, "at": new.excluded.at},
            )
        )
    late = attempt.ended_at is not None
    return _play(session, contest, round_, attempt, items, late=late)


def hand_in(session: Session, actor: Actor, attempt_id: int, *, now: datetime) -> Play:
    """Seals the answers; pressed twice, the first one counts."""
    contest, round_, attempt = _own(session, actor, attempt_id)
    _run_out(session, contest, round_, attempt, second(now))
    if attempt.ended_at is None:
        attempt.ended_at = second(now)
        session.add(attempt)
        session.flush()
    return _play(session, contest, round_, attempt)


def let_name(
    session: Session, actor: Actor, contest_id: int, named: bool, *, now: datetime
) -> Contest:
    """Whether the others may read one's name; it can be changed at any time."""
    contest = contest_for(session, actor, contest_id, PLAY)
    new = upsert(session, Naming).values(
        contest_id=contest_id, person_id=actor.person_id, named=named, at=now
    )
    session.execute(
        new.on_conflict_do_update(
            index_elements=["contest_id", "person_id"], set_={"named": named, "at": now}
        )
    )
    return contest


def fix_pool(session: Session, contest: Contest, round_: Round) -> list[Item]:
    """The questions that a round draws from, the same from its first moment to its last."""
    if round_.pool is None:
        found = fitting(session, contest.unit_id, contest.topic)
        round_.pool = [each.id for each in found]
        session.add(round_)
        session.flush()
    else:
        held = select(Item).where(col(Item.id).in_(round_.pool)).order_by(col(Item.id))
        found = list(session.exec(held).all())
    if not found:
        raise Refusal("There is no question for this round. Please tell the committee.")
    return found


# -- questions ---------------------------------------------------------------------------------


def opened(
    session: Session, actor: Actor, round_id: int, *, now: datetime
) -> tuple[Contest, Round]:
    """A round that is open for the actor; Refusal where it is not, or not for them."""
    contest, round_ = round_for(session, actor, round_id, PLAY)
    if organises(session, actor, contest):
        raise Refusal("Who organises a contest does not take part in it.")
    _check_open(round_, second(now))
    return contest, round_


def play(session: Session, actor: Actor, attempt_id: int, *, now: datetime) -> Play:
    """An attempt as it stands; NotFound for another person's."""
    contest, round_, attempt = _own(session, actor, attempt_id)
    _run_out(session, contest, round_, attempt, second(now))
    return _play(session, contest, round_, attempt)


def mine(session: Session, actor: Actor, contest_id: int, *, now: datetime) -> Mine:
    """A contest as the actor has it."""
    contest = contest_for(session, actor, contest_id, PLAY)
    rounds, moment = rounds_of(session, contest_id), second(now)
    open_ = next((each for each in rounds if each.opens_at <= moment < each.closes_at), None)
    made: list[Attempt] = []
    if open_ is not None:
        made = list(attempts_of(session, open_.id, actor.person_id or 0))
        for each in made:
            _run_out(session, contest, open_, each, moment)
    return Mine(
        contest,
        organises(session, actor, contest),
        open_,
        next((each for each in rounds if each.opens_at > moment), None),
        tuple(made),
        next((each for each in reversed(rounds) if each.sealed_at is not None), None),
        naming(session, contest_id, actor.person_id or 0),
    )


def contests_of(session: Session, actor: Actor) -> list[Contest]:
    """The contests that somebody may take part in, the newest first."""
    lineage = session.exec(
        select(Unit.lineage)
        .join(Person, col(Person.unit_id) == Unit.id)
        .where(Person.id == actor.person_id)
    ).first()
    found = select(Contest).where(col(Contest.unit_id).in_(lineage_ids(lineage or "")))
    return list(session.exec(found.order_by(col(Contest.id).desc())).all())


def result_of(session: Session, actor: Actor, round_id: int) -> Result | None:
    """What the actor's own attempt has come to."""
    return session.exec(
        select(Result).where(Result.round_id == round_id, Result.person_id == actor.person_id)
    ).first()


# -- parts -------------------------------------------------------------------------------------


def _own(session: Session, actor: Actor, attempt_id: int) -> tuple[Contest, Round, Attempt]:
    """One's own attempt; locked, so that what is handed in stays as it was."""
    found = session.exec(
        select(Attempt, Round, Contest, Unit.lineage)
        .join(Round, col(Round.id) == Attempt.round_id)
        .join(Contest, col(Contest.id) == Round.contest_id)
        .join(Unit, col(Unit.id) == Contest.unit_id)
        .where(Attempt.id == attempt_id, Attempt.person_id == actor.person_id)
        .with_for_update(of=Attempt)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound
    attempt, round_, contest, lineage = found
    require(actor, PLAY, lineage_ids(lineage))
    return contest, round_, attempt


def _run_out(
    session: Session, contest: Contest, round_: Round, attempt: Attempt, moment: datetime
) -> None:
    """An attempt whose time is over is handed in as it stands, in the last second that it had."""
    last = last_second(attempt.started_at, round_.closes_at, contest.minutes)
    if attempt.ended_at is None and (moment > last or round_.sealed_at is not None):
        attempt.ended_at = last
        session.add(attempt)
        session.flush()


def _check_open(round_: Round, moment: datetime) -> None:
    if moment < round_.opens_at:
        raise Refusal("This round is not open yet.")
    if moment >= round_.closes_at or round_.sealed_at is not None:
        raise Refusal("This round is over.")


def _play(
    session: Session,
    contest: Contest,
    round_: Round,
    attempt: Attempt,
    items: list[Item] | None = None,
    *,
    late: bool = False,
) -> Play:
    given = session.exec(
        select(Answer.item_id, Answer.choice).where(Answer.attempt_id == attempt.id)
    ).all()
    found = items_of(session, attempt) if items is None else items
    return Play(contest, round_, attempt, found, dict(given), late)
