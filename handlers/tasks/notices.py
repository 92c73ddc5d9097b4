"""Words of the notices about tasks, found when they are sent; and what fires by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session

from handlers.kit import Button, House, Note, Say, Talk, button, notice
from handlers.meetings.showing import HOME, MANAGE
from handlers.paging import Page
from handlers.roster.words import NAMES
from handlers.tasks.desk import today_of
from handlers.tasks.showing import (
    LISTED,
    NAME,
    due_words,
    from_meeting,
    numbered,
    state_lines,
)
from handlers.text import Text, Words, _, cut, n_
from storage import tasks
from storage.outbox import Class
from storage.powers import require
from storage.roster import Person, Unit, unit_lineage
from storage.schedule import Due
from storage.tasks import Task

# -- what fires by itself ----------------------------------------------------------------------


def remind(session: Session, due: Due, house: House, now: datetime) -> None:
    """A reminder's slot has come."""
    tasks.remind(session, _number(due), due.slot_name, quiet=house.quiet, now=now)


def tell_overdue(session: Session, due: Due, house: House, now: datetime) -> None:
    """It is Monday morning."""
    tasks.tell_overdue(session, _number(due), quiet=house.quiet, now=now)


def tell_done(session: Session, due: Due, house: House, now: datetime) -> None:
    """It is the morning after something was done."""
    tasks.digest(session, _number(due), due.slot, quiet=house.quiet, now=now)


def _number(due: Due) -> int:
    return int(due.subject.rpartition(":")[2])


# -- to who has the task -----------------------------------------------------------------------


@notice(tasks.GIVEN, power="task.own", klass=Class.ONCE, about=_("A task was given"))
def given(note: Note) -> Say | None:
    """To whom a meeting has given something to do."""
    return _to_owner(note, _("NEW TASK, as the meeting resolved:"))


@notice(tasks.MOVED, power="task.own", klass=Class.ONCE, about=_("A task has another date"))
def moved(note: Note) -> Say | None:
    """Of several new dates the last is told."""
    return _to_owner(note, _("This task has ANOTHER DATE:"), exact=True)


@notice(tasks.REOPENED, power="task.own", klass=Class.ONCE, about=_("A task is open again"))
def reopened(note: Note) -> Say | None:
    """With the committee's word why."""
    return _to_owner(note, _("This task is OPEN AGAIN:"), exact=True)


@notice(tasks.REMINDER, power="task.own", klass=Class.REMINDER, about=_("Reminder of a task"))
def reminder(note: Note) -> Say | None:
    """Three days before, and on the day."""
    return _to_owner(note, _("Reminder of a task:"))


@notice(tasks.DROPPED, power="task.own", klass=Class.ONCE, about=_("A task was dropped"))
def dropped(note: Note) -> Say | None:
    """To whoever knew of it and need not do it any more."""
    task = tasks.as_told(note.session, note.subject_id)
    mine = task is not None and task.open and task.owner_id == note.notice.person_id
    if task is None or mine or not note.may("task.own", task.unit_id):
        return None
    return Say(
        _("You need NOT do this any more:"),
        task.text,
        buttons=[[Button(_("My tasks"), "tasks"), HOME]],
    )


def _to_owner(note: Note, first: Text, *, exact: bool = False) -> Say | None:
    """As the task stands now; None for one that is another's, done, or changed since."""
    task = tasks.as_told(note.session, note.subject_id)
    if task is None or not task.open or not tasks.is_mine(note.session, note.actor, task):
        return None
    if exact and task.revision != note.notice.revision:
        return None
    return Say(
        first,
        task.text,
        *state_lines(task, note.today),
        from_meeting(note.session, task),
        buttons=[
            [Button(_("Done ✓"), "task_done", task.id), Button(_("My tasks"), "tasks")],
            [HOME],
        ],
    )


# -- to the committee --------------------------------------------------------------------------


@notice(tasks.TOLD, power="task.manage", klass=Class.ONCE, about=_("A task is done"))
def told(note: Note) -> Say | None:
    """To who gave it and has asked to hear."""
    task = tasks.as_told(note.session, note.subject_id)
    if task is None or task.done_at is None or not note.may("task.manage", task.unit_id):
        return None
    owner = note.session.get_one(Person, task.owner_id)
    return Say(
        _("{name} has done this:", name=owner.full_name),
        task.text,
        *state_lines(task, note.today),
        buttons=[[Button(_("See it"), "task", task.id), MANAGE]],
    )


@notice(tasks.DONE, power="task.manage", klass=Class.REMINDER, about=_("What was done"))
def what_was_done(note: Note) -> Say | None:
    """On the morning after: all in one message."""
    unit_id = note.subject_id
    since = datetime.fromisoformat(str(note.notice.facts["since"]))
    found = tasks.done_lately(note.session, unit_id, since=since)
    if not found or not note.may("task.manage", unit_id):
        return None
    owners = tasks.owners(note.session, found)
    shown = [
        _("{name}: {task}", name=cut(owners[each.owner_id].full_name, NAME), task=_cut(each))
        for each in found[:NAMES]
    ]
    head = n_("<b>DONE</b> · {n} task", "<b>DONE</b> · {n} tasks", n=len(found))
    more = _("and {n} more", n=len(found) - NAMES) if len(found) > NAMES else None
    return Say(head, *shown, more, buttons=[[MANAGE]])


@notice(tasks.OVERDUE, power="task.manage", klass=Class.REMINDER, about=_("Overdue tasks"))
def what_is_late(note: Note) -> Say | None:
    """On Monday morning: all in one message, in private."""
    unit_id = note.subject_id
    if not note.may("task.manage", unit_id):
        return None
    today = tasks.day_there(note.session, unit_id, note.house.quiet, note.now)
    found = tasks.overdue(note.session, unit_id, today=today)
    lines, page = _late(note.session, unit_id, found, 0, today)
    return Say(*lines, buttons=[page.turn("tasks_late", unit_id), [MANAGE]]) if found else None


@button("tasks_late", power="task.manage")
def late_page(talk: Talk, unit_id: int, number: int) -> Say:
    """Another page of what is late, as it is now."""
    require(talk.actor, "task.manage", unit_lineage(talk.session, unit_id))
    today = today_of(talk, unit_id)
    found = tasks.overdue(talk.session, unit_id, today=today)
    lines, page = _late(talk.session, unit_id, found, number, today)
    return Say(*lines, buttons=[page.turn("tasks_late", unit_id), [MANAGE]])


def _late(
    session: Session, unit_id: int, found: Sequence[Task], number: int, today: date
) -> tuple[list[Words], Page[Task]]:
    owners, page = tasks.owners(session, found), Page.of(found, number, NAMES)
    unit = session.get_one(Unit, unit_id)
    head = n_(
        "<b>OVERDUE</b> · {unit} · {n} task",
        "<b>OVERDUE</b> · {unit} · {n} tasks",
        n=len(found),
        unit=unit.name,
    )
    lines = [
        numbered(
            page.first + place,
            _(
                "{name}: {task} – {due}",
                name=cut(owners[each.owner_id].full_name, NAME),
                task=_cut(each),
                due=due_words(each, today),
            ),
        )
        for place, each in enumerate(page.items)
    ]
    return [head, *lines], page


def _cut(task: Task) -> str:
    return cut(task.text, LISTED)
