"""Who has stayed away from regular meetings for months, and telling their committee in private.

Missing meetings without reason in several months of a year can end a membership (`missed.months`);
the committee is told before it comes to that, from the month of `missed.warn` on. A month is
missed by who was absent without reason from every regular meeting of that month to which they were
called: present or excused once saves it, and so does a roll that is not settled yet. The exempt
miss nothing.

One warning for each person, year and number of months. It is taken back when the roll is put
right, and whoever has read it is told so.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import UniqueConstraint, and_, case, func, or_, update
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, col, select

from storage import audit, outbox, rules
from storage.acts import Did
from storage.attendance import Presence
from storage.attendance.counting import stands
from storage.audit import CLOCK
from storage.db import Row, upsert
from storage.errors import NotFound
from storage.meetings import MONTHLY, Meeting, MeetingState, Seat
from storage.meetings.settling import CORRECTIONS, await_settling, is_settled
from storage.meetings.tables import UNDER_WAY
from storage.outbox import Class, Notice, State, to_person
from storage.powers import COMMITTEE, Actor, require
from storage.quiet import Quiet
from storage.report.counting import Calendar
from storage.roster import Person, Unit, holders, unit_lineage

TOLD = "missed.told"  # to the committee
WITHDRAWN = "missed.withdrawn"  # to those of it who were told
OWN = "absence.decide"  # names and reasons are for the unit's own committee

# -- tables ------------------------------------------------------------------------------------


class Missed(Row, table=True):
    """A committee was told that somebody has missed so many months of a year."""

    __tablename__ = "missed_months"
    __table_args__ = (UniqueConstraint("person_id", "year", "count"),)

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")  # whose committee was told
    year: int
    count: int
    months: str  # "3,5"
    told_at: datetime
    revision: int = 0  # grows when it is told once more after it was taken back
    withdrawn_at: datetime | None = None
    seen_by: int | None = Field(default=None, foreign_key="person.id")
    seen_at: datetime | None = None

    @property
    def subject(self) -> str:
        """What notices call it."""
        return f"missed:{self.id}"

    @property
    def about(self) -> dict[str, int]:
        """What the audit calls it."""
        return {"person": self.person_id, "unit": self.unit_id}


# -- actions -----------------------------------------------------------------------------------


def weigh(session: Session, meeting_id: int, *, profile: str, quiet: Quiet, now: datetime) -> None:
    """A regular meeting's roll is settled, or was changed after that: who is to be told of."""
    meeting = session.get(Meeting, meeting_id, populate_existing=True)
    if meeting is None or meeting.kind not in MONTHLY:
        return
    if not is_settled(meeting, now):
        await_settling(session, meeting, now=now)
        return
    there = now.astimezone(ZoneInfo(meeting.zone)).date()
    year = meeting.starts_at.astimezone(ZoneInfo(meeting.zone)).year
    seated = select(Seat.person_id).where(Seat.meeting_id == meeting.id)
    people = session.exec(
        select(Person).where(col(Person.id).in_(seated)).order_by(col(Person.id))
    ).all()
    months = missed_of(session, [each.id for each in people], year, now=now)
    counts = {each.id: len(months.get(each.id, ())) for each in people}
    standing = _withdraw(session, counts, year, quiet=quiet, now=now)
    unit = session.get_one(Unit, meeting.unit_id)
    warn = rules.rule(session, profile, "missed.warn", unit, on=there).value
    if warn is None:
        return
    due = [
        each
        for each in people
        if each.ended is None
        and each.id in months
        and counts[each.id] >= warn
        and (each.id, counts[each.id]) not in standing
    ]
    committee = holders(session, unit.id, COMMITTEE, today=there) if due else []
    for person in due:
        missed = months[person.id]
        _tell(session, unit.id, committee, person, year, missed, quiet=quiet, now=now)


def acknowledge(
    session: Session, actor: Actor, missed_id: int, *, now: datetime
) -> tuple[Missed, Person]:
    """[Noted], by one of the committee that was told; the first one is kept."""
    missed, person = missed_told(session, missed_id)
    require(actor, OWN, unit_lineage(session, missed.unit_id))
    if actor.person_id == missed.person_id:
        raise NotFound
    session.execute(
        update(Missed)
        .where(col(Missed.id) == missed.id, col(Missed.seen_at).is_(None))
        .values(seen_by=actor.person_id, seen_at=now)
        .execution_options(synchronize_session=False)
    )
    session.refresh(missed)
    return missed, person


# -- questions ---------------------------------------------------------------------------------


