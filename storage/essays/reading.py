"""The committee reads essays: the campaign's own, and each committee those of its own people.

Nobody else does, not even the committees above. The first look is noted, because from then on an
essay stays; so is that it was seen, with a word to its author or without.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from storage import audit, outbox
from storage.acts import Did
from storage.campaigns import Campaign
from storage.errors import NotFound
from storage.essays.asking import SEE, covered
from storage.essays.handing import files_of
from storage.essays.tables import Essay, EssayCall, EssayFile, check_word
from storage.outbox import Class, to_person
from storage.powers import Actor, may, may_between
from storage.quiet import Quiet
from storage.roster import Kind, Person, Unit, unit_lineage, units_led

SEEN = "essay.seen"


@dataclass(frozen=True, slots=True)
class Heap:
    """The essays that the actor may read, by given name, and who has handed in none."""

    call: EssayCall
    campaign: Campaign
    handed: list[tuple[Person, Essay]]  # the exempt's among them
    missing: list[Person]  # of those who are expected to
    leads: bool  # it is the campaign's own committee

    @property
    def counted(self) -> list[Essay]:
        """Those of the people who are expected to; the exempt count nowhere."""
        return [essay for person, essay in self.handed if person.kind != Kind.EXEMPT]

    @property
    def expected(self) -> int:
        """Of how many people an essay is expected."""
        return len(self.counted) + len(self.missing)

    @property
    def late(self) -> int:
        """How many of them came after the last day."""
        return sum(self.call.late(each.sent_at) for each in self.counted)

    @property
    def unseen(self) -> int:
        """How many the committee has not marked as seen, the exempt's among them."""
        return sum(essay.seen_at is None for _person, essay in self.handed)


@dataclass(frozen=True, slots=True)
class Read:
    """One essay, opened."""

    call: EssayCall
    campaign: Campaign
    person: Person
    essay: Essay
    files: Sequence[EssayFile]


# -- actions -----------------------------------------------------------------------------------


def open_essay(session: Session, actor: Actor, essay_id: int, *, now: datetime) -> Read:
    """An essay to read; NotFound for another committee's, and for one that was taken back."""
    found = _readable(session, actor, essay_id)
    if found.essay.opened_at is None:
        opened = session.execute(
            update(Essay)
            .where(col(Essay.id) == essay_id, col(Essay.taken_back_at).is_(None))
            .values(opened_at=now)
            .returning(col(Essay.id))
            .execution_options(synchronize_session=False)
        ).first()
        session.expire_all()
        if opened is None:
            raise NotFound
        return _readable(session, actor, essay_id)
    return found


def mark_seen(
    session: Session, actor: Actor, essay_id: int, word: str | None, *, quiet: Quiet, now: datetime
) -> Read:
    """Marks it as seen and tells its author, with a word or without; said twice, the first counts.

    A word alone can follow later, once.
    """
    found = open_essay(session, actor, essay_id, now=now)
    said = check_word(word) if word is not None else ""
    row = session.exec(
        select(Essay)
        .where(Essay.id == essay_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if row.seen_at is not None and (row.word or not said):
        return found
    again = row.seen_at is not None
    row.seen_at, row.seen_by, row.word = row.seen_at or now, actor.person_id, said
    session.add(row)
    session.flush()
    about = {"essay": row.id, "campaign": found.campaign.id, "person": found.person.id}
    audit.record(session, actor, Did.ESSAY_SEEN, about, now=now, word=int(bool(said)))
    if found.person.telegram_id is not None and found.person.ended is None:
        outbox.enqueue(
            session,
            SEEN,
            row.subject,
            [{**to_person(found.person.id), "due_at": quiet.for_person(found.person, now)}],
            klass=Class.ONCE,
            revision=int(again),
            now=now,
        )
    return _readable(session, actor, essay_id)


# -- questions ---------------------------------------------------------------------------------


def asks(session: Session, actor: Actor, campaign: Campaign) -> bool:
    """Whether it is the actor who may ask for the essay: the campaign's own committee."""
    return may(actor, SEE, unit_lineage(session, campaign.unit_id))


def sees(session: Session, actor: Actor, campaign: Campaign, person: Person) -> bool:
    """Whether the actor may read what a person has written for a campaign.

    It is a committee between the campaign's unit and the person's own.
    """
    top = unit_lineage(session, campaign.unit_id)
    own = unit_lineage(session, person.unit_id)
    return may(actor, SEE, top) or may_between(actor, SEE, top, own)


def heap(session: Session, actor: Actor, campaign_id: int) -> Heap:
    """The essays of a campaign, as far as the actor may read them; NotFound for none at all."""
    campaign = session.get(Campaign, campaign_id)
    call = session.exec(select(EssayCall).where(EssayCall.campaign_id == campaign_id)).first()
    if campaign is None or call is None:
        raise NotFound
    reach = units_led(session, actor, SEE, session.get_one(Unit, campaign.unit_id))
    if not reach:
        raise NotFound
    found = session.exec(
        select(Essay, Person)
        .join(Person, col(Person.id) == Essay.person_id)
        .where(Essay.call_id == call.id, col(Essay.taken_back_at).is_(None))
        .order_by(col(Person.sort_key), col(Person.id))
        .execution_options(populate_existing=True)
    ).all()
    leads = asks(session, actor, campaign)
    handed = [(person, essay) for essay, person in found if leads or person.unit_id in reach]
    have = {person.id for person, _essay in handed}
    missing = [
        each
        for each in covered(session, campaign)
        if each.unit_id in reach and each.id not in have and each.kind != Kind.EXEMPT
    ]
    return Heap(call, campaign, handed, missing, leads)


def tally(session: Session, campaign_id: int, ids: Collection[int]) -> tuple[int, int] | None:
    """How many of these people have handed in, of how many; None where no essay is asked for.

    A figure alone, for whoever has asked for the right already.
    """
    call = session.exec(select(EssayCall).where(EssayCall.campaign_id == campaign_id)).first()
    if call is None:
        return None
    found = session.exec(
        select(Essay.person_id).where(Essay.call_id == call.id, col(Essay.taken_back_at).is_(None))
    ).all()
    return sum(each in ids for each in found), len(ids)


def told_of(session: Session, essay_id: int, person_id: int) -> Read | None:
    """An essay that was seen, for the word to its author."""
    essay = session.get(Essay, essay_id)
    if essay is None or essay.person_id != person_id or essay.seen_at is None:
        return None
    return _read(session, essay)


# -- parts -------------------------------------------------------------------------------------


def _readable(session: Session, actor: Actor, essay_id: int) -> Read:
    essay = session.get(Essay, essay_id, populate_existing=True)
    if essay is None or essay.taken_back_at is not None:
        raise NotFound
    found = _read(session, essay)
    if not sees(session, actor, found.campaign, found.person):
        raise NotFound
    return found


def _read(session: Session, essay: Essay) -> Read:
    call = session.get_one(EssayCall, essay.call_id)
    return Read(
        call,
        session.get_one(Campaign, call.campaign_id),
        session.get_one(Person, essay.person_id),
        essay,
        files_of(session, essay.id),
    )
