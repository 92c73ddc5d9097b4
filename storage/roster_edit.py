"""Changing the roll by hand: add, correct, end one member, give and end a role."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from sqlmodel import Session, col, select

from storage import audit, drafts, joining, meetings, menus, outbox, role_news, roster
from storage.acts import Did
from storage.errors import NotFound, Refusal
from storage.folding import fold
from storage.outbox import Class
from storage.powers import Actor, Role, may, require
from storage.quiet import Quiet
from storage.roster import Person, RoleGrant, Standing, Unit, in_force, lineage_ids, unit_lineage
from storage.roster_import import may_grant
from storage.roster_import.columns import (
    check_order,
    parse_card,
    parse_kind,
    parse_line,
    parse_name,
)
from storage.sheets import BadValue, parse_date, parse_phone

# -- rules -------------------------------------------------------------------------------------

FIELDS = (
    "full_name",
    "kind",
    "standing",
    "born",
    "joined",
    "official",
    "card",
    "phone",
    "residence",
    "unit",
)
ENDED = "roster.ended"  # to who was taken off the roll, at the account they had
GIVEN = (Role.SECRETARY, Role.DEPUTY, Role.COMMITTEE)


def meaning(field: str, text: str, *, today: date) -> object:
    """What a typed value means for a field; raises Refusal."""
    day = partial(parse_date, today=today)
    parsers: dict[str, Callable[[str], object]] = {
        "full_name": parse_name,
        "kind": parse_kind,
        "standing": Standing,
        "born": day,
        "joined": day,
        "official": partial(parse_date, today=today, future=True),
        "card": parse_card,
        "phone": parse_phone,
        "residence": partial(parse_line, limit=200),
    }
    try:
        return parsers[field](text)
    except BadValue as bad:
        raise Refusal(bad.message, **bad.values) from None
    except ValueError:  # of the values to choose from, none is like it
        raise NotFound from None


def new_name(text: str) -> str:
    """The name of somebody new, as it is stored: a family name and a given one; raises Refusal."""
    name = str(meaning("full_name", text, today=date.max))
    if sum(map(_is_word, name.split())) < 2:
        raise Refusal("{value} is not a full name. Write family name and given name.", value=name)
    return name


def _is_word(word: str) -> bool:
    """Letters only, with the marks that names have: "H’Hen", and those that no letter holds."""
    return word[0].isalpha() and all(
        each.isalpha() or each in "'’-" or unicodedata.combining(each) for each in word
    )


# -- actions -----------------------------------------------------------------------------------


def add(session: Session, actor: Actor, unit_id: int, full_name: str, *, now: datetime) -> Person:
    """Somebody new on a unit's roll."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound
    require(actor, "roster.change", lineage_ids(unit.lineage))
    name = new_name(full_name)
    person = roster.new_person(session, unit, name)
    meetings.follow(session, {person.id}, {unit.id}, now=now)
    audit.record(session, actor, Did.ROSTER_ADD, person.about, now=now)
    return person


def correct(
    session: Session,
    actor: Actor,
    person_id: int,
    field: str,
    text: str,
    *,
    quiet: Quiet | None = None,
    now: datetime,
    today: date,
) -> Person:
    """One field of somebody on the roll gets a new value."""
    person = on_roll(session, actor, person_id, "roster.change")
    value = meaning(field, text, today=today)
    if getattr(person, field) == value:
        return person
    if field == "full_name":
        roster.rename(person, str(value))
    elif field == "card":
        held = session.exec(select(Person).where(Person.card == value)).first()
        if held is not None and held.id != person.id:
            raise Refusal("This card number is already in use.")
        person.card = str(value)
    else:
        setattr(person, field, value)
    try:
        check_order(person.born, person.joined, person.official)
    except BadValue as bad:
        raise Refusal(bad.message, **bad.values) from None
    session.add(person)
    session.flush()
    if field in ("kind", "standing"):  # not everybody is convened
        meetings.follow(session, {person.id}, {person.unit_id}, quiet=quiet, now=now)
    audit.record(session, actor, Did.ROSTER_CORRECT, person.about, now=now, field=field)
    return person


def move(
    session: Session,
    actor: Actor,
    person_id: int,
    unit_id: int,
    *,
    quiet: Quiet | None = None,
    now: datetime,
) -> Person:
    """Somebody changes to another unit; the actor answers for both."""
    person = on_roll(session, actor, person_id, "roster.change")
    require(actor, "roster.change", unit_lineage(session, unit_id))
    before = person.unit_id
    if before == unit_id:
        return person
    person.unit_id = unit_id
    session.add(person)
    session.flush()
    meetings.follow(session, {person.id}, {before, unit_id}, quiet=quiet, now=now)
    audit.record(session, actor, Did.ROSTER_MOVE, person.about, now=now, before=before)
    return person


