"""What the days of a campaign mean: when it runs, what is open, what people are reminded of.

The written policy of reminders, at one slot of a campaign's `remind`:
1. The campaign runs on that day, in its own zone.
2. The lessons in question are those that are open and due on the next due day, today included.
   Once every due day has passed, they are all that are open.
3. A person is reminded of the first of these that they have not finished, and of nothing else;
   whoever has finished them all hears nothing.
4. Of one lesson a person is reminded at most twice. [Remind me tomorrow] is their own and does not
   count.
5. It waits for the end of the person's quiet hours, and is not sent if the lesson has been
   finished by then.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storage.campaigns.tables import Campaign, Lesson

AT_MOST = 2
EVENING = time(19, 30)


def day_of(moment: datetime, zone: str) -> date:
    """The day that it is in the zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def runs(campaign: Campaign, now: datetime) -> bool:
    """Whether the campaign is under way."""
    return campaign.starts <= day_of(now, campaign.zone) <= campaign.ends


def over_at(campaign: Campaign) -> datetime:
    """The last moment of the campaign."""
    midnight = datetime.combine(
        campaign.ends + timedelta(days=1), time(), ZoneInfo(campaign.zone)
    ).astimezone(UTC)
    return midnight - timedelta(seconds=1)


def overdue(lesson: Lesson, today: date) -> bool:
    """Whether its day has passed; what that means for somebody who has finished it is nothing."""
    return lesson.due < today


def to_remind_of(lessons: Sequence[Lesson], today: date) -> list[Lesson]:
    """The lessons that reminders are about today (rule 2), in their order."""
    opened = [lesson for lesson in lessons if lesson.opens <= today]
    days = [lesson.due for lesson in opened if lesson.due >= today]
    return [lesson for lesson in opened if not days or lesson.due == min(days)]


def first_unfinished(lessons: Sequence[Lesson], finished: Collection[int]) -> Lesson | None:
    """The lesson that somebody who has finished these is reminded of (rule 3)."""
    return next((lesson for lesson in lessons if lesson.id not in finished), None)


def tomorrow_evening(now: datetime, zone: str) -> datetime:
    """Tomorrow at half past seven in the zone."""
    day = day_of(now, zone) + timedelta(days=1)
    return datetime.combine(day, EVENING, ZoneInfo(zone)).astimezone(UTC)


def passed(score: int, total: int, passing: float) -> bool:
    """Whether this many right answers pass."""
    return total > 0 and score >= passing * total
