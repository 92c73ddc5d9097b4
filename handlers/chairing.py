"""Who chairs a meeting and who takes its minutes: chosen from those convened, by name."""

from __future__ import annotations

from sqlmodel import Session

from handlers import doors
from handlers.kit import Ask, Button, Say, Talk, answer, button
from handlers.meetings.showing import meeting_label, short
from handlers.paging import Page
from handlers.text import Text, Words, _
from storage import chairing, meetings
from storage.chairing import Part
from storage.errors import NotFound
from storage.meetings import Meeting, MeetingState

FORM = "chairing"
PAGE = 8
ASKS: dict[Part, Text] = {
    Part.CHAIR: _("Who chairs? Press a name, or type a part of it."),
    Part.MINUTES: _("Who takes the minutes? Press a name, or type a part of it."),
}


@button("chairing", power="meeting.create")
def show(talk: Talk, meeting_id: int) -> Say:
    """[Chair, minutes]: who it is now."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    return screen(talk, meeting)


def screen(talk: Talk, meeting: Meeting, *, toast: Words | None = None) -> Say:
    """Both, and the way to name somebody else."""
    talk.close(FORM)
    back = doors.AFTER if meeting.state == MeetingState.CLOSED else doors.BEFORE
    return Say(
        _("<b>CHAIR AND MINUTES</b> · {meeting}", meeting=meeting_label(meeting)),
        *_lines(talk.session, meeting),
        buttons=[
            [
                Button(_("Choose chair"), "chairing_list", meeting.id, Part.CHAIR, 0),
                Button(_("Pick minute-taker"), "chairing_list", meeting.id, Part.MINUTES, 0),
            ],
            [Button(_("‹ Back"), "hub", meeting.id, back)],
        ],
        toast=toast,
    )


@button("chairing_list", power="meeting.create")
def choose(talk: Talk, meeting_id: int, part: str, number: int) -> Say:
    """[Choose chair], [Pick minute-taker]: everybody who is convened."""
    return _list(talk, meeting_id, _part(part), number, query="")


@button("chairing_found", power="meeting.create")
def found(talk: Talk, meeting_id: int, part: str, number: int) -> Say:
    """Another page of those whose name fits what was typed."""
    draft = talk.draft
    fits = draft is not None and draft.form == FORM and draft.data.get("meeting") == meeting_id
    query = str(draft.data.get("query", "")) if draft is not None and fits else ""
    return _list(talk, meeting_id, _part(part), number, query=query)


@answer(FORM, power="meeting.create")
def name_typed(talk: Talk) -> Say:
    """A part of a name."""
    data = talk.draft.data if talk.draft else {}
    return _list(
        talk, int(data.get("meeting", 0)), _part(str(data.get("part"))), 0, query=talk.text
    )


@button("chairing_name", power="meeting.create")
def name(talk: Talk, meeting_id: int, part: str, person_id: int) -> Say:
    """A name: they do it."""
    person = chairing.name(
        talk.session, talk.actor, meeting_id, _part(part), person_id, now=talk.now
    )
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    return screen(talk, meeting, toast=_("Noted: {name}", name=person.full_name))


def _list(talk: Talk, meeting_id: int, part: Part, number: int, *, query: str) -> Say:
    meetings.managed(talk.session, talk.actor, meeting_id)
    people = chairing.convened(talk.session, meeting_id, query)
    page = Page.of(people, number, PAGE)
    names = [
        Button(short(each.full_name), "chairing_name", meeting_id, part, each.id)
        for each in page.items
    ]
    everybody = Button(_("Everybody"), "chairing_list", meeting_id, part, 0) if query else None
    return Ask(
        FORM,
        ASKS[part],
        _("Nobody is found for '{query}'.", query=query) if not people else None,
        data={"meeting": meeting_id, "part": part.value, "query": query},
        buttons=[
            *[[*names[start : start + 2]] for start in range(0, len(names), 2)],
            page.turn("chairing_found", meeting_id, part),
            [everybody, Button(_("‹ Back"), "chairing", meeting_id)],
        ],
    )


def _part(name: str) -> Part:
    try:
        return Part(name)
    except ValueError:
        raise NotFound from None


def _lines(session: Session, meeting: Meeting) -> list[Words | None]:
    chair, minutes = chairing.people(session, meeting)
    nobody = _("nobody yet")
    return [
        _("Chair: {name}", name=chair.full_name if chair else nobody),
        _("Minutes: {name}", name=minutes.full_name if minutes else nobody),
    ]


def _line(session: Session, meeting: Meeting) -> Words:
    chair, minutes = chairing.people(session, meeting)
    nobody = _("nobody yet")
    return _(
        "Chair: {chair} · minutes: {minutes}",
        chair=chair.full_name if chair else nobody,
        minutes=minutes.full_name if minutes else nobody,
    )


doors.hang(doors.BEFORE, "chairing", _("Chair, minutes"), line=_line, rank=3)
