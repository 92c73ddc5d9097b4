"""What the committee resolves and changes: a task given, moved, handed over, dropped.

Every change carries the revision that was seen, so that of two committee members who change one
task at once the second is told and changes nothing. Once the minutes of the meeting are final,
what it resolved stays as it is.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from storage import audit, outbox, schedule
from storage.acts import Did
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting
from storage.powers import Actor
from storage.quiet import Quiet
from storage.roster import Person
from storage.tasks import reminding
from storage.tasks.finding import (
    check_open_minutes,
    from_form,
    managed_task,
    resolved,
    seated,
)
from storage.tasks.reminding import DROPPED, GIVEN, MOVED, day_there, tell_owner
from storage.tasks.tables import Task, check_due, check_text

# -- actions -----------------------------------------------------------------------------------


def give(
    session: Session,
    actor: Actor,
    meeting_id: int,
    text: str,
    owner_id: int,
    due: date,
    *,
    token: str,
    quiet: Quiet,
    now: datetime,
) -> Task:
    """Writes down what the meeting resolved and tells its owner; one form is one task."""
    meeting = resolved(session, actor, meeting_id)
    written = from_form(session, actor, token)
    if written is not None:
        return written
    check_open_minutes(meeting)
    owner = _convened(session, meeting.id, owner_id)
    task = Task(
        unit_id=meeting.unit_id,
        meeting_id=meeting.id,
        text=check_text(text),
        owner_id=owner.id,
        due=check_due(due, today=day_there(session, meeting.unit_id, quiet, now)),
        given_by=actor.person_id,
        given_at=now,
        token=token,
    )
    try:
        with session.begin_nested():
            session.add(task)
    except IntegrityError:  # the same form, at the same moment, for another meeting
        written = from_form(session, actor, token)
        if written is None:
            raise
        return written
    day = due.isoformat()
    audit.record(session, actor, Did.TASK_GIVE, task.about, now=now, owner=owner.id, due=day)
    _tell(session, actor, task, owner, GIVEN, quiet=quiet, now=now)
    reminding.plan(session, task, owner, quiet=quiet, now=now)
    reminding.plan_digest(session, task.unit_id, quiet=quiet, now=now)
    return task


def move(
    session: Session,
    actor: Actor,
    task_id: int,
    due: date,
    *,
    revision: int,
    quiet: Quiet,
    now: datetime,
) -> Task:
    """Gives a task another day; its reminders move along."""
    task = _changeable(session, actor, task_id)
    if task.due == due:
        return task
    _check_seen(task, revision)
    check_due(due, today=day_there(session, task.unit_id, quiet, now))
    was, task.due = task.due, due
    owner = _changed(session, task)
    days = {"was": was.isoformat(), "due": due.isoformat()}
    audit.record(session, actor, Did.TASK_MOVE, task.about, now=now, **days)
    if not outbox.counts(session, task.subject, GIVEN).keys() & set(outbox.UNSENT):
        _tell(session, actor, task, owner, MOVED, quiet=quiet, now=now)
    reminding.take_back(session, task)
    reminding.plan(session, task, owner, quiet=quiet, now=now)
    return task


def hand_over(
    session: Session,
    actor: Actor,
    task_id: int,
    owner_id: int,
    *,
    revision: int,
    quiet: Quiet,
    now: datetime,
) -> Task:
    """Gives a task to somebody else; whoever had it is told that they no longer have."""
    task = _changeable(session, actor, task_id)
    if task.owner_id == owner_id:
        return task
    _check_seen(task, revision)
    owner = _convened(session, task.meeting_id, owner_id)
    before = session.get_one(Person, task.owner_id)
    _tell_dropped(session, actor, task, before, quiet=quiet, now=now)
    reminding.take_back(session, task)
    task.owner_id, task.reminders = owner.id, 0  # another has heard nothing of it yet
    _changed(session, task)
    people = {"was": before.id, "owner": owner.id}
    audit.record(session, actor, Did.TASK_HAND_OVER, task.about, now=now, **people)
    _tell(session, actor, task, owner, GIVEN, quiet=quiet, now=now)
    reminding.plan(session, task, owner, quiet=quiet, now=now)
    return task


def drop(
    session: Session, actor: Actor, task_id: int, *, revision: int, quiet: Quiet, now: datetime
) -> Task:
    """It need not be done any more; dropping twice is dropping once."""
    task = managed_task(session, actor, task_id)
    if task.dropped_at is not None:
        return task
    task = _changeable(session, actor, task_id)
    _check_seen(task, revision)
    owner = session.get_one(Person, task.owner_id)
    _tell_dropped(session, actor, task, owner, quiet=quiet, now=now)
    reminding.take_back(session, task)
    schedule.drop(session, task.subject)
    task.dropped_at = now
    _changed(session, task)
    audit.record(session, actor, Did.TASK_DROP, task.about, now=now, owner=owner.id)
    return task


def set_tells(session: Session, actor: Actor, task_id: int, *, tells: bool) -> Task:
    """Whoever gave a task asks to hear at once when it is done, or takes that back."""
    task = managed_task(session, actor, task_id)
    if task.given_by != actor.person_id:
        raise Refusal("Only who has written this down can ask for that.")
    task.tells = tells
    session.add(task)
    session.flush()
    return task


# -- parts -------------------------------------------------------------------------------------


def _changeable(session: Session, actor: Actor, task_id: int) -> Task:
    """A task of which the committee may still change what was resolved."""
    task = managed_task(session, actor, task_id)
    meeting = session.get(Meeting, task.meeting_id) if task.meeting_id else None
    check_open_minutes(meeting)
    if task.dropped_at is not None:
        raise Refusal("This has been dropped already.")
    if task.done_at is not None:
        raise Refusal("This is done already. Reopen it first.")
    return task


def _check_seen(task: Task, revision: int) -> None:
    if task.revision != revision:
        raise Refusal("Somebody changed this meanwhile. Nothing was changed; please look again.")


def _changed(session: Session, task: Task) -> Person:
    """Old buttons are old from now on; returns the owner."""
    task.revision += 1
    session.add(task)
    session.flush()
    return session.get_one(Person, task.owner_id)


def _convened(session: Session, meeting_id: int | None, person_id: int) -> Person:
    """Somebody who was convened and is still on the roll; nobody else is given anything."""
    people = {} if meeting_id is None else {p.id: p for _seat, p in seated(session, meeting_id)}
    if person_id not in people:
        raise NotFound
    return people[person_id]


def _tell(
    session: Session,
    actor: Actor,
    task: Task,
    owner: Person,
    kind: str,
    *,
    quiet: Quiet,
    now: datetime,
) -> None:
    """Tells the owner, unless it was they who wrote it."""
    if owner.id != actor.person_id:
        tell_owner(session, task, owner, kind, quiet=quiet, now=now)


def _tell_dropped(
    session: Session, actor: Actor, task: Task, owner: Person, *, quiet: Quiet, now: datetime
) -> None:
    """Who knows of the task hears that it is no longer theirs; who does not hears nothing."""
    recipient = f"p{owner.id}"
    unheard = outbox.cancel(session, task.subject, kind=GIVEN, recipient=recipient)
    outbox.cancel(session, task.subject, recipient=recipient)
    if not unheard:
        _tell(session, actor, task, owner, DROPPED, quiet=quiet, now=now)
