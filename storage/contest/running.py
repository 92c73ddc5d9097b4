"""What the committee does with a contest: starts it, watches the turnout, reads the results."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete
from sqlmodel import Session, col, select

from storage import audit, outbox, schedule
from storage.acts import Did
from storage.campaigns import Campaign
from storage.contest.finding import (
    MANAGE,
    PLAY,
    SEE,
    contest_for,
    fitting,
    locked,
    named,
    players,
    round_for,
    rounds_of,
    teams,
    took_part,
)
from storage.contest.playing import fix_pool
from storage.contest.rules import LONGEST_NAME, Figures, check_figures, second, sets, times
from storage.contest.tables import Contest, Result, Round, UnitResult
from storage.errors import NotFound, Refusal
from storage.folding import clean_name
from storage.outbox import Class, to_person
from storage.powers import Actor, may, require
from storage.quiet import Quiet
from storage.reach import Reach, reach
from storage.roster import Person, Unit, lineage_ids, unit_lineage

OPENING, CLOSING = "contest.open", "contest.close"


@dataclass(frozen=True, slots=True)
class NewContest:
    """A contest as the form has it."""

    unit_id: int
    name: str
    rules: str  # the key of its rule set
    figures: Figures
    first: date  # the day on which the first round opens
    campaign_id: int | None = None
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Turnout:
    """Totals of a round that is open."""

    contest: Contest
    round: Round
    people: int
    took_part: int
    units: list[tuple[Unit, int, int]]  # of these units so many of so many


@dataclass(frozen=True, slots=True)
class Line:
    """One result, as the one who asks may read it: `person` is None where nobody is named."""

    result: Result
    person: Person | None
    unit: Unit


@dataclass(frozen=True, slots=True)
class Results:
    """What came of a round."""

    contest: Contest
    round: Round
    lines: list[Line]
    units: list[tuple[Unit, UnitResult]]


# -- actions -----------------------------------------------------------------------------------


def start(
    session: Session, actor: Actor, new: NewContest, *, token: str, zone: str, now: datetime
) -> Contest:
    """A new contest with all its rounds; one form is one contest."""
    made = of_form(session, actor, token)
    if made is not None:
        return made
    require(actor, MANAGE, unit_lineage(session, new.unit_id))
    rules, name = sets().get(new.rules), clean_name(new.name)
    if rules is None:
        raise NotFound
    if not name or len(name) > LONGEST_NAME:
        raise Refusal("A name takes 1 to {limit} letters.", limit=LONGEST_NAME)
    check_figures(new.figures)
    _check_campaign(session, new)
    zone = session.get_one(Unit, new.unit_id).zone or zone
    slots = list(times(rules, new.first, new.figures.rounds, zone))
    if slots[0][0] <= now:
        raise Refusal("The first round has to open later than now.")
    _check_bank(session, new)
    figures = new.figures
    contest = Contest(
        unit_id=new.unit_id,
        campaign_id=new.campaign_id,
        name=name,
        topic=new.topic,
        zone=zone,
        rules=new.rules,
        order=figures.order,
        questions=figures.questions,
        attempts=figures.attempts,
        minutes=figures.minutes,
        personal=figures.personal,
        places=figures.places,
        unit_places=figures.unit_places,
        token=token,
        created_by=actor.person_id,
        created_at=now,
    )
    session.add(contest)
    session.flush()
    for number, (opens, closes) in enumerate(slots, start=1):
        _add_round(session, contest, number, opens, closes)
    audit.record(session, actor, Did.CONTEST_START, contest.about, now=now, rounds=len(slots))
    return contest


def _add_round(
    session: Session, contest: Contest, number: int, opens: datetime, closes: datetime
) -> None:
    round_ = Round(
        contest_id=contest.id,
        number=number,
        opens_at=opens,
        closes_at=closes,
        seed=secrets.token_hex(8),
    )
    session.add(round_)
    session.flush()
    schedule.once(session, OPENING, round_.subject, opens, zone=contest.zone)
    schedule.once(session, CLOSING, round_.subject, closes, zone=contest.zone)


def _check_campaign(session: Session, new: NewContest) -> None:
    if new.campaign_id is None:
        return
    campaign = session.get(Campaign, new.campaign_id)
    if campaign is None or campaign.unit_id not in unit_lineage(session, new.unit_id):
        raise NotFound


def _check_bank(session: Session, new: NewContest) -> None:
    held = len(fitting(session, new.unit_id, new.topic))
    if held < new.figures.questions:
        raise Refusal(
            "The bank has {n} questions that fit; the contest asks {questions}.",
            n=held,
            questions=new.figures.questions,
        )


def stop(session: Session, actor: Actor, contest_id: int, *, now: datetime) -> Contest:
    """No further round opens; one that is open goes on to its end. Twice is once."""
    contest = contest_for(session, actor, contest_id, MANAGE)
    if contest.stopped_at is not None:
        return contest
    contest.stopped_at = now
    session.add(contest)
    ahead = [each for each in rounds_of(session, contest_id) if each.opens_at > second(now)]
    for each in ahead:
        schedule.drop(session, each.subject)
    session.execute(delete(Round).where(col(Round.id).in_([each.id for each in ahead])))
    audit.record(session, actor, Did.CONTEST_STOP, contest.about, now=now, rounds=len(ahead))
    session.flush()
    return contest


def open_round(session: Session, round_id: int, *, quiet: Quiet, now: datetime) -> int:
    """A round has opened: its questions are fixed, and who may take part hears of it.

    Where the bank has been emptied since, nobody is called to what cannot be answered.
    """
    if session.get(Round, round_id) is None:
        return 0
    round_ = locked(session, round_id)
    contest = session.get_one(Contest, round_.contest_id)
    if not round_.opens_at <= second(now) < round_.closes_at:
        return 0
    if round_.pool is None and not fitting(session, contest.unit_id, contest.topic):
        return 0
    fix_pool(session, contest, round_)
    day = now.astimezone(ZoneInfo(contest.zone)).date()
    told = [
        {**to_person(each.id), "due_at": quiet.for_person(each, now)}
        for each in players(session, contest, day)
        if reach(each) is Reach.LINKED
    ]
    return outbox.enqueue(
        session,
        OPENING,
        round_.subject,
        told,
        klass=Class.REMINDER,
        valid_until=round_.closes_at,
        now=now,
    )


def take_away(session: Session, actor: Actor, round_id: int, *, now: datetime) -> Results:
    """The results for the protocol, which leaves the house with names in it."""
    found = results(session, actor, round_id, full=True)
    about = {"round": round_id, **found.contest.about}
    audit.record(session, actor, Did.EXPORT_CONTEST, about, now=now)
    return found


# -- questions ---------------------------------------------------------------------------------


def of_form(session: Session, actor: Actor, token: str) -> Contest | None:
    """The contest that a form has become, if it has."""
    found = session.exec(select(Contest.id).where(Contest.token == token)).first()
    return None if found is None else contest_for(session, actor, found, MANAGE)


def followed(session: Session, actor: Actor) -> list[Contest]:
    """The contests that the committee may follow, the newest first."""
    found = session.exec(
        select(Contest, Unit)
        .join(Unit, col(Unit.id) == Contest.unit_id)
        .order_by(col(Contest.id).desc())
    ).all()
    return [contest for contest, unit in found if may(actor, SEE, lineage_ids(unit.lineage))]


def watched(session: Session, actor: Actor, contest_id: int) -> tuple[Contest, Sequence[Round]]:
    """A contest and its rounds, for the committee."""
    contest = contest_for(session, actor, contest_id, SEE)
    return contest, rounds_of(session, contest_id)


def turnout(session: Session, actor: Actor, round_id: int, *, now: datetime) -> Turnout:
    """How many take part in a round; no more than that before it is over."""
    contest, round_ = round_for(session, actor, round_id, SEE)
    able = players(session, contest, now.astimezone(ZoneInfo(contest.zone)).date())
    ids = {each.id for each in able}
    came = took_part(session, round_id) & ids
    team = teams(session, contest, ids)
    units: list[tuple[Unit, int, int]] = []
    for unit_id in sorted({each for each in team.values() if each is not None}):
        own = {person for person, unit in team.items() if unit == unit_id}
        units.append((session.get_one(Unit, unit_id), len(own & came), len(own)))
    return Turnout(contest, round_, len(ids), len(came), units)


def results(session: Session, actor: Actor, round_id: int, *, full: bool = False) -> Results:
    """The results of a round that is over.

    `full` is for the committee, who award the prizes and so read every name. Anybody else reads
    their own, and those of people who agreed to be named.
    """
    contest, round_ = round_for(session, actor, round_id, SEE if full else PLAY)
    if round_.sealed_at is None:
        raise Refusal("The results are hidden until the round is over.")
    found = session.exec(
        select(Result, Person, Unit)
        .join(Person, col(Person.id) == Result.person_id)
        .join(Unit, col(Unit.id) == Result.unit_id)
        .where(Result.round_id == round_id)
        .order_by(col(Result.rank))
    ).all()
    agreed = named(session, contest.id) | {actor.person_id}
    lines = [
        Line(result, person if full or person.id in agreed else None, unit)
        for result, person, unit in found
    ]
    units = session.exec(
        select(Unit, UnitResult)
        .join(UnitResult, col(UnitResult.unit_id) == Unit.id)
        .where(UnitResult.round_id == round_id)
        .order_by(col(UnitResult.place).is_(None), col(UnitResult.place), Unit.folded)
    ).all()
    return Results(contest, round_, lines, [(unit, row) for unit, row in units])
