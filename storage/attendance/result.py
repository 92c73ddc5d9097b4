"""After the roll call: requests to be entered late, the conclusion, and the final minutes.

Until the minutes are final, the committee may correct the roll; from then on nothing changes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from storage import audit, outbox, rules
from storage.acts import Did
from storage.attendance.entering import put_down
from storage.attendance.finding import Row, for_committee, meeting_rows
from storage.attendance.tables import Correction, Presence, Wrong, presence
from storage.errors import NotFound, Refusal
from storage.folding import clean_text
from storage.meetings import (
    Meeting,
    MeetingState,
    Seat,
    deciders,
    managed,
    requests,
    settle,
)
from storage.meetings.seats import ROLL_CARD
from storage.meetings.settling import await_settling
from storage.outbox import ANSWER, Class, to_person
from storage.powers import Actor, may
from storage.quiet import Quiet
from storage.roster import Person, Unit, unit_lineage

REQUEST = "attendance.request"  # to the committee
DECISION = "attendance.decision"  # to who asked
CONCLUSION_LIMIT = 3000


# -- rules -------------------------------------------------------------------------------------


def check_conclusion(text: str) -> str:
    """A conclusion as it is stored."""
    tidy = clean_text(text)
    if not tidy:
        raise Refusal("Please write the conclusion in words.")
    if len(tidy) > CONCLUSION_LIMIT:
        raise Refusal("A conclusion takes at most {limit} letters.", limit=CONCLUSION_LIMIT)
    return tidy


def check_changeable(meeting: Meeting) -> None:
    """The result of a closed meeting may be worked on until the minutes are final."""
    if meeting.state != MeetingState.CLOSED:
        raise Refusal("Please close check-in first.")
    if meeting.locked_at is not None:
        raise Refusal("The minutes are final; nothing can be changed any more.")


def askable_from(meeting: Meeting) -> datetime:
    """From when on the time counts in which somebody may ask to have their entry put right."""
    return max(meeting.closed_at or meeting.closes_at or meeting.starts_at, meeting.starts_at)


def hours_to_ask(session: Session, meeting: Meeting, profile: str) -> float | None:
    """How many hours that time has; None where no rule says so."""
    unit = session.get_one(Unit, meeting.unit_id)
    day = meeting.starts_at.astimezone(ZoneInfo(meeting.zone)).date()
    return rules.rule(session, profile, "correction.hours", unit, on=day).value


def _is_so(seat: Seat, wrong: Wrong) -> bool:
    """Whether the entry says what somebody says is wrong."""
    if wrong == Wrong.ABSENT:
        return seat.present_at is None
    return seat.late if wrong == Wrong.LATE else seat.left_at is not None


# -- actions: the committee --------------------------------------------------------------------


def conclude(
    session: Session, actor: Actor, meeting_id: int, text: str, *, now: datetime
) -> Meeting:
    """Writes down what the meeting concluded, in place of what was written before."""
    meeting = managed(session, actor, meeting_id, power="attendance.take")
    check_changeable(meeting)
    meeting.conclusion = check_conclusion(text)
    session.add(meeting)
    session.flush()
    audit.record(session, actor, Did.MINUTES_CONCLUDE, meeting.about, now=now)
    return meeting


def lock(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> Meeting:
    """Makes the minutes final; requests that still wait are turned down, and told so."""
    meeting = managed(session, actor, meeting_id, power="attendance.take")
    if meeting.locked_at is not None:
        return meeting
    make_final(session, actor, meeting, now=now)
    return meeting


def make_final(session: Session, actor: Actor, meeting: Meeting, *, now: datetime) -> None:
    """The same, for whoever has asked for the right and holds the meeting's lock."""
    meeting_id = meeting.id
    check_changeable(meeting)
    if now < meeting.starts_at:
        raise Refusal("This meeting has not begun yet.")
    for correction, seat, _person in waiting(session, meeting_id):
        _settle(session, meeting, correction, seat, actor, granted=False, now=now)
    for seat, _meeting, _person in requests(session, [meeting.unit_id], now, meeting_id=meeting.id):
        settle(session, meeting, seat, actor, approve=False, now=now)
    meeting.locked_at, meeting.locked_by = now, actor.person_id
    session.add(meeting)
    session.flush()
    outbox.refresh(session, ROLL_CARD, meeting.roll_subject)  # nobody can ask any more
    audit.record(session, actor, Did.MINUTES_LOCK, meeting.about, now=now)
    await_settling(session, meeting, now=now)


def decide_correction(
    session: Session, actor: Actor, correction_id: int, *, granted: bool, now: datetime
) -> bool:
    """Enters who asked, or not, and tells them; False when somebody has decided already."""
    correction, seat, meeting, _person = correction_of(session, actor, correction_id)
    if correction.decided_at is not None:
        return False
    judges = {each.id for each in deciders(session, meeting, seat, now=now)}
    if actor.person_id == seat.person_id and seat.person_id not in judges:
        raise Refusal("Somebody else on the committee decides on your own request.")
    _settle(session, meeting, correction, seat, actor, granted=granted, now=now)
    return True


def take_away(
    session: Session, actor: Actor, meeting_id: int, *, now: datetime
) -> tuple[Meeting, list[Row]]:
    """The roll for a file; reasons only for the committee that decides on them."""
    meeting = for_committee(session, actor, meeting_id, power="meeting.result")
    reasons = may(actor, "absence.decide", unit_lineage(session, meeting.unit_id))
    audit.record(session, actor, Did.EXPORT_ATTENDANCE, meeting.about, now=now)
    return meeting, meeting_rows(session, meeting, reasons=reasons)


