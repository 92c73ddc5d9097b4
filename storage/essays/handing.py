"""A member hands an essay in, gets a receipt, and may take it back until the committee opens it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from storage.campaigns import Campaign
from storage.errors import NotFound, Refusal
from storage.essays.asking import covered
from storage.essays.tables import (
    NAME_LIMIT,
    Attached,
    Essay,
    EssayCall,
    EssayFile,
    check,
    digest_of,
)
from storage.folding import clean_name
from storage.outbox import cancel
from storage.powers import Actor, require
from storage.roster import unit_lineage

OWN = "essay.own"


@dataclass(frozen=True, slots=True)
class OwnEssay:
    """What a campaign asks for, and what one person has handed in."""

    call: EssayCall
    campaign: Campaign
    essay: Essay | None
    files: Sequence[EssayFile]

    @property
    def late(self) -> bool:
        """Whether what was handed in came after the last day."""
        return self.essay is not None and self.call.late(self.essay.sent_at)


# -- actions -----------------------------------------------------------------------------------


def hand_in(
    session: Session,
    actor: Actor,
    call_id: int,
    parts: Sequence[str],
    files: Sequence[Attached],
    *,
    token: str,
    now: datetime,
) -> OwnEssay:
    """Keeps the essay under the next number; the same form twice hands in one."""
    found = own(session, actor, call_id)
    person_id = actor.person_id or 0
    locked = select(EssayCall.id).where(EssayCall.id == call_id).with_for_update()
    session.exec(locked).one()  # one number at a time
    before = session.exec(select(Essay).where(Essay.token == token)).first()
    if before is not None:
        return own(session, actor, call_id)
    found = own(session, actor, call_id)
    if found.essay is not None:
        number = found.essay.number
        raise Refusal("You have handed in one already, number {number}.", number=number)
    text = check(parts, files)
    numbers = select(func.max(Essay.number)).where(Essay.call_id == call_id)
    distinct = {each.unique_id: each for each in files}
    essay = Essay(
        call_id=call_id,
        person_id=person_id,
        number=(session.exec(numbers).one() or 0) + 1,
        token=token,
        text=text,
        digest=digest_of(text, [*distinct]),
        sent_at=now,
    )
    session.add(essay)
    session.flush()
    for each in distinct.values():
        session.add(
            EssayFile(
                essay_id=essay.id,
                file_id=each.file_id,
                unique_id=each.unique_id,
                photo=each.photo,
                name=clean_name(each.name)[:NAME_LIMIT] or "?",
            )
        )
    session.flush()
    cancel(session, found.call.subject, recipient=f"p{person_id}")
    return own(session, actor, call_id)


def take_back(session: Session, actor: Actor, essay_id: int, *, now: datetime) -> OwnEssay:
    """Takes one's own essay back: text and files are deleted. Taken back already, nothing happens.

    One condition in the database decides between this and the committee that opens it.
    """
    essay = session.get(Essay, essay_id, populate_existing=True)
    if essay is None or essay.person_id != actor.person_id:
        raise NotFound
    found = own(session, actor, essay.call_id)
    if essay.taken_back_at is not None:
        return found
    taken = session.execute(
        update(Essay)
        .where(col(Essay.id) == essay_id, col(Essay.taken_back_at).is_(None))
        .where(col(Essay.opened_at).is_(None))
        .values(taken_back_at=now, text="", digest="")
        .returning(col(Essay.id))
        .execution_options(synchronize_session=False)
    ).first()
    session.expire_all()
    if taken is None:
        raise Refusal("The committee has opened it already: it stays.")
    session.execute(delete(EssayFile).where(col(EssayFile.essay_id) == essay_id))
    session.flush()
    return own(session, actor, essay.call_id)


# -- questions ---------------------------------------------------------------------------------


def own(session: Session, actor: Actor, call_id: int) -> OwnEssay:
    """What is asked for, as the actor has it; NotFound where it is not for them."""
    call = session.get(EssayCall, call_id)
    if call is None or actor.person_id is None:
        raise NotFound
    campaign = session.get_one(Campaign, call.campaign_id)
    require(actor, OWN, unit_lineage(session, campaign.unit_id))
    essay = session.exec(
        select(Essay)
        .where(Essay.call_id == call_id, Essay.person_id == actor.person_id)
        .where(col(Essay.taken_back_at).is_(None))
        .execution_options(populate_existing=True)
    ).first()
    if essay is None and actor.person_id not in {each.id for each in covered(session, campaign)}:
        raise NotFound
    return OwnEssay(call, campaign, essay, files_of(session, essay.id) if essay else [])


def mine(session: Session, actor: Actor, campaign_id: int) -> EssayCall | None:
    """What a campaign asks of the actor, if it asks for anything."""
    call = session.exec(select(EssayCall).where(EssayCall.campaign_id == campaign_id)).first()
    try:
        return None if call is None else own(session, actor, call.id).call
    except NotFound:
        return None


def call_of(session: Session, actor: Actor, essay_id: int) -> int:
    """The call that one's own essay answers; NotFound for another's."""
    essay = session.get(Essay, essay_id)
    if essay is None or essay.person_id != actor.person_id:
        raise NotFound
    return essay.call_id


def files_of(session: Session, essay_id: int) -> Sequence[EssayFile]:
    """The files of an essay, in the order in which they were sent."""
    return session.exec(
        select(EssayFile).where(EssayFile.essay_id == essay_id).order_by(col(EssayFile.id))
    ).all()
