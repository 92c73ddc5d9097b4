"""Draft, confirmed, final: the chair and the minute-taker confirm the minutes, then they are final.

The secretary sends the draft; each of the two confirms it, or says what has to be mended. They
confirm what they saw: when anything in the minutes changes, they are asked again. With the second
confirmation the minutes are final. The secretary alone makes them final where one of the two
cannot be asked (nobody is written down, or no message reaches them), or has not answered within
the days of the rule `minutes.days`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from storage import attendance, audit, outbox
from storage.acts import Did
from storage.errors import NotFound, Refusal
from storage.folding import clean_text
from storage.meetings import Meeting, managed, requests
from storage.meetings.finding import locked
from storage.minutes.facts import digest, facts_of, gather, kept, signing
from storage.minutes.tables import Confirmation, Erratum, Final
from storage.outbox import ANSWER, Class, to_person
from storage.powers import Actor, may, require
from storage.quiet import Quiet
from storage.reach import Reach, reach
from storage.roster import Person, Unit, unit_lineage
from storage.rules import rule

CONFIRM = "minutes.confirm"  # to the chair and the minute-taker
OBJECTION = "minutes.objection"  # to who asked them
CONFIRMED = "minutes.confirmed"  # likewise: both have, and what came of it
PARTS = ("chair", "minute_taker")
TEXT_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Signer:
    """One who signs the minutes: in which part, and what they said to the present state."""

    part: str
    person: Person | None = None
    asked: Confirmation | None = None  # about the minutes as they are now
    outdated: bool = False  # they were asked, but about another state

    @property
    def confirmed(self) -> bool:
        """Whether they have confirmed what the minutes say now."""
        return self.asked is not None and self.asked.confirmed_at is not None

    def waits_for(self, person_id: int | None) -> bool:
        """Whether this person has been asked what the minutes say now, and has not confirmed it."""
        asked, person = self.asked, self.person
        if asked is None or asked.confirmed_at is not None or person is None:
            return False
        return person.id == person_id

    @property
    def reached(self) -> bool:
        """Whether they can be asked at all."""
        person = self.person
        return person is not None and person.ended is None and reach(person) is Reach.LINKED


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the minutes of a meeting stand."""

    digest: str
    signers: tuple[Signer, ...]
    undecided: int  # requests about the roll that wait
    overdue: bool  # somebody has not answered for longer than the rule gives them

    @property
    def complete(self) -> bool:
        """Whether both have confirmed what the minutes say now."""
        return all(each.confirmed for each in self.signers)

    @property
    def out_of_reach(self) -> bool:
        """Whether one of the two cannot be asked."""
        return not all(each.reached or each.confirmed for each in self.signers)

    @property
    def finalisable(self) -> bool:
        """Whether the secretary may make the minutes final."""
        return self.complete or self.out_of_reach or self.overdue


# -- rules -------------------------------------------------------------------------------------


def check_text(text: str) -> str:
    """What somebody objects to, or corrects, as it is stored."""
    tidy = clean_text(text)
    if not tidy:
        raise Refusal("Please write in words what is to be mended.")
    if len(tidy) > TEXT_LIMIT:
        raise Refusal("This takes at most {limit} letters.", limit=TEXT_LIMIT)
    return tidy


# -- actions: the committee --------------------------------------------------------------------


def send(
    session: Session, actor: Actor, meeting_id: int, *, profile: str, quiet: Quiet, now: datetime
) -> int:
    """Asks those who sign and have not confirmed yet; returns how many. Asked twice is once."""
    meeting = managed(session, actor, meeting_id, power="attendance.take")
    attendance.check_changeable(meeting)
    if now < meeting.starts_at:
        raise Refusal("This meeting has not begun yet.")
    now_stands = standing(session, meeting, profile=profile, now=now)
    if now_stands.undecided:
        raise Refusal("Please decide on the requests that wait first: they change the minutes.")
    wanted = {
        each.person.id: each
        for each in now_stands.signers
        if each.person is not None and each.reached and not each.confirmed
    }
    owed = [_ask(session, actor, meeting, now_stands.digest, each, now) for each in wanted.values()]
    new = [asked for asked in owed if asked is not None]
    for asked in new:
        person = session.get_one(Person, asked.person_id)
        outbox.enqueue(
            session,
            CONFIRM,
            asked.subject,
            [{**to_person(person.id), "due_at": quiet.for_person(person, now)}],
            klass=Class.ONCE,
            revision=asked.times,
            now=now,
        )
    if new:
        audit.record(session, actor, Did.MINUTES_SEND, meeting.about, now=now, asked=len(new))
    return len(new)


