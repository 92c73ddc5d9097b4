"""Words of the notices about commitments, found when they are sent; and what fires by itself."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from handlers.kit import Button, House, Note, Say, notice
from handlers.pledges.saying import due, head
from handlers.text import Text, _
from storage import pledges
from storage.outbox import Class
from storage.pledges import PledgeYear
from storage.roster import Unit
from storage.schedule import Due


def remind(session: Session, due: Due, house: House, now: datetime) -> None:
    """A week or a day before the last day."""
    number = int(due.subject.rpartition(":")[2])
    pledges.remind(session, number, due.slot_name, quiet=house.quiet, now=now)


@notice(pledges.STARTED, power="pledge.own", klass=Class.REMINDER, about=_("Commitment begins"))
def started(note: Note) -> Say | None:
    """To everybody whom it is for; the exempt are invited."""
    found = _wanted(note)
    if found is None:
        return None
    year, invited = found
    asks = _("Please write under each heading what you undertake, then sign.")
    invites = _("You are invited to write one, too; you need not.")
    return _say(note, year, invites if invited else asks)


@notice(pledges.REMINDER, power="pledge.own", klass=Class.REMINDER, about=_("Commitment to sign"))
def reminder(note: Note) -> Say | None:
    """To those who have not signed."""
    found = _wanted(note)
    if found is None or found[1]:
        return None
    return _say(note, found[0], _("You have not signed yet."))


@notice(pledges.COMPARE, power="pledge.own", klass=Class.REMINDER, about=_("Commitment to compare"))
def compare(note: Note) -> Say | None:
    """To those who have signed: what has become of it?"""
    person_id = note.notice.person_id or 0
    year = pledges.asked_to_compare(note.session, note.subject_id, person_id)
    if year is None:
        return None
    return Say(
        head(year, note.session.get_one(Unit, year.unit_id)),
        _("The year ends: please say of each heading whether it was done."),
        buttons=[[Button(_("Compare"), "pledge", year.id)]],
    )


def _wanted(note: Note) -> tuple[PledgeYear, bool] | None:
    return pledges.waits_for(note.session, note.subject_id, note.notice.person_id or 0)


def _say(note: Note, year: PledgeYear, asks: Text) -> Say:
    return Say(
        head(year, note.session.get_one(Unit, year.unit_id)),
        asks,
        due(year),
        buttons=[[Button(_("Open commitment"), "pledge", year.id)]],
    )
