"""Questions about tasks: whose, of which meeting, which are late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.db import ask
from storage.errors import NotFound, Refusal
from storage.folding import fold
from storage.meetings import Meeting, MeetingKind, MeetingState, Seat, managed
from storage.powers import Actor, Grant, Role, may, require
from storage.roster import Person, RoleGrant, Unit, in_force, lineage_ids, unit_lineage
from storage.tasks.tables import Task

OWN = "task.own"
MANAGE = "task.manage"

# -- one task ----------------------------------------------------------------------------------


def resolved(session: Session, actor: Actor, meeting_id: int) -> Meeting:
    """A meeting that resolves things, for its committee; locked, so that two write in turn."""
    meeting = managed(session, actor, meeting_id, power=MANAGE)
    if meeting.state not in (MeetingState.CALLED, MeetingState.CLOSED):
        raise NotFound
    return meeting


def check_open_minutes(meeting: Meeting | None) -> None:
    """What was resolved stands in the minutes: once they are final it does not change here."""
    if meeting is not None and meeting.locked_at is not None:
        raise Refusal(
            "The minutes of that meeting are final. What it resolved changes only by a correction"
            " of the minutes."
        )


def managed_task(session: Session, actor: Actor, task_id: int) -> Task:
    """A task over which the actor's committee decides, locked until the end of the transaction."""
    found = session.exec(select(Task.unit_id).where(Task.id == task_id)).first()
    if found is None:
        raise NotFound
    require(actor, MANAGE, unit_lineage(session, found))
    return locked(session, task_id)


def for_owner(session: Session, actor: Actor, task_id: int) -> Task:
    """The actor's own task, locked; of a unit that they have left it is not there."""
    task = session.get(Task, task_id)
    if task is None or not is_mine(session, actor, task):
        raise NotFound
    task = locked(session, task_id)
    if task.owner_id != actor.person_id:  # given to somebody else meanwhile
        raise NotFound
    return task


def is_mine(session: Session, actor: Actor, task: Task) -> bool:
    """Whether the task is the actor's own, who still belongs to the unit."""
    own = actor.person_id is not None and task.owner_id == actor.person_id
    return own and may(actor, OWN, unit_lineage(session, task.unit_id))


