"""Telling a unit what became of its group: once, in private, to its committee."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from storage import groups, outbox
from storage.joining import deciders
from storage.outbox import Class
from storage.quiet import due_for, not_before
from storage.roster import Unit


def tell(
    session: Session,
    chat_id: int,
    kind: str,
    *,
    owner_id: int | None,
    quiet_hours: str,
    zone: str,
    now: datetime,
) -> None:
    """Owes the news to the committee of the group's unit, or of the nearest above, or the owner."""
    group = groups.at(session, chat_id)
    if group is None or group.unit_id is None:
        return
    unit = session.get_one(Unit, group.unit_id)
    _unit, committee = deciders(session, unit, today=now.astimezone(ZoneInfo(zone)).date())
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
    subject = f"group:{group.id}"
    before = sum(outbox.counts(session, subject, kind).values())
    outbox.enqueue(session, kind, subject, recipients, klass=Class.ONCE, now=now, revision=before)
