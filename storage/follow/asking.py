"""What has come of a study campaign: turnout, completion, scores, the points that were hardest.

Counted are those who take part in the life of the unit and are not exempt; a lesson counts from
the day it opens. Figures are for every committee that may see the campaign; names are for the
committee of the campaign's unit and, of their own people, for those of the units below it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from storage import audit, bank, campaigns, essays, groups, outbox
from storage.acts import Did
from storage.bank import Item
from storage.campaigns import Campaign, Lesson, day_of
from storage.campaigns.studying import lessons_of
from storage.errors import NotFound, Refusal
from storage.follow.counting import (
    HardPoint,
    Learner,
    LessonFigures,
    Tally,
    best,
    hardest,
    learners,
    lessons,
)
from storage.outbox import Class, to_group
from storage.powers import Actor, may, require
from storage.quiet import Quiet
from storage.roster import (
    Kind,
    Person,
    Unit,
    lineage_ids,
    members,
    takes_part,
    unit_lineage,
    units_led,
)

SEE, PEOPLE = "campaign.see", "campaign.people"
CARD = "campaign.card"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The figures of a campaign; `people` are those whose names the actor may see."""

    campaign: Campaign
    unit: Unit
    whole: Tally
    units: list[tuple[Unit, Tally]]  # that people are of, the upper ones first
    lessons: list[LessonFigures]
    hardest: list[HardPoint]
    people: list[Learner]  # by given name
    invited: int  # the exempt: they count nowhere
    closed: int  # lessons that are not open yet
    essays: tuple[int, int] | None  # handed in, expected
    leads: bool  # the campaign's own committee

    @property
    def unstarted(self) -> list[Person]:
        """Those who have not begun, as far as the actor may know."""
        return [each.person for each in self.people if not each.started]


# -- actions -----------------------------------------------------------------------------------


def take_away(
    session: Session, actor: Actor, campaign_id: int, what: str, *, now: datetime
) -> Outcome:
    """The figures in a file; that they were taken, and whether with names, is written down."""
    found = outcome(session, actor, campaign_id, now=now)
    about = {"campaign": campaign_id, "unit": found.unit.id}
    audit.record(
        session, actor, Did.EXPORT_CAMPAIGN, about, now=now, what=what, people=len(found.people)
    )
    return found


def post(session: Session, actor: Actor, campaign_id: int, *, quiet: Quiet, now: datetime) -> bool:
    """Owes the group the card, once a day at most; False when it has had today's."""
    campaign, unit = _campaign(session, campaign_id)
    require(actor, PEOPLE, lineage_ids(unit.lineage))
    group = groups.of_unit(session, unit.id)
    if group is None:
        raise Refusal("No group is linked to this unit yet.")
    owed = outbox.enqueue(
        session,
        CARD,
        campaign.subject,
        [to_group(group.id)],
        klass=Class.ONCE,
        revision=day_of(now, campaign.zone).toordinal(),
        due_at=quiet.for_group(now),
        valid_until=now + timedelta(days=1),
        now=now,
    )
    return bool(owed)


# -- questions ---------------------------------------------------------------------------------


def outcome(session: Session, actor: Actor, campaign_id: int, *, now: datetime) -> Outcome:
    """The figures as far as the actor may see them; NotFound for none at all."""
    campaign, unit = _campaign(session, campaign_id)
    led = units_led(session, actor, PEOPLE, unit)
    sees_all = may(actor, SEE, lineage_ids(unit.lineage))
    if not sees_all and not led:
        raise NotFound
    scope = [each for each in members(session, unit) if takes_part(each)]
    if not sees_all:
        scope = [each for each in scope if each.unit_id in led]
    counted = [each for each in scope if each.kind != Kind.EXEMPT]
    leads = may(actor, PEOPLE, lineage_ids(unit.lineage))
    return _outcome(session, campaign, unit, counted, led, len(scope) - len(counted), leads, now)


