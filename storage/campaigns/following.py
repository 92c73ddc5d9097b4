"""What the committee sees: how many are where, and how those can be reached who are not done."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from storage.campaigns.rules import AT_MOST, day_of
from storage.campaigns.silencing import silenced
from storage.campaigns.studying import lessons_of
from storage.campaigns.tables import Campaign, Lesson, Progress
from storage.errors import NotFound
from storage.powers import Actor, may, require
from storage.reach import Reach, reach
from storage.roster import Person, Unit, lineage_ids, members, unit_lineage, within


@dataclass(frozen=True, slots=True)
class LessonTally:
    """How many have finished a lesson."""

    lesson: Lesson
    done: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one person is with the lessons that are open."""

    person: Person
    done: int
    opened: int  # begun, finished ones included
    of: int
    silent: bool = False  # wants no reminders
    told: bool = False  # has been reminded of something unfinished as often as that may be

    @property
    def finished(self) -> bool:
        """Whether all that is open is done."""
        return self.of > 0 and self.done == self.of

    @property
    def learner(self) -> bool:
        """Whether they can study here: the bot reaches them, or has done so."""
        return bool(self.opened or self.done) or reach(self.person) is Reach.LINKED

    @property
    def to_call(self) -> bool:
        """Whether only somebody's voice can help: the bot cannot remind them, or has done so."""
        mute = self.silent or self.told or reach(self.person) is not Reach.LINKED
        return self.of > self.done and mute


@dataclass(frozen=True, slots=True)
class Overview:
    """Who is where in a campaign; `people` by given name."""

    campaign: Campaign
    people: list[Standing]
    lessons: list[LessonTally]
    closed: int = 0  # lessons that are not open yet

    @property
    def unfinished(self) -> list[Standing]:
        """Those who have an open lesson left."""
        return [each for each in self.people if not each.finished]

    @property
    def to_call(self) -> list[Standing]:
        """Those who need a call."""
        return [each for each in self.people if each.to_call]

    @property
    def learners(self) -> list[Standing]:
        """Those who can finish here; who has only a telephone or paper is not among them."""
        return [each for each in self.people if each.learner]

    @property
    def started(self) -> int:
        """How many have begun and are not done."""
        return sum(1 for each in self.unfinished if each.opened)

    @property
    def unreachable(self) -> int:
        """How many do not count among the learners: nobody can wait for them to finish."""
        return len(self.people) - len(self.learners)


# -- questions ---------------------------------------------------------------------------------


def followed(session: Session, actor: Actor) -> list[Campaign]:
    """The campaigns that the actor may follow, the one that ends last first."""
    own = [
        unit
        for grant in actor.grants
        if may(actor, "campaign.see", grant.lineage)
        and (unit := session.get(Unit, grant.unit_id)) is not None
    ]
    if not own:
        return []
    found = session.exec(
        select(Campaign)
        .join(Unit, col(Unit.id) == Campaign.unit_id)
        .where(or_(*[within(unit) for unit in own]))
        .order_by(col(Campaign.ends).desc(), col(Campaign.id).desc())
    ).all()
    return [
        campaign
        for campaign in found
        if may(actor, "campaign.see", unit_lineage(session, campaign.unit_id))
    ]


def overview(session: Session, actor: Actor, campaign_id: int, *, now: datetime) -> Overview:
    """Who is where; NotFound for a campaign that is not the actor's to see."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound
    unit = session.get_one(Unit, campaign.unit_id)
    require(actor, "campaign.see", lineage_ids(unit.lineage))
    today = day_of(now, campaign.zone)
    people = members(session, unit)
    every = lessons_of(session, campaign.id)
    lessons = [each for each in every if each.opens <= today]
    rows = session.exec(
        select(Progress).where(col(Progress.lesson_id).in_([lesson.id for lesson in lessons]))
    ).all()
    opened: dict[int, int] = defaultdict(int)
    done: dict[int, int] = defaultdict(int)
    for row in rows:
        opened[row.person_id] += row.opened_at is not None
        done[row.person_id] += row.done_at is not None
    told = {row.person_id for row in rows if row.done_at is None and row.reminders >= AT_MOST}
    silent = silenced(session, campaign.id)
    own = {person.id for person in people}
    return Overview(
        campaign,
        [
            Standing(
                each,
                done[each.id],
                opened[each.id],
                len(lessons),
                silent=each.id in silent,
                told=each.id in told,
            )
            for each in people
        ],
        [
            LessonTally(
                lesson,
                sum(
                    1
                    for row in rows
                    if row.lesson_id == lesson.id and row.done_at and row.person_id in own
                ),
            )
            for lesson in lessons
        ],
        closed=len(every) - len(lessons),
    )


def tally_of(session: Session, campaign: Campaign) -> tuple[int, list[LessonTally]]:
    """How many people the campaign is for, and how many of them have finished each lesson."""
    unit = session.get_one(Unit, campaign.unit_id)
    people = (
        select(Person.id)
        .join(Unit, col(Unit.id) == Person.unit_id)
        .where(within(unit), col(Person.ended).is_(None))
    )
    lessons = lessons_of(session, campaign.id)
    done = dict(
        session.exec(
            select(Progress.lesson_id, func.count())
            .where(col(Progress.lesson_id).in_([lesson.id for lesson in lessons]))
            .where(col(Progress.done_at).is_not(None), col(Progress.person_id).in_(people))
            .group_by(col(Progress.lesson_id))
        ).all()
    )
    count = session.exec(select(func.count()).select_from(people.subquery())).one()
    return count, [LessonTally(lesson, done.get(lesson.id, 0)) for lesson in lessons]
