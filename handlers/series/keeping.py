"""Where a committee sees its series, and the next meetings of one with what can be done."""

from __future__ import annotations

from datetime import UTC, datetime

from handlers.kit import Button, Say, Talk, button
from handlers.meetings.desk import desk
from handlers.meetings.showing import KINDS, MANAGE
from handlers.meetings.wizard import called
from handlers.series.form import free_kinds
from handlers.series.showing import (
    BACK,
    head_line,
    plan_line,
    rule_words,
    turn_label,
    turn_line,
    turn_lines,
)
from handlers.text import Text, Words, _, n_
from storage import meetings, roster, rules, series
from storage.meetings import Meeting, MeetingKind, MeetingState
from storage.powers import units_with
from storage.series import Series, Turn

MINUTE = 60


@button("series", power="meeting.create")
def all_series(talk: Talk) -> Say:
    """[Schedules]."""
    return listing(talk)


def listing(talk: Talk, *first: Words) -> Say:
    """What is held every month, and the way to a new one."""
    talk.close("series")
    units = units_with(talk.actor, "meeting.create")
    found = series.running(talk.session, units)
    names = {each: talk.session.get_one(roster.Unit, each).name for each in units}
    buttons = [Button(KINDS[MeetingKind(each.kind)], "series_one", each.id) for each in found]
    lines = [_list_line(each, names[each.unit_id] if len(units) > 1 else "") for each in found]
    if len(units) > 1:
        buttons = [
            Button(_("Schedule {number}", number=number), "series_one", each.id)
            for number, each in enumerate(found, 1)
        ]
        lines = [
            _("{number}. {words}", number=number, words=line)
            for number, line in enumerate(lines, 1)
        ]
    free = any(free_kinds(talk, each) for each in units)
    return Say(
        *first,
        _("<b>Schedules</b>"),
        *(lines or [_("No meeting comes by itself yet.")]),
        buttons=[
            *(list(buttons[at : at + 2]) for at in range(0, len(buttons), 2)),
            [Button(_("New schedule"), "series_new") if free else None],
            [Button(_("‹ Meetings"), "meetings"), MANAGE],
        ],
    )


def _list_line(row: Series, unit: str) -> Text:
    rule = rule_words(row.pattern, row.quarter_month)
    kind: Text = KINDS[MeetingKind(row.kind)]
    if unit:
        kind = _("{kind} of {unit}", kind=kind, unit=unit)
    return _("{kind}: {rule}, {time}", kind=kind, rule=rule, time=row.clock)


@button("series_one", power="meeting.create")
def one(talk: Talk, series_id: int) -> Say:
    """One series and its next meetings."""
    talk.close("series")
    return one_series(talk, series.managed(talk.session, talk.actor, series_id))


def one_series(talk: Talk, row: Series, *first: Words) -> Say:
    """A series: its rule, how its meetings are called, and the next of them."""
    unit = talk.session.get_one(roster.Unit, row.unit_id)
    lines = [head_line(row.kind, unit.name), plan_line(series.plan_of(row))]
    if row.ended_at is not None:
        return Say(*first, *lines, _("This schedule has ended."), buttons=[[BACK, MANAGE]])
    coming = series.coming(talk.session, row, now=talk.now)
    turns: list[Button | None] = [
        Button(turn_label(meeting), "series_turn", meeting.id) for _turn, meeting in coming
    ]
    itself = (
        Button(_("Ask before sending"), "series_ask", row.id)
        if row.sends_itself
        else Button(_("Send by itself"), "series_itself", row.id)
    )
    return Say(
        *first,
        *lines,
        _lead_line(talk, row, unit),
        *(turn_line(turn, meeting) for turn, meeting in coming),
        buttons=[
            turns[:2],
            [*turns[2:], Button(_("Change schedule"), "series_change", row.id)],
            [itself, Button(_("End schedule"), "series_end", row.id)],
            [BACK, MANAGE],
        ],
    )


def _lead_line(talk: Talk, row: Series, unit: roster.Unit) -> Text | None:
    """How many days before, and by which rule."""
    rule = rules.rule(talk.session, talk.house.profile, "series.lead", unit, on=talk.today)
    if rule.value is None:
        return None
    basis = _("the unit's own") if rule.own else rule.citation
    if row.sends_itself:
        return n_(
            "The notice goes out by itself {n} day before ({basis}).",
            "The notice goes out by itself {n} days before ({basis}).",
            n=int(rule.value),
            basis=basis,
        )
    return n_(
        "The committee is asked to send it {n} day before ({basis}).",
        "The committee is asked to send it {n} days before ({basis}).",
        n=int(rule.value),
        basis=basis,
    )