def end_member(
    session: Session,
    actor: Actor,
    person_id: int,
    *,
    quiet: Quiet | None = None,
    now: datetime,
    today: date,
) -> Person:
    """Somebody leaves the roll: no role, no link, no account any more; what was recorded stays.

    Who was on the bot is told so, once.
    """
    person = on_roll(session, actor, person_id, "roster.change")
    if not may_end(session, actor, person, today=today):
        raise NotFound
    held = roles_of(session, person, today=today)
    for grant in held:
        roster.end_role(session, grant, today=today)
    links = joining.revoke(session, person.id, now=now)
    agreed = person.consented_at is not None
    account = audit.account(session, person.telegram_id) if agreed else None
    if person.telegram_id is not None:
        drafts.close(session, person.telegram_id)
        menus.owe(session, person.telegram_id, now=now)
    if person.telegram_id is not None and agreed:
        outbox.enqueue(
            session,
            ENDED,
            f"person:{person.id}",
            [outbox.to_account(person.telegram_id)],
            klass=Class.ONCE,
            facts={"language": person.language},  # nobody holds the account by then
            due_at=quiet.for_person(person, now) if quiet else now,
            now=now,
        )
    person.ended, person.telegram_id, person.started = today, None, False
    session.add(person)
    session.flush()
    units = {person.unit_id, *(each.unit_id for each in held)}
    meetings.follow(session, {person.id}, units, now=now)
    roles = ",".join(f"{each.unit_id}:{each.role}" for each in held)
    audit.record(
        session,
        actor,
        Did.ROSTER_END,
        person.about,
        now=now,
        roles=roles or None,
        links=links or None,
        account=account,
    )
    return person


def give_role(
    session: Session,
    actor: Actor,
    person_id: int,
    unit_id: int,
    role: Role,
    *,
    quiet: Quiet,
    now: datetime,
    today: date,
) -> Person:
    """Gives a role on the person's unit or one above it; on one unit a person holds one role."""
    person = on_roll(session, actor, person_id, "role.give")
    if unit_id not in unit_lineage(session, person.unit_id):
        raise NotFound
    _require_grant(session, actor, unit_id, role)
    held = [each for each in roles_of(session, person, today=today) if each.unit_id == unit_id]
    before = [each for each in held if each.role != role]
    for each in before:
        roster.end_role(session, each, today=today)
    grant = roster.give_role(session, person, unit_id, role, today=today, by=actor.person_id)
    meetings.follow(session, {person.id}, {unit_id}, quiet=quiet, now=now)
    role_news.tell(session, person, grant, quiet=quiet, now=now)
    menus.owe(session, person.telegram_id, now=now)
    if before or not held:
        about = {"person": person.id, "unit": unit_id}
        was = ",".join(each.role for each in before) or None
        audit.record(session, actor, Did.ROLE_GIVE, about, now=now, role=role, was=was)
    return person


def end_role(
    session: Session, actor: Actor, grant_id: int, *, now: datetime, today: date
) -> Person:
    """Ends a role."""
    grant = session.get(RoleGrant, grant_id)
    if grant is None:
        raise NotFound
    _require_grant(session, actor, grant.unit_id, Role(grant.role))
    if grant.to_day is not None and grant.to_day <= today:
        raise Refusal("This role has ended already.")
    roster.end_role(session, grant, today=today)
    person = session.get_one(Person, grant.person_id)
    meetings.follow(session, {person.id}, {grant.unit_id}, now=now)
    menus.owe(session, person.telegram_id, now=now)
    about = {"person": person.id, "unit": grant.unit_id}
    audit.record(session, actor, Did.ROLE_END, about, now=now, role=grant.role)
    return person


def _require_grant(session: Session, actor: Actor, unit_id: int, role: Role) -> None:
    if not may_grant(actor, role, unit_lineage(session, unit_id)):
        raise NotFound


# -- questions ---------------------------------------------------------------------------------


def on_roll(session: Session, actor: Actor, person_id: int, power: str) -> Person:
    """Somebody on a roll over which the actor has the power; raises NotFound."""
    person = session.get(Person, person_id)
    if person is None or person.ended is not None:
        raise NotFound
    require(actor, power, unit_lineage(session, person.unit_id))
    return person


def may_end(session: Session, actor: Actor, person: Person, *, today: date) -> bool:
    """Whether the actor may take somebody off the roll, which ends each of their roles."""
    return may(actor, "roster.change", unit_lineage(session, person.unit_id)) and all(
        may_grant(actor, Role(each.role), unit_lineage(session, each.unit_id))
        for each in roles_of(session, person, today=today)
    )


def rolls(session: Session, actor: Actor, power: str) -> list[Unit]:
    """The units whose roll the actor reaches with a power, from the top down."""
    units = session.exec(select(Unit).order_by(col(Unit.lineage), col(Unit.id))).all()
    return [each for each in units if may(actor, power, lineage_ids(each.lineage))]


def roles_of(session: Session, person: Person, *, today: date) -> list[RoleGrant]:
    """The roles that somebody holds today."""
    return list(
        session.exec(
            select(RoleGrant)
            .where(RoleGrant.person_id == person.id, *in_force(today))
            .order_by(col(RoleGrant.unit_id))
        ).all()
    )


def namesakes(session: Session, unit: Unit, name: str) -> list[Person]:
    """Those on the unit's own roll and below who are called just so, wherever a tone is placed."""
    key = roster.sort_key(name)
    return [each for each in roster.members(session, unit) if each.sort_key == key]


def named(session: Session, unit: Unit, typed: str) -> list[Person]:
    """Those on the unit's roll whose name holds the typed words, accents or not."""
    words = fold(typed).split()
    return [
        each for each in roster.members(session, unit) if all(word in each.folded for word in words)
    ]
