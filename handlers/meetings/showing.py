"""How a meeting is called and shown, wherever it is mentioned.

Times are told in the zone of the meeting, whoever reads them: that is where people must be.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from handlers.kit import Button
from handlers.text import Day, Text, Words, _
from storage import attendance, meetings
from storage.meetings import REASONS, Leave, Meeting, MeetingKind, MeetingState, Seat

HOME = Button(_("‹ Home"), "home")
MANAGE = Button(_("‹ Manage"), "manage")
KINDS = {  # those of every month or quarter, then the rare ones
    MeetingKind.REGULAR: _("Regular meeting"),
    MeetingKind.THEMATIC: _("Thematic"),
    MeetingKind.JOINT: _("Regular + thematic"),
    MeetingKind.COMMITTEE: _("Committee meeting"),
    MeetingKind.EXTRAORDINARY: _("Extraordinary"),
    MeetingKind.CONGRESS: _("Congress"),
}
REASON_LABELS = {
    "business": _("Away on business"),
    "illness": _("Ill"),
    "family": _("Family matters"),
}
MONTHS = (
    _("January"),
    _("February"),
    _("March"),
    _("April"),
    _("May"),
    _("June"),
    _("July"),
    _("August"),
    _("September"),
    _("October"),
    _("November"),
    _("December"),
)
LABEL_LIMIT = 18


def in_zone(moment: datetime, zone: str) -> datetime:
    """A moment as the clocks of a zone show it."""
    return moment.astimezone(ZoneInfo(zone))


def local(meeting: Meeting) -> datetime:
    """When it begins, in its own zone."""
    return in_zone(meeting.starts_at, meeting.zone)


def day_of(meeting: Meeting) -> Day:
    """ "13/8"."""
    return Day(local(meeting).date(), short=True)


def clock(meeting: Meeting, moment: datetime | None) -> str:
    """ "19:50", where the meeting is."""
    return f"{moment.astimezone(ZoneInfo(meeting.zone)):%H:%M}" if moment else ""


def meeting_title(meeting: Meeting) -> Text:
    """ "Họp thường kỳ tháng 8"."""
    month = MONTHS[local(meeting).month - 1]
    match meeting.kind:
        case MeetingKind.REGULAR:
            return _("Regular meeting, {month}", month=month)
        case MeetingKind.THEMATIC:
            return _("Thematic meeting, {month}", month=month)
        case MeetingKind.JOINT:
            return _("Regular and thematic meeting, {month}", month=month)
        case MeetingKind.COMMITTEE:
            return _("Committee meeting, {month}", month=month)
        case _other:
            return KINDS[MeetingKind(meeting.kind)]


def meeting_label(meeting: Meeting) -> Text:
    """ "Họp 13/8": short enough for a button."""
    return _("Meeting {day}", day=day_of(meeting))


def at(day: date, clock: str) -> Text:
    """ "thứ Năm 13/8/2026, 19:30"."""
    return _("{day}, {time}", day=Day(day), time=clock)


def moment(when: datetime, zone: str) -> Text:
    """ "thứ Năm 13/8/2026, 19:30", of a moment."""
    there = in_zone(when, zone)
    return at(there.date(), f"{there:%H:%M}")


def when(meeting: Meeting) -> Text:
    """ "thứ Năm 13/8/2026, 19:30", of a meeting."""
    return moment(meeting.starts_at, meeting.zone)


def meeting_lines(meeting: Meeting, unit: str = "") -> list[Words]:
    """What it is, when and where; with the unit's name for who belongs to several."""
    title = meeting_title(meeting)
    named = _("<b>{title}</b> · {unit}", title=title, unit=unit)
    return [
        named if unit else _("<b>{title}</b>", title=title),
        _("Time: {when}", when=when(meeting)),
        _("Place: {place}", place=meeting.place),
    ]


def convened(number: int, exempt: int) -> Text:
    """How many are expected; whoever is left out is named."""
    if not exempt:
        return _("Convened {n}", n=number)
    return _("Convened {n} (exempt, not counted: {exempt})", n=number, exempt=exempt)


def state_line(meeting: Meeting, now: datetime) -> Text | None:
    """What became of a meeting that is no longer ahead."""
    if meeting.state == MeetingState.CANCELLED:
        return _("This meeting has been cancelled.")
    if now < meeting.starts_at:
        return None
    if meeting.state == MeetingState.CLOSED:
        return _("This meeting is over.")
    return _("This meeting has already begun.")


