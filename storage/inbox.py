"""The inbox: what members ask their committee, and what comes back.

A ticket is answered by the committee of the asker's unit, or by the nearest one above where that
unit has none. The first answer counts.

An anonymous ticket is confidential towards the committee, no more: until it is answered the
system knows whom to answer. With the answer that address moves from the ticket to the outbox, and
a day later it is gone there too (`forget`). Whoever shows a ticket asks `asker`, which does not
tell it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Index, String, delete, func, update
from sqlmodel import Field, Session, col, select

from storage import audit, outbox, quiet, schedule
from storage.audit import Did
from storage.db import Row, upsert
from storage.errors import NotFound, Refusal
from storage.folding import clean_text
from storage.outbox import Class, Notice
from storage.powers import COMMITTEE, Actor, Role, require, units_with
from storage.questions import ANSWER_LIMIT, QUESTION_LIMIT, Entry, NewEntry, put
from storage.roster import Person, Unit, holders, unit_lineage

SUGGESTION_LIMIT = 2000
KEPT = timedelta(days=1)  # how long the outbox knows whom an anonymous question was answered

# -- tables ------------------------------------------------------------------------------------


class TicketKind(StrEnum):
    """What a member sends: something to answer, or something to consider."""

    QUESTION = "question"
    SUGGESTION = "suggestion"


class TicketState(StrEnum):
    """Where a ticket stands; until it is answered, everybody in the committee may answer it."""

    OPEN = "open"
    CLAIMED = "claimed"  # somebody is writing an answer
    HANDED = "handed"  # to a role, by another of the committee
    ANSWERED = "answered"


class Ticket(Row, table=True):
    """One message to a committee; its id is the number that people see."""

    __table_args__ = (Index("ix_ticket_unit_id_state", "unit_id", "state"),)

    id: int = Field(default=None, primary_key=True)
    kind: TicketKind = Field(sa_type=String)
    unit_id: int = Field(foreign_key="unit.id")  # whose committee answers
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    anonymous: bool = False
    text: str
    form: str = Field(unique=True)  # the sent form: pressing twice is one ticket
    state: TicketState = Field(default=TicketState.OPEN, sa_type=String)
    asked_at: datetime
    claimed_by: int | None = Field(default=None, foreign_key="person.id")
    claimed_at: datetime | None = None
    handed_to: Role | None = Field(default=None, sa_type=String)
    handed_at: datetime | None = None
    answered_by: int | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime | None = None
    answer: str | None = None
    entry_id: int | None = Field(default=None, foreign_key="entry.id")  # kept in the base

    @property
    def answered(self) -> bool:
        """Whether the answer stands."""
        return self.state == TicketState.ANSWERED

    @property
    def subject(self) -> str:
        """What notices about the ticket are about."""
        return f"ticket:{self.id}"

    @property
    def about(self) -> dict[str, int]:
        """What the audit calls it; never who asked."""
        return {"ticket": self.id, "unit": self.unit_id}


# -- rules -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
    """One waiting ticket out of `count`, oldest first; None when nothing waits."""

    ticket: Ticket | None
    number: int
    count: int
    oldest: datetime | None


def checked(text: str, limit: int) -> str:
    """The text as it is stored; refused when it is empty or too long."""
    clean = clean_text(text)
    if not clean:
        raise Refusal("There is nothing to send in this message. Please type it as text.")
    if len(clean) > limit:
        raise Refusal(
            "This has {count} letters, at most {limit} fit. Please type it in fewer words.",
            count=len(clean),
            limit=limit,
        )
    return clean


def checked_message(kind: TicketKind, text: str) -> str:
    """What a member wants to send, as it is stored."""
    return checked(text, QUESTION_LIMIT if kind is TicketKind.QUESTION else SUGGESTION_LIMIT)


def checked_question(text: str) -> str:
    """The question under which an answer is to be found, as it is stored."""
    return checked(text, QUESTION_LIMIT)


def checked_answer(text: str) -> str:
    """What the committee wants to answer, as it is stored."""
    return checked(text, ANSWER_LIMIT)


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


# -- questions ---------------------------------------------------------------------------------


def committee_for(session: Session, person: Person, *, today: date) -> tuple[Unit, list[Person]]:
    """Who answers somebody: the nearest committee that has others than themselves in it."""
    for unit_id in reversed(unit_lineage(session, person.unit_id)):
        committee = holders(session, unit_id, COMMITTEE, today=today)
        if any(each.id != person.id for each in committee):
            return session.get_one(Unit, unit_id), committee
    raise Refusal("Your unit has no committee on the roll yet, so nothing was sent.")


def ticket_for(session: Session, actor: Actor, ticket_id: int) -> Ticket:
    """The ticket, for one of the committee that answers it; raises NotFound for others."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        raise NotFound
    require(actor, "inbox", unit_lineage(session, ticket.unit_id))
    return ticket


def sent_with(session: Session, form: str) -> Ticket | None:
    """The ticket that a form has become."""
    return session.exec(select(Ticket).where(Ticket.form == form)).first()


def asker(session: Session, ticket: Ticket) -> Person | None:
    """Who asked, as far as the committee may know."""
    hidden = ticket.anonymous or ticket.person_id is None
    return None if hidden else session.get(Person, ticket.person_id)


def page(session: Session, actor: Actor, number: int) -> Page:
    """The waiting ticket with this place in the actor's inbox; the nearest where there is none."""
    waiting = (
        col(Ticket.unit_id).in_(units_with(actor, "inbox")),
        col(Ticket.state) != TicketState.ANSWERED,
    )
    count, oldest = session.exec(
        select(func.count(), func.min(Ticket.asked_at)).select_from(Ticket).where(*waiting)
    ).one()
    number = min(max(number, 1), max(count, 1))
    ticket = session.exec(
        select(Ticket)
        .where(*waiting)
        .order_by(col(Ticket.asked_at), col(Ticket.id))
        .offset(number - 1)
        .limit(1)
    ).first()
    return Page(ticket, number, count, oldest)


def next_hand(session: Session, actor: Actor, ticket: Ticket, *, today: date) -> Role | None:
    """Whom the actor can hand the ticket to: the deputy, or for a deputy the secretary."""
    own = {grant.role for grant in actor.grants if grant.unit_id == ticket.unit_id}
    role = Role.SECRETARY if Role.DEPUTY in own else Role.DEPUTY
    people = holders(session, ticket.unit_id, frozenset({role}), today=today)
    return role if any(each.id != actor.person_id for each in people) else None


def answers_for(session: Session, person: Person, ticket: Ticket, *, today: date) -> bool:
    """Whether the person sits in the committee that answers the ticket."""
    committee = holders(session, ticket.unit_id, COMMITTEE, today=today)
    return any(each.id == person.id for each in committee)


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