def locked(session: Session, task_id: int) -> Task:
    """A task as it is now, nobody else's to change until the end of the transaction."""
    return session.exec(
        select(Task)
        .where(Task.id == task_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def from_form(session: Session, actor: Actor, token: str) -> Task | None:
    """The task that a form has become, if it has."""
    found = session.exec(select(Task.id).where(Task.token == token)).first()
    return None if found is None else managed_task(session, actor, found)


def as_told(session: Session, task_id: int) -> Task | None:
    """A task, for the notices about it."""
    return session.get(Task, task_id, populate_existing=True)


# -- many --------------------------------------------------------------------------------------


def of_meeting(session: Session, meeting_id: int) -> Sequence[Task]:
    """What a meeting resolved, in the order in which it was written down."""
    return session.exec(
        select(Task)
        .where(Task.meeting_id == meeting_id, col(Task.dropped_at).is_(None))
        .order_by(col(Task.id))
    ).all()


def unfinished(session: Session, unit_id: int, *, committee: bool = False) -> Sequence[Task]:
    """What the unit has resolved and nobody has done yet, the oldest date first.

    It opens the next agenda, which everybody reads: what a committee has resolved among itself
    is told only for a meeting of that `committee`.
    """
    found = _open_of(unit_id)
    if not committee:
        found = found.outerjoin(Meeting, col(Meeting.id) == Task.meeting_id).where(
            col(Meeting.kind).is_(None) | (Meeting.kind != MeetingKind.COMMITTEE)
        )
    return session.exec(found).all()


def overdue(session: Session, unit_id: int, *, today: date) -> Sequence[Task]:
    """The unit's open tasks whose day has passed, the oldest first."""
    return session.exec(_open_of(unit_id).where(Task.due < today)).all()


def done_lately(session: Session, unit_id: int, *, since: datetime) -> Sequence[Task]:
    """What was done from a moment on, in that order."""
    return session.exec(
        select(Task)
        .where(Task.unit_id == unit_id, col(Task.dropped_at).is_(None))
        .where(col(Task.done_at) >= since)
        .order_by(col(Task.done_at), col(Task.id))
    ).all()


def open_for(session: Session, actor: Actor) -> Sequence[Task]:
    """The actor's own open tasks, by date, of the units that they belong to."""
    return session.exec(
        select(Task)
        .where(Task.owner_id == actor.person_id, col(Task.unit_id).in_(_units(actor.grants)))
        .where(col(Task.done_at).is_(None), col(Task.dropped_at).is_(None))
        .order_by(col(Task.due), col(Task.id))
    ).all()


def open_number(session: Session, actor: Actor) -> int:
    """How many these are; asked for every home screen."""
    values = {"owner": actor.person_id, "units": sorted(_units(actor.grants))}
    return int(ask(session, _NUMBER, values).scalar_one())


def owners(session: Session, tasks: Iterable[Task]) -> dict[int, Person]:
    """The people who have these tasks, by their ids."""
    ids = {task.owner_id for task in tasks}
    found = session.exec(select(Person).where(col(Person.id).in_(ids))).all()
    return {person.id: person for person in found}


def away(session: Session, tasks: Sequence[Task], *, today: date) -> set[int]:
    """The owners who have left the unit that gave them a task, by their ids."""
    if not tasks:
        return set()
    units = {task.unit_id for task in tasks}
    people = owners(session, tasks)
    own = {person.unit_id for person in people.values()}
    lineages = dict(session.exec(select(Unit.id, Unit.lineage).where(col(Unit.id).in_(own))).all())
    holds = set(
        session.exec(
            select(RoleGrant.person_id, RoleGrant.unit_id)
            .where(col(RoleGrant.unit_id).in_(units), col(RoleGrant.person_id).in_(people))
            .where(*in_force(today))
        ).all()
    )
    gone = set()
    for task in tasks:
        person = people[task.owner_id]
        belongs = task.unit_id in lineage_ids(lineages[person.unit_id])
        if person.ended is not None or not (belongs or (person.id, task.unit_id) in holds):
            gone.add(person.id)
    return gone


def seated(session: Session, meeting_id: int, *, query: str = "") -> list[tuple[Seat, Person]]:
    """Who was convened, is still on the roll, and has a name with these letters in it."""
    wanted = fold(query)
    found = session.exec(
        select(Seat, Person)
        .join(Person, col(Person.id) == Seat.person_id)
        .where(Seat.meeting_id == meeting_id, col(Person.ended).is_(None))
        .order_by(col(Person.sort_key), col(Seat.id))
    ).all()
    return [(seat, person) for seat, person in found if wanted in person.folded]


# -- parts -------------------------------------------------------------------------------------


def _open_of(unit_id: int) -> SelectOfScalar[Task]:
    """The unit's open tasks, the oldest date first."""
    return (
        select(Task)
        .where(Task.unit_id == unit_id)
        .where(col(Task.done_at).is_(None), col(Task.dropped_at).is_(None))
        .order_by(col(Task.due), col(Task.id))
    )


def _units(grants: Iterable[Grant]) -> set[int]:
    """The units that somebody belongs to: a member of a group also belongs to all above it."""
    found: set[int] = set()
    for grant in grants:
        found |= set(grant.lineage) if grant.role is Role.MEMBER else {grant.unit_id}
    return found


_NUMBER = sa_select(func.count(col(Task.id))).where(
    col(Task.owner_id) == bindparam("owner"),
    col(Task.unit_id).in_(bindparam("units", expanding=True)),
    col(Task.done_at).is_(None),
    col(Task.dropped_at).is_(None),
)
