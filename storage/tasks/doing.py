"""What comes of a task: done, with a word that shows it, or to be done again."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from storage import audit, outbox, schedule
from storage.acts import Did
from storage.errors import Refusal
from storage.outbox import Class, to_person
from storage.powers import Actor
from storage.quiet import Quiet
from storage.roster import Person
from storage.tasks import reminding
from storage.tasks.finding import for_owner, managed_task
from storage.tasks.reminding import REOPENED, TOLD, tell_owner
from storage.tasks.tables import Task, check_word

# -- actions -----------------------------------------------------------------------------------


def done(
    session: Session,
    actor: Actor,
    task_id: int,
    proof: str | None,
    *,
    committee: bool = False,
    quiet: Quiet,
    now: datetime,
) -> Task:
    """It is done, as its owner says, or the committee for them; said twice it is done once."""
    task = (managed_task if committee else for_owner)(session, actor, task_id)
    if task.done_at is not None:
        return task
    if task.dropped_at is not None:
        raise Refusal("This has been dropped already.")
    task.proof = None if proof is None else check_word(proof)
    task.done_at, task.done_by = now, actor.person_id
    task.revision += 1
    session.add(task)
    session.flush()
    outbox.cancel(session, task.subject)
    schedule.drop(session, task.subject)
    if committee:
        audit.record(session, actor, Did.TASK_DONE, task.about, now=now, owner=task.owner_id)
    if task.tells and task.given_by not in (None, actor.person_id):
        _tell_giver(session, task, quiet=quiet, now=now)
    reminding.plan_done(session, task.unit_id, quiet=quiet, now=now)
    return task


def reopen(
    session: Session,
    actor: Actor,
    task_id: int,
    word: str,
    *,
    revision: int,
    quiet: Quiet,
    now: datetime,
) -> Task:
    """The committee says why it is not done after all; the owner is told and reminded anew."""
    task = managed_task(session, actor, task_id)
    if task.done_at is None:
        return task
    if task.revision != revision:
        raise Refusal("Somebody changed this meanwhile. Nothing was changed; please look again.")
    task.reopened = check_word(word)
    task.done_at, task.done_by, task.proof = None, None, None
    task.revision += 1
    session.add(task)
    session.flush()
    outbox.cancel(session, task.subject)
    audit.record(session, actor, Did.TASK_REOPEN, task.about, now=now, owner=task.owner_id)
    owner = session.get_one(Person, task.owner_id)
    if owner.id != actor.person_id:
        tell_owner(session, task, owner, REOPENED, quiet=quiet, now=now)
    reminding.plan(session, task, owner, quiet=quiet, now=now)
    return task


# -- parts -------------------------------------------------------------------------------------


def _tell_giver(session: Session, task: Task, *, quiet: Quiet, now: datetime) -> None:
    giver = session.get_one(Person, task.given_by)
    outbox.enqueue(
        session,
        TOLD,
        task.subject,
        [{**to_person(giver.id), "due_at": quiet.for_person(giver, now)}],
        klass=Class.ONCE,
        revision=task.revision,
        now=now,
    )
