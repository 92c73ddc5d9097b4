"""Answers that take several taps: what is chosen so far stands in a row, and survives a restart.

A tap says what is to be, not what is to change: chosen or not, or which place of the order. So the
same tap twice does nothing more than once.
"""

from __future__ import annotations

from sqlmodel import Session, col, delete, select

from storage.bank.judging import CHOICE_LIMIT, Given, picked
from storage.bank.tables import Half, Item
from storage.db import upsert
from storage.errors import Refusal
from storage.folding import clean_name


def half(session: Session, person_id: int, asked: str, item: Item) -> Given:
    """What has been chosen so far."""
    found = session.exec(
        select(Half)
        .where(Half.person_id == person_id, Half.asked == asked, Half.item_id == item.id)
        .execution_options(populate_existing=True)
    ).first()
    return [] if found is None else found.given


def pick(session: Session, person_id: int, asked: str, item: Item, index: int, mark: int) -> Given:
    """One tap more (`judging.picked`); returns what is chosen now."""
    given = picked(item, half(session, person_id, asked, item), index, mark)
    _keep(session, person_id, asked, item, given)
    return given


def jot(session: Session, person_id: int, asked: str, item: Item, text: str) -> Given:
    """What was typed, in place of what was typed before."""
    given = clean_name(text)
    if len(given) > CHOICE_LIMIT:
        raise Refusal("An answer takes at most {n} letters.", n=CHOICE_LIMIT)
    _keep(session, person_id, asked, item, given)
    return given


def forget(session: Session, person_id: int, asked: str, item_id: int) -> None:
    """The answer has been given."""
    session.execute(
        delete(Half).where(
            col(Half.person_id) == person_id,
            col(Half.asked) == asked,
            col(Half.item_id) == item_id,
        )
    )


def _keep(session: Session, person_id: int, asked: str, item: Item, given: Given) -> None:
    new = upsert(session, Half).values(
        person_id=person_id, asked=asked, item_id=item.id, given=given
    )
    session.execute(
        new.on_conflict_do_update(
            index_elements=["person_id", "asked", "item_id"], set_={"given": new.excluded.given}
        )
    )
