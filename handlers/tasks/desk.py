"""What the committee sees: the list of what a meeting resolved, what is left, and one task.

Every button that changes one carries the revision that is seen above it (`changing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session

from handlers import doors
from handlers.kit import Ask, Button, Say, Talk, button
from handlers.meetings.showing import MANAGE, meeting_label
from handlers.paging import Page
from handlers.tasks.showing import desk_lines, from_meeting, numbered, state_lines
from handlers.text import Text, Words, _, n_
from storage import tasks
from storage.meetings import Meeting, MeetingKind, MeetingState
from storage.roster import Person
from storage.tasks import Task

LIST, MOVE, REOPEN = "resolution_line", "task_due", "task_reopen"  # forms
LISTED = 4  # with a title and a hint these are the six lines of a screen

# -- the doors ---------------------------------------------------------------------------------


def _number(session: Session, meeting: Meeting) -> Text | None:
    found = tasks.of_meeting(session, meeting.id)
    done = sum(task.done_at is not None for task in found)
    return (
        n_(
            "Resolutions: {n}, done {done}",
            "Resolutions: {n}, done {done}",
            n=len(found),
            done=done,
        )
        if found
        else None
    )


def _left(session: Session, meeting: Meeting) -> Sequence[Task]:
    committee = meeting.kind == MeetingKind.COMMITTEE
    return tasks.unfinished(session, meeting.unit_id, committee=committee)


def _left_line(session: Session, meeting: Meeting) -> Text | None:
    found = _left(session, meeting)
    return (
        n_("Unfinished from before: {n}", "Unfinished from before: {n}", n=len(found))
        if (found)
        else None
    )


def _left_label(session: Session, meeting: Meeting) -> Text | None:
    return _("Unfinished") if _left(session, meeting) else None


doors.hang(doors.BEFORE, "tasks_left", _left_label, line=_left_line)
doors.hang(doors.DURING, "resolutions", _("Resolutions"), line=_number)
doors.hang(doors.AFTER, "resolutions", _("Resolutions"), line=_number)

# -- lists -------------------------------------------------------------------------------------


@button("resolutions", power="task.manage")
def resolutions(talk: Talk, meeting_id: int) -> Say:
    """[Resolutions]: what this meeting has resolved; a line typed here is one more."""
    return screen(talk, meeting_id)


@button("resolution_list", power="task.manage")
def another_page(talk: Talk, meeting_id: int, number: int) -> Say:
    """Another page of them."""
    return screen(talk, meeting_id, number)


def screen(
    talk: Talk, meeting_id: int, number: int = 0, *, toast: Words | None = None, last: bool = False
) -> Say:
    """The list; `last` shows its end, where what was just written stands."""
    meeting = tasks.resolved(talk.session, talk.actor, meeting_id)
    found = tasks.of_meeting(talk.session, meeting_id)
    page = Page.of(found, len(found) if last else number, LISTED)
    lines = desk_lines(talk.session, page.items, today_of(talk, meeting.unit_id))
    final = meeting.locked_at is not None
    place = doors.AFTER if meeting.state == MeetingState.CLOSED else doors.DURING
    said = [
        _("<b>RESOLUTIONS</b> · {meeting}", meeting=meeting_label(meeting)),
        *(numbered(page.first + place, line) for place, line in enumerate(lines)),
    ]
    buttons: list[list[Button | None]] = [
        [*page.digits("task", *((task.id,) for task in page.items))[0]],
        page.turn("resolution_list", meeting_id),
        [
            None if final else Button(_("Add resolution"), "resolve", meeting_id),
            Button(_("‹ Back"), "hub", meeting_id, place),
        ],
    ]
    if final:
        return Say(*said, _("The minutes are final."), buttons=buttons, toast=toast)
    hint = _("To add one, type: Huong draws up the list, by 15/9")
    data = {"meeting": meeting_id}
    return Ask(LIST, *said, hint, buttons=buttons, data=data, toast=toast)


@button("tasks_left", power="task.manage")
def left(talk: Talk, meeting_id: int) -> Say:
    """[Unfinished]: what was resolved before and nobody has done yet, before the next meeting."""
    return _left_page(talk, meeting_id, 0)


@button("tasks_left_page", power="task.manage")
def left_page(talk: Talk, meeting_id: int, number: int) -> Say:
    """Another page of it."""
    return _left_page(talk, meeting_id, number)


def _left_page(talk: Talk, meeting_id: int, number: int) -> Say:
    meeting = tasks.resolved(talk.session, talk.actor, meeting_id)
    page = Page.of(_left(talk.session, meeting), number)
    lines = desk_lines(talk.session, page.items, today_of(talk, meeting.unit_id))
    return Say(
        _("<b>UNFINISHED</b> · before {meeting}", meeting=meeting_label(meeting)),
        *(numbered(page.first + place, line) for place, line in enumerate(lines)),
        buttons=[
            *page.digits("task", *((task.id,) for task in page.items)),
            page.turn("tasks_left_page", meeting_id),
            [Button(_("‹ Back"), "hub", meeting_id, doors.BEFORE), MANAGE],
        ],
    )


# -- one task ----------------------------------------------------------------------------------


@button("task", power="task.manage")
def one(talk: Talk, task_id: int) -> Say:
    """A task, as the committee sees it."""
    talk.close(LIST, MOVE, REOPEN)
    return show(talk, tasks.managed_task(talk.session, talk.actor, task_id))


def show(talk: Talk, task: Task, *, toast: Words | None = None) -> Say:
    """Where a task stands, and what the committee can do."""
    today = today_of(talk, task.unit_id)
    owner = talk.session.get_one(Person, task.owner_id)
    gone = tasks.away(talk.session, [task], today=today)
    left = _("Who does it: {name} (has left)", name=owner.full_name)
    has = left if gone else _("Who does it: {name}", name=owner.full_name)
    return Say(
        task.text,
        has,
        *state_lines(task, today),
        from_meeting(talk.session, task),
        buttons=[*_choices(talk, task), [_to_list(task), MANAGE]],
        toast=toast,
    )


def _choices(talk: Talk, task: Task) -> list[list[Button | None]]:
    seen = (task.id, task.revision)
    if task.dropped_at is not None:
        return []
    if task.done_at is not None:
        return [[Button(_("Reopen"), "task_reopen", *seen)]]
    told = None
    if task.given_by == talk.actor.person_id and task.owner_id != task.given_by:
        told = (
            Button(_("Tell me: no"), "task_tells", task.id, "no")
            if task.tells
            else (Button(_("Tell me when done"), "task_tells", task.id, "yes"))
        )
    return [
        [
            Button(_("Another date"), "task_move", *seen),
            Button(_("Another person"), "task_hand", *seen, 0),
        ],
        [Button(_("Done ✓"), "task_done_for", task.id), Button(_("Drop it"), "task_drop", *seen)],
        [told],
    ]


def _to_list(task: Task) -> Button | None:
    return Button(_("‹ Resolutions"), "resolutions", task.meeting_id) if task.meeting_id else None


@button("task_tells", power="task.manage")
def tells(talk: Talk, task_id: int, choice: str) -> Say:
    """[Tell me when done], and not."""
    task = tasks.set_tells(talk.session, talk.actor, task_id, tells=choice == "yes")
    return show(talk, task, toast=_("Noted."))


# -- parts -------------------------------------------------------------------------------------


def today_of(talk: Talk, unit_id: int) -> date:
    """The day that it is where the unit is."""
    return tasks.day_there(talk.session, unit_id, talk.house.quiet, talk.now)
