"""A ticket is sent, taken on, handed on, answered, and its answer kept; who has to know is told."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, update
from sqlmodel import Session, col, select

from storage import audit, outbox, quiet, schedule
from storage.acts import Did
from storage.db import upsert
from storage.errors import NotFound, Refusal
from storage.inbox.finding import committee_for, next_hand, ticket_for
from storage.inbox.tables import (
    Ticket,
    TicketKind,
    TicketState,
    checked_answer,
    checked_message,
    checked_question,
)
from storage.outbox import Class, Notice
from storage.powers import Actor, require
from storage.questions import Entry, NewEntry, put
from storage.roster import Person, holders, unit_lineage

KEPT = timedelta(days=1)  # how long the outbox knows whom an anonymous question was answered

# -- actions: the member -----------------------------------------------------------------------


def send(
    session: Session,
    actor: Actor,
    kind: TicketKind,
    text: str,
    *,
    anonymous: bool,
    form: str,
    now: datetime,
    zone: str,
    quiet_hours: str,
) -> Ticket:
    """Sends a filled form to the committee, which is told; the same form again is one ticket."""
    person = session.get(Person, actor.person_id) if actor.person_id else None
    if person is None or (anonymous and kind is TicketKind.SUGGESTION):
        raise NotFound
    require(actor, "question.ask", unit_lineage(session, person.unit_id))
    unit, committee = committee_for(session, person, today=_today(now, zone))
    new = upsert(session, Ticket).values(
        kind=kind.value,
        unit_id=unit.id,
        person_id=person.id,
        anonymous=anonymous,
        text=checked_message(kind, text),
        form=form,
        state=TicketState.OPEN.value,
        asked_at=now,
    )
    session.execute(new.on_conflict_do_nothing(index_elements=["form"]))
    ticket = session.exec(select(Ticket).where(Ticket.form == form)).one()
    # Who asks anonymously is told like the others: silence towards one would give them away.
    told = [each for each in committee if anonymous or each.id != person.id]
    _tell(session, "ticket.new", ticket, told, now=now, zone=zone, quiet_hours=quiet_hours)
    return ticket


# -- actions: the committee --------------------------------------------------------------------


def claim(session: Session, actor: Actor, ticket_id: int, *, now: datetime) -> Ticket:
    """Marks that somebody is writing an answer; whoever was first stays so."""
    ticket = ticket_for(session, actor, ticket_id)
    _while_unanswered(
        session,
        ticket,
        col(Ticket.claimed_by).is_(None),
        state=TicketState.CLAIMED.value,
        claimed_by=actor.person_id,
        claimed_at=now,
    )
    return ticket


def release(session: Session, actor: Actor, ticket_id: int) -> Ticket:
    """Takes the actor's mark off: they write no answer after all."""
    ticket = ticket_for(session, actor, ticket_id)
    state = TicketState.HANDED if ticket.handed_to else TicketState.OPEN
    _while_unanswered(
        session,
        ticket,
        col(Ticket.claimed_by) == actor.person_id,
        state=state.value,
        claimed_by=None,
        claimed_at=None,
    )
    return ticket


def hand_on(
    session: Session, actor: Actor, ticket_id: int, *, now: datetime, zone: str, quiet_hours: str
) -> Ticket:
    """Hands the ticket to the deputy, or from a deputy to the secretary, who is told."""
    ticket = ticket_for(session, actor, ticket_id)
    role = next_hand(session, actor, ticket, today=_today(now, zone))
    if role is None:
        raise Refusal("There is nobody to hand this to.")
    if _while_unanswered(
        session,
        ticket,
        state=TicketState.HANDED.value,
        handed_to=role.value,
        handed_at=now,
        claimed_by=None,
        claimed_at=None,
    ):
        people = holders(session, ticket.unit_id, frozenset({role}), today=_today(now, zone))
        audit.record(session, actor, Did.TICKET_HAND_ON, ticket.about, now=now, role=role)
        told = [each for each in people if each.id != actor.person_id]
        _tell(session, "ticket.handed", ticket, told, now=now, zone=zone, quiet_hours=quiet_hours)
    return ticket


