"""The committee of a campaign asks for an essay: about what, and until when.

The members of the campaign's unit and below are told a minute later; the exempt are invited. What
an essay says is in no notice and no log.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from storage import audit, outbox
from storage.acts import Did
from storage.campaigns import Campaign
from storage.db import upsert
from storage.errors import NotFound, Refusal
from storage.essays.tables import Essay, EssayCall, check_topic
from storage.meetings.calling import UNDO
from storage.outbox import Class, to_person
from storage.powers import Actor, require
from storage.quiet import Quiet
from storage.roster import Kind, Person, Unit, members, takes_part, unit_lineage

ASKED = "essay.asked"
SEE = "essay.see"
LONGEST = timedelta(days=366)

# -- rules -------------------------------------------------------------------------------------


def undoable(call: EssayCall, *, now: datetime) -> bool:
    """Whether it can still be taken back: nobody has been told."""
    return now < call.asked_at + UNDO


# -- actions -----------------------------------------------------------------------------------


def ask(
    session: Session,
    actor: Actor,
    campaign_id: int,
    topic: str,
    due: date,
    *,
    quiet: Quiet,
    now: datetime,
) -> EssayCall:
    """Asks for the essay; asked for already, that one."""
    campaign = _led(session, actor, campaign_id)
    held = call_for(session, campaign_id)
    if held is not None:
        return held
    _check_due(due, now.astimezone(ZoneInfo(campaign.zone)).date())
    made = session.execute(
        upsert(session, EssayCall)
        .values(
            campaign_id=campaign_id,
            topic=check_topic(topic),
            due=due,
            zone=campaign.zone,
            asked_at=now,
            asked_by=actor.person_id,
        )
        .on_conflict_do_nothing()
        .returning(col(EssayCall.id))
    ).first()
    call = call_for(session, campaign_id)
    if call is None:
        raise Refusal("Somebody changed this meanwhile. Nothing was changed; please look again.")
    if made is not None:
        audit.record(session, actor, Did.ESSAY_ASK, _about(call, campaign), now=now)
        _tell(session, call, campaign, quiet=quiet, now=now)
    return call


def undo(session: Session, actor: Actor, call_id: int, *, now: datetime) -> bool:
    """Takes it back within its minute; False when it is too late for that."""
    call, campaign = _managed(session, actor, call_id)
    written = session.exec(select(Essay.id).where(Essay.call_id == call.id).limit(1)).first()
    if not undoable(call, now=now) or written is not None:
        return False
    outbox.cancel(session, call.subject)
    audit.record(session, actor, Did.CHANGE_UNDO, _about(call, campaign), now=now)
    session.delete(call)
    session.flush()
    return True


def change(
    session: Session, actor: Actor, call_id: int, *, topic: str, due: date, now: datetime
) -> EssayCall:
    """Another topic or another last day; the same again changes nothing."""
    call, campaign = _managed(session, actor, call_id)
    wanted = check_topic(topic)
    if (call.topic, call.due) == (wanted, due):
        return call
    if due != call.due:
        _check_due(due, now.astimezone(ZoneInfo(call.zone)).date())
    call.topic, call.due = wanted, due
    session.add(call)
    session.flush()
    about = _about(call, campaign)
    audit.record(session, actor, Did.ESSAY_CHANGE, about, now=now, due=due.isoformat())
    return call


# -- questions ---------------------------------------------------------------------------------


def call_for(session: Session, campaign_id: int) -> EssayCall | None:
    """What a campaign asks for; for whoever has asked for the right already."""
    return session.exec(select(EssayCall).where(EssayCall.campaign_id == campaign_id)).first()


def covered(session: Session, campaign: Campaign) -> list[Person]:
    """Whom it is for, the exempt among them, by given name."""
    unit = session.get_one(Unit, campaign.unit_id)
    return [each for each in members(session, unit) if takes_part(each)]


def waits_for(session: Session, call_id: int, person_id: int) -> tuple[EssayCall, bool] | None:
    """What is asked for, while a person's essay is still wanted; and whether they are only invited.

    None once they have handed one in, or where it is not for them any more.
    """
    call = session.get(EssayCall, call_id)
    if call is None:
        return None
    standing = select(Essay.id).where(
        Essay.call_id == call_id,
        Essay.person_id == person_id,
        col(Essay.taken_back_at).is_(None),
    )
    campaign = session.get_one(Campaign, call.campaign_id)
    person = next((e for e in covered(session, campaign) if e.id == person_id), None)
    if person is None or session.exec(standing).first() is not None:
        return None
    return call, person.kind == Kind.EXEMPT


# -- parts -------------------------------------------------------------------------------------


def _led(session: Session, actor: Actor, campaign_id: int) -> Campaign:
    """A campaign of the actor's own committee; NotFound for any other."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound
    require(actor, SEE, unit_lineage(session, campaign.unit_id))
    return campaign


def _managed(session: Session, actor: Actor, call_id: int) -> tuple[EssayCall, Campaign]:
    call = session.exec(
        select(EssayCall)
        .where(EssayCall.id == call_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if call is None:
        raise NotFound
    return call, _led(session, actor, call.campaign_id)


def _about(call: EssayCall, campaign: Campaign) -> dict[str, int]:
    return {"essay_call": call.id, "campaign": campaign.id, "unit": campaign.unit_id}


def _check_due(due: date, today: date) -> None:
    if due < today:
        raise Refusal("That day has passed. Please choose a later one.")
    if due > today + LONGEST:
        raise Refusal("That day is more than a year ahead.")


def _tell(
    session: Session, call: EssayCall, campaign: Campaign, *, quiet: Quiet, now: datetime
) -> None:
    outbox.enqueue(
        session,
        ASKED,
        call.subject,
        [
            {**to_person(each.id), "due_at": quiet.for_person(each, now + UNDO)}
            for each in covered(session, campaign)
            if each.telegram_id is not None
        ],
        klass=Class.REMINDER,
        valid_until=call.over_at,
        now=now,
    )
