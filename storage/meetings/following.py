"""The seats follow the roll: whoever joins it, changes place on it or leaves it.

What a called meeting says of who is expected is true at once, and not only from the next morning.
The invitation of who is new to it waits a minute, as the meeting's own notice does: a slip of the
committee that is mended at once is not spoken of.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from storage import outbox
from storage.meetings.calling import UNDO
from storage.meetings.seats import ROLL_CARD, invite, sync_seats, unheard
from storage.meetings.tables import UNDER_WAY, Meeting, MeetingState, Seat
from storage.quiet import Quiet
from storage.roster import Unit, lineage_ids

FEW = 500  # people who can be named in a query; for more, the whole roll is compared


def follow(
    session: Session,
    people: Collection[int],
    unit_ids: Collection[int | None],
    *,
    quiet: Quiet | None = None,
    now: datetime,
) -> None:
    """The roll of these units has changed for these people: the meetings ahead are told so.

    Once check-in is open nobody loses a seat, and once a meeting has begun nobody is invited.
    """
    among = people if len(people) <= FEW else None
    for meeting in _called_above(session, unit_ids, now):
        new = sync_seats(session, meeting, among=among, now=now)
        if meeting.ahead(now):
            told = [each for each in unheard(session, meeting, among) if each.id in people]
            invite(session, meeting, told, at=now + UNDO, quiet=quiet, now=now)
        if meeting.opened_at is not None and new:
            outbox.refresh(session, ROLL_CARD, meeting.roll_subject)


def unseat(session: Session, people: Collection[int], *, now: datetime) -> None:
    """Takes people who were never on the bot out of the meetings ahead, as if never expected."""
    ahead = select(Meeting.id).where(
        Meeting.state == MeetingState.CALLED,
        col(Meeting.opened_at).is_(None),
        Meeting.starts_at > now - UNDER_WAY,
    )
    session.execute(
        delete(Seat)
        .where(col(Seat.person_id).in_(people), col(Seat.meeting_id).in_(ahead))
        .execution_options(synchronize_session=False)
    )


def _called_above(
    session: Session, unit_ids: Collection[int | None], now: datetime
) -> list[Meeting]:
    """The called meetings, not over, of these units and of all above them."""
    lineages = session.exec(select(Unit.lineage).where(col(Unit.id).in_(unit_ids))).all()
    above = {number for lineage in lineages for number in lineage_ids(lineage)}
    return list(
        session.exec(
            select(Meeting)
            .where(col(Meeting.unit_id).in_(above), Meeting.state == MeetingState.CALLED)
            .where(Meeting.starts_at > now - UNDER_WAY)
            .order_by(col(Meeting.starts_at), col(Meeting.id))
        ).all()
    )
