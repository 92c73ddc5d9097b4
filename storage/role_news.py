"""Telling somebody that they have been given a role, whoever gave it and by which way.

A role given by mistake and taken back before the notice is sent is not spoken of.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Session

from storage import outbox
from storage.outbox import Class
from storage.quiet import Quiet
from storage.roster import Person, RoleGrant

GIVEN = "role.given"


def tell(
    session: Session, person: Person, grant: RoleGrant, *, quiet: Quiet | None, now: datetime
) -> None:
    """Owes the news to whoever is on the bot already; others see it when they come in."""
    if person.telegram_id is None or person.consented_at is None:
        return
    outbox.enqueue(
        session,
        GIVEN,
        f"role:{grant.id}",
        [
            {
                **outbox.to_person(person.id),
                "due_at": quiet.for_person(person, now) if quiet else now,
            }
        ],
        klass=Class.ONCE,
        now=now,
    )


def holds(session: Session, grant_id: int, *, today: date) -> RoleGrant | None:
    """The role, if it still holds."""
    grant = session.get(RoleGrant, grant_id)
    if grant is None or (grant.to_day is not None and grant.to_day <= today):
        return None
    return grant
