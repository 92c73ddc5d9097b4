"""The committee starts the commitment of a year, and changes its headings or its last day.

Headings change only while nobody has signed: what was signed was signed as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete
from sqlmodel import Session, col, select

from storage import audit, outbox, schedule
from storage.acts import Did
from storage.db import upsert
from storage.errors import Refusal
from storage.folding import fold
from storage.meetings import zone_of
from storage.meetings.calling import UNDO
from storage.pledges.finding import MANAGE, managed, year_of
from storage.pledges.reminding import plan, tell_started
from storage.pledges.tables import Pledge, PledgeYear, Signed, check_headings
from storage.powers import Actor, require
from storage.quiet import Quiet
from storage.roster import unit_lineage

LONGEST = timedelta(days=366)

# -- rules -------------------------------------------------------------------------------------


def keyed(lines: Sequence[str], before: Sequence[Sequence[int | str]]) -> list[list[int | str]]:
    """Headings with their keys; one that was there already keeps its own."""
    known = {fold(str(words)): int(key) for key, words in before}
    following = max([0, *known.values()])
    found: list[list[int | str]] = []
    for line in lines:
        key = known.pop(fold(line), None)
        if key is None:
            following += 1
            key = following
        found.append([key, line])
    return found


def undoable(year: PledgeYear, *, now: datetime) -> bool:
    """Whether it can still be taken back: nobody has been told."""
    return now < year.started_at + UNDO


# -- actions -----------------------------------------------------------------------------------


def start(
    session: Session,
    actor: Actor,
    unit_id: int,
    year: int,
    headings: Sequence[str],
    due: date,
    *,
    quiet: Quiet,
    now: datetime,
) -> PledgeYear:
    """Starts it and owes everybody the news, a minute from now; started already, that one."""
    lineage = unit_lineage(session, unit_id)
    require(actor, MANAGE, lineage)
    held = year_of(session, unit_id, year)
    if held is not None:
        return held
    above = session.exec(
        select(PledgeYear.id).where(
            col(PledgeYear.unit_id).in_(lineage[:-1]), PledgeYear.year == year
        )
    ).first()
    if above is not None:
        raise Refusal("The committee above has started this year's commitment already.")
    zone = zone_of(session, unit_id, quiet.zone)
    today = now.astimezone(ZoneInfo(zone)).date()
    if year not in (today.year, today.year + 1):
        raise Refusal("A commitment is for this year or the next.")
    _check_due(due, today)
    values = {
        "unit_id": unit_id,
        "year": year,
        "headings": keyed(check_headings(headings), []),
        "due": due,
        "zone": zone,
        "started_at": now,
        "started_by": actor.person_id,
        "reminders": 0,
    }
    made = session.execute(
        upsert(session, PledgeYear)
        .values(**values)
        .on_conflict_do_nothing()
        .returning(col(PledgeYear.id))
    ).first()
    found = year_of(session, unit_id, year)
    if found is None:
        raise Refusal("Somebody changed this meanwhile. Nothing was changed; please look again.")
    if made is not None:
        audit.record(session, actor, Did.PLEDGE_START, found.about, now=now, year=year)
        tell_started(session, found, after=now + UNDO, quiet=quiet, now=now)
        plan(session, found, now=now)
    return found


def undo(session: Session, actor: Actor, year_id: int, *, now: datetime) -> bool:
    """Takes it back within its minute, before anybody was told; False when it is too late."""
    year = managed(session, actor, year_id, lock=True)
    if not undoable(year, now=now) or anybody_signed(session, year):
        return False
    outbox.cancel(session, year.subject)
    schedule.drop(session, year.subject)
    audit.record(session, actor, Did.CHANGE_UNDO, year.about, now=now, year=year.year)
    session.execute(delete(Pledge).where(col(Pledge.year_id) == year.id))
    session.delete(year)
    session.flush()
    return True


def set_due(
    session: Session, actor: Actor, year_id: int, due: date, *, now: datetime
) -> PledgeYear:
    """Another last day; reminders follow it. The same day again changes nothing."""
    year = managed(session, actor, year_id, lock=True)
    if year.due == due:
        return year
    _not_compared(year)
    _check_due(due, now.astimezone(ZoneInfo(year.zone)).date())
    year.due = due
    session.add(year)
    session.flush()
    plan(session, year, now=now)
    audit.record(session, actor, Did.PLEDGE_CHANGE, year.about, now=now, due=due.isoformat())
    return year


def set_headings(
    session: Session, actor: Actor, year_id: int, headings: Sequence[str], *, now: datetime
) -> PledgeYear:
    """Other headings, while nobody has signed; what is written under one that stays is kept."""
    year = managed(session, actor, year_id, lock=True)
    wanted = keyed(check_headings(headings), year.headings)
    if wanted == year.headings:
        return year
    _not_compared(year)
    if anybody_signed(session, year):
        raise Refusal("Somebody has signed already: the headings stay as they are.")
    year.headings = wanted
    session.add(year)
    session.flush()
    audit.record(session, actor, Did.PLEDGE_CHANGE, year.about, now=now, headings=len(wanted))
    return year


# -- parts -------------------------------------------------------------------------------------


def anybody_signed(session: Session, year: PledgeYear) -> bool:
    """Whether there is any signature."""
    signed = select(Signed.id).join(Pledge, col(Pledge.id) == Signed.pledge_id)
    return session.exec(signed.where(Pledge.year_id == year.id).limit(1)).first() is not None


def _check_due(due: date, today: date) -> None:
    if due < today:
        raise Refusal("That day has passed. Please choose a later one.")
    if due > today + LONGEST:
        raise Refusal("That day is more than a year ahead.")


def _not_compared(year: PledgeYear) -> None:
    if year.compared_at is not None:
        raise Refusal("The year is being compared; nothing of it changes any more.")
