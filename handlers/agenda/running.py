"""The agenda in the room: [Begin meeting], point after point ticked off, [End meeting].

Each button names the point that it is about: pressed twice, or by two at once, it does one thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from handlers import doors
from handlers.agenda.showing import head, why
from handlers.kit import Button, Say, Talk, button
from handlers.meetings.showing import clock, meeting_label
from handlers.paging import Page
from handlers.text import Text, Words, _
from storage import agenda, meetings
from storage.agenda import Point
from storage.meetings import Meeting, MeetingState

LENGTHS = (60, 75, 90, 105, 120, 150)  # minutes that a session may have taken
PAGE = 4  # points at a time: with the head and the total these are six lines


@button("session", power="meeting.create")
def show(talk: Talk, meeting_id: int) -> Say:
    """[Agenda], in the room; [Refresh]."""
    return screen(talk, meetings.managed(talk.session, talk.actor, meeting_id))


@button("session_page", power="meeting.create")
def page(talk: Talk, meeting_id: int, number: int) -> Say:
    """Another page of the points."""
    return screen(talk, meetings.managed(talk.session, talk.actor, meeting_id), number)


@button("session_begin", power="meeting.create")
def begin(talk: Talk, meeting_id: int) -> Say:
    """[Begin meeting]: the first point begins with it."""
    return screen(talk, agenda.begin(talk.session, talk.actor, meeting_id, now=talk.now))


@button("session_take", power="meeting.create")
def take(talk: Talk, point_id: int) -> Say:
    """[Begin point 3], where none is under way."""
    return screen(talk, agenda.take(talk.session, talk.actor, point_id, now=talk.now))


@button("session_done", power="meeting.create")
def done(talk: Talk, point_id: int) -> Say:
    """[✓ Point 2 done]: the next one begins."""
    return screen(talk, agenda.done(talk.session, talk.actor, point_id, now=talk.now))


@button("session_undo", power="meeting.create")
def undo(talk: Talk, point_id: int) -> Say:
    """[Undo point 2]: it goes on."""
    return screen(talk, agenda.undo(talk.session, talk.actor, point_id))


@button("session_end", power="meeting.create")
def end(talk: Talk, meeting_id: int) -> Say:
    """[End meeting]; who forgot it that evening is asked when it was."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    if agenda.forgotten(meeting, now=talk.now):
        return _when(meeting)
    return screen(talk, agenda.end(talk.session, talk.actor, meeting_id, now=talk.now))


@button("session_ended", power="meeting.create")
def ended(talk: Talk, meeting_id: int, number: int) -> Say:
    """[21:05]: so many minutes after it began; 0 means just now."""
    after = number or None
    return screen(talk, agenda.end(talk.session, talk.actor, meeting_id, after=after, now=talk.now))


@button("session_resume", power="meeting.create")
def resume(talk: Talk, meeting_id: int) -> Say:
    """[Go on meeting]: it had not ended."""
    return screen(talk, agenda.resume(talk.session, talk.actor, meeting_id, now=talk.now))


