"""Questions about tickets: who answers, what waits, who may see what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage.errors import NotFound, Refusal
from storage.inbox.tables import Ticket, TicketState
from storage.powers import COMMITTEE, Actor, Role, require, units_with
from storage.roster import Person, Unit, holders, unit_lineage


@dataclass(frozen=True, slots=True)
class Page:
    """One waiting ticket out of `count`, oldest first; None when nothing waits."""

    ticket: Ticket | None
    number: int
    count: int
    oldest: datetime | None


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
