"""What members think of a session, without their names: three taps, and only numbers are kept.

Whoever was present is sent a *paper*: a random word, signed with a key that is in no database and
in no backup (`storage/keyed.py`). It is made at the moment of sending, stands on the buttons of
that one message, and is written down nowhere. A tap carries the paper and all taps before it; the
third one writes, in one transaction, that this paper is used and that three counters grow by one.
So nobody rates twice, a kill loses nothing and counts nothing double, and no row, however it is
ordered, and no log of the database ever has a person beside a paper or a rating.

What somebody with the database, its log and its backups can tell: who was sent a paper (the
outbox), how many were used, in which order and about when, and the three taps of each, of papers
that lead to nobody; with the key, too, for a paper is not made from a person. What they cannot
tell: who used which, or who has used one at all. Whoever holds the key could make false papers;
whoever changes the program, or reads the bot's traffic while it runs, could see who taps what, and
so could Telegram. The transaction of the third tap writes nothing else that knows a person: the
reply keeps no copy (`kept=False`), the update keeps none either (`storage/updates.py`), no form is
open; and a press proves of no paper that it arrived, for its words are never the same twice.

A second paper for one person would be a second vote, so nobody is sent one: the notice is of the
class once, and one of which nobody knows whether it arrived is not sent again, whoever asks.

Figures are shown when the time is over, and only from so many ratings on (`rating.least`): a
total that could be watched growing would tell who has just tapped.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, col, func, select

from storage import attendance, outbox, rules
from storage.attendance.roll import times_reopened
from storage.db import Row, upsert
from storage.errors import NotFound, Refusal
from storage.keyed import keys_of
from storage.meetings import Meeting, MeetingState
from storage.outbox import Class, Notice, State, to_person
from storage.powers import Actor, require
from storage.quality.scoring import present_at
from storage.quality.tables import Grade
from storage.quiet import Quiet
from storage.roster import Unit, unit_lineage
from storage.rules import Rule

RATING = "rating.ask"  # to those who were present
QUESTIONS = 3
TAPS = {"g": Grade.GOOD, "f": Grade.FAIR, "a": Grade.AVERAGE, "p": Grade.POOR}
WORTH = {Grade.GOOD: 4, Grade.FAIR: 3, Grade.AVERAGE: 2, Grade.POOR: 1}
RANDOM = 8  # letters of a paper before its signature


class Paper(Row, table=True):
    """A paper that has been used."""

    __tablename__ = "rating_paper"

    paper: str = Field(primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id")


class Counter(Row, table=True):
    """How many have given one grade to one question of one meeting."""

    __tablename__ = "rating_count"

    meeting_id: int = Field(foreign_key="meeting.id", primary_key=True)
    question: int = Field(primary_key=True)
    grade: Grade = Field(sa_type=String, primary_key=True)
    number: int = 0


class Use(StrEnum):
    """What became of a rating."""

    COUNTED = "counted"
    USED = "used"  # the paper was used before
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Ratings:
    """What may be shown of a meeting's ratings."""

    given: int
    until: datetime  # figures are shown from then on
    over: bool
    least: Rule
    figures: tuple[Mapping[Grade, int], ...] = ()  # by question; none while they are not shown

    @property
    def shown(self) -> bool:
        """Whether there are figures to show."""
        return bool(self.figures)


# -- rules -------------------------------------------------------------------------------------


def average(figures: Mapping[Grade, int]) -> float:
    """Four for good to one for poor, to one decimal."""
    given = sum(figures.values())
    total = sum(WORTH[grade] * number for grade, number in figures.items())
    return round(total / given, 1) if given else 0.0


def taps_of(taps: str) -> list[Grade]:
    """What has been tapped so far; nothing for what could not have been."""
    known = re.fullmatch(f"[{''.join(TAPS)}]{{1,{QUESTIONS}}}", taps)
    return [TAPS[letter] for letter in taps] if known else []


# -- actions -----------------------------------------------------------------------------------


def ask_all(session: Session, profile: str, meeting_id: int, *, quiet: Quiet, now: datetime) -> int:
    """Owes everybody who was present a paper, some time after the roll was closed.

    Not where the unit does not ask, nor where too few were there for figures to be shown.
    """
    meeting = session.get(Meeting, meeting_id)
    if meeting is None or meeting.state != MeetingState.CLOSED or meeting.closed_at is None:
        return 0
    people = [each for each in present_at(session, meeting) if each.telegram_id is not None]
    if not asks(session, profile, meeting) or len(people) < _figure(
        session, profile, meeting, "least"
    ):
        return 0
    about = f"rating:{meeting.id}"
    had = set(  # whoever may have a paper gets no other, when the roll was opened again since
        session.exec(
            select(Notice.person_id)
            .where(Notice.kind == RATING, Notice.subject == about)
            .where(Notice.state != State.CANCELLED)
        ).all()
    )
    at = meeting.closed_at + timedelta(minutes=_figure(session, profile, meeting, "after"))
    return outbox.enqueue(
        session,
        RATING,
        about,
        [
            {**to_person(person.id), "due_at": quiet.for_person(person, max(at, now))}
            for person in people
            if person.id not in had
        ],
        klass=Class.ONCE,
        revision=times_reopened(session, meeting.id),
        valid_until=until(session, profile, meeting),
        now=now,
    )