def total(session: Session, campaign_id: int, *, now: datetime) -> Outcome | None:
    """The same for the card of the group: everybody counted, nobody named."""
    try:
        campaign, unit = _campaign(session, campaign_id)
    except NotFound:
        return None
    scope = [each for each in members(session, unit) if takes_part(each)]
    counted = [each for each in scope if each.kind != Kind.EXEMPT]
    return _outcome(session, campaign, unit, counted, {}, len(scope) - len(counted), False, now)


def from_above(session: Session, actor: Actor) -> list[Campaign]:
    """Campaigns of units above that the actor follows for their own people, the last to end first.

    Those of the actor's own units stand in the list of campaigns already.
    """
    above = {
        number
        for grant in actor.grants
        if may(actor, PEOPLE, grant.lineage)
        for number in grant.lineage[:-1]
    }
    found = session.exec(
        select(Campaign)
        .where(col(Campaign.unit_id).in_(above))
        .order_by(col(Campaign.ends).desc(), col(Campaign.id).desc())
    ).all()
    return [each for each in found if not may(actor, SEE, unit_lineage(session, each.unit_id))]


def printable(
    session: Session, actor: Actor, lesson_id: int
) -> tuple[Campaign, Unit, Lesson, Sequence[Item]]:
    """A lesson with its questions, for paper; NotFound for who does not follow its campaign.

    What a quiz draws is drawn here as well, always the same, so that sheet and answers agree.
    """
    lesson = session.get(Lesson, lesson_id)
    if lesson is None or lesson.place is None:
        raise NotFound
    campaign, unit = followed(session, actor, lesson.campaign_id)
    questions = campaigns.asked_of(session, campaign, lesson)
    if lesson.draw is not None:
        questions = bank.draw(questions, lesson.draw, f"paper:{lesson_id}")
    return campaign, unit, lesson, questions


def all_lessons(session: Session, actor: Actor, campaign_id: int) -> list[Lesson]:
    """Every lesson of a campaign that the actor follows, those of later days among them."""
    campaign, _unit = followed(session, actor, campaign_id)
    return lessons_of(session, campaign.id)


def followed(session: Session, actor: Actor, campaign_id: int) -> tuple[Campaign, Unit]:
    """A campaign that the actor follows, all of it or for their own people."""
    campaign, unit = _campaign(session, campaign_id)
    sees = may(actor, SEE, lineage_ids(unit.lineage))
    if not sees and not units_led(session, actor, PEOPLE, unit):
        raise NotFound
    return campaign, unit


# -- parts --------------------------------------------------------------------------------------


def _campaign(session: Session, campaign_id: int) -> tuple[Campaign, Unit]:
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound
    return campaign, session.get_one(Unit, campaign.unit_id)


def _outcome(
    session: Session,
    campaign: Campaign,
    unit: Unit,
    counted: Sequence[Person],
    named: Collection[int],
    invited: int,
    leads: bool,
    now: datetime,
) -> Outcome:
    today = day_of(now, campaign.zone)
    every = lessons_of(session, campaign.id)
    open_ = [each for each in every if each.opens <= today]
    ids = {each.id for each in counted}
    results = best(session, open_, ids)
    people = learners(session, counted, open_, results)
    whole, parts = Tally(), defaultdict[int, Tally](Tally)
    for each in people:
        whole.add(each)
        parts[each.person.unit_id].add(each)
    units = session.exec(select(Unit).where(col(Unit.id).in_(parts))).all()
    ordered = sorted(units, key=lambda each: (len(lineage_ids(each.lineage)), each.folded, each.id))
    return Outcome(
        campaign,
        unit,
        whole,
        [(each, parts[each.id]) for each in ordered],
        lessons(session, campaign, open_, ids, results),
        hardest(session, open_, ids),
        [each for each in people if each.person.unit_id in named],
        invited,
        len(every) - len(open_),
        essays.tally(session, campaign.id, ids),
        leads,
    )
