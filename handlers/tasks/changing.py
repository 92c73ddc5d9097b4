"""What the committee changes of a task: its day, its owner, dropped, done, to be done again.

What is told to somebody else is asked about first. A button carries the revision that was seen.
"""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from handlers.attendance.saying import labels
from handlers.kit import Ask, Button, Say, Talk, answer, button
from handlers.paging import Page
from handlers.tasks.desk import MOVE, REOPEN, show, today_of
from handlers.tasks.reading import read_day
from handlers.tasks.showing import day_buttons, far_line, fitting_days
from handlers.text import Day, Text, _
from storage import attendance, meetings, tasks
from storage.errors import NotFound, Refusal
from storage.roster import Person

PAGE = 8  # names to press

# -- another date ------------------------------------------------------------------------------


@button("task_move", power="task.manage")
def ask_date(talk: Talk, task_id: int, revision: int) -> Say:
    """[Another date]."""
    task = tasks.managed_task(talk.session, talk.actor, task_id)
    days = fitting_days(today_of(talk, task.unit_id))
    return Ask(
        MOVE,
        task.text,
        _("By: {day}", day=Day(task.due)),
        _("By when? Press a day, or type it like: 15/9, next Friday."),
        data={"task": task_id, "revision": revision},
        buttons=[*day_buttons(days, "task_date", task_id, revision), [_back(task_id)]],
    )


@answer(MOVE, power="task.manage", about=_("another date for a resolution"))
def date_typed(talk: Talk) -> Say:
    """A day, shown back in full before it counts."""
    data = talk.draft.data if talk.draft else {}
    task = tasks.managed_task(talk.session, talk.actor, int(data.get("task", 0)))
    zone = meetings.zone_of(talk.session, task.unit_id, talk.house.zone)
    due, today = (
        read_day(talk.text, talk.now.astimezone(ZoneInfo(zone))),
        today_of(talk, task.unit_id),
    )
    if isinstance(due, Text):
        raise Refusal(due.source, **due.values)
    tasks.check_due(due, today=today)
    keep = Button(_("Yes"), "task_date", task.id, int(data["revision"]), due.isoformat())
    return Ask(
        MOVE,
        task.text,
        _("New date: {day}. Is that right?", day=Day(due)),
        far_line(due, today),
        data=dict(data),
        buttons=[[keep, _back(task.id)]],
    )


@button("task_date", power="task.manage")
def set_date(talk: Talk, task_id: int, revision: int, day: str) -> Say:
    """The day that was pressed."""
    try:
        due = date.fromisoformat(day)
    except ValueError:
        raise NotFound from None
    task = tasks.move(
        talk.session,
        talk.actor,
        task_id,
        due,
        revision=revision,
        quiet=talk.house.quiet,
        now=talk.now,
    )
    talk.close(MOVE)
    return show(talk, task, toast=_("Noted: by {day}.", day=Day(due)))


# -- another person ----------------------------------------------------------------------------


@button("task_hand", power="task.manage")
def choose_person(talk: Talk, task_id: int, revision: int, number: int) -> Say:
    """[Another person]: of those who were convened."""
    task = tasks.managed_task(talk.session, talk.actor, task_id)
    roll = tasks.seated(talk.session, task.meeting_id or 0)
    names = labels(roll, attendance.unit_names(talk.session, task.meeting_id or 0))
    page = Page.of(list(zip(roll, names, strict=True)), number, PAGE)
    buttons = [
        Button(name, "task_to", task_id, revision, person.id)
        for (_seat, person), name in page.items
        if person.id != task.owner_id
    ]
    return Say(
        task.text,
        _("Who shall do it?"),
        buttons=[
            *(buttons[start : start + 2] for start in range(0, len(buttons), 2)),
            page.turn("task_hand", task_id, revision),
            [_back(task_id)],
        ],
    )


@button("task_to", power="task.manage")
def ask_person(talk: Talk, task_id: int, revision: int, person_id: int) -> Say:
    """A name: both are told, so it is asked about."""
    task = tasks.managed_task(talk.session, talk.actor, task_id)
    people = {person.id: person for _s, person in tasks.seated(talk.session, task.meeting_id or 0)}
    if person_id not in people:
        raise NotFound
    before = talk.session.get_one(Person, task.owner_id)
    return Say(
        task.text,
        _("From {before} to {name}?", before=before.full_name, name=people[person_id].full_name),
        buttons=[
            [Button(_("Hand over"), "task_to_yes", task_id, revision, person_id), _back(task_id)]
        ],
    )


