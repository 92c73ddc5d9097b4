"""What the days of a campaign mean: when it runs, what is open, what people are reminded of.

The days of a campaign are days of its own zone. The hours of its reminders are the person's: of
their own zone, else their unit's, else the campaign's.

The written policy of reminders:
1. A campaign reminds while it runs: from its first day to its last, unless it is paused or has
   been ended early. What comes up in a pause does not come up after it.
2. It reminds at slots. With a `remind` line these are its moments on the person's clock, and the
   lessons in question are those that are open and due on the next due day, today included; once
   every due day has passed, they are all that are open. Without one the slots are the eight
   o'clock of each day of the campaign on which a lesson opens or has its last day, and the lessons
   in question are those.
3. A person is reminded of the first of these that they have not finished, and of nothing else;
   whoever has finished them all hears nothing.
4. Of one lesson a person is reminded at most twice; what a change of the campaign takes back has
   not been. [Remind me tomorrow] is their own and does not count; where it and a slot come
   together, they are one message, and that is the slot's.
5. A reminder waits for the end of the person's quiet hours, and is not sent if the lesson has been
   finished by then. What could only be said after the lesson's last day is not said, unless that
   day has passed already. While one waits, or within an hour after it was said, there is no other
   of the same lesson.
6. A slot that was missed comes once, late, however many were: a line's as if it were now, a day's
   as long as the last day of its lesson has not passed. It does not come where the same lesson is
   asked for again within six hours.
7. Whoever has stopped the reminders of a campaign, or all of them, gets none, and what waits is
   taken back. A wish that they utter after that is theirs: it is granted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storage.campaigns.tables import Campaign, Lesson
from storage.schedule import next_slot

AT_MOST = 2
MORNING, EVENING = time(8), time(19, 30)
LATE = timedelta(hours=1)  # from then on a slot was missed
TOGETHER = timedelta(hours=1)  # two reminders of a lesson so near are one
SOON = timedelta(hours=6)  # what was missed gives way to what comes by then
DAY = timedelta(days=1)


def day_of(moment: datetime, zone: str) -> date:
    """The day that it is in the zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def runs(campaign: Campaign, now: datetime) -> bool:
    """Whether the campaign is under way."""
    on = campaign.paused_at is None and campaign.closed_at is None
    return on and campaign.starts <= day_of(now, campaign.zone) <= campaign.ends


def end_of(day: date, zone: str) -> datetime:
    """The last moment of a day in the zone."""
    midnight = datetime.combine(day + DAY, time(), ZoneInfo(zone)).astimezone(UTC)
    return midnight - timedelta(seconds=1)


def over_at(campaign: Campaign) -> datetime:
    """The last moment of the campaign."""
    return end_of(campaign.ends, campaign.zone)


def overdue(lesson: Lesson, today: date) -> bool:
    """Whether its day has passed; what that means for somebody who has finished it is nothing."""
    return lesson.due < today


def to_remind_of(lessons: Sequence[Lesson], today: date) -> list[Lesson]:
    """The lessons that a line's slots are about today (rule 2), in their order."""
    opened = [lesson for lesson in lessons if lesson.opens <= today]
    days = [lesson.due for lesson in opened if lesson.due >= today]
    return [lesson for lesson in opened if not days or lesson.due == min(days)]


def of_the_day(lessons: Sequence[Lesson], day: date, today: date) -> list[Lesson]:
    """The lessons that a day's slot is about (rule 2), while it makes sense to say so (rule 6)."""
    return [
        lesson
        for lesson in lessons
        if day in (lesson.opens, lesson.due) and lesson.opens <= today <= lesson.due
    ]


def days_that_remind(lessons: Sequence[Lesson]) -> list[date]:
    """The days on which a campaign without a line reminds."""
    return sorted({day for lesson in lessons for day in (lesson.opens, lesson.due)})


def morning_within(day: date, zone: str, there: str) -> datetime:
    """The eight o'clock on the clock `there` that falls on a day in the zone."""
    begins = datetime.combine(day, time(), ZoneInfo(zone))
    local = begins.astimezone(ZoneInfo(there)).date()
    mornings = (datetime.combine(local + DAY * n, MORNING, ZoneInfo(there)) for n in (0, 1))
    return next(each for each in mornings if each >= begins).astimezone(UTC)


def first_unfinished(lessons: Sequence[Lesson], finished: Collection[int]) -> Lesson | None:
    """The lesson that somebody who has finished these is reminded of (rule 3)."""
    return next((lesson for lesson in lessons if lesson.id not in finished), None)


def good_until(campaign: Campaign, lesson: Lesson, today: date) -> datetime:
    """How long a reminder owed today says something (rule 5)."""
    return over_at(campaign) if overdue(lesson, today) else end_of(lesson.due, campaign.zone)


def gives_way(
    campaign: Campaign, lessons: Sequence[Lesson], lesson: Lesson, zone: str, at: datetime
) -> bool:
    """Whether a missed slot's reminder, said at a moment, gives way to what is near (rule 6)."""
    if campaign.remind is None:
        following: datetime | None = morning_within(lesson.due, campaign.zone, zone)
    else:
        following = next_slot(campaign.remind, zone, after=at)
    if following is None or not at < following < min(at + SOON, over_at(campaign)):
        return False
    return lesson in to_remind_of(lessons, day_of(following, campaign.zone))


def tomorrow_evening(now: datetime, zone: str) -> datetime:
    """Tomorrow at half past seven in the zone."""
    return datetime.combine(day_of(now, zone) + DAY, EVENING, ZoneInfo(zone)).astimezone(UTC)


def passed(score: int, total: int, passing: float) -> bool:
    """Whether this many right answers pass."""
    return total > 0 and score >= passing * total
