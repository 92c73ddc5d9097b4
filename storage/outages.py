"""After a long silence: who may have pressed in vain is told to press again.

Telegram keeps a message for a day, but a press for 150 seconds only (measured; a later one is gone
without a trace). So when the bot hears Telegram again after longer than that, the groups in which
check-in is open and the people who are in the middle of something are told, once. Times of the
silence are real ones: the clock of a demo may be moved, Telegram's patience cannot.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from storage import outbox, upkeep
from storage.campaigns.tables import QuizRun
from storage.drafts import DraftRow
from storage.groups import Group
from storage.meetings.tables import Meeting, MeetingState
from storage.outbox import NOTICE, URGENT, Class, to_group, to_person
from storage.quiet import Quiet
from storage.roster import Person
from storage.upkeep import Mark, Upkeep

PRESS_KEPT = timedelta(seconds=150)
ACTIVE = timedelta(hours=1)  # who has left a form alone for longer is in the middle of nothing
TOLD_WITHIN = timedelta(minutes=30)

TO_GROUP = "outage.group"
TO_PERSON = "outage.person"

# -- actions -----------------------------------------------------------------------------------


def heard(session: Session, *, at: datetime, quiet: Quiet, now: datetime) -> timedelta | None:
    """Telegram is heard at this real moment; returns how long it was not, if presses were lost.

    Of several processes one finds the silence: the mark is locked until the end of the transaction.
    """
    session.flush()
    last = session.exec(
        select(Upkeep).where(Upkeep.name == Mark.HEARD.value).with_for_update()
    ).first()
    silence = None if last is None else at - last.at
    upkeep.note(session, Mark.HEARD, now=at)
    if silence is None or silence <= PRESS_KEPT:
        return None
    _tell(session, f"outage:{round(at.timestamp())}", silence, quiet=quiet, now=now)
    return silence


# -- parts -------------------------------------------------------------------------------------


def _tell(
    session: Session, subject: str, silence: timedelta, *, quiet: Quiet, now: datetime
) -> None:
    facts = {"minutes": max(1, round(silence / timedelta(minutes=1)))}
    until = now + TOLD_WITHIN
    groups = session.exec(
        select(Group.id)
        .join(Meeting, col(Meeting.unit_id) == Group.unit_id)
        .where(Meeting.state == MeetingState.CALLED, col(Meeting.opened_at).is_not(None))
        .where(col(Meeting.closes_at) > now, col(Group.left_at).is_(None))
        .distinct()
    ).all()
    since = now - silence - ACTIVE
    forms = select(DraftRow.telegram_id).where(DraftRow.at >= since)
    quizzes = select(QuizRun.person_id).where(
        col(QuizRun.finished_at).is_(None), QuizRun.started_at >= since
    )
    people = session.exec(
        select(Person)
        .where(col(Person.telegram_id).in_(forms) | col(Person.id).in_(quizzes))
        .where(col(Person.ended).is_(None))
    ).all()
    due = [{**to_person(each.id), "due_at": quiet.for_person(each, now)} for each in people]
    for kind, recipients, priority in (
        (TO_GROUP, [to_group(number) for number in groups], URGENT),  # nobody there is asleep
        (TO_PERSON, due, NOTICE),
    ):
        outbox.enqueue(
            session,
            kind,
            subject,
            recipients,
            klass=Class.REMINDER,
            facts=facts,
            valid_until=until,
            priority=priority,
            now=now,
        )
