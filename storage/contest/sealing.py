"""The results of a round: computed once when it is over, kept as rows, and told.

What is kept is enough to compute them again, to the same places: attempts and answers with their
seconds, for which unit each person counted, how many members that had. `seal` is a digest of all
places; whoever changes a row afterwards is found out by `verify`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from storage import audit, bank, outbox
from storage.acts import Did
from storage.audit import CLOCK
from storage.bank import Item
from storage.contest.finding import locked, organisers, players, teams
from storage.contest.ranking import (
    Placed,
    Try,
    UnitFacts,
    by_gain,
    by_share,
    known_of,
    standings,
)
from storage.contest.rules import Order, last_second, second
from storage.contest.tables import Answer, Attempt, Contest, Result, Round, UnitResult
from storage.db import utc
from storage.outbox import Class, to_person
from storage.quiet import Quiet
from storage.reach import Reach, reach
from storage.roster import people

RESULT = "contest.result"


@dataclass(frozen=True, slots=True)
class Computed:
    """What came of a round."""

    perfect: int
    placed: list[Placed]
    units: list[tuple[UnitFacts, int | None, int | None]]  # with both places

    @property
    def digest(self) -> str:
        """The same for the same places and figures."""
        told = [
            [
                [
                    each.place,
                    each.made.person,
                    each.made.attempt,
                    each.made.right,
                    each.made.of,
                    each.off,
                    each.made.seconds,
                    utc(each.made.ended).isoformat(),
                ]
                for each in sorted(self.placed, key=lambda each: each.made.person)
            ],
            [
                [facts.unit, facts.members, facts.took_part, str(facts.known), place, gain]
                for facts, place, gain in sorted(self.units, key=lambda each: each[0].unit)
            ],
            self.perfect,
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


# -- actions -----------------------------------------------------------------------------------


def seal(session: Session, round_id: int, *, quiet: Quiet, now: datetime) -> bool:
    """Computes, keeps and tells the results of a round that is over, once; however late it is."""
    if session.get(Round, round_id) is None:
        return False
    round_ = locked(session, round_id)
    if round_.sealed_at is not None or second(now) < round_.closes_at:
        return False
    contest = session.get_one(Contest, round_.contest_id)
    day = utc(round_.closes_at).astimezone(ZoneInfo(contest.zone)).date()
    _hand_in_all(session, contest, round_)
    tries = tries_of(session, round_, barred=organisers(session, contest, day))
    able = [each.id for each in players(session, contest, day)]
    team = teams(session, contest, {*able, *(each.person for each in tries)})
    took_part = {each.person for each in tries}
    members: dict[int, int] = {}
    for person in {*able, *took_part}:
        if (unit := team.get(person)) is not None:
            members[unit] = members.get(unit, 0) + 1
    found = compute(session, contest, round_, tries, team, members)
    _keep(session, round_, found, team)
    round_.sealed_at, round_.took_part = now, len(found.placed)
    round_.perfect, round_.seal = found.perfect, found.digest
    session.add(round_)
    session.flush()
    audit.record(
        session,
        CLOCK,
        Did.CONTEST_RESULT,
        {"round": round_id, **contest.about},
        now=now,
        people=len(found.placed),
        perfect=found.perfect,
        seal=found.digest,
    )
    _tell(session, round_, took_part, quiet=quiet, now=now)
    return True


def _hand_in_all(session: Session, contest: Contest, round_: Round) -> None:
    left = select(Attempt).where(Attempt.round_id == round_.id, col(Attempt.ended_at).is_(None))
    held = left.with_for_update().execution_options(populate_existing=True)
    for each in session.exec(held).all():
        each.ended_at = last_second(each.started_at, round_.closes_at, contest.minutes)
        session.add(each)
    session.flush()


def _keep(session: Session, round_: Round, found: Computed, team: Mapping[int, int | None]) -> None:
    units = people(session, [each.made.person for each in found.placed])
    for rank, each in enumerate(found.placed, start=1):
        made = each.made
        session.add(
            Result(
                round_id=round_.id,
                person_id=made.person,
                unit_id=units[made.person][1].id,
                team_id=team.get(made.person),
                attempt_id=made.attempt,
                place=each.place,
                rank=rank,
                right=made.right,
                of=made.of,
                off=each.off,
                seconds=made.seconds,
                ended_at=made.ended,
            )
        )
    for facts, place, gain in found.units:
        session.add(
            UnitResult(
                round_id=round_.id,
                unit_id=facts.unit,
                members=facts.members,
                took_part=facts.took_part,
                known=str(facts.known),
                place=place,
                gain_place=gain,
            )
        )


def _tell(
    session: Session, round_: Round, took_part: Collection[int], *, quiet: Quiet, now: datetime
) -> None:
    found = [person for person, _unit in people(session, took_part).values()]
    outbox.enqueue(
        session,
        RESULT,
        round_.subject,
        [
            {**to_person(each.id), "due_at": quiet.for_person(each, now)}
            for each in found
            if reach(each) is Reach.LINKED
        ],
        klass=Class.ONCE,
        now=now,
    )


# -- questions ---------------------------------------------------------------------------------


def verify(session: Session, round_id: int) -> bool:
    """Whether a sealed round, computed again from its rows, comes to what was sealed."""
    round_ = session.get_one(Round, round_id, populate_existing=True)
    contest = session.get_one(Contest, round_.contest_id)
    kept = select(Result).where(Result.round_id == round_id)
    rows = session.exec(kept.execution_options(populate_existing=True)).all()
    held = {each.person_id: each.team_id for each in rows}
    stored = select(UnitResult).where(UnitResult.round_id == round_id)
    unit_rows = session.exec(stored.execution_options(populate_existing=True)).all()
    tries = [each for each in tries_of(session, round_) if each.person in held]
    members = {each.unit_id: each.members for each in unit_rows}
    again = compute(session, contest, round_, tries, held, members)
    return (
        again.digest == round_.seal
        and {(each.made.person, each.place, each.made.right) for each in again.placed}
        == {(row.person_id, row.place, row.right) for row in rows}
        and {(facts.unit, place, gain) for facts, place, gain in again.units}
        == {(row.unit_id, row.place, row.gain_place) for row in unit_rows}
    )


def compute(
    session: Session,
    contest: Contest,
    round_: Round,
    tries: Sequence[Try],
    team: Mapping[int, int | None],
    members: Mapping[int, int],
) -> Computed:
    """The places of people and units; nothing is written."""
    perfect, placed = standings(Order(contest.order), tries)
    known = known_of(placed, team)
    before = _before(session, contest, round_)
    came: dict[int, int] = {}
    for each in placed:
        if (unit := team.get(each.made.person)) is not None:
            came[unit] = came.get(unit, 0) + 1
    facts = [
        UnitFacts(unit, number, came.get(unit, 0), known.get(unit, Fraction()), before.get(unit))
        for unit, number in sorted(members.items())
    ]
    share = {each.unit: place for place, each in by_share(facts)}
    gain = {each.unit: place for place, each in by_gain(facts)}
    units = [(each, share.get(each.unit), gain.get(each.unit)) for each in facts]
    return Computed(perfect, placed, units)


def _before(session: Session, contest: Contest, round_: Round) -> dict[int, Fraction]:
    """What the members of each unit knew in the round before."""
    found = session.exec(
        select(UnitResult)
        .join(Round, col(Round.id) == UnitResult.round_id)
        .where(Round.contest_id == contest.id, Round.number == round_.number - 1)
    ).all()
    return {each.unit_id: Fraction(each.known) / each.members for each in found if each.members}


def tries_of(session: Session, round_: Round, *, barred: Collection[int] = ()) -> list[Try]:
    """The attempts of a round with how much of each is right; those without an answer are none."""
    attempts = session.exec(
        select(Attempt)
        .where(Attempt.round_id == round_.id, col(Attempt.ended_at).is_not(None))
        .execution_options(populate_existing=True)
    ).all()
    given: dict[int, dict[int, int]] = {}
    for attempt_id, item_id, choice in session.exec(
        select(Answer.attempt_id, Answer.item_id, Answer.choice)
        .join(Attempt, col(Attempt.id) == Answer.attempt_id)
        .where(Attempt.round_id == round_.id)
    ):
        given.setdefault(attempt_id, {})[item_id] = choice
    asked = {item for each in attempts for item in each.items}
    items = session.exec(select(Item).where(col(Item.id).in_(asked))).all()
    answer = {(each.id, at) for each in items for at in range(len(each.choices))
              if bank.right(each, [at])}  # fmt: skip
    return [
        Try(
            each.person_id,
            each.id,
            each.started_at,
            each.ended_at or each.started_at,
            sum((item, choice) in answer for item, choice in given[each.id].items()),
            len(each.items),
            each.prediction,
        )
        for each in attempts
        if each.id in given and each.person_id not in barred
    ]
