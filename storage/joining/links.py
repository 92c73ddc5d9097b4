"""Personal links and consent."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import update
from sqlmodel import Session, col, select

from storage import audit, drafts, meetings, menus
from storage.acts import Did
from storage.audit import spans
from storage.errors import NotFound, Refusal
from storage.joining.tables import Invite, JoinRequest, Link, WrongCodes
from storage.powers import SHELL, Actor, may
from storage.quiet import Quiet
from storage.roster import (
    Person,
    RoleGrant,
    Unit,
    members,
    person_of,
    unit_lineage,
    unit_path,
)

VALID_FOR = timedelta(days=30)
WRONG_CODES = 10  # from one account within WRONG_WITHIN; after that no code works for it
WRONG_WITHIN = timedelta(hours=1)


def invite(session: Session, actor: Actor, person_id: int, *, now: datetime) -> str:
    """A new personal link for somebody on the roll; the older ones stop working."""
    person = on_roll(session, person_id)
    if not may_invite(session, actor, person, now=now):
        raise NotFound
    revoked = revoke(session, person.id, now=now)
    audit.record(session, actor, Did.LINK_MAKE, person.about, now=now, revoked=revoked or None)
    return _new_code(session, person.id, actor.person_id, now)


def may_invite(session: Session, actor: Actor, person: Person, *, now: datetime) -> bool:
    """Whether the actor may make a link for this person."""
    changes = may(actor, "roster.change", unit_lineage(session, person.unit_id))
    return changes and is_over_office(session, actor, person, now=now)


def invites_for(session: Session, unit: Unit | None, *, now: datetime) -> list[Link]:
    """A link for each person not yet linked, of a unit and below or of all; older ones stay.

    For whoever has the shell: the list is written to a file there.
    """
    roots = [unit] if unit else session.exec(select(Unit).where(col(Unit.parent_id).is_(None)))
    paths: dict[int, str] = {}
    links: list[Link] = []
    invited: list[int] = []
    for root in roots:
        for person in members(session, root):
            if person.telegram_id is not None:
                continue
            if person.unit_id not in paths:
                own = session.get_one(Unit, person.unit_id)
                paths[own.id] = unit_path(session, own)
            code = _new_code(session, person.id, None, now)
            links.append(Link(person.full_name, paths[person.unit_id], code, now + VALID_FOR))
            invited.append(person.id)
    session.flush()
    if invited:
        about = {"unit": unit.id if unit else None}
        audit.record(session, SHELL, Did.LINK_MAKE, about, now=now, people=spans(invited))
    return links


def revoke(session: Session, person_id: int, *, now: datetime) -> int:
    """The person's links that nobody has used stop working; returns how many."""
    revoked = session.execute(
        update(Invite)
        .where(col(Invite.person_id) == person_id)
        .where(col(Invite.used_at).is_(None), col(Invite.revoked_at).is_(None))
        .values(revoked_at=now)
        .returning(col(Invite.id))
        .execution_options(synchronize_session=False)
    )
    return len(revoked.all())


def look(session: Session, account: int, code: str, *, now: datetime) -> Person | None:
    """Whom a code lets in; None alike for one that is unknown, used, revoked or expired."""
    tried = session.get(WrongCodes, account)
    if tried is not None and tried.since < now - WRONG_WITHIN:
        tried.since, tried.count = now, 0
    found = _valid(session, code, now)
    if found is not None and (tried is None or tried.count < WRONG_CODES):
        return session.get(Person, found.person_id)
    tried = tried or WrongCodes(telegram_id=account, since=now)
    tried.count += 1
    session.add(tried)
    return None


def confirm(session: Session, account: int, code: str, *, now: datetime) -> Person | None:
    """The person is whoever holds this account, from now on; None for a code that is no good.

    Pressed again, it changes nothing: the account holds the person already.
    """
    held = person_of(session, account)
    person = look(session, account, code, now=now)
    if person is None:
        return held
    if held is not None and held.id != person.id:
        raise Refusal(
            "This account already belongs to comrade {name}. One account cannot be two people.",
            name=held.full_name,
        )
    if not _use(session, code, now):
        return None
    revoke(session, person.id, now=now)
    before = person.telegram_id
    link(session, person, account, now=now)
    _note_use(session, person, account, before, now=now)
    return person


