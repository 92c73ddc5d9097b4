"""Strangers who ask: which units hear of it, and what their committee decides."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage import audit, outbox
from storage.acts import Did
from storage.errors import NotFound, Refusal
from storage.folding import clean_name, fold
from storage.joining.links import is_over_office, link, on_roll, revoke
from storage.joining.tables import JoinRequest
from storage.outbox import ANSWER, Class
from storage.powers import POWERS, Actor, require
from storage.quiet import due_for, not_before
from storage.roster import (
    Person,
    Unit,
    holders,
    lineage_ids,
    members,
    person_of,
    unit_lineage,
    unit_path,
)

REQUESTS = 3  # that one account may make within REQUESTS_WITHIN
REQUESTS_WITHIN = timedelta(days=1)
NAMESAKES = 5  # units of one name that a stranger's request may reach

# -- actions -----------------------------------------------------------------------------------


def ask(
    session: Session,
    account: int,
    name: str,
    typed: str,
    *,
    owner_id: int | None,
    quiet_hours: str,
    zone: str,
    today: date,
    now: datetime,
) -> None:
    """A stranger names a unit; its committee is told, where there is such a unit."""
    since = now - REQUESTS_WITHIN
    lately = session.exec(
        select(func.count())
        .select_from(JoinRequest)
        .where(JoinRequest.telegram_id == account, JoinRequest.asked_at > since)
    ).one()
    if lately >= REQUESTS:
        return
    for unit in _units_named(session, typed):
        if _open_request(session, account, unit.id) is not None:
            continue
        decider, committee = deciders(session, unit, today=today)
        request = JoinRequest(
            telegram_id=account,
            name=clean_name(name)[:60],
            unit_id=unit.id,
            decider_id=decider.id,
            asked_at=now,
        )
        session.add(request)
        session.flush()
        recipients = [
            {
                **outbox.to_person(each.id),
                "due_at": due_for(each, now, house_quiet=quiet_hours, house_zone=zone),
            }
            for each in committee
        ]
        if not recipients and owner_id is not None:
            due = not_before(now, quiet_hours, zone)
            recipients = [{**outbox.to_account(owner_id), "due_at": due}]
        subject = f"join:{request.id}"
        outbox.enqueue(session, "join.request", subject, recipients, klass=Class.ONCE, now=now)


def let_in(
    session: Session, actor: Actor, request_id: int, person_id: int, *, now: datetime
) -> Person:
    """The stranger is this person of the unit's roll; they are asked for consent next."""
    request = undecided(session, actor, request_id)
    person = on_roll(session, person_id)
    if request.decider_id not in unit_lineage(session, person.unit_id):
        raise NotFound
    if person.telegram_id is not None:
        raise Refusal("{name} is linked already.", name=person.full_name)
    if person_of(session, request.telegram_id) is not None:
        raise Refusal("This request has been decided already.")
    if not is_over_office(session, actor, person, now=now):
        raise NotFound
    account = request.telegram_id
    _decided(session, request, actor, accepted=True, now=now)
    revoke(session, person.id, now=now)
    link(session, person, account, now=now)
    about = {"request": request_id, **person.about}
    audit.record(session, actor, Did.JOIN_ACCEPT, about, now=now)
    return person


def turn_down(session: Session, actor: Actor, request_id: int, *, now: datetime) -> None:
    """The stranger is not let in, and is told so without naming the unit."""
    request = undecided(session, actor, request_id)
    _decided(session, request, actor, accepted=False, now=now)
    about = {"request": request_id, "unit": request.decider_id}
    account = audit.account(session, request.telegram_id)
    audit.record(session, actor, Did.JOIN_REFUSE, about, now=now, account=account)


# -- questions ---------------------------------------------------------------------------------


def undecided(session: Session, actor: Actor, request_id: int) -> JoinRequest:
    """A request that the actor may decide; raises NotFound, or Refusal when it is decided."""
    request = session.get(JoinRequest, request_id, with_for_update=True)
    if request is None:
        raise NotFound
    require(actor, "join.decide", unit_lineage(session, request.decider_id))
    if request.decided_at is not None:
        raise Refusal("This request has been decided already.")
    return request


def not_linked(session: Session, request: JoinRequest) -> list[Person]:
    """Who on the roll the stranger may be, by given name."""
    unit = session.get_one(Unit, request.decider_id)
    return [each for each in members(session, unit) if each.telegram_id is None]


def deciders(session: Session, unit: Unit, *, today: date) -> tuple[Unit, list[Person]]:
    """The nearest unit, upwards, with a committee that can be reached, and that committee."""
    for unit_id in reversed(lineage_ids(unit.lineage)):
        found = holders(session, unit_id, POWERS["join.decide"].roles, today=today)
        reached = [each for each in found if _hears(each)]
        if reached:
            return session.get_one(Unit, unit_id), reached
    return unit, []


def _hears(person: Person) -> bool:
    linked = person.telegram_id is not None and person.consented_at is not None
    return linked and person.started and person.blocked_at is None


def _units_named(session: Session, typed: str) -> list[Unit]:
    """The units whose path ends in what was typed: "Chi bộ 1", "Đảng bộ X / Chi bộ 1"."""
    wanted = [part for each in typed.split("/") if (part := fold(each))]
    if not wanted:
        return []
    found = session.exec(select(Unit).where(Unit.folded == wanted[-1]).order_by(col(Unit.id))).all()
    return [
        unit
        for unit in found
        if [fold(part) for part in unit_path(session, unit).split(" / ")][-len(wanted) :] == wanted
    ][:NAMESAKES]


def _open_request(session: Session, account: int, unit_id: int) -> JoinRequest | None:
    return session.exec(
        select(JoinRequest).where(
            JoinRequest.telegram_id == account,
            JoinRequest.unit_id == unit_id,
            col(JoinRequest.decided_at).is_(None),
        )
    ).first()


def _decided(
    session: Session, request: JoinRequest, actor: Actor, *, accepted: bool, now: datetime
) -> None:
    request.decided_at, request.decided_by, request.accepted = now, actor.person_id, accepted
    request.name = ""
    session.add(request)
    session.flush()
    outbox.cancel(session, f"join:{request.id}", kind="join.request")
    outbox.enqueue(
        session,
        "join.answer",
        f"join:{request.id}",
        [outbox.to_account(request.telegram_id)],
        klass=Class.ONCE,
        now=now,
        priority=ANSWER,
    )