@button("series_itself", power="meeting.create")
def by_itself(talk: Talk, series_id: int) -> Say:
    """[Send by itself]."""
    row = series.send_itself(talk.session, talk.actor, series_id, itself=True, now=talk.now)
    return one_series(talk, row)


@button("series_ask", power="meeting.create")
def ask_first(talk: Talk, series_id: int) -> Say:
    """[Ask before sending]."""
    row = series.send_itself(talk.session, talk.actor, series_id, itself=False, now=talk.now)
    return one_series(talk, row)


@button("series_end", power="meeting.create")
def ask_end(talk: Talk, series_id: int) -> Say:
    """[End schedule]: names the count and asks again."""
    row = series.managed(talk.session, talk.actor, series_id)
    if row.ended_at is not None:
        return one_series(talk, row)
    drafts = len(series.untold(talk.session, row, now=talk.now))
    return Say(
        plan_line(series.plan_of(row)),
        n_(
            "End this schedule? {n} meeting that nobody has been told of is dropped.",
            "End this schedule? {n} meetings that nobody has been told of are dropped.",
            n=drafts,
        ),
        buttons=[
            [Button(_("Yes, end it"), "series_stop", series_id)],
            [Button(_("‹ Back"), "series_one", series_id)],
        ],
    )


@button("series_stop", power="meeting.create")
def end(talk: Talk, series_id: int) -> Say:
    """[Yes, end it]."""
    row = series.end(talk.session, talk.actor, series_id, now=talk.now)
    return one_series(talk, row)


# -- one meeting of it -------------------------------------------------------------------------


@button("series_turn", power="meeting.create")
def one_turn(talk: Talk, meeting_id: int) -> Say:
    """A meeting of a series, as long as nobody has been told; after that it is like any other."""
    return turn_screen(talk, meetings.managed(talk.session, talk.actor, meeting_id))


def turn_screen(talk: Talk, meeting: Meeting, *first: Words) -> Say:
    """The draft with what can be done about it."""
    turn = series.turn_of(talk.session, meeting.id)
    if turn is None or meeting.state != MeetingState.DRAFT:
        return desk(talk, meeting, *first)
    unit = meetings.unit_name(talk.session, meeting)
    return Say(
        *first,
        *turn_lines(turn, meeting, unit),
        _("Draft: nobody has been told."),
        buttons=[
            *turn_buttons(meeting),
            [Button(_("‹ Back"), "series_one", turn.series_id), MANAGE],
        ],
    )


def turn_buttons(meeting: Meeting) -> list[list[Button | None]]:
    """[Send notice] carries the moment that was seen."""
    seen = int(meeting.starts_at.timestamp()) // MINUTE
    return [
        [Button(_("Send notice"), "series_send", meeting.id, seen)],
        [
            Button(_("Other day, place"), "newmeeting_open", meeting.id),
            Button(_("Skip this one"), "series_skip", meeting.id),
        ],
    ]


@button("series_send", power="meeting.create")
def send(talk: Talk, meeting_id: int, number: int) -> Say:
    """[Send notice]: the meeting is called, unless it was moved since it was shown."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    seen = datetime.fromtimestamp(number * MINUTE, UTC) if 0 <= number < 2**32 else None
    if seen is None or seen != meeting.starts_at:
        return turn_screen(talk, meeting, _("It was changed meanwhile; nothing was sent."))
    meeting = series.send(
        talk.session, talk.actor, meeting_id, seen=seen, quiet=talk.house.quiet, now=talk.now
    )
    return called(talk, meeting)


@button("series_skip", power="meeting.create")
def ask_skip(talk: Talk, meeting_id: int) -> Say:
    """[Skip this one]: asks again."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    turn: Turn | None = series.turn_of(talk.session, meeting_id)
    if turn is None or meeting.state != MeetingState.DRAFT:
        return desk(talk, meeting)
    return Say(
        *turn_lines(turn, meeting, ""),
        _("Skip this meeting? The others stay. Nobody has been told of it."),
        buttons=[
            [Button(_("Yes, skip it"), "series_skipped", meeting_id)],
            [Button(_("‹ Back"), "series_turn", meeting_id)],
        ],
    )


@button("series_skipped", power="meeting.create")
def skip(talk: Talk, meeting_id: int) -> Say:
    """[Yes, skip it]: this month has none; a meeting that people know of is left alone."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    turn = series.turn_of(talk.session, meeting_id)
    if turn is None or meeting.state not in (MeetingState.DRAFT, MeetingState.CANCELLED):
        return desk(talk, meeting)
    meetings.call_off(talk.session, talk.actor, meeting_id, now=talk.now)
    row = series.managed(talk.session, talk.actor, turn.series_id)
    return one_series(talk, row, _("Skipped. The others stay."))
