"""At year's end: what has become of each heading, as the member says; the committee reads it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from storage import audit
from storage.acts import Did
from storage.db import upsert
from storage.errors import NotFound, Refusal
from storage.meetings.calling import UNDO
from storage.outbox import cancel
from storage.pledges.finding import latest, managed
from storage.pledges.reminding import REMINDER, tell_compare
from storage.pledges.signing import Own, own_signed
from storage.pledges.starting import anybody_signed
from storage.pledges.tables import Mark, PledgeYear, Signed, Verdict, check_word
from storage.powers import Actor
from storage.quiet import Quiet
from storage.schedule import drop


@dataclass(frozen=True, slots=True)
class Comparison:
    """A signed commitment and what was said of its headings, by key."""

    version: Signed
    marks: dict[int, Mark]

    @property
    def open(self) -> list[int]:
        """The keys of the headings of which nothing was said yet."""
        return [each.key for each in self.version.written if each.key not in self.marks]

    @property
    def complete(self) -> bool:
        """Whether something was said of every heading."""
        return not self.open


# -- actions -----------------------------------------------------------------------------------


def compare(
    session: Session, actor: Actor, year_id: int, *, quiet: Quiet, now: datetime
) -> PledgeYear:
    """The committee asks everybody who has signed; asked already, nothing happens."""
    year = managed(session, actor, year_id, lock=True)
    if year.compared_at is not None:
        return year
    if not anybody_signed(session, year):
        raise Refusal("Nobody has signed yet; there is nothing to compare.")
    year.compared_at = now
    session.add(year)
    session.flush()
    cancel(session, year.subject, kind=REMINDER)
    drop(session, year.subject)
    tell_compare(session, year, after=now + UNDO, quiet=quiet, now=now)
    audit.record(session, actor, Did.PLEDGE_COMPARE, year.about, now=now, year=year.year)
    return year


def judge(
    session: Session, actor: Actor, year_id: int, key: int, verdict: str, *, now: datetime
) -> tuple[Own, Comparison]:
    """The member says what has become of a heading; said again, the last word counts."""
    found, version = _compared(session, actor, year_id)
    if verdict not in list(Verdict) or key not in [each.key for each in version.written]:
        raise NotFound
    row = {"version_id": version.id, "heading": key, "verdict": verdict, "word": "", "at": now}
    session.flush()
    session.execute(
        upsert(session, Mark)
        .values(**row)
        .on_conflict_do_update(
            index_elements=["version_id", "heading"], set_={"verdict": verdict, "at": now}
        )
    )
    return found, comparison(session, version)


def remark(
    session: Session, actor: Actor, year_id: int, key: int, word: str, *, now: datetime
) -> tuple[Own, Comparison]:
    """A word of the member about a heading of which they have said what has become of it."""
    found, version = _compared(session, actor, year_id)
    mark = comparison(session, version).marks.get(key)
    if mark is None:
        raise Refusal("Please say first whether it was done.")
    mark.word, mark.at = check_word(word), now
    session.add(mark)
    session.flush()
    return found, comparison(session, version)


# -- questions ---------------------------------------------------------------------------------


def comparison(session: Session, version: Signed) -> Comparison:
    """What was said of the headings of one signed commitment."""
    found = session.exec(
        select(Mark).where(Mark.version_id == version.id).execution_options(populate_existing=True)
    ).all()
    return Comparison(version, {each.heading: each for each in found})


def comparisons(session: Session, year: PledgeYear) -> dict[int, Comparison]:
    """The same of everybody who has signed, by person."""
    versions = latest(session, year)
    marks: dict[int, dict[int, Mark]] = defaultdict(dict)
    ids = [each.id for each in versions.values()]
    for each in session.exec(select(Mark).where(col(Mark.version_id).in_(ids))).all():
        marks[each.version_id][each.heading] = each
    return {
        person_id: Comparison(version, marks[version.id]) for person_id, version in versions.items()
    }


def asked_to_compare(session: Session, year_id: int, person_id: int) -> PledgeYear | None:
    """The year, while a person has still something to say of it."""
    year = session.get(PledgeYear, year_id)
    if year is None or year.compared_at is None:
        return None
    found = comparisons(session, year).get(person_id)
    return year if found is not None and not found.complete else None


def _compared(session: Session, actor: Actor, year_id: int) -> tuple[Own, Signed]:
    found, version = own_signed(session, actor, year_id)
    if not found.settled:
        raise Refusal("The committee has not asked for this yet.")
    return found, version
