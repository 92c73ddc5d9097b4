"""Questions put into the bank, taken out of use, and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random

from sqlmodel import Session, col, select

from storage.bank.judging import NewItem, check
from storage.bank.tables import Item
from storage.db import upsert
from storage.errors import NotFound
from storage.powers import Actor, require
from storage.roster import unit_lineage

CHANGE = "campaign.manage"


# -- actions -----------------------------------------------------------------------------------


def put(
    session: Session, actor: Actor, unit_id: int, items: Sequence[NewItem], *, now: datetime
) -> int:
    """Puts questions into a unit's bank; what it has already stays one row. Returns how many."""
    require(actor, CHANGE, unit_lineage(session, unit_id))
    for each in items:
        check(each)
    held = set(session.exec(select(Item.digest).where(Item.unit_id == unit_id)).all())
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
            "author_id": actor.person_id,
            "created_at": now,
        }
        for digest, each in fresh.items()
    ]
    if rows:
        session.execute(upsert(session, Item).on_conflict_do_nothing(), rows)
    return len(rows)


def retire(session: Session, actor: Actor, item_id: int, *, now: datetime) -> Item:
    """Takes a question out of use; answers that were given to it are kept."""
    item = session.get(Item, item_id)
    if item is None:
        raise NotFound
    require(actor, CHANGE, unit_lineage(session, item.unit_id))
    if item.retired_at is None:
        item.retired_at = now
        session.add(item)
        session.flush()
    return item


# -- questions ---------------------------------------------------------------------------------


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