def finalise(
    session: Session, actor: Actor, meeting_id: int, *, profile: str, now: datetime
) -> Meeting:
    """The secretary makes the minutes final; pressed twice, the same."""
    meeting = managed(session, actor, meeting_id, power="attendance.take")
    if meeting.locked_at is None:
        attendance.check_changeable(meeting)
        if not standing(session, meeting, profile=profile, now=now).finalisable:
            raise Refusal("The chair and the minute-taker confirm the minutes before that.")
        attendance.lock(session, actor, meeting_id, now=now)
        _keep(session, meeting)
    return meeting


def correct(
    session: Session, actor: Actor, meeting_id: int, text: str, *, now: datetime
) -> Erratum:
    """Adds a correction to final minutes; what they say stays. Said twice it stands once."""
    meeting = managed(session, actor, meeting_id, power="attendance.take")
    if meeting.locked_at is None:
        raise Refusal("The minutes are not final yet: please correct them directly.")
    tidy = check_text(text)
    made = session.exec(
        select(Erratum).where(Erratum.meeting_id == meeting_id).order_by(col(Erratum.number))
    ).all()
    if made and made[-1].text == tidy:
        return made[-1]
    erratum = Erratum(
        meeting_id=meeting_id, number=len(made) + 1, at=now, by=actor.person_id, text=tidy
    )
    session.add(erratum)
    session.flush()
    audit.record(session, actor, Did.MINUTES_CORRECT, meeting.about, now=now, number=erratum.number)
    return erratum


# -- actions: who signs ------------------------------------------------------------------------


def confirm(
    session: Session, actor: Actor, asked_id: int, *, profile: str, now: datetime
) -> Meeting:
    """Confirms the minutes as they were shown; with the second confirmation they are final."""
    asked, meeting = for_signer(session, actor, asked_id)
    if asked.confirmed_at is not None:
        return meeting
    _check_open(session, asked, meeting)
    asked.confirmed_at, asked.objected_at, asked.objection = now, None, None
    session.add(asked)
    session.flush()
    about = {**meeting.about, "confirmation": asked.id}
    audit.record(session, actor, Did.MINUTES_CONFIRM, about, now=now)
    stands = standing(session, meeting, profile=profile, now=now)
    if stands.complete:
        if not stands.undecided:  # else the secretary decides first: final minutes turn them down
            attendance.make_final(session, actor, meeting, now=now)
            _keep(session, meeting)
        _tell(session, asked, CONFIRMED, now=now)
    return meeting


def object_to(session: Session, actor: Actor, asked_id: int, text: str, *, now: datetime) -> None:
    """Says what has to be mended; whoever sent the minutes is told."""
    asked, meeting = for_signer(session, actor, asked_id)
    _check_open(session, asked, meeting)
    tidy = check_text(text)
    if asked.objected_at is not None and asked.objection == tidy:
        return
    if asked.objected_at is not None:
        asked.times += 1  # something else is to be mended: it is told again
    asked.objection, asked.objected_at, asked.confirmed_at = tidy, now, None
    session.add(asked)
    session.flush()
    about = {**meeting.about, "confirmation": asked.id}
    audit.record(session, actor, Did.MINUTES_OBJECT, about, now=now)
    _tell(session, asked, OBJECTION, now=now)


# -- questions ---------------------------------------------------------------------------------


def standing(session: Session, meeting: Meeting, *, profile: str, now: datetime) -> Standing:
    """Who has confirmed what the minutes say now, and what is in the way."""
    present = digest(facts_of(session, meeting))
    signers = []
    for part, person_id in zip(PARTS, signing(meeting), strict=True):
        person = session.get(Person, person_id) if person_id is not None else None
        rows = session.exec(
            select(Confirmation)
            .where(Confirmation.meeting_id == meeting.id, Confirmation.person_id == person_id)
            .order_by(col(Confirmation.id))
            .execution_options(populate_existing=True)
        ).all()
        asked = next((row for row in rows if row.digest == present), None)
        signers.append(Signer(part, person, asked, outdated=bool(rows) and asked is None))
    waiting = len(attendance.waiting(session, meeting.id))
    waiting += len(requests(session, [meeting.unit_id], now, meeting_id=meeting.id))
    return Standing(
        present, tuple(signers), waiting, _overdue(session, meeting, signers, profile, now)
    )