def missed_told(session: Session, missed_id: int) -> tuple[Missed, Person]:
    """What a committee was told, and of whom; NotFound where there is no such thing."""
    found = session.exec(
        select(Missed, Person)
        .join(Person, col(Person.id) == Missed.person_id)
        .where(Missed.id == missed_id)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound
    return found[0], found[1]


def missed_of(
    session: Session, people: Collection[int], year: int, *, now: datetime
) -> dict[int, list[int]]:
    """The months of a year that each of these people has missed; who missed none is left out."""
    zones = session.exec(
        select(Meeting.zone)
        .join(Seat, col(Seat.meeting_id) == Meeting.id)
        .where(col(Seat.person_id).in_(people))
        .distinct()
    ).all()
    calendar = Calendar(year, zones)
    month = calendar.month.label("month")
    settled = or_(col(Meeting.locked_at) <= now, col(Meeting.closed_at) <= now - CORRECTIONS)
    closed = col(Meeting.state) == MeetingState.CLOSED.value
    called = and_(  # one that nobody has taken the roll of was not held, as far as is known
        col(Meeting.state) == MeetingState.CALLED.value,
        or_(col(Meeting.opened_at).is_not(None), col(Meeting.starts_at) > now - UNDER_WAY),
    )
    absent = and_(closed, settled, stands == Presence.ABSENT.value)
    missed = func.sum(case((absent, 1), else_=0))
    rows = session.execute(
        sa_select(col(Seat.person_id), month)
        .join(Meeting, col(Meeting.id) == col(Seat.meeting_id))
        .where(
            col(Seat.person_id).in_(people),
            col(Meeting.kind).in_(MONTHLY),
            or_(closed, called),
            calendar.within,
            stands != Presence.EXEMPT.value,
        )
        .group_by(col(Seat.person_id), month)
        .having(missed == func.count())
        .order_by(col(Seat.person_id), month)
    )
    found: dict[int, list[int]] = {}
    for person_id, number in rows:
        found.setdefault(person_id, []).append(number)
    return found


# -- parts -------------------------------------------------------------------------------------


def _tell(
    session: Session,
    unit_id: int,
    committee: Sequence[Person],
    person: Person,
    year: int,
    months: list[int],
    *,
    quiet: Quiet,
    now: datetime,
) -> None:
    """Tells the unit's committee, but for the person; what it was told already stays as it is."""
    readers = [each for each in committee if each.id != person.id and each.telegram_id is not None]
    if not readers:
        return  # the next settled roll will find somebody
    number, listed = len(months), ",".join(map(str, months))
    new = upsert(session, Missed).values(
        person_id=person.id,
        unit_id=unit_id,
        year=year,
        count=number,
        months=listed,
        told_at=now,
        revision=0,
    )
    fresh = session.execute(
        new.on_conflict_do_update(
            index_elements=["person_id", "year", "count"],
            set_={
                "unit_id": unit_id,
                "months": listed,
                "told_at": now,
                "revision": Missed.revision + 1,
                "withdrawn_at": None,
                "seen_by": None,
                "seen_at": None,
            },
            where=col(Missed.withdrawn_at).is_not(None),
        ).returning(col(Missed.id))
    ).first()
    if fresh is None:
        return
    missed, _person = missed_told(session, fresh[0])
    outbox.enqueue(
        session,
        TOLD,
        missed.subject,
        [{**to_person(each.id), "due_at": quiet.for_person(each, now)} for each in readers],
        klass=Class.ONCE,
        revision=missed.revision,
        now=now,
    )
    audit.record(session, CLOCK, Did.MISSED_TELL, missed.about, now=now, year=year, months=number)


def _withdraw(
    session: Session, counts: dict[int, int], year: int, *, quiet: Quiet, now: datetime
) -> set[tuple[int, int]]:
    """Takes back what has turned out not to be so; returns what stands, by person and number."""
    found = session.exec(
        select(Missed)
        .where(col(Missed.person_id).in_(counts), Missed.year == year)
        .where(col(Missed.withdrawn_at).is_(None))
        .order_by(col(Missed.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    standing = set()
    for missed in found:
        if missed.count <= counts[missed.person_id]:
            standing.add((missed.person_id, missed.count))
            continue
        missed.withdrawn_at = now
        session.add(missed)
        session.flush()
        outbox.cancel(session, missed.subject, kind=TOLD)
        told = session.exec(
            select(Notice.person_id)
            .where(Notice.kind == TOLD, Notice.subject == missed.subject)
            .where(Notice.revision == missed.revision)
            .where(col(Notice.state).in_((State.SENDING, State.SENT, State.UNKNOWN)))
        ).all()
        readers = session.exec(select(Person).where(col(Person.id).in_(told))).all()
        outbox.enqueue(
            session,
            WITHDRAWN,
            missed.subject,
            [{**to_person(each.id), "due_at": quiet.for_person(each, now)} for each in readers],
            klass=Class.ONCE,
            revision=missed.revision,
            now=now,
        )
        audit.record(
            session,
            CLOCK,
            Did.MISSED_WITHDRAW,
            missed.about,
            now=now,
            year=year,
            months=missed.count,
        )
    return standing
