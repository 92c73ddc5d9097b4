"""Taking part from afar: whether a meeting allows it, and where.

It is off unless the committee allows it, so that the usual invitation has two answers, not three.
Who has said that they take part from afar relies on it: from then on it stays allowed.
"""

from __future__ import annotations

import re
from datetime import datetime

from sqlmodel import Session, col, func, select

from storage import audit
from storage.acts import Did
from storage.errors import Refusal
from storage.meetings.answering import takes_answers
from storage.meetings.finding import managed
from storage.meetings.tables import Answer, Meeting, Seat
from storage.powers import Actor

LINK_LIMIT = 300

# -- rules -------------------------------------------------------------------------------------


def check_link(text: str) -> str:
    """The address of an online meeting as it is stored."""
    tidy = text.strip()
    if not re.fullmatch(r"https?://[^\s<>\"]+\.[^\s<>\"]+", tidy) or len(tidy) > LINK_LIMIT:
        raise Refusal("Please send the whole address, beginning with https://.")
    return tidy


# -- actions -----------------------------------------------------------------------------------


def allow_online(
    session: Session, actor: Actor, meeting_id: int, *, link: str | None = None, now: datetime
) -> Meeting:
    """Lets people take part from afar, at this address if it is known already."""
    meeting = managed(session, actor, meeting_id)
    _check_ahead(meeting, now)
    link = check_link(link) if link is not None else meeting.online_link
    if (meeting.online, meeting.online_link) != (True, link):
        meeting.online, meeting.online_link = True, link
        _write(session, actor, meeting, now)
    return meeting


def forbid_online(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> Meeting:
    """On the spot only, as usual; not once somebody has said that they take part from afar."""
    meeting = managed(session, actor, meeting_id)
    _check_ahead(meeting, now)
    relying = session.exec(
        select(func.count())
        .select_from(Seat)
        .where(col(Seat.meeting_id) == meeting.id, col(Seat.answer) == Answer.ONLINE)
    ).one()
    if relying:
        raise Refusal("{n} have said that they take part from afar; it stays allowed.", n=relying)
    if meeting.online:
        meeting.online, meeting.online_link = False, None
        _write(session, actor, meeting, now)
    return meeting


# -- parts -------------------------------------------------------------------------------------


def _check_ahead(meeting: Meeting, now: datetime) -> None:
    if not takes_answers(meeting, now=now):
        raise Refusal("This meeting is not ahead any more.")


def _write(session: Session, actor: Actor, meeting: Meeting, now: datetime) -> None:
    session.add(meeting)
    session.flush()
    allowed = int(meeting.online)
    audit.record(session, actor, Did.MEETING_ONLINE, meeting.about, now=now, allowed=allowed)
