"""Questions put into the bank, taken out of use, and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage import audit
from storage.acts import Did
from storage.bank.judging import NewItem, check
from storage.bank.tables import Item
from storage.db import upsert
from storage.errors import NotFound
from storage.powers import Actor, may, require, units_with
from storage.roster import Unit, unit_lineage

SEE, CHANGE = "campaign.see", "campaign.manage"


class Plan(NamedTuple):
    """What putting questions into a bank does, or would do."""

    added: int
    changed: int
    same: int


# -- actions -----------------------------------------------------------------------------------


def put(
    session: Session, actor: Actor, unit_id: int, items: Sequence[NewItem], *, now: datetime
) -> int:
    """Puts questions into a unit's bank; what it has already stays one row. Returns how many."""
    made = plan(session, actor, unit_id, items)
    enter(session, unit_id, items, author_id=actor.person_id, now=now)
    if made.added + made.changed:
        counts = {"added": made.added, "changed": made.changed}
        audit.record(session, actor, Did.BANK_IMPORT, {"unit": unit_id}, now=now, **counts)
    return made.added


def enter(
    session: Session,
    unit_id: int,
    items: Sequence[NewItem],
    *,
    author_id: int | None,
    now: datetime,
) -> list[Item]:
    """The rows of these questions, in their order; for who has asked for the right already.

    One that is held gets another explanation, topic or spelling where the new one has it, and is
    in use again.
    """
    for each in items:
        check(each)
    held = _held(session, unit_id, items)
    for new in items:
        row = held.get(new.digest)
        for name, value in _changes(row, new).items() if row else ():
            setattr(row, name, value)
    fresh = {each.digest: each for each in items if each.digest not in held}
    rows = [
        {
            "unit_id": unit_id,
            "topic": each.topic,
            "kind": each.kind.value,
            "ask": each.ask,
            "choices": list(each.choices),
            "answer": list(each.answer),
            "why": each.why,
            "fixed": each.fixed,
            "digest": digest,
            "author_id": author_id,
            "created_at": now,
        }
        for digest, each in fresh.items()
    ]
    session.flush()
    if rows:
        session.execute(upsert(session, Item).on_conflict_do_nothing(), rows)
        held = _held(session, unit_id, items)
    return [held[each.digest] for each in items]


def retire(session: Session, actor: Actor, item_id: int, *, now: datetime) -> Item:
    """Takes a question out of use; answers that were given to it are kept."""
    item = one(session, actor, item_id, power=CHANGE)
    if item.retired_at is None:
        item.retired_at = now
        session.add(item)
        session.flush()
        audit.record(session, actor, Did.BANK_RETIRE, item.about, now=now)
    return item


def reuse(session: Session, actor: Actor, item_id: int, *, now: datetime) -> Item:
    """Puts a question into use again."""
    item = one(session, actor, item_id, power=CHANGE)
    if item.retired_at is not None:
        item.retired_at = None
        session.add(item)
        session.flush()
        audit.record(session, actor, Did.BANK_REUSE, item.about, now=now)
    return item


# -- questions ---------------------------------------------------------------------------------


def plan(session: Session, actor: Actor, unit_id: int, items: Sequence[NewItem]) -> Plan:
    """What putting these into the unit's bank would do; NotFound for who may not."""
    require(actor, CHANGE, unit_lineage(session, unit_id))
    held = _held(session, unit_id, items)
    new = {each.digest: each for each in items}
    changed = sum(1 for digest, row in held.items() if _changes(row, new[digest]))
    added = len(new) - len(held)
    return Plan(added, changed, len(new) - added - changed)


def homes(session: Session, actor: Actor, *, power: str = CHANGE) -> list[Unit]:
    """The units that somebody holds the power over by a role there; all roots for the owner."""
    ids = units_with(actor, power)
    found = select(Unit).where(col(Unit.id).in_(ids))
    if actor.owner and not ids:
        found = select(Unit).where(col(Unit.parent_id).is_(None))
    return list(session.exec(found.order_by(func.length(Unit.lineage), col(Unit.id))).all())


def one(session: Session, actor: Actor, item_id: int, *, power: str = SEE) -> Item:
    """A question of a bank that the actor may look into; NotFound for any other."""
    item = session.get(Item, item_id)
    if item is None or not may(actor, power, unit_lineage(session, item.unit_id)):
        raise NotFound
    return item


def own(session: Session, actor: Actor, unit_id: int) -> Sequence[Item]:
    """The questions of a unit's own, for its committee: those out of use come last."""
    require(actor, SEE, unit_lineage(session, unit_id))
    found = select(Item).where(Item.unit_id == unit_id)
    retired = col(Item.retired_at).is_not(None)
    return session.exec(found.order_by(retired, col(Item.topic), col(Item.id))).all()


def of_unit(session: Session, unit_id: int, *, topic: str | None = None) -> Sequence[Item]:
    """The questions in use that serve a unit: its own, and those of the units above."""
    found = select(Item).where(
        col(Item.unit_id).in_(unit_lineage(session, unit_id)),
        col(Item.retired_at).is_(None),
    )
    if topic is not None:
        found = found.where(Item.topic == topic)
    return session.exec(found.order_by(col(Item.id))).all()


def draw(items: Sequence[Item], number: int, seed: str) -> list[Item]:
    """So many of the questions, by chance; the same for the same seed and the same questions."""
    chosen = sorted(items, key=lambda item: item.id)
    Random(seed).shuffle(chosen)  # noqa: S311 – no secret
    return chosen[:number]


def _held(session: Session, unit_id: int, items: Sequence[NewItem]) -> dict[str, Item]:
    """Those that the unit's bank has, by digest."""
    digests = [each.digest for each in items]
    found = session.exec(
        select(Item).where(Item.unit_id == unit_id, col(Item.digest).in_(digests))
    ).all()
    return {each.digest: each for each in found}


def same(row: Item, new: NewItem) -> bool:
    """Whether a row says all that the new one does."""
    return row.digest == new.digest and not _changes(row, new)


def _changes(row: Item, new: NewItem) -> dict[str, Any]:
    """What the new one says otherwise of the same question; what it leaves empty stays."""
    said: dict[str, Any] = {
        "ask": new.ask,  # an accent or a capital put right
        "choices": list(new.choices),
        "why": new.why,
        "topic": new.topic,
        "fixed": new.fixed,
    }
    changes = {name: value for name, value in said.items() if value and getattr(row, name) != value}
    return changes | ({"retired_at": None} if row.retired_at is not None else {})
