"""A campaign made in the chat: from what a form has gathered, or as last year's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from storage import audit
from storage.acts import Did
from storage.campaigns.changing import managed
from storage.campaigns.file import LESSONS, PASSING
from storage.campaigns.places import LINE
from storage.campaigns.planning import plan_reminders
from storage.campaigns.rules import day_of
from storage.campaigns.studying import lessons_of
from storage.campaigns.tables import Campaign, Lesson, LessonFile, LessonItem, LessonPart
from storage.db import Row
from storage.errors import Refusal
from storage.folding import clean_name, fold
from storage.powers import Actor, require
from storage.roster import Unit, unit_lineage
from storage.schedule import parse_remind

LETTERS_A_MINUTE = 900  # that people read
PARTS = 20  # of one lesson


@dataclass(slots=True)
class NewPart:
    """A message of a lesson: safe HTML, a file that Telegram keeps, or both."""

    html: str = ""
    kind: str | None = None
    file_id: str | None = None
    name: str = ""
    seconds: int = 0  # that a voice or a film lasts


@dataclass(slots=True)
class Made:
    """A lesson as it was typed or forwarded."""

    title: str
    parts: list[NewPart] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        """An estimate of how long it takes."""
        letters = sum(len(re.sub(r"<[^>]+>", "", part.html)) for part in self.parts)
        seconds = sum(part.seconds for part in self.parts)
        return max(1, round(letters / LETTERS_A_MINUTE + seconds / 60))


@dataclass(frozen=True, slots=True)
class Outline:
    """A campaign as the form has it."""

    unit_id: int
    name: str
    citation: str
    starts: date
    ends: date
    remind: str | None
    lessons: Sequence[Made]


# -- rules -------------------------------------------------------------------------------------


def check_name(name: str) -> str:
    """A name of one line, or a Refusal."""
    cleaned = clean_name(name)
    if not cleaned or len(cleaned) > LINE:
        raise Refusal("A name has 1 to {most} letters.", most=LINE)
    return cleaned


def check_days(starts: date, ends: date, *, today: date) -> None:
    """Raises Refusal for days on which no campaign can run."""
    if ends < starts:
        raise Refusal("The last day cannot come before the first.")
    if ends < today:
        raise Refusal("The last day cannot lie in the past.")


def check_remind(line: str) -> str:
    """A line such as "19:30" or "30 19 * * mon,thu", or a Refusal."""
    try:
        return parse_remind(line)
    except ValueError:
        raise Refusal("I need a time, like 19:30.") from None


def spread(starts: date, ends: date, number: int) -> list[tuple[date, date]]:
    """The days of that many lessons, one after the other: each opens after the one before."""
    days = (ends - starts).days + 1
    firsts = [starts + timedelta(days=days * place // number) for place in range(number)]
    lasts = [max(each - timedelta(days=1), starts) for each in firsts[1:]] + [ends]
    return [(first, max(first, last)) for first, last in zip(firsts, lasts, strict=True)]


def years_on(day: date, years: int) -> date:
    """The same day some years later; 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def renamed(name: str, years: int) -> str:
    """The name with its years moved on; one without a year stays."""
    return re.sub(r"\b20\d\d\b", lambda found: str(int(found[0]) + years), name)


# -- actions -----------------------------------------------------------------------------------


def begin(
    session: Session, actor: Actor, outline: Outline, *, token: str, zone: str, now: datetime
) -> Campaign:
    """Begins the campaign of a form; the same form twice is one campaign."""
    require(actor, "campaign.manage", unit_lineage(session, outline.unit_id))
    made = of_form(session, token)
    if made is not None:
        return made
    unit = session.get_one(Unit, outline.unit_id)
    zone = unit.zone or zone
    check_days(outline.starts, outline.ends, today=day_of(now, zone))
    if not 1 <= len(outline.lessons) <= LESSONS:
        raise Refusal("A campaign has 1 to {most} lessons.", most=LESSONS)
    campaign = _new(
        session,
        Campaign(
            unit_id=unit.id,
            name=check_name(outline.name),
            folded=fold(outline.name),
            citation=clean_name(outline.citation)[: 2 * LINE],
            starts=outline.starts,
            ends=outline.ends,
            remind=None if outline.remind is None else check_remind(outline.remind),
            zone=zone,
            passing=PASSING,
            imported_at=now,
            token=token,
        ),
    )
    days = spread(outline.starts, outline.ends, len(outline.lessons))
    for place, (lesson, (opens, due)) in enumerate(zip(outline.lessons, days, strict=True), 1):
        row = Lesson(
            campaign_id=campaign.id,
            place=place,
            title=lesson.title[:LINE],
            minutes=lesson.minutes,
            opens=opens,
            due=due,
        )
        session.add(row)
        session.flush()
        for number, part in enumerate(lesson.parts[:PARTS], 1):
            values = asdict(part)
            del values["seconds"]
            session.add(LessonPart(lesson_id=row.id, place=number, **values))
    return _begun(session, actor, campaign, len(outline.lessons), now)


