"""The agenda as those who are convened read it."""

from __future__ import annotations

from sqlmodel import Session

from handlers import doors
from handlers.agenda.showing import head, point_line
from handlers.kit import Button, Say, Talk, button
from handlers.paging import Page
from handlers.text import Text, Words, _
from storage import agenda
from storage.meetings import Meeting


@button("agenda_read", power="meeting.see")
def first_page(talk: Talk, meeting_id: int) -> Say:
    """[Agenda], on one's own meeting."""
    return page(talk, meeting_id, 0)


@button("agenda_read_page", power="meeting.see")
def page(talk: Talk, meeting_id: int, number: int) -> Say:
    """Another page of it."""
    meeting, points = agenda.for_member(talk.session, talk.actor, meeting_id)
    shown = Page.of(points, number)
    return Say(
        head(meeting, agenda.outline(talk.session, meeting_id)),
        *[point_line(each) for each in shown.items],
        None if points else _("No agenda yet."),
        buttons=[
            shown.turn("agenda_read_page", meeting_id),
            [Button(_("‹ Back"), "meeting", meeting_id)],
        ],
    )


def _label(session: Session, meeting: Meeting) -> Text | None:
    return _("Agenda") if agenda.outline(session, meeting.id).points else None


def _line(session: Session, meeting: Meeting) -> Words | None:
    """A short line of the invitation."""
    found = agenda.outline(session, meeting.id)
    if not found.points:
        return None
    if not found.minutes:
        return _("Agenda: {points} points", points=found.points)
    return _(
        "Agenda: {points} points, about {minutes} min", points=found.points, minutes=found.minutes
    )


doors.hang(doors.MEMBER, "agenda_read", _label, line=_line, rank=1)
