"""What people say about coming: will come, asks leave, thinks better of it; and the committee.

A request for leave has a number on its seat. The committee's buttons carry it, so that an old
button cannot decide about a new request. The first decision counts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from storage import audit, deputies, outbox
from storage.acts import Did
from storage.errors import NotFound, Refusal
from storage.folding import clean_name, clean_text
from storage.meetings import reminding
from storage.meetings.finding import request_of, seat_of
from storage.meetings.seats import ROLL_CARD
from storage.meetings.settling import await_settling
from storage.meetings.tables import Answer, Leave, Meeting, MeetingState, Seat
from storage.outbox import ANSWER, Class, to_person
from storage.powers import COMMITTEE, Actor
from storage.quiet import Quiet
from storage.roster import Person, holders

REASONS = ("business", "illness", "family")  # anything else is in the person's own words
REASON_LIMIT = 200
MESSAGE_LIMIT = 1000

REQUEST = "leave.request"  # to the committee
DECISION = "leave.decision"  # to who asked
REPLY = "leave.reply"  # from who asked, to whoever wrote from the committee
MESSAGE = "leave.message"  # from the committee, to who asked


# -- rules -------------------------------------------------------------------------------------


def takes_answers(meeting: Meeting, *, now: datetime) -> bool:
    """Whether people may still say, or change, whether they come: until it begins."""
    return meeting.ahead(now)


def undecided(meeting: Meeting, seat: Seat, request: int) -> bool:
    """Whether the request of that number still waits for the committee."""
    pending = seat.leave == Leave.PENDING and seat.requests == request
    stands = meeting.state in (MeetingState.CALLED, MeetingState.CLOSED)
    return pending and stands and meeting.locked_at is None


def check_reason(reason: str) -> str:
    """A reason as it is stored."""
    tidy = clean_name(reason)
    if not tidy:
        raise Refusal("Please say the reason in a few words.")
    if len(tidy) > REASON_LIMIT:
        raise Refusal("A reason takes at most {limit} letters.", limit=REASON_LIMIT)
    return tidy


def check_message(text: str) -> str:
    """A message as it is stored."""
    tidy = clean_text(text)
    if not tidy:
        raise Refusal("Please write the message in words.")
    if len(tidy) > MESSAGE_LIMIT:
        raise Refusal("A message takes at most {limit} letters.", limit=MESSAGE_LIMIT)
    return tidy


# -- actions: the one who is convened ----------------------------------------------------------


def come(
    session: Session,
    actor: Actor,
    meeting_id: int,
    *,
    revision: int,
    online: bool = False,
    elder: int | None = None,
    now: datetime,
) -> Seat:
    """Says that they will come, at the day and time that they saw: `revision` tells which.

    Here and below, `elder` is the person for whom a deputy answers.
    """
    answer = Answer.ONLINE if online else Answer.COMING
    return _answer(session, actor, meeting_id, answer, revision=revision, elder=elder, now=now)


def withdraw(
    session: Session,
    actor: Actor,
    meeting_id: int,
    *,
    revision: int,
    elder: int | None = None,
    now: datetime,
) -> Seat:
    """Takes a request for leave back: as if nothing had been said."""
    return _answer(session, actor, meeting_id, Answer.NONE, revision=revision, elder=elder, now=now)


def ask_leave(
    session: Session,
    actor: Actor,
    meeting_id: int,
    reason: str,
    *,
    revision: int,
    quiet: Quiet,
    elder: int | None = None,
    now: datetime,
) -> Seat:
    """Asks the committee for leave; asking twice for the same reason is asking once."""
    meeting, seat = _open_seat(session, actor, meeting_id, revision, elder, now)
    reason = check_reason(reason)
    if seat.leave in (Leave.PENDING, Leave.APPROVED) and seat.leave_reason == reason:
        return seat
    _forget_request(session, seat)
    reminding.take_back(session, meeting, person_id=seat.person_id)
    _note_answer(session, actor, meeting, seat, Answer.LEAVE, now=now)
    seat.leave, seat.leave_reason = Leave.PENDING, reason
    seat.requests += 1
    session.add(seat)
    session.flush()
    outbox.enqueue(
        session,
        REQUEST,
        seat.subject,
        [
            {**to_person(each.id), "due_at": quiet.for_person(each, now)}
            for each in deciders(session, meeting, seat, now=now)
            if each.telegram_id is not None
        ],
        klass=Class.ONCE,
        revision=seat.requests,
        now=now,
    )
    return seat


def reply(
    session: Session,
    actor: Actor,
    seat_id: int,
    text: str,
    *,
    to: int,
    letter: int,
    quiet: Quiet,
    now: datetime,
) -> bool:
    """Answers what the committee wrote about a request; a second press sends nothing.

    It goes to the one who wrote, or to the committee where they are no longer on it.
    """
    meeting, seat = own_seat(session, actor, seat_id)
    committee = deciders(session, meeting, seat, now=now)
    readers = [each for each in committee if each.id == to] or committee
    owed = outbox.enqueue(
        session,
        REPLY,
        seat.subject,
        [
            {**to_person(each.id), "due_at": quiet.for_person(each, now)}
            for each in readers
            if each.telegram_id is not None
        ],
        klass=Class.ONCE,
        revision=letter,
        facts={"text": check_message(text)},
        now=now,
    )
    return owed > 0


# -- actions: the committee --------------------------------------------------------------------


def decide(
    session: Session,
    actor: Actor,
    seat_id: int,
    request: int,
    *,
    approve: bool,
    reason: str | None = None,
    running: int | None = None,
    now: datetime,
) -> bool:
    """Grants or refuses leave and tells the one who asked; False when it is settled already.

    `reason` is the committee's word with a refusal. `running` tells the audit that it was known
    how often they were excused already (`storage/keeping.py`).
    """
    seat, meeting, _person = request_of(session, actor, seat_id)
    if not undecided(meeting, seat, request):
        return False
    _no_judge_in_own_cause(session, actor, meeting, seat, now)
    settle(session, meeting, seat, actor, approve=approve, reason=reason, running=running, now=now)
    outbox.refresh(session, ROLL_CARD, meeting.roll_subject)
    return True


def settle(
    session: Session,
    meeting: Meeting,
    seat: Seat,
    actor: Actor,
    *,
    approve: bool,
    reason: str | None = None,
    running: int | None = None,
    now: datetime,
) -> None:
    """Writes a decision down and tells the one who asked, and the deputy who asked for them."""
    seat.leave = Leave.APPROVED if approve else Leave.REFUSED
    seat.decided_by, seat.decided_at = actor.person_id, now
    seat.decision_reason = check_reason(reason) if reason and not approve else None
    session.add(seat)
    session.flush()
    outbox.cancel(session, seat.subject, kind=REQUEST)
    _tell(session, seat, DECISION, seat.requests, {}, now=now)
    about = {**meeting.about, "person": seat.person_id}
    audit.record(
        session, actor, Did.ABSENCE_DECIDE, about, now=now, became=seat.leave, running=running
    )
    await_settling(session, meeting, now=now)


def write_back(
    session: Session, actor: Actor, seat_id: int, text: str, *, letter: int, now: datetime
) -> bool:
    """Sends a message to who asked for leave; a second press of the same letter sends none."""
    seat, _meeting, _person = request_of(session, actor, seat_id)
    facts = {"text": check_message(text), "from": actor.person_id}
    return _tell(session, seat, MESSAGE, letter, facts, now=now) > 0


# -- questions ---------------------------------------------------------------------------------


def own_seat(session: Session, actor: Actor, seat_id: int) -> tuple[Meeting, Seat]:
    """The actor's own seat, by its number; NotFound for anybody else's."""
    seat = session.get(Seat, seat_id)
    if seat is None or seat.person_id != actor.person_id:
        raise NotFound
    return seat_of(session, actor, seat.meeting_id)


def elders_seat(session: Session, actor: Actor, seat_id: int) -> tuple[Meeting, Seat]:
    """The seat of somebody for whom the actor may answer, by its number; else NotFound."""
    seat = session.get(Seat, seat_id)
    if seat is None:
        raise NotFound
    return seat_of(session, actor, seat.meeting_id, elder=seat.person_id)


def elders_seated(session: Session, actor: Actor, meeting_id: int) -> list[tuple[Seat, Person]]:
    """Of those for whom the actor may answer, who is convened; by given name."""
    people = {person.id: person for _deputy, person in deputies.elders(session, actor.person_id)}
    found = session.exec(
        select(Seat).where(Seat.meeting_id == meeting_id, col(Seat.person_id).in_(people))
    ).all()
    by_person = {seat.person_id: seat for seat in found}
    return [(by_person[each], people[each]) for each in people if each in by_person]


def deciders(session: Session, meeting: Meeting, seat: Seat, *, now: datetime) -> list[Person]:
    """Who decides on a request: the committee but for the one who asks, if there is another."""
    today = now.astimezone(ZoneInfo(meeting.zone)).date()
    committee = holders(session, meeting.unit_id, COMMITTEE, today=today)
    return [each for each in committee if each.id != seat.person_id] or committee


# -- parts -------------------------------------------------------------------------------------


def _answer(
    session: Session,
    actor: Actor,
    meeting_id: int,
    answer: Answer,
    *,
    revision: int,
    elder: int | None,
    now: datetime,
) -> Seat:
    meeting, seat = _open_seat(session, actor, meeting_id, revision, elder, now)
    if seat.answer == answer:
        return seat
    if answer == Answer.ONLINE and not meeting.online:
        raise Refusal("One cannot take part in this meeting from afar.")
    _forget_request(session, seat)
    if answer != Answer.NONE:
        reminding.take_back(session, meeting, person_id=seat.person_id)
    _note_answer(session, actor, meeting, seat, answer, now=now)
    session.add(seat)
    session.flush()
    return seat


def _note_answer(
    session: Session, actor: Actor, meeting: Meeting, seat: Seat, answer: Answer, *, now: datetime
) -> None:
    """Who said what; what a deputy says for somebody is told to them and kept in the audit."""
    seat.answer, seat.answered_at, seat.answered_by = answer, now, None
    if actor.person_id != seat.person_id:
        seat.answered_by = actor.person_id
        about = {**meeting.about, "person": seat.person_id}
        audit.record(session, actor, Did.DEPUTY_ANSWER, about, now=now, answer=answer)
        deputies.tell(session, seat.subject, seat.person_id, now=now)


def _open_seat(
    session: Session,
    actor: Actor,
    meeting_id: int,
    revision: int,
    elder: int | None,
    now: datetime,
) -> tuple[Meeting, Seat]:
    """The seat, if the meeting is still the one that was seen.

    It is read anew now that the seat is locked: whoever moves the meeting asks every seat anew.
    """
    meeting, seat = seat_of(session, actor, meeting_id, elder=elder)
    session.refresh(meeting)
    if meeting.state == MeetingState.CANCELLED:
        raise Refusal("This meeting has been cancelled.")
    if not takes_answers(meeting, now=now):
        raise Refusal("This meeting has already begun.")
    if meeting.revision != revision:
        raise Refusal(
            "The meeting was changed meanwhile. Nothing was noted; please answer once more."
        )
    return meeting, seat


def _forget_request(session: Session, seat: Seat) -> None:
    """What was asked or decided before counts no more, and what is unsent of it is not sent."""
    outbox.cancel(session, seat.subject, kind=REQUEST)
    outbox.cancel(session, seat.subject, kind=DECISION)
    seat.leave, seat.leave_reason = None, None
    seat.decided_by, seat.decided_at, seat.decision_reason = None, None, None


def _no_judge_in_own_cause(
    session: Session, actor: Actor, meeting: Meeting, seat: Seat, now: datetime
) -> None:
    judges = {person.id for person in deciders(session, meeting, seat, now=now)}
    if actor.person_id == seat.person_id and seat.person_id not in judges:
        raise Refusal("Somebody else on the committee decides on your own request.")


def _tell(
    session: Session,
    seat: Seat,
    kind: str,
    revision: int,
    facts: dict[str, Any],
    *,
    now: datetime,
) -> int:
    """An answer to somebody's own request: first in line, and no quiet hours hold it."""
    asked = {seat.person_id, seat.answered_by or seat.person_id}  # a deputy may have asked
    return outbox.enqueue(
        session,
        kind,
        seat.subject,
        [to_person(each) for each in sorted(asked)],
        klass=Class.ONCE,
        revision=revision,
        facts=facts,
        priority=ANSWER,
        now=now,
    )
