"""How a task is put into words, for its owner and for the committee."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date, timedelta

from sqlmodel import Session

from handlers.kit import Button
from handlers.meetings.showing import meeting_label
from handlers.meetings.steps import WEEKDAYS
from handlers.text import Day, Moment, Text, Words, _, cut, n_
from storage import tasks
from storage.meetings import Meeting
from storage.roster import Person
from storage.tasks import Task

LISTED = 60  # letters of a task in a list
NAME = 40  # letters of a name
FAR = timedelta(days=183)


def due_words(task: Task, today: date) -> Text:
    """ "hạn 15/9", or for how long it has been late."""
    late = task.overdue(today)
    if late:
        return n_("overdue by {n} day", "overdue by {n} days", n=late)
    if task.due == today:
        return _("due today")
    return _("due {day}", day=Day(task.due, short=True))


def own_line(task: Task, today: date) -> Text:
    """A task in its owner's list."""
    return _("{task} – {due}", task=cut(task.text, LISTED), due=due_words(task, today))


def desk_line(task: Task, owner: Person, today: date, gone: set[int]) -> Text:
    """A task in the committee's list."""
    values = {"task": cut(task.text, LISTED), "name": cut(owner.full_name, NAME)}
    if task.done_at is not None:
        return _("{task} – {name}, done", **values)
    due = due_words(task, today)
    if owner.id in gone:
        return _("{task} – {name} (has left), {due}", due=due, **values)
    return _("{task} – {name}, {due}", due=due, **values)


def desk_lines(session: Session, found: Sequence[Task], today: date) -> list[Text]:
    """Tasks as the committee lists them."""
    owners, gone = tasks.owners(session, found), tasks.away(session, found, today=today)
    return [desk_line(task, owners[task.owner_id], today, gone) for task in found]


def numbered(number: int, words: Words) -> Text:
    """ "3. Lập danh sách…"."""
    return _("{number}. {words}", number=number, words=words)


def state_lines(task: Task, today: date) -> list[Words | None]:
    """By when, and what has come of it."""
    if task.dropped_at is not None:
        return [_("Dropped: it need not be done any more.")]
    if task.done_at is not None:
        return [
            _("DONE, {at}.", at=Moment(task.done_at)),
            _("What shows it: {proof}", proof=task.proof) if task.proof else None,
        ]
    day, urgent = Day(task.due), task.due <= today
    return [
        _("By: {day} ({due})", day=day, due=due_words(task, today))
        if urgent
        else _("By: {day}", day=day),
        _("To be done again: {why}", why=task.reopened) if task.reopened else None,
    ]


def from_meeting(session: Session, task: Task) -> Text | None:
    """Which meeting resolved it."""
    meeting = session.get(Meeting, task.meeting_id) if task.meeting_id else None
    return _("Resolved: {meeting}", meeting=meeting_label(meeting)) if meeting else None


def fitting_days(today: date) -> list[date]:
    """The days by which things are usually to be done."""
    month, after = _end_of_month(today), _end_of_month(_end_of_month(today) + timedelta(days=1))
    found = {today + timedelta(days=7), today + timedelta(days=14), after.replace(day=15)}
    found |= {day for day in (month, after) if day > today + timedelta(days=2)}
    return sorted(found)[:6]


def day_buttons(days: Sequence[date], action: str, *address: object) -> list[list[Button | None]]:
    """A button for each day, two in a row."""
    buttons = [
        Button(
            _(WEEKDAYS[day.weekday()].source, day=Day(day, short=True)),
            action,
            *address,
            day.isoformat(),
        )
        for day in days
    ]
    return [[*buttons[start : start + 2]] for start in range(0, len(buttons), 2)]


def far_line(due: date, today: date) -> Text | None:
    """A day so far ahead that the year had better be looked at twice."""
    return _("That is more than half a year ahead.") if due > today + FAR else None


def _end_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
