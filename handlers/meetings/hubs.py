"""What a committee does about a meeting, by its time: prepare it, run it, finish it.

The screens are made of the doors that features have hung (`handlers/doors.py`).
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from handlers import doors
from handlers.kit import Button, Say, Talk, button
from handlers.meetings.showing import MANAGE, meeting_label
from handlers.text import Text, _
from storage import meetings
from storage.meetings import Meeting

HEADS: dict[str, Text] = {
    doors.BEFORE: _("PREPARE"),
    doors.DURING: _("IN THE ROOM"),
    doors.AFTER: _("AFTER THE MEETING"),
}
LABELS: dict[str, Text] = {
    doors.BEFORE: _("Prepare"),
    doors.DURING: _("In the room"),
    doors.AFTER: _("After the meeting"),
}


@button("hub", power="meeting.create")
def hub(talk: Talk, meeting_id: int, place: str) -> Say:
    """[Prepare], [In the room], [After the meeting]."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    known = place if place in HEADS else doors.BEFORE
    return Say(
        _("<b>{head}</b> · {meeting}", head=HEADS[known], meeting=meeting_label(meeting)),
        *doors.lines(known, talk.session, meeting, house=talk.house),
        buttons=[
            *doors.rows(known, talk.session, meeting, now=talk.now),
            [Button(_("‹ Back"), "meeting_desk", meeting_id), MANAGE],
        ],
    )


def way(place: str, session: Session, meeting: Meeting, *, now: datetime) -> Button | None:
    """The button that leads to such a screen; None while nothing is there."""
    if not doors.rows(place, session, meeting, now=now):
        return None
    return Button(LABELS[place], "hub", meeting.id, place)
