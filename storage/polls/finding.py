"""Questions about polls: which one, who may answer, how it stands, what came of it."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage import attendance
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, Seat
from storage.polls.tables import Choice, Poll, Result, Standing
from storage.powers import Actor, may
from storage.roster import unit_lineage

HOLD, ANSWERS = "poll.hold", "poll.answer"  # powers

# -- questions ---------------------------------------------------------------------------------


def results(session: Session, meeting_id: int) -> list[Result]:
    """What a meeting was asked and what came of it, in order, for its minutes."""
    found = session.exec(
        select(Poll)
        .where(Poll.meeting_id == meeting_id, col(Poll.closed_at).is_not(None))
        .order_by(col(Poll.id))
    ).all()
    return [
        Result(
            each.question,
            tuple(each.options),
            tuple(each.totals or ()),
            each.asked or 0,
            each.closed_at,
        )
        for each in found
        if each.closed_at is not None
    ]


def of_meeting(session: Session, actor: Actor, meeting_id: int) -> tuple[Meeting, list[Poll]]:
    """A meeting and its questions, the newest first, for who may put them."""
    meeting = attendance.for_committee(session, actor, meeting_id, power=HOLD)
    found = session.exec(
        select(Poll).where(Poll.meeting_id == meeting_id).order_by(col(Poll.id).desc())
    ).all()
    return meeting, list(found)


def of_form(session: Session, actor: Actor, token: str) -> Poll | None:
    """The poll that a form has become, if it has."""
    found = session.exec(select(Poll.id).where(Poll.token == token)).first()
    return None if found is None else held_by(session, actor, found)[0]


def held_by(session: Session, actor: Actor, poll_id: int) -> tuple[Poll, Meeting]:
    """A poll and its meeting, for who may close it; locked."""
    found = session.exec(select(Poll.meeting_id).where(Poll.id == poll_id)).first()
    if found is None:
        raise NotFound
    meeting = attendance.for_committee(session, actor, found, power=HOLD)
    poll = locked(session, poll_id)
    if poll is None:
        raise NotFound
    return poll, meeting


def may_answer(session: Session, actor: Actor, poll: Poll) -> None:
    """Who is on the roll of the meeting and, where check-in was opened, is there."""
    meeting = session.get_one(Meeting, poll.meeting_id)
    if actor.person_id is None or not may(actor, ANSWERS, unit_lineage(session, meeting.unit_id)):
        raise NotFound
    seat = session.exec(
        select(Seat)
        .where(Seat.meeting_id == meeting.id, Seat.person_id == actor.person_id)
        .execution_options(populate_existing=True)
    ).first()
    if seat is None:
        raise Refusal("You are not on the roll of this meeting.")
    if meeting.opened_at is not None and (seat.present_at is None or seat.left_at is not None):
        raise Refusal("Only those who are checked in answer this.")


def as_told(session: Session, poll_id: int) -> Poll | None:
    """A poll, for the notices about it."""
    return session.get(Poll, poll_id, populate_existing=True)


def standing(session: Session, poll: Poll) -> Standing:
    """How a poll stands."""
    if poll.totals is not None:
        return Standing(tuple(poll.totals), poll.asked or 0)
    return Standing(count(session, poll), asked(session, poll))


# -- parts -------------------------------------------------------------------------------------


def locked(session: Session, poll_id: int, *, share: bool = False) -> Poll | None:
    return session.exec(
        select(Poll)
        .where(Poll.id == poll_id)
        .with_for_update(read=share)
        .execution_options(populate_existing=True)
    ).first()


def present(session: Session, meeting: Meeting) -> set[int] | None:
    """Who is in the room; None where nobody has taken the roll."""
    if meeting.opened_at is None:
        return None
    here = select(Seat.person_id).where(Seat.meeting_id == meeting.id)
    return set(
        session.exec(here.where(col(Seat.present_at).is_not(None), col(Seat.left_at).is_(None)))
    )


def count(session: Session, poll: Poll) -> tuple[int, ...]:
    found = dict(
        session.exec(
            select(Choice.choice, func.count())
            .where(Choice.poll_id == poll.id)
            .group_by(col(Choice.choice))
        ).all()
    )
    return tuple(found.get(place, 0) for place in range(len(poll.choices)))


def asked(session: Session, poll: Poll) -> int:
    meeting = session.get_one(Meeting, poll.meeting_id)
    here = present(session, meeting)
    if here is not None:
        return len(here)
    seats = select(func.count()).where(Seat.meeting_id == meeting.id)
    return session.exec(seats).one()
