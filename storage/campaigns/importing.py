"""Brings a campaign's file into the database: all of it or nothing, and nothing twice.

A campaign is recognised by its unit and name, a lesson by its title, else by its place, so that
progress is kept when a file is corrected. What the new file leaves out is no longer shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from storage import audit, bank, outbox, schedule
from storage.acts import Did
from storage.bank import Item
from storage.campaigns.file import CampaignFile, NewLesson
from storage.campaigns.places import CampaignError, Problem
from storage.campaigns.planning import plan_reminders
from storage.campaigns.studying import items_of, lessons_of
from storage.campaigns.tables import (
    Campaign,
    Lesson,
    LessonFile,
    LessonItem,
    LessonPart,
    Progress,
    QuizAnswer,
    QuizRun,
)
from storage.folding import fold
from storage.powers import SHELL, Actor, require
from storage.roster import Unit, lineage_ids, members


@dataclass(frozen=True, slots=True)
class Match:
    """A lesson of the file and the one that it brings up to date."""

    new: NewLesson
    place: int
    old: Lesson | None
    changed: bool


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import does, or would do."""

    unit: Unit
    campaign: Campaign | None  # the one that is brought up to date
    file: CampaignFile
    settings_changed: bool  # of the campaign itself: its dates, reminders, citation
    matches: tuple[Match, ...]
    dropped: tuple[Lesson, ...]
    studied: int  # people who have finished a lesson that is dropped
    people: int

    @property
    def added(self) -> int:
        """How many lessons are new."""
        return sum(1 for match in self.matches if match.old is None)

    @property
    def changed(self) -> int:
        """How many lessons change."""
        return sum(1 for match in self.matches if match.old is not None and match.changed)

    @property
    def questions(self) -> int:
        """How many questions the file has."""
        return sum(len(lesson.questions) for lesson in self.file.lessons)

    @property
    def changes_nothing(self) -> bool:
        """Whether all of it is there already."""
        touched = any(match.changed for match in self.matches)
        return not (self.campaign is None or self.settings_changed or touched or self.dropped)


def import_campaign(
    session: Session, file: CampaignFile, *, zone: str, now: datetime, dry_run: bool = False
) -> ImportPlan:
    """Imports a file for the one who runs the bot; returns what was, or would be, done."""
    made = plan(session, file, zone=zone)
    if not dry_run:
        apply(session, made, actor=SHELL, zone=zone, now=now)
    return made


# -- planning ----------------------------------------------------------------------------------


def plan(
    session: Session, file: CampaignFile, *, zone: str, actor: Actor | None = None
) -> ImportPlan:
    """What the file changes; with an actor, NotFound where they may not."""
    unit = unit_named(session, file.unit)
    if actor is not None:
        require(actor, "campaign.manage", lineage_ids(unit.lineage))
    campaign = session.exec(
        select(Campaign).where(Campaign.unit_id == unit.id, Campaign.folded == fold(file.name))
    ).first()
    lessons = _all_lessons(session, campaign)
    matches = _matched(session, file.lessons, lessons)
    kept = {match.old.id for match in matches if match.old is not None}
    dropped = tuple(
        lesson for lesson in lessons if lesson.id not in kept and lesson.place is not None
    )
    settings = _settings(file, unit, zone)
    return ImportPlan(
        unit=unit,
        campaign=campaign,
        file=file,
        settings_changed=campaign is not None and _differs(campaign, settings),
        matches=matches,
        dropped=dropped,
        studied=_studied(session, dropped),
        people=len(members(session, unit)),
    )


def unit_named(session: Session, name: str) -> Unit:
    """The unit of a path, of the end of a path, or of a name, when there is exactly one."""
    wanted = tuple(fold(part) for part in name.split("/") if fold(part))
    units = {unit.id: unit for unit in session.exec(select(Unit)).all()}
    paths = {
        unit.id: tuple(units[number].folded for number in lineage_ids(unit.lineage))
        for unit in units.values()
    }
    exact = [unit for unit in units.values() if paths[unit.id] == wanted]
    ending = [
        unit for unit in units.values() if wanted and paths[unit.id][-len(wanted) :] == wanted
    ]
    found = exact or ending
    if not found:
        raise CampaignError([Problem(None, None, 'there is no unit "{unit}"', {"unit": name})])
    if len(found) > 1:
        several = Problem(
            None,
            None,
            'several units are called "{unit}": write the whole path, with / between',
            {"unit": name},
        )
        raise CampaignError([several])
    return found[0]


def _matched(
    session: Session, new: Sequence[NewLesson], old: Sequence[Lesson]
) -> tuple[Match, ...]:
    """Pairs by title first, then by place; a lesson once left out comes back by its title."""
    left = list(old)
    pairs: dict[int, Lesson] = {}
    for index, lesson in enumerate(new):
        same = next((each for each in left if fold(each.title) == fold(lesson.title)), None)
        if same is not None:
            pairs[index] = same
            left.remove(same)
    for index in range(len(new)):
        there = next((each for each in left if each.place == index + 1), None)
        if index not in pairs and there is not None:
            pairs[index] = there
            left.remove(there)
    return tuple(
        Match(
            lesson, index + 1, found, found is None or _changed(session, found, lesson, index + 1)
        )
        for index, lesson in enumerate(new)
        for found in [pairs.get(index)]
    )


