"""The committee writes the agenda: from a template or the last meeting, by typing, by presses.

What is typed is shown back, and the press that says what kind of content it is writes it down.
"""

from __future__ import annotations

from sqlmodel import Session

from handlers import doors
from handlers.agenda.showing import KINDS, head, point_line, read_lines, timed, too_short, why
from handlers.agenda.templates import TEMPLATES
from handlers.kit import Ask, Button, House, Say, Talk, answer, button
from handlers.meetings.showing import day_of, meeting_label
from handlers.paging import PAGE, Page
from handlers.text import Words, _, n_
from storage import agenda, meetings
from storage.agenda import Content, Item, Outline, Point
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, MeetingKind

FORM = "agenda"
SHOWN = 5  # of the typed lines


@button("agenda", power="meeting.create")
def first_page(talk: Talk, meeting_id: int) -> Say:
    """[Agenda]: its points, or how to get some."""
    return page(talk, meeting_id, 0)


@button("agenda_page", power="meeting.create")
def page(talk: Talk, meeting_id: int, number: int) -> Say:
    """Another page of it."""
    return screen(talk, meetings.managed(talk.session, talk.actor, meeting_id), number)


def screen(talk: Talk, meeting: Meeting, number: int = 0, *, toast: Words | None = None) -> Say:
    """The points with a button for each; without any, the ways to begin."""
    talk.close(FORM)
    points = agenda.points(talk.session, meeting.id)
    open_ = agenda.open_(meeting)
    add = Button(_("Add points"), "agenda_add", meeting.id) if open_ else None
    back = Button(_("‹ Back"), "hub", meeting.id, doors.BEFORE)
    if meeting.begun_at is not None:
        back = Button(_("‹ Back"), "session", meeting.id)
    if not points:
        return Say(
            head(meeting, Outline()),
            _("There is no agenda yet. Take the usual one, or type your own."),
            buttons=[*_beginnings(talk.session, meeting), [add, back]],
            toast=toast,
        )
    shown = Page.of(points, number)
    return Say(
        head(meeting, agenda.outline(talk.session, meeting.id)),
        *[point_line(each) for each in shown.items],
        buttons=[
            *shown.digits("agenda_point", *[(each.id,) for each in shown.items]),
            shown.turn("agenda_page", meeting.id),
            [add, Button(_("Why?"), "agenda_why", meeting.id)],
            [back],
        ],
        toast=toast,
    )


def _beginnings(session: Session, meeting: Meeting) -> list[list[Button | None]]:
    last = agenda.earlier(session, meeting)
    copy = _("As on {day}", day=day_of(last)) if last else None
    return [
        [
            Button(_("Usual agenda"), "agenda_usual", meeting.id),
            Button(copy, "agenda_copy", meeting.id) if copy else None,
        ]
    ]


@button("agenda_usual", power="meeting.create")
def usual(talk: Talk, meeting_id: int) -> Say:
    """[Usual agenda]: the template of this kind of meeting, in the words of the house."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    reader = talk.house.reader()
    items = [
        Item(reader.plain(each.title), each.content, each.minutes)
        for each in TEMPLATES[MeetingKind(meeting.kind)]
    ]
    agenda.fill(talk.session, talk.actor, meeting_id, items)
    return screen(talk, meeting)


@button("agenda_copy", power="meeting.create")
def copy(talk: Talk, meeting_id: int) -> Say:
    """[As on 13/7]: what was planned for the last meeting of this kind."""
    agenda.copy_last(talk.session, talk.actor, meeting_id)
    return page(talk, meeting_id, 0)


@button("agenda_why", power="meeting.create")
def why_so_long(talk: Talk, meeting_id: int) -> Say:
    """[Why?]: what the planned minutes are measured by."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    rule = agenda.required(talk.session, talk.house.profile, meeting)
    none = [_("No rule says how long such a meeting lasts.")]
    planned = agenda.outline(talk.session, meeting_id).minutes
    return Say(
        _("Planned: {minutes} minutes, the sum of the points.", minutes=planned),
        *(none if rule is None else why(rule)),
        buttons=[[Button(_("‹ Back"), "agenda", meeting_id)]],
    )


# -- typing ------------------------------------------------------------------------------------