@button("task_to_yes", power="task.manage")
def hand_over(talk: Talk, task_id: int, revision: int, person_id: int) -> Say:
    """[Hand over]; pressed twice, the same."""
    task = tasks.hand_over(
        talk.session,
        talk.actor,
        task_id,
        person_id,
        revision=revision,
        quiet=talk.house.quiet,
        now=talk.now,
    )
    return show(talk, task, toast=_("Handed over."))


# -- dropped, done for somebody, to be done again --------------------------------------------------


@button("task_drop", power="task.manage")
def ask_drop(talk: Talk, task_id: int, revision: int) -> Say:
    """[Drop it]: asks again."""
    task = tasks.managed_task(talk.session, talk.actor, task_id)
    return Say(
        task.text,
        _("Drop this one resolution? Who has it is told that it need not be done."),
        buttons=[[Button(_("Yes, drop"), "task_drop_yes", task_id, revision), _back(task_id)]],
    )


@button("task_drop_yes", power="task.manage")
def drop(talk: Talk, task_id: int, revision: int) -> Say:
    """[Yes, drop]; pressed twice, the same."""
    task = tasks.drop(
        talk.session, talk.actor, task_id, revision=revision, quiet=talk.house.quiet, now=talk.now
    )
    return show(talk, task, toast=_("Dropped."))


@button("task_done_for", power="task.manage")
def ask_done_for(talk: Talk, task_id: int) -> Say:
    """[Done ✓], by the committee for somebody without a telephone."""
    task = tasks.managed_task(talk.session, talk.actor, task_id)
    if not task.open:
        return show(talk, task)
    return Say(
        task.text,
        _("Enter this as done, for who has it?"),
        buttons=[[Button(_("Yes, done"), "task_done_yes", task_id), _back(task_id)]],
    )


@button("task_done_yes", power="task.manage")
def done_for(talk: Talk, task_id: int) -> Say:
    """[Yes, done]; pressed twice, the same."""
    quiet, now = talk.house.quiet, talk.now
    task = tasks.done(talk.session, talk.actor, task_id, None, committee=True, quiet=quiet, now=now)
    return show(talk, task, toast=_("Noted: done."))


@button("task_reopen", power="task.manage")
def ask_reopen(talk: Talk, task_id: int, revision: int) -> Say:
    """[Reopen]: asks for a word why."""
    task = tasks.managed_task(talk.session, talk.actor, task_id)
    return Ask(
        REOPEN,
        task.text,
        _("Why is it not done? Type a few words; who has it reads them."),
        data={"task": task_id, "revision": revision},
        buttons=[[_back(task_id)]],
    )


@answer(REOPEN, power="task.manage", about=_("why a resolution is not done"))
def reason_typed(talk: Talk) -> Say:
    """The word, shown back before it is sent."""
    data = talk.draft.data if talk.draft else {}
    task = tasks.managed_task(talk.session, talk.actor, int(data.get("task", 0)))
    word, seen = tasks.check_word(talk.text), (task.id, int(data["revision"]))
    return Ask(
        REOPEN,
        task.text,
        _("To be done again: {why}", why=word),
        data={**data, "word": word},
        buttons=[
            [
                Button(_("Reopen it"), "task_reopen_yes", *seen),
                Button(_("Edit"), "task_reopen", *seen),
            ],
            [Button(_("Cancel"), "task", task.id)],
        ],
    )


@button("task_reopen_yes", power="task.manage")
def reopen(talk: Talk, task_id: int, revision: int) -> Say:
    """[Reopen it]; pressed late, the task as it is."""
    data = talk.draft.data if talk.draft and talk.draft.form == REOPEN else {}
    if data.get("task") != task_id or "word" not in data:
        return show(talk, tasks.managed_task(talk.session, talk.actor, task_id))
    task = tasks.reopen(
        talk.session,
        talk.actor,
        task_id,
        str(data["word"]),
        revision=revision,
        quiet=talk.house.quiet,
        now=talk.now,
    )
    talk.close()
    return show(talk, task, toast=_("Open again."))


# -- parts -------------------------------------------------------------------------------------


def _back(task_id: int) -> Button:
    return Button(_("‹ Back"), "task", task_id)
