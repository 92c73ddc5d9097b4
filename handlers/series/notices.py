"""Words of the notices about series, found when they are sent; and what fires by itself."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Session

from handlers.kit import Button, House, Note, Say, notice
from handlers.meetings.showing import MANAGE, MONTHS
from handlers.series.keeping import turn_buttons
from handlers.series.showing import turn_lines
from handlers.text import Text, _
from storage import meetings, roster, rules, series
from storage.meetings import Meeting, MeetingKind, MeetingState
from storage.outbox import Class
from storage.schedule import Due


def tend(session: Session, due: Due, house: House, now: datetime) -> None:
    """Every morning: a series makes the meetings of its next months."""
    series_id = int(due.subject.rpartition(":")[2])
    series.tend(session, series_id, profile=house.profile, quiet=house.quiet, now=now)


def tell_missing(session: Session, due: Due, house: House, now: datetime) -> None:
    """Every morning: branches without this month's meeting are told so, once the day has come."""
    series.tell_missing(session, profile=house.profile, quiet=house.quiet, now=now)


@notice(
    "series.turn",
    power="meeting.create",
    klass=Class.REMINDER,
    about=_("A meeting that waits to be sent"),
)
def turn(note: Note) -> Say | None:
    """To the committee, as long as the meeting is a draft."""
    meeting = note.session.get(Meeting, note.subject_id)
    if meeting is None or meeting.state != MeetingState.DRAFT or note.now >= meeting.starts_at:
        return None
    if not note.may("meeting.create", meeting.unit_id):
        return None
    found = series.turn_of(note.session, meeting.id)
    return Say(
        _("This meeting is due; nobody has been told yet."),
        *turn_lines(found, meeting, meetings.unit_name(note.session, meeting)),
        buttons=[*turn_buttons(meeting), [MANAGE]],
    )


@notice(
    "series.missing",
    power="meeting.create",
    klass=Class.REMINDER,
    about=_("A meeting that is missing"),
)
def missing(note: Note) -> Say | None:
    """To the committee of a branch, as long as the meeting has not been called."""
    unit = note.session.get(roster.Unit, note.subject_id)
    if unit is None or not note.may("meeting.create", unit.id):
        return None
    kind = MeetingKind(note.notice.facts["kind"])
    month = date.fromisoformat(note.notice.facts["month"])
    zone = series.zone_of(note.session, unit.id, note.house.quiet)
    lack = series.lacking(note.session, unit, kind, month, zone=zone)
    if lack is None:
        return None
    draft = lack.draft if lack.draft is not None and lack.draft.starts_at > note.now else None
    way_on = (
        Button(_("Create meeting"), "newmeeting")
        if draft is None
        else Button(_("Open draft"), "series_turn", draft.id)
    )
    return Say(
        _lacks(kind, month, unit.name),
        _rule_line(note, unit, month),
        buttons=[[way_on, Button(_("Schedules"), "series")], [MANAGE]],
    )


def _lacks(kind: MeetingKind, month: date, unit: str) -> Text:
    if kind == MeetingKind.THEMATIC:
        quarter = (month.month - 1) // 3 + 1
        return _(
            "{unit} has called no thematic meeting in quarter {quarter} yet.",
            unit=unit,
            quarter=quarter,
        )
    name = MONTHS[month.month - 1]
    return _("{unit} has called no regular meeting for {month} yet.", unit=unit, month=name)


def _rule_line(note: Note, unit: roster.Unit, month: date) -> Text | None:
    """The day by which it should be called, and where that is written."""
    rule = rules.rule(note.session, note.house.profile, "regular.by", unit, on=month)
    if rule.value is None:
        return None
    basis = _("the unit's own") if rule.own else rule.citation
    by = str(int(rule.value))
    return _("It should be called by day {day} of the month ({basis}).", day=by, basis=basis)
