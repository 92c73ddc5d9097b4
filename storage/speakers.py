"""Who speaks from a Telegram account, and with which rights: what is asked at every update.

Its statements are built once, for they are asked more often than any other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, and_, bindparam, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage.db import ask
from storage.powers import Actor, Grant, Role
from storage.roster import Person, RoleGrant, Unit, lineage_ids


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks, and how they want to be spoken to: their own choice, else their unit's."""

    actor: Actor
    language: str | None = None
    zone: str | None = None
    reachable: bool = False  # we believe that Telegram lets us write to them


def speaker(session: Session, telegram_id: int, *, today: date, owner: bool) -> Speaker:
    """Who speaks from this account, with the roles that hold today; one query.

    Every member holds the member role on their own unit; other roles come from dated grants.
    Somebody who has not agreed to their data being kept, or has left the roll, holds none.
    """
    found = ask(session, _SPEAKER, {"telegram_id": telegram_id, "today": today}).all()
    return _speaker(telegram_id, found, owner=owner)


def speakers(session: Session, accounts: Collection[int], *, today: date) -> dict[int, Speaker]:
    """The same for many accounts at once; who is on no roll is left out."""
    found: dict[int, list[Any]] = {}
    if accounts:
        for row in ask(session, _SPEAKERS, {"accounts": list(accounts), "today": today}):
            found.setdefault(row.telegram_id, []).append(row)
    return {account: _speaker(account, rows, owner=False) for account, rows in found.items()}


def _speaker(telegram_id: int, found: Sequence[Any], *, owner: bool) -> Speaker:
    if not found:
        return Speaker(Actor(telegram_id, owner=owner))
    first = found[0]
    grants: list[Grant] = []
    if first.consented_at is not None and first.ended is None:
        grants.append(Grant(Role.MEMBER, first.unit_id, lineage_ids(first.lineage)))
        for row in found:
            if row.role is not None:
                grants.append(Grant(Role(row.role), row.role_unit, lineage_ids(row.role_lineage)))
    return Speaker(
        Actor(telegram_id, person_id=first.id, grants=tuple(grants), owner=owner),
        first.language or first.unit_language,
        first.zone or first.unit_zone,
        first.started and first.blocked_at is None,
    )


def who(session: Session, telegram_id: int, *, today: date, owner: bool) -> Actor:
    """Who speaks from this account, and with which rights."""
    return speaker(session, telegram_id, today=today, owner=owner).actor


_RoleUnit = aliased(Unit)
_SPEAKING: Any = (
    select(
        col(Person.telegram_id),
        col(Person.id),
        col(Person.unit_id),
        col(Person.consented_at),
        col(Person.ended),
        col(Person.language),
        col(Person.zone),
        col(Person.started),
        col(Person.blocked_at),
        col(Unit.lineage),
        col(Unit.language).label("unit_language"),
        col(Unit.zone).label("unit_zone"),
        col(RoleGrant.role),
        col(RoleGrant.unit_id).label("role_unit"),
        col(_RoleUnit.lineage).label("role_lineage"),
    )
    .join(Unit, col(Unit.id) == col(Person.unit_id))
    .outerjoin(
        RoleGrant,
        and_(
            col(RoleGrant.person_id) == col(Person.id),
            col(RoleGrant.from_day) <= bindparam("today", type_=Date),
            or_(col(RoleGrant.to_day).is_(None), col(RoleGrant.to_day) > bindparam("today")),
        ),
    )
    .outerjoin(_RoleUnit, col(_RoleUnit.id) == col(RoleGrant.unit_id))
)
_SPEAKER = _SPEAKING.where(col(Person.telegram_id) == bindparam("telegram_id"))
_SPEAKERS = _SPEAKING.where(col(Person.telegram_id).in_(bindparam("accounts", expanding=True)))