def paper(session: Session, meeting_id: int) -> str:
    """A new paper for a meeting; nothing is written."""
    word = secrets.token_urlsafe(RANDOM * 3 // 4)
    return word + _sign(session, meeting_id, word)


def rate(
    session: Session,
    actor: Actor,
    profile: str,
    meeting_id: int,
    given: str,
    taps: str,
    *,
    now: datetime,
) -> Use:
    """Counts what a paper says, once."""
    meeting = rated(session, actor, meeting_id, given)
    grades = taps_of(taps)
    if len(grades) != QUESTIONS:
        raise NotFound
    if now >= until(session, profile, meeting):
        return Use.OVER
    new = (
        upsert(session, Paper)
        .values(paper=given, meeting_id=meeting.id)
        .on_conflict_do_nothing()
        .returning(col(Paper.paper))
    )
    if session.execute(new).first() is None:
        return Use.USED
    counter = upsert(session, Counter)
    for question, grade in enumerate(grades):
        session.execute(
            counter.values(
                meeting_id=meeting.id, question=question, grade=grade.value, number=1
            ).on_conflict_do_update(
                index_elements=["meeting_id", "question", "grade"],
                set_={"number": col(Counter.number) + 1},
            )
        )
    return Use.COUNTED


# -- questions ---------------------------------------------------------------------------------


def rated(session: Session, actor: Actor, meeting_id: int, given: str) -> Meeting:
    """The meeting that a paper is for, and at which its bearer was present."""
    meeting = present(session, actor, meeting_id)
    word, signature = given[:RANDOM], given[RANDOM:]
    if not secrets.compare_digest(signature.encode(), _sign(session, meeting_id, word).encode()):
        raise Refusal("This rating paper is not valid here.")
    return meeting


def present(session: Session, actor: Actor, meeting_id: int) -> Meeting:
    """A meeting at which the actor was present and whose roll is closed."""
    found = attendance.own_seat(session, actor.person_id, meeting_id)
    if found is None or found[1].present_at is None or found[0].state != MeetingState.CLOSED:
        raise NotFound
    require(actor, "rating.give", unit_lineage(session, found[0].unit_id))
    return found[0]


def used(session: Session, given: str) -> bool:
    """Whether a paper was used."""
    return session.get(Paper, given) is not None


def asks(session: Session, profile: str, meeting: Meeting) -> bool:
    """Whether the unit asks its members after a session."""
    return _figure(session, profile, meeting, "asked") == 1


def until(session: Session, profile: str, meeting: Meeting) -> datetime:
    """Until when papers are taken."""
    closed = meeting.closed_at or meeting.starts_at
    return closed + timedelta(
        minutes=_figure(session, profile, meeting, "after"),
        days=_figure(session, profile, meeting, "days"),
    )


def ratings(session: Session, profile: str, meeting: Meeting, *, now: datetime) -> Ratings:
    """What may be shown of a meeting's ratings now."""
    given = session.exec(
        select(func.count()).select_from(Paper).where(Paper.meeting_id == meeting.id)
    ).one()
    ends, least = until(session, profile, meeting), _rule(session, profile, meeting, "least")
    over = now >= ends
    if not over or given < (least.value or 1):
        return Ratings(given, ends, over, least)
    counted = session.execute(
        sa_select(col(Counter.question), col(Counter.grade), col(Counter.number)).where(
            col(Counter.meeting_id) == meeting.id
        )
    ).all()
    figures: tuple[dict[Grade, int], ...] = tuple(
        dict.fromkeys(Grade, 0) for _question in range(QUESTIONS)
    )
    for question, grade, number in counted:
        figures[question][Grade(grade)] = number
    return Ratings(given, ends, over, least, figures)


# -- parts -------------------------------------------------------------------------------------


def _sign(session: Session, meeting_id: int, word: str) -> str:
    return keys_of(session).name(f"rating\n{meeting_id}\n{word}")


def _rule(session: Session, profile: str, meeting: Meeting, name: str) -> Rule:
    unit = session.get_one(Unit, meeting.unit_id)
    return rules.rule(session, profile, f"rating.{name}", unit, on=meeting.starts_at.date())


def _figure(session: Session, profile: str, meeting: Meeting, name: str) -> float:
    return _rule(session, profile, meeting, name).value or 0