# -- actions: the one who missed it ------------------------------------------------------------


def ask_correction(
    session: Session,
    actor: Actor,
    meeting_id: int,
    *,
    wrong: Wrong = Wrong.ABSENT,
    quiet: Quiet,
    profile: str = "party",
    now: datetime,
) -> Correction:
    """Asks the committee to put one's entry right; asking twice is asking once."""
    meeting = session.get(Meeting, meeting_id)
    seat = session.exec(
        select(Seat)
        .where(Seat.meeting_id == meeting_id, Seat.person_id == actor.person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if meeting is None or seat is None or not actor.grants:
        raise NotFound
    asked = session.exec(
        select(Correction).where(Correction.seat_id == seat.id, Correction.wrong == wrong)
    ).first()
    if asked is not None:
        return asked
    if wrong == Wrong.ABSENT and seat.present_at is not None:
        raise Refusal("You are entered as present already.")
    if not _is_so(seat, wrong):
        raise Refusal("This is not what stands in the roll; nothing needs to be put right.")
    if meeting.opened_at is None or meeting.closes_at is None:
        raise Refusal("Check-in has not been opened yet.")
    if wrong == Wrong.ABSENT and meeting.state == MeetingState.CALLED and now < meeting.closes_at:
        raise Refusal("Check-in is still open: please check in yourself.")
    if meeting.locked_at is not None:
        raise Refusal("The minutes are final; nothing can be changed any more.")
    hours = hours_to_ask(session, meeting, profile)
    if hours is not None and now > askable_from(meeting) + timedelta(hours=hours):
        raise Refusal(
            "This could be asked within {hours} hours after the roll call. Please speak to the"
            " committee in person.",
            hours=round(hours),
        )
    asked = Correction(seat_id=seat.id, wrong=wrong, asked_at=now)
    session.add(asked)
    session.flush()
    outbox.enqueue(
        session,
        REQUEST,
        asked.subject,
        [
            {**to_person(each.id), "due_at": quiet.for_person(each, now)}
            for each in deciders(session, meeting, seat, now=now)
            if each.telegram_id is not None
        ],
        klass=Class.ONCE,
        now=now,
    )
    return asked


# -- questions ---------------------------------------------------------------------------------


def correction_of(
    session: Session, actor: Actor, correction_id: int
) -> tuple[Correction, Seat, Meeting, Person]:
    """A late request and what it is about, for one who may decide on it; locked."""
    about = session.exec(
        select(Seat.meeting_id)
        .join(Correction, col(Correction.seat_id) == Seat.id)
        .where(Correction.id == correction_id)
    ).first()
    if about is None:
        raise NotFound
    meeting = managed(session, actor, about, power="attendance.take")
    correction, seat, person = session.exec(
        select(Correction, Seat, Person)
        .join(Seat, col(Seat.id) == Correction.seat_id)
        .join(Person, col(Person.id) == Seat.person_id)
        .where(Correction.id == correction_id)
        .with_for_update(of=Correction)
        .execution_options(populate_existing=True)
    ).one()
    return correction, seat, meeting, person


def request_told(
    session: Session, correction_id: int
) -> tuple[Correction, Seat, Meeting, Person] | None:
    """A late request and what it is about, for the notices of it."""
    found = session.exec(
        select(Correction, Seat, Meeting, Person)
        .join(Seat, col(Seat.id) == Correction.seat_id)
        .join(Meeting, col(Meeting.id) == Seat.meeting_id)
        .join(Person, col(Person.id) == Seat.person_id)
        .where(Correction.id == correction_id)
    ).first()
    return None if found is None else (found[0], found[1], found[2], found[3])


def waiting(session: Session, meeting_id: int) -> list[tuple[Correction, Seat, Person]]:
    """The late requests of a meeting that nobody has decided on."""
    found = session.exec(
        select(Correction, Seat, Person)
        .join(Seat, col(Seat.id) == Correction.seat_id)
        .join(Person, col(Person.id) == Seat.person_id)
        .where(Seat.meeting_id == meeting_id, col(Correction.decided_at).is_(None))
        .order_by(col(Correction.id))
    ).all()
    return [(correction, seat, person) for correction, seat, person in found]


def _settle(
    session: Session,
    meeting: Meeting,
    correction: Correction,
    seat: Seat,
    actor: Actor,
    *,
    granted: bool,
    now: datetime,
) -> None:
    was = presence(seat)
    wrong = Wrong(correction.wrong)
    if granted and wrong == Wrong.ABSENT:
        put_down(session, actor, meeting, seat.id, Presence.PRESENT, now=now)
    elif granted:
        seat.late, seat.left_at = (
            (False, seat.left_at) if wrong == Wrong.LATE else (seat.late, None)
        )
        session.add(seat)
    about = {**meeting.about, "person": seat.person_id, "request": correction.id}
    audit.record(
        session,
        actor,
        Did.PRESENCE_DECIDE,
        about,
        now=now,
        granted=granted,
        was=was,
        became=presence(seat),
        wrong=None if wrong == Wrong.ABSENT else wrong,
    )
    correction.granted, correction.decided_by = granted, actor.person_id
    correction.decided_at = now
    session.add(correction)
    session.flush()
    outbox.cancel(session, correction.subject, kind=REQUEST)
    outbox.enqueue(
        session,
        DECISION,
        correction.subject,
        [to_person(seat.person_id)],
        klass=Class.ONCE,
        priority=ANSWER,
        now=now,
    )
