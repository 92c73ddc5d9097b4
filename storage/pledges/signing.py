"""A member writes under each heading and signs by a tap.

What is written is the member's own until it is signed. A signature keeps the words as they were
shown (the button carries their stamp), the moment, and a keyed hash over both: whoever changes the
row is found out. A later signature is another version; the ones before stay.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from storage import audit, outbox
from storage.acts import Did
from storage.db import upsert, utc
from storage.errors import NotFound, Refusal
from storage.keyed import Match, keys_of
from storage.pledges.finding import of_person, signed_by
from storage.pledges.reminding import REMINDER
from storage.pledges.tables import Part, Pledge, PledgeYear, Signed, check_text
from storage.powers import Actor
from storage.roster import Person, Unit

STAMP = 12  # hexadecimal digits


@dataclass(frozen=True, slots=True)
class Own:
    """A commitment as one person has it: what is written now, and what was signed."""

    year: PledgeYear
    unit: Unit
    person: Person
    parts: list[Part]
    versions: Sequence[Signed]

    @property
    def signed(self) -> Signed | None:
        """The signature that counts."""
        return self.versions[-1] if self.versions else None

    @property
    def missing(self) -> list[int]:
        """The places of the headings under which nothing stands yet, from 1."""
        return [place for place, each in enumerate(self.parts, 1) if not each.text]

    @property
    def stamp(self) -> str:
        """Of the words as they stand."""
        return stamp_of(self.parts)

    @property
    def changed(self) -> bool:
        """Whether there is something to sign: nothing was, or other words."""
        return self.signed is None or self.signed.stamp != self.stamp

    @property
    def settled(self) -> bool:
        """Whether the words stay as they are: the year is being compared."""
        return self.year.compared_at is not None

    def part(self, key: int) -> Part:
        """One of its headings; NotFound for one that is gone."""
        found = next((each for each in self.parts if each.key == key), None)
        if found is None:
            raise NotFound
        return found


# -- rules -------------------------------------------------------------------------------------


def stamp_of(parts: Sequence[Part]) -> str:
    """The same for the same words."""
    return hashlib.sha256(json.dumps([[*each] for each in parts]).encode()).hexdigest()[:STAMP]


def sealed(pledge_id: int, number: int, parts: Sequence[Part], signed_at: datetime) -> str:
    """What the seal is made of."""
    said = [pledge_id, number, [[*each] for each in parts], utc(signed_at).isoformat()]
    return json.dumps(said, separators=(",", ":"))


# -- actions -----------------------------------------------------------------------------------


def write(
    session: Session, actor: Actor, year_id: int, key: int, text: str, *, now: datetime
) -> Own:
    """Keeps what stands under a heading; it is not signed by that."""
    found = own(session, actor, year_id)
    _open(found)
    found.part(key)
    pledge = _locked(session, found)
    pledge.texts = {**pledge.texts, str(key): check_text(text)}
    session.add(pledge)
    session.flush()
    return own(session, actor, year_id)


def sign(session: Session, actor: Actor, year_id: int, stamp: str, *, now: datetime) -> Own:
    """Signs the words that carry this stamp; pressed twice, they are signed once."""
    found = own(session, actor, year_id)
    if found.signed is not None and found.signed.stamp == stamp == found.stamp:
        return found
    _open(found)
    pledge = _locked(session, found)
    found = own(session, actor, year_id)  # as it is now that nobody else can sign
    if found.missing:
        raise Refusal("Something is not written yet under heading {n}.", n=found.missing[0])
    if found.stamp != stamp:
        raise Refusal("The words have changed meanwhile. Please read them again, then sign.")
    if not found.changed:
        return found
    number = len(found.versions) + 1
    seal = keys_of(session).sign(sealed(pledge.id, number, found.parts, now))
    session.add(
        Signed(
            pledge_id=pledge.id,
            number=number,
            parts=[[*each] for each in found.parts],
            stamp=stamp,
            signed_at=now,
            seal=seal,
        )
    )
    session.flush()
    outbox.cancel(session, found.year.subject, kind=REMINDER, recipient=f"p{found.person.id}")
    about = {**found.year.about, "person": found.person.id}
    audit.record(session, actor, Did.PLEDGE_SIGN, about, now=now, version=number)
    return own(session, actor, year_id)


# -- questions ---------------------------------------------------------------------------------


def own(session: Session, actor: Actor, year_id: int) -> Own:
    """A commitment as the actor has it; NotFound where it is not for them."""
    year, person = of_person(session, actor, year_id)
    pledge = _pledge(session, year.id, person.id)
    texts = pledge.texts if pledge is not None else {}
    parts = [each._replace(text=texts.get(str(each.key), "")) for each in year.parts]
    unit = session.get_one(Unit, year.unit_id)
    return Own(year, unit, person, parts, signed_by(session, year.id, person.id))


def own_signed(session: Session, actor: Actor, year_id: int) -> tuple[Own, Signed]:
    """The same, with the signature that counts; NotFound before there is one."""
    found = own(session, actor, year_id)
    if found.signed is None:
        raise NotFound
    return found, found.signed


def intact(session: Session, version: Signed) -> bool:
    """Whether a signed commitment is as it was sealed."""
    said = sealed(version.pledge_id, version.number, version.written, version.signed_at)
    return keys_of(session).check(said, version.seal) is not Match.NO


# -- parts -------------------------------------------------------------------------------------


def _open(found: Own) -> None:
    if found.settled:
        raise Refusal("The year is being compared; nothing of it changes any more.")


def _pledge(session: Session, year_id: int, person_id: int, *, lock: bool = False) -> Pledge | None:
    statement = select(Pledge).where(Pledge.year_id == year_id, Pledge.person_id == person_id)
    statement = statement.with_for_update() if lock else statement
    return session.exec(statement.execution_options(populate_existing=True)).first()


def _locked(session: Session, found: Own) -> Pledge:
    """The row of the person, made where it is missing, and held until the end.

    The year first, as those who change the headings do: they wait for us, or we for them.
    """
    year = select(PledgeYear).where(PledgeYear.id == found.year.id)
    session.exec(year.with_for_update().execution_options(populate_existing=True)).one()
    row = {"year_id": found.year.id, "person_id": found.person.id, "texts": {}}
    session.execute(upsert(session, Pledge).values(**row).on_conflict_do_nothing())
    pledge = _pledge(session, found.year.id, found.person.id, lock=True)
    if pledge is None:
        raise NotFound
    return pledge
