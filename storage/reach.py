"""How somebody can be reached: every list of people can say so."""

from __future__ import annotations

from enum import StrEnum

from storage.roster import Person


class Reach(StrEnum):
    """The ways, best first."""

    LINKED = "linked"
    NOT_STARTED = "not_started"  # has an account, but has not let us write or has not agreed
    BLOCKED = "blocked"
    PHONE = "phone"  # no account
    PAPER = "paper"  # neither account nor telephone


def reach(person: Person) -> Reach:
    """The way to reach this person today."""
    if person.telegram_id is None:
        return Reach.PHONE if person.phone else Reach.PAPER
    if person.blocked_at is not None:
        return Reach.BLOCKED
    if not person.started or person.consented_at is None:
        return Reach.NOT_STARTED
    return Reach.LINKED