@button("agenda_add", power="meeting.create")
def ask(talk: Talk, meeting_id: int) -> Say:
    """[Add points]."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    if not agenda.open_(meeting):
        return screen(talk, meeting)
    return Ask(
        FORM,
        head(meeting, agenda.outline(talk.session, meeting_id)),
        _("Type the points, a line for each, with the minutes if you like. For example:"),
        _("Study of the new directive (20')"),
        data={"meeting": meeting_id},
        buttons=[[Button(_("‹ Back"), "agenda", meeting_id)]],
    )


@answer(FORM, power="meeting.create", about=_("points of an agenda"))
def typed(talk: Talk) -> Say:
    """What was typed, shown back; what kind of content it is comes with the press."""
    meeting_id = int(talk.draft.data.get("meeting", 0)) if talk.draft else 0
    meetings.managed(talk.session, talk.actor, meeting_id)
    lines = read_lines(talk.text)
    if not lines:
        raise Refusal("Please say in a few words what the point is about.")
    for title, _minutes in lines:
        agenda.check_title(title)
    agenda.check_room(agenda.outline(talk.session, meeting_id).points, len(lines))
    more = len(lines) - SHOWN
    kinds = [Button(label, "agenda_write", meeting_id, kind) for kind, label in KINDS.items()]
    return Ask(
        FORM,
        *[timed(*line) for line in lines[:SHOWN]],
        n_("… and {n} more.", "… and {n} more.", n=more) if more > 0 else None,
        _("Which kind of content is it? Your press writes it down; typing again corrects it."),
        data={"meeting": meeting_id, "lines": lines},
        buttons=[kinds[:2], kinds[2:], [Button(_("Cancel"), "cancel", FORM)]],
    )


@button("agenda_write", power="meeting.create")
def write(talk: Talk, meeting_id: int, content: str) -> Say:
    """[Study], [Leadership] and so on: what was shown back is written down."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    draft = talk.draft
    fits = draft is not None and draft.form == FORM and draft.data.get("meeting") == meeting_id
    lines = draft.data.get("lines", []) if draft is not None and fits else []
    kind = _content(content)
    found = agenda.add(
        talk.session,
        talk.actor,
        meeting_id,
        [Item(title, kind, minutes) for title, minutes in lines],
    )
    return screen(talk, meeting, (len(found) - 1) // PAGE)


# -- one point ---------------------------------------------------------------------------------


@button("agenda_point", power="meeting.create")
def one(talk: Talk, point_id: int) -> Say:
    """A number: what the point is about, and what can be changed."""
    return _point(talk, *agenda.point_of(talk.session, talk.actor, point_id))


@button("agenda_kind", power="meeting.create")
def kind(talk: Talk, point_id: int, content: str) -> Say:
    """[Study] and so on: that is what it is about."""
    agenda.classify(talk.session, talk.actor, point_id, _content(content))
    return one(talk, point_id)


@button("agenda_minutes", power="meeting.create")
def plan(talk: Talk, point_id: int, minutes: int) -> Say:
    """[+ 5 minutes], [− 5 minutes]: the button carries what it becomes."""
    agenda.plan_minutes(talk.session, talk.actor, point_id, minutes)
    return one(talk, point_id)


@button("agenda_move", power="meeting.create")
def move(talk: Talk, point_id: int, number: int, to: int) -> Say:
    """[Up], [Down]: from the place where it was seen."""
    agenda.move(talk.session, talk.actor, point_id, seen=number, to=to)
    return one(talk, point_id)


@button("agenda_drop", power="meeting.create")
def drop(talk: Talk, meeting_id: int, point_id: int) -> Say:
    """[Take it off]: the point is gone; pressed again, it still is."""
    agenda.drop(talk.session, talk.actor, meeting_id, point_id)
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    return screen(talk, meeting, toast=_("Taken off the agenda."))


def _point(talk: Talk, point: Point, meeting: Meeting) -> Say:
    lines: list[Words | None] = [
        _("<b>Point {n}</b> · {meeting}", n=point.number, meeting=meeting_label(meeting)),
        timed(point.title, point.planned),
        _("Content: {kind}", kind=KINDS[Content(point.content)]),
    ]
    back = Button(_("‹ Back"), "agenda_page", meeting.id, (point.number - 1) // PAGE)
    if not agenda.open_(meeting):
        return Say(*lines, buttons=[[back]])
    kinds = [
        Button(label, "agenda_kind", point.id, each)
        for each, label in KINDS.items()
        if each != point.content
    ]
    if point.begun_at is not None:
        return Say(*lines, buttons=[kinds[:2], kinds[2:], [back]])
    planned, number = point.planned or 0, point.number
    last = number == agenda.outline(talk.session, meeting.id).points
    return Say(
        *lines,
        buttons=[
            kinds[:2],
            kinds[2:],
            [
                Button(_("− 5 minutes"), "agenda_minutes", point.id, planned - agenda.STEP)
                if planned > agenda.STEP
                else None,
                Button(_("+ 5 minutes"), "agenda_minutes", point.id, planned + agenda.STEP),
            ],
            [
                Button(_("Up"), "agenda_move", point.id, number, number - 1)
                if number > 1
                else None,
                None if last else Button(_("Down"), "agenda_move", point.id, number, number + 1),
            ],
            [Button(_("Take it off"), "agenda_drop", meeting.id, point.id), back],
        ],
    )


def _content(name: str) -> Content:
    try:
        return Content(name)
    except ValueError:
        raise NotFound from None


# -- on the meeting's screens ------------------------------------------------------------------


def _line(session: Session, meeting: Meeting) -> Words:
    found = agenda.outline(session, meeting.id)
    if not found.points:
        return _("No agenda yet.")
    return _("Agenda: {points} points, {minutes} min", points=found.points, minutes=found.minutes)


def _warning(session: Session, meeting: Meeting, house: House) -> Words | None:
    planned = agenda.outline(session, meeting.id).minutes
    return too_short(planned, agenda.required(session, house.profile, meeting))


doors.hang(doors.BEFORE, "agenda", _("Agenda"), line=_line, ruled=_warning, rank=1)