def may_read(session: Session, actor: Actor, meeting_id: int) -> Meeting:
    """A meeting whose minutes the actor may read: its committee, and who was asked to sign."""
    meeting = attendance.for_committee(session, actor, meeting_id, power="minutes.sign")
    if not may(actor, "attendance.take", unit_lineage(session, meeting.unit_id)):
        asked = session.exec(
            select(Confirmation.id).where(
                Confirmation.meeting_id == meeting_id, Confirmation.person_id == actor.person_id
            )
        ).first()
        if asked is None or actor.person_id not in signing(meeting):
            raise NotFound
    return meeting


def for_signer(session: Session, actor: Actor, asked_id: int) -> tuple[Confirmation, Meeting]:
    """What somebody was asked to confirm, and its meeting, locked; NotFound for anybody else."""
    asked = session.get(Confirmation, asked_id)
    if asked is None or asked.person_id != actor.person_id:
        raise NotFound
    meeting = locked(session, asked.meeting_id)
    if meeting is None or actor.person_id not in signing(meeting):
        raise NotFound
    require(actor, "minutes.sign", unit_lineage(session, meeting.unit_id))
    session.refresh(asked)
    return asked, meeting


def told(session: Session, asked_id: int) -> tuple[Confirmation, Meeting, Person] | None:
    """A question to somebody who signs, for the notices about it."""
    asked = session.get(Confirmation, asked_id)
    if asked is None:
        return None
    return (
        asked,
        session.get_one(Meeting, asked.meeting_id),
        session.get_one(Person, asked.person_id),
    )


# -- parts -------------------------------------------------------------------------------------


def _ask(
    session: Session, actor: Actor, meeting: Meeting, seen: str, signer: Signer, now: datetime
) -> Confirmation | None:
    """Asks one of the two; None where the question about this state stands already."""
    asked = signer.asked
    if asked is None:
        person_id = signer.person.id if signer.person else 0
        asked = Confirmation(meeting_id=meeting.id, person_id=person_id, digest=seen, asked_at=now)
    elif asked.objected_at is not None:
        asked.objected_at, asked.objection = None, None
        asked.asked_at, asked.times = now, asked.times + 1
    else:
        return None
    asked.asked_by = actor.person_id
    session.add(asked)
    session.flush()
    return asked


def _check_open(session: Session, asked: Confirmation, meeting: Meeting) -> None:
    attendance.check_changeable(meeting)
    if digest(gather(session, meeting)) != asked.digest:
        raise Refusal(
            "The minutes were changed after they were sent to you. Nothing was noted; "
            "the secretary sends them to you again."
        )


def _overdue(
    session: Session, meeting: Meeting, signers: list[Signer], profile: str, now: datetime
) -> bool:
    unit = session.get_one(Unit, meeting.unit_id)
    today = now.astimezone(ZoneInfo(meeting.zone)).date()
    days = rule(session, profile, "minutes.days", unit, on=today).value
    if days is None:
        return False
    silent = [
        each.asked for each in signers if each.asked is not None and each.asked.confirmed_at is None
    ]
    return any(
        asked.objected_at is None and now >= asked.asked_at + timedelta(days=days)
        for asked in silent
    )


def _keep(session: Session, meeting: Meeting) -> None:
    session.add(Final(meeting_id=meeting.id, facts=kept(gather(session, meeting))))
    session.flush()


def _tell(session: Session, asked: Confirmation, kind: str, *, now: datetime) -> None:
    """An answer to who sent the minutes: no quiet hours hold it."""
    if asked.asked_by is None:
        return
    outbox.enqueue(
        session,
        kind,
        asked.subject,
        [to_person(asked.asked_by)],
        klass=Class.ONCE,
        revision=asked.times,
        priority=ANSWER,
        now=now,
    )
