"""The meetings that the town has held, each branch by its habit.

The last one of each branch has more to it: a show of hands, ratings, a score, minutes that wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.demo import afterwards, script
from bot.demo.evening import DAY, DEPUTISED, DEPUTY, ELDER, HOUR, Evening
from bot.demo.past import ZONE, Past
from bot.demo.script import HABITS, Habit
from storage import deputies, series
from storage.meetings import MeetingKind
from storage.series import Pattern


def write(past: Past) -> None:
    """All of them: each branch by its habit, and a theme of Chi bộ 1 some days ago."""
    deputies.name(
        past.session,
        past.secretary("Chi bộ 1", past.now - DEPUTISED),
        past.person(ELDER).id,
        past.person(DEPUTY).id,
        now=past.now - DEPUTISED,
    )
    for branch, habit in HABITS.items():
        for starts, sitting in zip(_days(habit, past.now), habit.sittings, strict=True):
            evening = Evening(past, branch, MeetingKind.REGULAR, starts, sitting)
            evening.passes()
            if sitting is habit.sittings[-1]:
                AFTERWARDS[branch](evening)
            else:
                afterwards.minutes_are_signed_on_paper(evening)
    _theme(past)


def _of_the_neighbourhood(evening: Evening) -> None:
    """Chi bộ 1: rated, scored, its minutes final, with a slip that was mended."""
    afterwards.is_rated(evening)
    afterwards.is_scored(evening)
    afterwards.minutes_are_sent(evening, evening.starts + DAY)
    afterwards.minutes_are_confirmed(
        evening, evening.starts + 2 * DAY, evening.chair, evening.writer
    )
    afterwards.minutes_are_mended(evening)


def _of_the_school(evening: Evening) -> None:
    """Chi bộ 2: a draft, for a request waits that changes the roll."""
    afterwards.somebody_asks_to_be_entered(evening)


def _of_the_ward(evening: Evening) -> None:
    """Chi bộ 3: the minutes were sent, and nobody has answered for days."""
    afterwards.minutes_are_sent(evening, evening.starts + DAY)


def _theme(past: Past) -> None:
    """The thematic meeting: its minutes wait for the chair."""
    starts = (past.now - 5 * DAY).replace(hour=19, minute=0)
    evening = Evening(past, "Chi bộ 1", MeetingKind.THEMATIC, starts, script.THEMATIC)
    evening.passes()
    afterwards.is_rated(evening)
    afterwards.somebody_was_there_to_the_end(evening)
    sent = past.now - 14 * HOUR
    afterwards.minutes_are_sent(evening, sent)
    afterwards.minutes_are_confirmed(evening, sent + 2 * HOUR, evening.writer)


def _days(habit: Habit, now: datetime) -> Sequence[datetime]:
    """When a branch has met: as often as there is something to tell."""
    pattern = habit.pattern or Pattern(day=now.day)
    plan = series.Plan(0, MeetingKind.REGULAR, pattern, habit.clock, habit.place)
    dates = series.next_dates(plan, zone=ZONE, now=now - 190 * DAY, count=8)
    found = [each.starts_at.astimezone(ZoneInfo(ZONE)) for each in dates]
    held = [each for each in found if each < now - 3 * DAY]
    return held[-len(habit.sittings) :]


AFTERWARDS = {
    "Chi bộ 1": _of_the_neighbourhood,
    "Chi bộ 2": _of_the_school,
    "Chi bộ 3": _of_the_ward,
}