def _changed(session: Session, old: Lesson, new: NewLesson, place: int) -> bool:
    if _differs(old, _lesson_values(new, place)):
        return True
    held = items_of(session, old.id)
    return len(held) != len(new.questions) or not all(
        bank.same(item, asked) for item, asked in zip(held, new.questions, strict=True)
    )


def _differs(row: Campaign | Lesson, values: dict[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in values.items())


def _settings(file: CampaignFile, unit: Unit, zone: str) -> dict[str, Any]:
    return {
        "name": file.name,
        "folded": fold(file.name),
        "citation": file.citation,
        "starts": file.starts,
        "ends": file.ends,
        "remind": file.remind,
        "zone": unit.zone or zone,
        "passing": file.passing,
    }


def _lesson_values(new: NewLesson, place: int) -> dict[str, Any]:
    return {
        "place": place,
        "title": new.title,
        "minutes": new.minutes,
        "opens": new.opens,
        "due": new.due,
        "text": new.text,
        "url": new.url,
        "file": new.file,
        "digest": new.digest,
        "draw": new.draw,
        "topic": new.topic,
    }


def _studied(session: Session, lessons: Sequence[Lesson]) -> int:
    found = session.exec(
        select(Progress.person_id)
        .where(col(Progress.lesson_id).in_([lesson.id for lesson in lessons]))
        .where(col(Progress.done_at).is_not(None))
        .distinct()
    ).all()
    return len(found)


def _all_lessons(session: Session, campaign: Campaign | None) -> list[Lesson]:
    """Those left out as well, which come last."""
    if campaign is None:
        return []
    shown = lessons_of(session, campaign.id)
    hidden = session.exec(
        select(Lesson)
        .where(Lesson.campaign_id == campaign.id, col(Lesson.place).is_(None))
        .order_by(col(Lesson.id))
    ).all()
    return [*shown, *hidden]


# -- applying ----------------------------------------------------------------------------------


def apply(
    session: Session, made: ImportPlan, *, actor: Actor, zone: str, now: datetime
) -> Campaign | None:
    """Does what the plan says and moves what is queued; None when there was nothing to do."""
    if made.changes_nothing:
        return None
    settings = {**_settings(made.file, made.unit, zone), "imported_at": now}
    campaign = made.campaign or Campaign(unit_id=made.unit.id, **settings)
    for name, value in settings.items():
        setattr(campaign, name, value)
    session.add(campaign)
    session.flush()
    for lesson in made.dropped:
        lesson.place = None
        session.add(lesson)
        schedule.drop(session, lesson.subject)
        outbox.cancel(session, lesson.subject)
    for match in made.matches:
        if match.changed:
            _write_lesson(session, campaign, match, actor, now)
    session.flush()
    plan_reminders(session, campaign, now=now)
    audit.record(
        session,
        actor,
        Did.CAMPAIGN_IMPORT,
        {"campaign": campaign.id, "unit": campaign.unit_id},
        now=now,
        added=made.added,
        changed=made.changed,
        dropped=len(made.dropped),
    )
    return campaign


def _write_lesson(
    session: Session, campaign: Campaign, match: Match, actor: Actor, now: datetime
) -> None:
    values = _lesson_values(match.new, match.place)
    lesson = match.old or Lesson(campaign_id=campaign.id, **values)
    replaced = match.old is None or lesson.digest != match.new.digest
    for name, value in values.items():
        setattr(lesson, name, value)
    session.add(lesson)
    session.flush()
    session.execute(delete(LessonPart).where(col(LessonPart.lesson_id) == lesson.id))
    if replaced:
        session.execute(delete(LessonFile).where(col(LessonFile.lesson_id) == lesson.id))
        if match.new.content is not None:
            session.add(LessonFile(lesson_id=lesson.id, content=match.new.content))
    asked = bank.enter(
        session, campaign.unit_id, match.new.questions, author_id=actor.person_id, now=now
    )
    _ask(session, lesson, list({item.id: item for item in asked}.values()), now)


def _ask(session: Session, lesson: Lesson, items: Sequence[Item], now: datetime) -> None:
    """These are the questions of its quiz. One that was asked in other words is used no more, and
    an attempt that is under way is asked it anew; what is merely left out stays in the bank."""
    before = items_of(session, lesson.id)
    session.execute(delete(LessonItem).where(col(LessonItem.lesson_id) == lesson.id))
    session.add_all(
        LessonItem(lesson_id=lesson.id, item_id=item.id, place=place)
        for place, item in enumerate(items, 1)
    )
    session.flush()
    kept, words = {item.id for item in items}, {fold(item.ask) for item in items}
    reworded = [each for each in before if each.id not in kept and fold(each.ask) in words]
    elsewhere = session.exec(
        select(LessonItem.item_id).where(col(LessonItem.item_id).in_([e.id for e in reworded]))
    ).all()
    for item in reworded:
        if item.id not in elsewhere:
            item.retired_at = now
    under_way = select(QuizRun.id).where(
        QuizRun.lesson_id == lesson.id, col(QuizRun.finished_at).is_(None)
    )
    session.execute(
        delete(QuizAnswer)
        .where(col(QuizAnswer.item_id).in_([each.id for each in reworded]))
        .where(col(QuizAnswer.run_id).in_(under_way))
    )
    session.flush()
