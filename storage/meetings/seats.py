"""Who is convened, and who knows of it.

Seats are written when a meeting is called. The roll goes on changing until the roll call is
opened: `sync_seats` gives a seat to whoever joined and takes it from whoever left, at each change
of the roll (`following`) and once more every morning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from storage import outbox
from storage.db import upsert
from storage.meetings.tables import UNDER_WAY, Answer, Meeting, MeetingKind, MeetingUnit, Seat
from storage.outbox import Class, Notice, State, to_person
from storage.powers import COMMITTEE
from storage.quiet import Quiet
from storage.reach import Reach, not_reached
from storage.roster import NOT_CONVENED, Person, Standing, Unit, holders, members, within

INVITATION = "meeting.invitation"  # to a person, from calling a meeting
CHANGE = "meeting.change"  # to a person who was told of another day, time or place
CANCELLATION = "meeting.cancellation"
ANNOUNCEMENT = "meeting.announcement"  # all three, to the group: time and place only
REMINDER = "meeting.reminder"
ROLL_CARD = "attendance.card"  # the standing card of the roll call; it counts the excused
ROLL = "meeting.roll"  # what happens every morning: the seats follow the roll
PAPERS = "papers.missing"  # when documents should be there; see storage/papers.py


def convened(
    session: Session,
    unit_id: int,
    kind: str,
    *,
    units: Sequence[int] = (),
    among: Collection[int] | None = None,
    now: datetime,
    zone: str,
) -> list[Person]:
    """Whom a meeting of this kind calls together today; `among` asks of these people only.

    `units` are those below that are called where not all are: their members, or for a committee's
    meeting their committees; and always the committee that calls them.
    """
    found = _called(session, unit_id, kind, units, among, now.astimezone(ZoneInfo(zone)).date())
    return [each for each in found if each.standing == Standing.HERE]


def set_apart(session: Session, meeting: Meeting) -> Counter[Standing]:
    """How many of those whom the meeting calls take no part in the life of the unit, and why."""
    units = [unit.id for unit in units_called(session, meeting.id)]
    day = meeting.starts_at.astimezone(ZoneInfo(meeting.zone)).date()
    found = _called(session, meeting.unit_id, meeting.kind, units, None, day)
    return Counter(each.standing for each in found if each.standing != Standing.HERE)


def _called(
    session: Session,
    unit_id: int,
    kind: str,
    units: Sequence[int],
    among: Collection[int] | None,
    today: date,
) -> list[Person]:
    """Whom such a meeting is for, whether they take part at present or not."""
    if kind == MeetingKind.COMMITTEE:
        found = _committees(session, [unit_id, *units], today)
        return [person for person in found if among is None or person.id in among]
    found = members(session, session.get_one(Unit, unit_id), among)
    if units:
        chosen = _within(session, units)
        callers = {person.id for person in _committees(session, [unit_id], today)}
        found = [each for each in found if each.unit_id in chosen or each.id in callers]
    return [person for person in found if person.kind not in NOT_CONVENED]


def units_called(session: Session, meeting_id: int) -> list[Unit]:
    """The units below that a meeting calls, by name; none where it calls all of them."""
    found = (
        select(Unit)
        .join(MeetingUnit, col(MeetingUnit.unit_id) == Unit.id)
        .where(MeetingUnit.meeting_id == meeting_id)
        .order_by(Unit.folded, col(Unit.id))
    )
    return list(session.exec(found).all())


def _committees(session: Session, unit_ids: Sequence[int], today: date) -> list[Person]:
    """Those who hold a role on the committees of these units today, each once."""
    found = [
        person
        for unit_id in unit_ids
        for person in holders(session, unit_id, COMMITTEE, today=today)
    ]
    return list({person.id: person for person in found}.values())


def _within(session: Session, unit_ids: Sequence[int]) -> set[int]:
    """These units and all below them."""
    chosen = session.exec(select(Unit).where(col(Unit.id).in_(unit_ids))).all()
    below = select(Unit.id).where(or_(*(within(unit) for unit in chosen)))
    return set(session.exec(below).all())


def sync_seats(
    session: Session,
    meeting: Meeting,
    *,
    among: Collection[int] | None = None,
    now: datetime,
) -> list[Person]:
    """Brings the seats in line with the roll; returns who has a new one.

    Once the roll call is open nobody loses a seat. `among` leaves everybody else's as it is.
    """
    people = convened(
        session,
        meeting.unit_id,
        meeting.kind,
        units=[unit.id for unit in units_called(session, meeting.id)],
        among=among,
        now=now,
        zone=meeting.zone,
    )
    taken = select(Seat.person_id).where(Seat.meeting_id == meeting.id)
    if among is not None:
        taken = taken.where(col(Seat.person_id).in_(among))
    seated = set(session.exec(taken).all())
    gone = seated - {person.id for person in people}
    if gone and meeting.opened_at is None:
        session.execute(
            delete(Seat).where(col(Seat.meeting_id) == meeting.id, col(Seat.person_id).in_(gone))
        )
        for person_id in gone:
            outbox.cancel(session, meeting.subject, recipient=f"p{person_id}")
    new = [person for person in people if person.id not in seated]
    if new:
        session.execute(
            upsert(session, Seat).on_conflict_do_nothing(),
            [
                {
                    "meeting_id": meeting.id,
                    "person_id": person.id,
                    "unit_id": person.unit_id,
                    "member_kind": person.kind,
                    "answer": Answer.NONE.value,
                    "requests": 0,
                    "reminders": 0,
                }
                for person in new
            ],
        )
    return new


def invite(
    session: Session,
    meeting: Meeting,
    people: Iterable[Person],
    *,
    at: datetime,
    quiet: Quiet | None,
    now: datetime,
) -> int:
    """Owes each who has an account an invitation, from `at` on, after their quiet hours.

    One that comes late, to a meeting that has begun, still says where everybody is.
    """
    recipients = [
        {**to_person(person.id), "due_at": quiet.for_person(person, at) if quiet else at}
        for person in people
        if person.telegram_id is not None
    ]
    return outbox.enqueue(
        session,
        INVITATION,
        meeting.subject,
        recipients,
        klass=Class.REMINDER,
        revision=meeting.revision,
        valid_until=meeting.starts_at + UNDER_WAY,
        now=now,
    )


def reachable(
    session: Session, meeting_id: int, among: Collection[int] | None = None
) -> list[Person]:
    """Those convened who have an account; `among` asks of these people only."""
    found = (
        select(Person)
        .join(Seat, col(Seat.person_id) == Person.id)
        .where(Seat.meeting_id == meeting_id, col(Person.telegram_id).is_not(None))
        .where(col(Person.ended).is_(None))
        .order_by(col(Person.id))
    )
    if among is not None:
        found = found.where(col(Person.id).in_(among))
    return list(session.exec(found).all())


def out_of_reach(session: Session, meeting_id: int) -> list[tuple[Reach, Person]]:
    """Those convened whom no message reaches: by the way to reach them, then by given name."""
    people = session.exec(
        select(Person)
        .join(Seat, col(Seat.person_id) == Person.id)
        .where(Seat.meeting_id == meeting_id, col(Person.ended).is_(None))
        .order_by(Person.sort_key, col(Person.id))
    ).all()
    return not_reached(people)


def fared(session: Session, meeting: Meeting, missing: Collection[int]) -> Counter[State]:
    """What became of the invitations: of each one convened, but for the missing, the newest."""
    found = session.exec(
        select(Notice.person_id, Notice.state)
        .join(Seat, col(Seat.person_id) == Notice.person_id)
        .where(Seat.meeting_id == meeting.id)
        .where(Notice.subject == meeting.subject, Notice.kind == INVITATION)
        .order_by(col(Notice.id))
    ).all()
    newest = {person_id: State(state) for person_id, state in found if person_id not in missing}
    return Counter(newest.values())


def unheard(
    session: Session, meeting: Meeting, among: Collection[int] | None = None
) -> list[Person]:
    """Those let in who were never owed a word: new on the roll, or newly linked."""
    told = select(Notice.person_id).where(
        Notice.subject == meeting.subject, col(Notice.kind).in_((INVITATION, CHANGE))
    )
    if among is not None:
        told = told.where(col(Notice.person_id).in_(among))
    known = set(session.exec(told).all())
    found = reachable(session, meeting.id, among)
    return [each for each in found if each.id not in known and each.consented_at is not None]


def uninvited(session: Session, meeting: Meeting) -> set[int]:
    """The people whose invitation has not left yet: they know of nothing."""
    found = session.exec(
        select(Notice.person_id)
        .where(Notice.subject == meeting.subject, Notice.kind == INVITATION)
        .where(col(Notice.state).in_(outbox.UNSENT))
    ).all()
    return {person_id for person_id in found if person_id is not None}


def told(session: Session, meeting: Meeting) -> list[Person]:
    """Those who may know of the meeting, and so must hear when it changes."""
    waiting = uninvited(session, meeting)
    return [person for person in reachable(session, meeting.id) if person.id not in waiting]