def repeat(session: Session, actor: Actor, campaign_id: int, *, now: datetime) -> Campaign:
    """The same campaign a year later, with nothing of anybody's progress; twice is once."""
    old = managed(session, actor, campaign_id)
    outline = repeated(session, old, now=now)
    token = f"again-{old.id}-{outline.starts}"
    made = of_form(session, token)
    if made is not None:
        return made
    years = outline.starts.year - old.starts.year
    kept = {"unit_id", "citation", "remind", "zone", "passing"}
    campaign = _new(
        session,
        Campaign(
            **old.model_dump(include=kept),
            name=outline.name,
            folded=fold(outline.name),
            starts=outline.starts,
            ends=outline.ends,
            imported_at=now,
            token=token,
        ),
    )
    lessons = lessons_of(session, old.id)
    for lesson in lessons:
        row = Lesson(
            **lesson.model_dump(exclude={"id", "campaign_id", "opens", "due", "meeting_id"}),
            campaign_id=campaign.id,
            opens=years_on(lesson.opens, years),
            due=years_on(lesson.due, years),
        )
        session.add(row)
        session.flush()
        for table in (LessonPart, LessonFile, LessonItem):
            _copy(session, table, lesson.id, row.id)
    return _begun(session, actor, campaign, len(lessons), now)


def _copy(session: Session, table: type[Any], old: int, new: int) -> None:
    """The rows of a lesson, once more for another."""
    rows: list[Row] = list(session.exec(select(table).where(table.lesson_id == old)).all())
    for row in rows:
        session.add(table(**row.model_dump(exclude={"id", "lesson_id"}), lesson_id=new))
    session.flush()


def _new(session: Session, campaign: Campaign) -> Campaign:
    same = select(Campaign.id).where(
        Campaign.unit_id == campaign.unit_id, Campaign.folded == campaign.folded
    )
    if session.exec(same).first() is not None:
        raise Refusal("There is a campaign of this name already.")
    session.add(campaign)
    session.flush()
    return campaign


def _begun(
    session: Session, actor: Actor, campaign: Campaign, lessons: int, now: datetime
) -> Campaign:
    session.flush()
    plan_reminders(session, campaign, now=now)
    about = {"campaign": campaign.id, "unit": campaign.unit_id}
    audit.record(session, actor, Did.CAMPAIGN_BEGIN, about, now=now, lessons=lessons)
    return campaign


# -- questions ---------------------------------------------------------------------------------


def of_form(session: Session, token: str) -> Campaign | None:
    """The campaign that a form has become."""
    return session.exec(select(Campaign).where(col(Campaign.token) == token)).first()


def repeated(session: Session, old: Campaign, *, now: datetime) -> Outline:
    """What the campaign would be a year later, or as many as it takes to lie ahead."""
    today, years = day_of(now, old.zone), 1
    while years_on(old.ends, years) < today:
        years += 1
    name = renamed(old.name, years)
    if fold(name) == old.folded:
        name = f"{name[: LINE - 5]} {old.starts.year + years}"
    starts, ends = years_on(old.starts, years), years_on(old.ends, years)
    return Outline(old.unit_id, name, old.citation, starts, ends, old.remind, ())


def parts_of(session: Session, lesson_id: int) -> list[LessonPart]:
    """The messages that a lesson is made of."""
    found = select(LessonPart).where(LessonPart.lesson_id == lesson_id)
    return list(session.exec(found.order_by(col(LessonPart.place))).all())