def recorded(meeting: Meeting, at: datetime | None, *, late: bool = False) -> Text:
    """What a tap is answered with."""
    time = clock(meeting, at)
    if late and at is not None and at > meeting.starts_at:
        minutes = int((at - meeting.starts_at).total_seconds() // 60)
        return _("Noted: present at {time} ({minutes} minutes late)", time=time, minutes=minutes)
    return _("Noted: present at {time}", time=time)


def stood(meeting: Meeting, seat: Seat) -> Text:
    """What the roll says of somebody who came."""
    if seat.left_at is None:
        return recorded(meeting, seat.present_at, late=seat.late)
    return _("Noted: present at {time}, left early", time=clock(meeting, seat.present_at))


def put_right(meeting: Meeting, seat: Seat) -> list[list[Button | None]]:
    """The ways on for somebody who finds themselves entered as late, or as gone early."""
    if meeting.locked_at is not None or meeting.opened_at is None:
        return []
    return [
        [Button(_("I was in time"), "not_late", meeting.id) if seat.late else None],
        [Button(_("I did not leave"), "not_left", meeting.id) if seat.left_at else None],
    ]


def closed(meeting: Meeting, at: datetime | None = None) -> Text:
    """What somebody hears who comes too late."""
    time = clock(meeting, at or meeting.closed_at or meeting.closes_at)
    return _("Check-in {day} closed at {time}.", day=day_of(meeting), time=time)


def own_state(
    meeting: Meeting, seat: Seat, now: datetime, *, expects_everyone: bool
) -> tuple[list[Words | None], list[list[Button | None]]]:
    """How somebody stands towards a meeting, and what they can do about it now."""
    if seat.present_at is not None:
        return [stood(meeting, seat)], put_right(meeting, seat)
    lines: list[Words | None] = []
    buttons: list[list[Button | None]] = []
    if meeting.online_link and seat.answer == "online" and not meeting.over(now):
        lines.append(_("Address: {link}", link=meeting.online_link))
    if attendance.is_open(meeting, now):
        lines.append(_("Check-in is open now."))
        buttons.append([Button(_("I am here"), "attend", meeting.id)])
    elif meeting.state == MeetingState.CLOSED:
        excused = seat.leave == Leave.APPROVED and not meeting.ahead(now)
        lines.append(seat_line(seat, expects_everyone=True) if excused else closed(meeting))
    if meetings.takes_answers(meeting, now=now):
        lines.append(seat_line(seat, expects_everyone=expects_everyone))
        buttons += seat_buttons(meeting, seat)
    elif not buttons:
        lines.insert(0, state_line(meeting, now))
        if meeting.state == MeetingState.CLOSED and meeting.locked_at is None:
            ask = Button(_("Ask to be added"), "late", meeting.id)
            buttons.append([ask, Button(_("Next meeting"), "next_meeting")])
    return lines, buttons


def seat_line(seat: Seat, *, expects_everyone: bool) -> Text:
    """What the unit knows about somebody's coming."""
    if seat.answer == "coming":
        return _("You have said: COMING.")
    if seat.answer == "online":
        return _("You have said: TAKING PART ONLINE.")
    if seat.leave == Leave.PENDING:
        return _("Sent to the committee. Waiting for approval.")
    if seat.leave == Leave.APPROVED:
        return _("You are EXCUSED from this meeting.")
    if seat.leave == Leave.REFUSED:
        if seat.decision_reason:
            return _(
                "The committee has not agreed to your absence: {reason}",
                reason=seat.decision_reason,
            )
        return _("The committee has not agreed to your absence.")
    if expects_everyone:
        return _("You are counted as COMING.")
    return _("Can you come? Please answer.")


def seat_buttons(meeting: Meeting, seat: Seat) -> list[list[Button | None]]:
    """What somebody can still say about coming, to the day and time that they see above."""
    seen = (meeting.id, meeting.revision)
    coming = Button(_("Will come"), "rsvp", *seen, "yes")
    online = Button(_("Take part online"), "rsvp", *seen, "online") if meeting.online else None
    if seat.leave == Leave.PENDING:
        return [[coming, Button(_("Take back"), "rsvp", *seen, "back")], [online]]
    if seat.leave == Leave.APPROVED:
        return [[coming, online]]
    return [[coming, Button(_("Report absence"), "rsvp", *seen, "no")], [online]]


def reason_words(seat: Seat) -> Words:
    """The reason for an absence; what is not one of the usual ones is in own words."""
    reason = seat.leave_reason or ""
    return REASON_LABELS[reason] if reason in REASONS else reason


def short(text: str) -> str:
    """A text as a label: its end tells more than its beginning ("… Khu phố 3")."""
    return text if len(text) <= LABEL_LIMIT else "…" + text[1 - LABEL_LIMIT :].lstrip()


def told_until(held: datetime | None, zone: str) -> Text | None:
    """A line that says that quiet hours hold the news back."""
    if held is None:
        return None
    told = f"{in_zone(held, zone):%H:%M %d/%m}"
    return _("Quiet hours: who is resting is told at {time}.", time=told)
