"""The minutes as a document, for those who may have it; every taking is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from storage import audit
from storage.acts import Did
from storage.meetings import Meeting
from storage.minutes.confirming import Signer, may_read, standing
from storage.minutes.facts import Correction, MinutesFacts, corrections, facts_of
from storage.minutes.forms import form_for
from storage.powers import Actor
from storage.roster import Unit


@dataclass(frozen=True, slots=True)
class Document:
    """What goes into the document of a meeting's minutes."""

    meeting: Meeting
    facts: MinutesFacts
    signers: tuple[Signer, ...]
    corrections: list[Correction]
    language: str | None  # the unit's own
    form: bytes | None = None  # the unit's own, or that of one above


def take_away(
    session: Session, actor: Actor, meeting_id: int, *, profile: str, now: datetime
) -> Document:
    """The minutes as they stand, with all names and reasons."""
    meeting = may_read(session, actor, meeting_id)
    unit = session.get_one(Unit, meeting.unit_id)
    form = form_for(session, unit)
    audit.record(session, actor, Did.EXPORT_MINUTES, meeting.about, now=now)
    return Document(
        meeting,
        facts_of(session, meeting),
        standing(session, meeting, profile=profile, now=now).signers,
        corrections(session, meeting_id),
        unit.language,
        form.content if form else None,
    )
