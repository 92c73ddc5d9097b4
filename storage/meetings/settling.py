"""When a closed roll is settled: the minutes are final, or its time for corrections is over.

What is counted over months (`storage/report/missing.py`) waits for that, and looks again when the
roll is changed all the same. It counts regular meetings; of thematic ones it is waited for, too,
for whoever was absent is offered their lesson (`storage/campaigns/makingup.py`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from storage import schedule
from storage.meetings.tables import MONTHLY, QUARTERLY, Meeting, MeetingState

SETTLED = "meeting.settled"  # what happens then
STUDIED = "meeting.studied"  # the same, of a theme
CORRECTIONS = timedelta(hours=48)  # how long after its end a roll is usually put right

# -- rules -------------------------------------------------------------------------------------


def settles_at(meeting: Meeting) -> datetime | None:
    """When a roll is, or was, settled; None for one that is not closed."""
    if meeting.state != MeetingState.CLOSED or meeting.closed_at is None:
        return None
    later = meeting.closed_at + CORRECTIONS
    return later if meeting.locked_at is None else min(meeting.locked_at, later)


def is_settled(meeting: Meeting, now: datetime) -> bool:
    """Whether a roll is settled now."""
    at = settles_at(meeting)
    return at is not None and at <= now


# -- actions -----------------------------------------------------------------------------------


def await_settling(session: Session, meeting: Meeting, *, now: datetime) -> None:
    """A roll was closed, made final or changed: it is looked at once it is settled."""
    at = settles_at(meeting)
    if at is not None and meeting.kind in MONTHLY:
        about = f"settled:{meeting.id}"
        schedule.once(session, SETTLED, about, max(at, now), zone=meeting.zone)
    if at is not None and meeting.kind in QUARTERLY:
        about = f"studied:{meeting.id}"
        schedule.once(session, STUDIED, about, max(at, now), zone=meeting.zone)