def answer(session: Session, actor: Actor, ticket_id: int, text: str, *, now: datetime) -> bool:
    """Sends an answer to the one who asked; False when somebody has answered already."""
    ticket = ticket_for(session, actor, ticket_id)
    asked_by = ticket.person_id
    values: dict[str, Any] = {"person_id": None} if ticket.anonymous else {}
    if not _while_unanswered(
        session,
        ticket,
        state=TicketState.ANSWERED.value,
        answer=checked_answer(text),
        answered_by=actor.person_id,
        answered_at=now,
        **values,
    ):
        return False
    audit.record(session, actor, Did.TICKET_ANSWER, ticket.about, now=now)
    outbox.cancel(session, ticket.subject)
    if asked_by is not None:
        outbox.enqueue(
            session,
            "ticket.answered",
            ticket.subject,
            [outbox.to_person(asked_by)],
            klass=Class.ONCE,
            priority=outbox.ANSWER,
            now=now,
            facts={"confidential": ticket.anonymous},
        )
    if ticket.anonymous:
        schedule.once(session, "ticket.forget", ticket.subject, now + KEPT, zone="UTC")
    return True


def save(
    session: Session, actor: Actor, ticket_id: int, question: str, *, source: str, now: datetime
) -> Entry:
    """Keeps question and answer in the base, for the committee's unit and all below it.

    `now` is in the actor's zone: the answer holds from their day on.
    """
    ticket = ticket_for(session, actor, ticket_id)
    if ticket.answer is None or ticket.kind != TicketKind.QUESTION:
        raise Refusal("Only a question that has been answered can be kept.")
    new = NewEntry(checked_question(question), ticket.answer, source, now.date())
    entry = put(session, ticket.unit_id, new)
    if ticket.entry_id != entry.id:
        ticket.entry_id = entry.id
        session.add(ticket)
        audit.record(session, actor, Did.QUESTION_KEEP, ticket.about, now=now, question=entry.id)
    session.flush()
    return entry


def forget(session: Session, ticket_id: int, *, now: datetime) -> None:
    """Forgets whom an anonymous question was answered; an answer on its way comes first."""
    subject = f"ticket:{ticket_id}"
    sent = (col(Notice.kind) == "ticket.answered") & (col(Notice.subject) == subject)
    moving = (*outbox.UNSENT, outbox.State.SENDING)
    session.execute(delete(Notice).where(sent, col(Notice.state).not_in(moving)))
    if session.exec(select(Notice.id).where(sent)).first() is not None:
        schedule.once(session, "ticket.forget", subject, now + KEPT, zone="UTC")


# -- parts -------------------------------------------------------------------------------------


def _while_unanswered(
    session: Session, ticket: Ticket, *conditions: ColumnElement[bool], **values: Any
) -> bool:
    """Changes the ticket unless it has been answered; True when it was this change that did it."""
    changed = session.execute(
        update(Ticket)
        .where(col(Ticket.id) == ticket.id, col(Ticket.state) != TicketState.ANSWERED, *conditions)
        .values(**values)
        .returning(col(Ticket.id))
        .execution_options(synchronize_session=False)
    ).first()
    session.refresh(ticket)
    return changed is not None


def _tell(
    session: Session,
    kind: str,
    ticket: Ticket,
    people: list[Person],
    *,
    now: datetime,
    zone: str,
    quiet_hours: str,
) -> None:
    """Owes people a notice about the ticket, after their quiet hours."""
    recipients = [
        {
            **outbox.to_person(person.id),
            "due_at": quiet.due_for(person, now, house_quiet=quiet_hours, house_zone=zone),
        }
        for person in people
    ]
    outbox.enqueue(session, kind, ticket.subject, recipients, klass=Class.ONCE, now=now)


def _today(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()