@button("session_why", power="meeting.create")
def why_so_long(talk: Talk, meeting_id: int) -> Say:
    """[Why?]: what was measured, and by what."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    rule = agenda.required(talk.session, talk.house.profile, meeting)
    began, ended = clock(meeting, meeting.begun_at), clock(meeting, meeting.ended_at)
    measured: Words | None = None
    if ended:
        measured = _("Measured from {began} to {ended}.", began=began, ended=ended)
    elif began:
        measured = _("Measured from {began} on.", began=began)
    return Say(
        measured,
        *([_("No rule says how long such a meeting lasts.")] if rule is None else why(rule)),
        buttons=[[Button(_("‹ Back"), "session", meeting_id)]],
    )


def _when(meeting: Meeting) -> Say:
    """Hours ago nobody pressed [End meeting]: the usual ends to choose from."""
    begun = meeting.begun_at or meeting.starts_at
    whole = [each + -(begun.minute + each) % 5 for each in LENGTHS]  # 21:05, not 21:02
    ends = [
        Button(clock(meeting, begun + timedelta(minutes=after)), "session_ended", meeting.id, after)
        for after in whole
    ]
    return Say(
        _("Begun at {time}. When did the meeting end?", time=clock(meeting, begun)),
        buttons=[
            *(ends[start : start + 2] for start in range(0, len(ends), 2)),
            [Button(_("Just now"), "session_ended", meeting.id, 0)],
            [Button(_("‹ Back"), "session", meeting.id)],
        ],
    )


# -- the screen --------------------------------------------------------------------------------


def screen(talk: Talk, meeting: Meeting, number: int | None = None) -> Say:
    """Where the session stands; the page with the point under way, unless another is asked for."""
    points = agenda.points(talk.session, meeting.id)
    current, last = agenda.current(points), agenda.last_done(points)
    here = current or last
    place = doors.AFTER if meeting.state == MeetingState.CLOSED else doors.DURING
    shown = Page.of(
        points, number if number is not None else (here.number - 1) // PAGE if here else 0, PAGE
    )
    return Say(
        head(meeting, agenda.outline(talk.session, meeting.id))
        if meeting.begun_at is None
        else _(
            "<b>AGENDA</b> · {meeting} · begun at {time}",
            meeting=meeting_label(meeting),
            time=clock(meeting, meeting.begun_at),
        ),
        *[_point_line(each, talk.now) for each in shown.items],
        None if points else _("No agenda yet."),
        _total(talk, meeting),
        buttons=[
            *_steps(meeting, points, current, last),
            shown.turn("session_page", meeting.id),
            [
                Button(_("Edit agenda"), "agenda", meeting.id) if agenda.open_(meeting) else None,
                Button(_("Why?"), "session_why", meeting.id),
            ],
            [Button(_("‹ Back"), "hub", meeting.id, place)],
        ],
    )


def _steps(
    meeting: Meeting, points: Sequence[Point], current: Point | None, last: Point | None
) -> list[list[Button | None]]:
    """What can be done now."""
    if not agenda.open_(meeting):
        return []
    if meeting.begun_at is None:
        return [[Button(_("Begin meeting"), "session_begin", meeting.id)]]
    if meeting.ended_at is not None:
        return [[Button(_("Go on meeting"), "session_resume", meeting.id)]]
    waiting = next((each for each in points if each.begun_at is None), None)
    step: Button | None = None
    if current is not None:
        step = Button(_("✓ Point {n} done", n=current.number), "session_done", current.id)
    elif waiting is not None:
        step = Button(_("Begin point {n}", n=waiting.number), "session_take", waiting.id)
    back = None
    if last is not None:
        back = Button(_("Undo point {n}", n=last.number), "session_undo", last.id)
    return [
        [step, back],
        [
            Button(_("End meeting"), "session_end", meeting.id),
            Button(_("Refresh"), "session", meeting.id),
        ],
    ]


def _point_line(point: Point, now: datetime) -> Text:
    """✓ for what is done, ▸ for what is under way, each with the minutes it took of those planned.

    Said in words as well: "đã xong", "đang bàn".
    """
    planned = point.planned or "–"
    if point.done_at is not None:
        return _(
            "✓ {n}. {title}: done, {minutes}/{planned} min",
            n=point.number,
            title=point.title,
            minutes=point.minutes or 0,
            planned=planned,
        )
    if point.begun_at is not None:
        return _(
            "▸ <b>{n}. {title}</b>: under way, {minutes}/{planned} min",
            n=point.number,
            title=point.title,
            minutes=_minutes(point.begun_at, now),
            planned=planned,
        )
    return _("{n}. {title}: {planned} min", n=point.number, title=point.title, planned=planned)


def _total(talk: Talk, meeting: Meeting) -> Words | None:
    if meeting.begun_at is None:
        return None
    taken = agenda.length(meeting)
    minutes = _minutes(meeting.begun_at, talk.now) if taken is None else taken
    rule = agenda.required(talk.session, talk.house.profile, meeting)
    if rule is None:
        total = _("{minutes} minutes", minutes=minutes)
    else:
        least = round(rule.value or 0)
        total = _("{minutes} of at least {least} minutes", minutes=minutes, least=least)
    if taken is None:
        return _("In session for {total}", total=total)
    ended = clock(meeting, meeting.ended_at)
    return _("Ended at {time}: {total}", time=ended, total=total)


def _minutes(since: datetime, now: datetime) -> int:
    return max(0, round((now - since).total_seconds() / 60))


def _after(_session: Session, meeting: Meeting) -> Text | None:
    """A roll is closed long before a session ends: then this is where the agenda is found."""
    return _("Agenda") if meeting.state == MeetingState.CLOSED else None


doors.hang(doors.DURING, "session", _("Agenda"), rank=1)
doors.hang(doors.AFTER, "session", _after)
