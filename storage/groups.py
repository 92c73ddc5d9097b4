"""Telegram groups: which unit a group belongs to, and where it lives now.

A group that becomes a supergroup gets a new id. Both service messages may come, in either order,
and a refused send tells it too; the id is swapped once and everything else stays.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, bindparam
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, col, select

from storage import audit
from storage.acts import Did
from storage.db import Row, ask
from storage.powers import Actor, may, require
from storage.roster import RoleGrant, Unit, in_force, lineage_ids, unit_lineage


class Group(Row, table=True):
    """A group chat that the bot is or was in."""

    __tablename__ = "group_chat"

    id: int = Field(default=None, primary_key=True)
    chat_id: int = Field(sa_type=BigInteger, unique=True)
    unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    linked_by: int | None = Field(default=None, foreign_key="person.id")
    left_at: datetime | None = None  # the bot was removed


# -- actions -----------------------------------------------------------------------------------


def joined(session: Session, chat_id: int) -> Group:
    """The bot is in this group (again)."""
    group = at(session, chat_id)
    if group is None:
        group = Group(chat_id=chat_id)
    group.left_at = None
    session.add(group)
    session.flush()
    return group


def removed(session: Session, chat_id: int, *, now: datetime) -> Group | None:
    """The bot is no longer in this group; the link to the unit stays for its return."""
    group = at(session, chat_id)
    if group is not None:
        group.left_at = now
        session.add(group)
        session.flush()
    return group


def link(session: Session, actor: Actor, chat_id: int, unit_id: int, *, now: datetime) -> Group:
    """Links the group to a unit; raises NotFound for a unit the actor may not link.

    A group that has a unit is given away only by somebody who may link that one, too.
    """
    require(actor, "group.link", unit_lineage(session, unit_id))
    group = joined(session, chat_id)
    if group.unit_id is not None:
        require(actor, "group.link", unit_lineage(session, group.unit_id))
    before = group.unit_id
    if before == unit_id:
        return group
    group.unit_id, group.linked_by = unit_id, actor.person_id
    session.add(group)
    session.flush()
    about = {"group": group.id, "unit": unit_id}
    audit.record(session, actor, Did.GROUP_LINK, about, now=now, before=before)
    return group


def migrated(session: Session, old_chat_id: int, new_chat_id: int) -> None:
    """The group became a supergroup: the id is swapped, whichever message tells it first."""
    old, new = at(session, old_chat_id), at(session, new_chat_id)
    if old is None:
        return
    if new is not None:  # an update from the supergroup came before the news of its birth
        if new.unit_id is None:
            session.delete(new)
            session.flush()
        else:
            return
    old.chat_id, old.left_at = new_chat_id, None  # leaving the old chat was part of the move
    session.add(old)
    session.flush()


# -- questions ---------------------------------------------------------------------------------


class Chat(NamedTuple):
    """What has to be known of a group before anything is said in it."""

    id: int
    language: str | None
    zone: str | None


def chat(session: Session, chat_id: int) -> Chat | None:
    """The same group, and how its unit wants to be spoken to; asked at every press in a group."""
    found = ask(session, _CHAT, {"chat_id": chat_id}).first()
    return None if found is None else Chat(found.id, found.language, found.zone)


def at(session: Session, chat_id: int) -> Group | None:
    """The group with this Telegram id."""
    return session.exec(select(Group).where(Group.chat_id == chat_id)).first()


def linkable(session: Session, actor: Actor) -> list[Unit]:
    """The units whose group the actor may name, from the top down."""
    units = session.exec(select(Unit).order_by(col(Unit.lineage), col(Unit.id))).all()
    return [each for each in units if may(actor, "group.link", lineage_ids(each.lineage))]


def branch_of(session: Session, unit_id: int, *, today: date) -> Unit:
    """The unit by which people call where they belong: what has a committee, or a group.

    Trees differ in depth and in what their levels are called. A team within a branch rarely has
    either, so the rule is: the nearest unit, from their own upwards, on which somebody holds a
    role today or to which a group is linked; where there is none, their own.
    """
    lineage = unit_lineage(session, unit_id)
    led = select(RoleGrant.unit_id).where(col(RoleGrant.unit_id).in_(lineage), *in_force(today))
    linked = select(Group.unit_id).where(col(Group.unit_id).in_(lineage))
    found = set(session.execute(led.union(linked)).scalars())
    nearest = next((each for each in reversed(lineage) if each in found), unit_id)
    return session.get_one(Unit, nearest)


def of_unit(session: Session, unit_id: int) -> Group | None:
    """The group that is linked to exactly this unit and still has the bot in it."""
    return session.exec(
        select(Group)
        .where(Group.unit_id == unit_id, col(Group.left_at).is_(None))
        .order_by(col(Group.id).desc())
    ).first()


_CHAT = (
    sa_select(col(Group.id), col(Unit.language), col(Unit.zone))
    .outerjoin(Unit, col(Unit.id) == col(Group.unit_id))
    .where(col(Group.chat_id) == bindparam("chat_id"))
)