def agree(session: Session, person: Person, *, quiet: Quiet | None = None, now: datetime) -> None:
    """The person agrees to their data being kept; agreeing twice changes nothing.

    From now on they are let in: what is ahead invites them.
    """
    if person.consented_at is not None:
        return
    person.consented_at = now
    session.add(person)
    session.flush()
    _note(session, person, Did.CONSENT_GIVE, now=now, account=person.telegram_id)
    meetings.follow(session, {person.id}, {person.unit_id}, quiet=quiet, now=now)
    if session.exec(select(RoleGrant).where(RoleGrant.person_id == person.id)).first() is not None:
        menus.owe(session, person.telegram_id, now=now)


def decline(session: Session, person: Person, *, now: datetime) -> bool:
    """They do not agree: nothing of the account is kept, and their link works again.

    An account that the roster file brought stays in the roster, so that they may come back; who
    has agreed before is not unlinked by an old button (False).
    """
    if person.consented_at is not None:
        return False
    used = session.exec(
        select(Invite)
        .where(Invite.person_id == person.id, col(Invite.used_at).is_not(None))
        .order_by(col(Invite.used_at).desc())
    ).first()
    by_request = session.exec(
        select(JoinRequest).where(
            JoinRequest.telegram_id == person.telegram_id, col(JoinRequest.accepted)
        )
    ).first()
    if used is not None:
        used.used_at = None
        session.add(used)
    if used is not None or by_request is not None:
        person.telegram_id = person.linked_at = None
    if by_request is not None:
        session.delete(by_request)
    person.started = False
    session.add(person)
    session.flush()
    _note(session, person, Did.CONSENT_REFUSE, now=now)
    return True


def link(session: Session, person: Person, account: int, *, now: datetime) -> None:
    """Moves the person to the account; the one they had is silent from now on."""
    before = person.telegram_id
    person.telegram_id, person.linked_at = account, now
    person.started, person.blocked_at = True, None
    session.add(person)
    session.flush()
    if before is not None and before != account:
        drafts.close(session, before)
        menus.owe(session, before, now=now)
        menus.owe(session, account, now=now)


def is_over_office(session: Session, actor: Actor, person: Person, *, now: datetime) -> bool:
    """Whoever hands an account to somebody in office must be one who may give that office.

    Else a deputy could make a link for the secretary and open it with an account of their own.
    """
    held = session.exec(
        select(RoleGrant.unit_id)
        .where(RoleGrant.person_id == person.id, RoleGrant.person_id != actor.person_id)
        .where(col(RoleGrant.to_day).is_(None) | (col(RoleGrant.to_day) > now.date()))
    ).all()
    return all(may(actor, "role.give", unit_lineage(session, unit_id)) for unit_id in held)


def on_roll(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None or person.ended is not None:
        raise NotFound
    return person


def _note_use(
    session: Session, person: Person, account: int | None, before: int | None, *, now: datetime
) -> None:
    """The accounts are named only of somebody who has agreed: of who refuses, none is kept."""
    did = Did.LINK_USE if before in (None, account) else Did.LINK_RELINK
    if person.consented_at is None:
        account = before = None
    elif before == account:
        before = None
    _note(session, person, did, now=now, account=account, before=before)


def _note(
    session: Session, person: Person, did: Did, *, now: datetime, **accounts: int | None
) -> None:
    named = {name: audit.account(session, account) for name, account in accounts.items()}
    themselves = Actor(0, person_id=person.id)
    audit.record(session, themselves, did, person.about, now=now, **named)


def _new_code(session: Session, person_id: int, made_by: int | None, now: datetime) -> str:
    code = secrets.token_urlsafe(16)
    session.add(
        Invite(
            person_id=person_id,
            code_hash=_hash(code),
            created_at=now,
            expires_at=now + VALID_FOR,
            made_by=made_by,
        )
    )
    return code


def _valid(session: Session, code: str, now: datetime) -> Invite | None:
    return session.exec(
        select(Invite)
        .join(Person, col(Person.id) == Invite.person_id)
        .where(Invite.code_hash == _hash(code), Invite.expires_at > now)
        .where(col(Invite.used_at).is_(None), col(Invite.revoked_at).is_(None))
        .where(col(Person.ended).is_(None))
    ).first()


def _use(session: Session, code: str, now: datetime) -> bool:
    """Takes the code; False when somebody else took it a moment ago."""
    taken = session.execute(
        update(Invite)
        .where(col(Invite.code_hash) == _hash(code))
        .where(col(Invite.used_at).is_(None), col(Invite.revoked_at).is_(None))
        .values(used_at=now)
        .returning(col(Invite.id))
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def _hash(code: str) -> str:
    return sha256(code.encode(errors="replace")).hexdigest()
