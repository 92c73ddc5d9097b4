"""A monthly rule and the days that it comes to, in words."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from handlers.kit import Button
from handlers.meetings.form import WEEKDAYS
from handlers.meetings.showing import KINDS, meeting_lines, moment
from handlers.text import Text, Words, _
from storage.meetings import Meeting, MeetingKind, MeetingState
from storage.series import LAST, Date, Pattern, Plan, Shift, Turn

BACK = Button(_("‹ Schedules"), "series")
OF_QUARTER = {
    1: _("first month of each quarter"),
    2: _("second month of each quarter"),
    3: _("last month of each quarter"),
}
SHIFTS = {
    Shift.AFTER: _("On a public holiday: moved to the next working day."),
    Shift.BEFORE: _("On a public holiday: moved to the working day before."),
    Shift.STAYS: _("On a public holiday: held all the same."),
}
HOLIDAYS = {
    "new_year": _("New Year"),
    "tet": _("Tết"),
    "hung_kings": _("the Hùng Kings' day"),
    "liberation": _("30 April"),
    "labour": _("1 May"),
    "national": _("National Day"),
}


def rule_words(pattern: Pattern, quarter_month: int | None = None) -> Text:
    """ "thứ Năm đầu tháng", "ngày 3 hằng tháng"."""
    if quarter_month is None:
        return _day_words(pattern)
    said = _day_words(pattern)
    if pattern.day is not None and pattern.day < 29:
        said = _("day {day}", day=str(pattern.day))
    return _("{rule}, {month}", rule=said, month=OF_QUARTER[quarter_month])


def _day_words(pattern: Pattern) -> Text:
    if pattern.day == 31:
        return _("the last day of the month")
    if pattern.day in (29, 30):
        return _("day {day} of the month (else its last day)", day=str(pattern.day))
    if pattern.day is not None:
        return _("day {day} of the month", day=str(pattern.day))
    weekday = WEEKDAYS[pattern.weekday or 0]
    match pattern.nth:
        case 1:
            return _("the first {weekday} of the month", weekday=weekday)
        case 2:
            return _("the second {weekday} of the month", weekday=weekday)
        case 3:
            return _("the third {weekday} of the month", weekday=weekday)
        case 4:
            return _("the fourth {weekday} of the month", weekday=weekday)
    return _("the last {weekday} of the month", weekday=weekday)


def plan_line(plan: Plan) -> Text:
    """The rule, the time and the place in a line."""
    rule = rule_words(plan.pattern, plan.quarter_month)
    return _("Schedule: {rule}, {time} · {place}", rule=rule, time=plan.clock, place=plan.place)


def head_line(kind: str, unit: str) -> Text:
    """ "Họp thường kỳ · Chi bộ 1"."""
    return _("<b>{kind}</b> · {unit}", kind=KINDS[MeetingKind(kind)], unit=unit)


def date_line(date: Date, zone: str) -> Text:
    """One of the days to come, and why it is not the usual one."""
    begins = moment(date.starts_at, zone)
    return begins if date.why is None else _with(begins, why_words(date.why))


def turn_line(turn: Turn, meeting: Meeting) -> Text:
    """One of the meetings to come, and how far it has got."""
    begins = moment(meeting.starts_at, meeting.zone)
    if meeting.state == MeetingState.CANCELLED:
        return _with(begins, _("skipped"))
    state = _("draft") if meeting.state == MeetingState.DRAFT else _("notice ordered")
    why = why_of(turn, meeting)
    return _with(begins, state) if why is None else _with(_with(begins, state), why)


def turn_lines(turn: Turn | None, meeting: Meeting, unit: str) -> list[Words]:
    """A meeting of a series; why it is on another day than usual."""
    why = None if turn is None else why_of(turn, meeting)
    lines = meeting_lines(meeting, unit)
    if why is not None:
        lines[1] = _with(lines[1], why)
    return lines


def why_of(turn: Turn, meeting: Meeting) -> Text | None:
    """The holiday that the meeting makes room for, as long as nobody has moved it."""
    if turn.why is None or turn.starts_at != meeting.starts_at:
        return None
    return why_words(turn.why)


def why_words(name: str) -> Text:
    """ "dời vì nghỉ Tết"."""
    return _("moved because of {holiday}", holiday=HOLIDAYS.get(name, name))


def turn_label(meeting: Meeting) -> Text:
    """ "Kỳ 3/9"."""
    local = meeting.starts_at.astimezone(ZoneInfo(meeting.zone))
    return _("Turn {day}", day=f"{local.day}/{local.month}")


def nth_label(nth: int) -> Text:
    """What stands on the button for one of the weekdays of a month."""
    if nth == LAST:
        return _("Last of the month")
    return _("First of the month") if nth == 1 else _("No. {number}", number=nth)


def _with(first: Words, second: Words) -> Text:
    return _("{first} · {second}", first=first, second=second)
