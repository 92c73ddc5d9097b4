"""What is told once a week: totals to the group, and to the secretary who needs a call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from storage import groups, outbox
from storage.campaigns.following import LessonTally, tally_of
from storage.campaigns.planning import TOTAL
from storage.campaigns.rules import day_of, runs
from storage.campaigns.tables import Campaign
from storage.outbox import Class, to_group, to_person
from storage.powers import Role
from storage.quiet import Quiet
from storage.roster import holders

DIGEST = "campaign.digest"


@dataclass(frozen=True, slots=True)
class Total:
    """What a group is told once a week."""

    campaign: Campaign
    people: int
    lessons: list[LessonTally]


# -- actions -----------------------------------------------------------------------------------


def tell_total(session: Session, campaign_id: int, slot: datetime, *, now: datetime) -> int:
    """Owes the linked group the total of the week; returns 0 where there is no such group."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None or campaign.paused_at is not None:
        return 0
    if day_of(now, campaign.zone) <= campaign.starts:
        return 0
    group = groups.of_unit(session, campaign.unit_id)
    if group is None:
        return 0
    return outbox.enqueue(
        session,
        TOTAL,
        campaign.subject,
        [to_group(group.id)],
        klass=Class.REMINDER,
        revision=int(slot.timestamp()) // 60,
        valid_until=now + timedelta(days=1),
        now=now,
    )


def tell_secretary(
    session: Session, campaign_id: int, slot: datetime, *, quiet: Quiet, now: datetime
) -> int:
    """Owes the unit's secretary the list of those who need a call, while the campaign runs."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None or not runs(campaign, now):
        return 0
    today = day_of(now, campaign.zone)
    if today <= campaign.starts:
        return 0
    secretaries = holders(session, campaign.unit_id, frozenset({Role.SECRETARY}), today=today)
    return outbox.enqueue(
        session,
        DIGEST,
        campaign.subject,
        [{**to_person(each.id), "due_at": quiet.for_person(each, now)} for each in secretaries],
        klass=Class.REMINDER,
        revision=int(slot.timestamp()) // 60,
        valid_until=now + timedelta(days=1),
        now=now,
    )


# -- questions ---------------------------------------------------------------------------------


def total_of(session: Session, campaign_id: int, *, now: datetime) -> Total | None:
    """What the group is told: how many have finished each lesson that is open."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        return None
    today = day_of(now, campaign.zone)
    people, lessons = tally_of(session, campaign)
    return Total(campaign, people, [each for each in lessons if each.lesson.opens <= today])
