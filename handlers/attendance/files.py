"""The attendance of a meeting, or of a time, as an Excel file."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.attendance.saying import PRESENCE
from handlers.kit import Talk, maker
from handlers.meetings.showing import REASON_LABELS, closed, local, meeting_title, when
from handlers.roster.words import KINDS
from handlers.text import Reader, Words, _
from storage import attendance, meetings
from storage.attendance import Count, Mark, Presence, Reopening, Row
from storage.meetings import Answer, How, Meeting
from storage.roster import Kind
from storage.sheets import Cell, Sheet, write_xlsx

HEADER = (
    _("Meeting"),
    _("Date"),
    _("Full name"),
    _("Unit"),
    _("Member kind"),
    _("Answered"),
    _("Reason"),
    _("State"),
    _("At"),
    _("How"),
    _("Entered by"),
    _("Came late"),
    _("Left early"),
)
ANSWERS: dict[Answer, Words] = {
    Answer.NONE: "",
    Answer.COMING: _("will come"),
    Answer.ONLINE: _("will take part online"),
    Answer.LEAVE: _("asked leave"),
}
HOWS = {
    How.TAP: _("in the group"),
    How.PRIVATE: _("in private"),
    How.CODE: _("with the room's code"),
    How.COMMITTEE: _("by the committee"),
    How.DEPUTY: _("by whoever answers for them"),
    How.PAPER: _("on the signed sheet"),
}


def attendance_sheet(rows: Sequence[Row], reader: Reader) -> Sheet:
    """The rows as people read them; also for `chibo export attendance`."""
    return Sheet(
        reader.plain(_("Attendance")),
        [reader.plain(title) for title in HEADER],
        [
            [
                reader.plain(meeting_title(row.meeting)),
                local(row.meeting).date(),
                row.person,
                row.unit,
                reader.plain(KINDS[row.kind]),
                reader.plain(ANSWERS[row.answer]),
                reader.plain(REASON_LABELS.get(row.reason or "", row.reason or "")),
                reader.plain(PRESENCE[row.presence]),
                _there(row.meeting, row.at),
                reader.plain(HOWS[row.how]) if row.how else None,
                row.marked_by,
                reader.plain(_("yes")) if row.late else None,
                _there(row.meeting, row.left_at),
            ]
            for row in rows
        ],
    )


@maker("roll_excel", power="meeting.result")
def excel(talk: Talk, meeting_id: int) -> Callable[[], bytes]:
    """One meeting: the roll, and what the committee entered."""
    meeting, rows = attendance.take_away(talk.session, talk.actor, meeting_id, now=talk.now)
    sheets = [attendance_sheet(rows, talk.reader)]
    entries = attendance.changes(talk.session, meeting_id)
    again = attendance.reopenings(talk.session, meeting_id)
    if entries or again:
        sheets.append(_entries_sheet(meeting, entries, again, talk.reader))
    count = attendance.totals(talk.session, meeting).all
    unit = meetings.unit_name(talk.session, meeting)
    sheets.append(_summary_sheet(meeting, unit, count, rows, talk.reader))

    def build() -> bytes:
        target = io.BytesIO()
        write_xlsx(target, sheets)
        return target.getvalue()

    return build


def _summary_sheet(
    meeting: Meeting, unit: str, count: Count, rows: Sequence[Row], reader: Reader
) -> Sheet:
    """What is printed with the roll: which meeting, how many of each kind, and its conclusion."""
    figures: list[tuple[Words, Cell]] = [
        (_("Meeting"), reader.plain(meeting_title(meeting))),
        (_("Begins"), reader.plain(when(meeting))),
        (_("Place"), meeting.place),
        (_("Convened"), count.convened),
        *[(PRESENCE[each], count.of(each)) for each in Presence],
    ]
    for kind in Kind:
        theirs = [row for row in rows if row.kind == kind]
        if theirs:
            here = sum(row.presence is Presence.PRESENT for row in theirs)
            label = _("{kind}: present / on the roll", kind=KINDS[kind])
            figures.append((label, f"{here} / {len(theirs)}"))
    figures.append((_("Conclusion"), meeting.conclusion))
    return Sheet(
        reader.plain(_("Meeting")),
        [reader.plain(_("Unit")), unit],
        [[reader.plain(label), value] for label, value in figures],
    )


def _entries_sheet(
    meeting: Meeting,
    entries: Sequence[tuple[Mark, str, str]],
    again: Sequence[tuple[Reopening, str]],
    reader: Reader,
) -> Sheet:
    """What the committee changed, in the order of time: entries, and check-in opened again."""
    changes = [
        (mark.at, name, PRESENCE[Presence(mark.was)], PRESENCE[Presence(mark.became)], by)
        for mark, name, by in entries
    ]
    changes += [
        (each.at, "", closed(meeting, each.closed_at), _("Check-in is open again."), by)
        for each, by in again
    ]
    return Sheet(
        reader.plain(_("Entered by the committee")),
        [
            reader.plain(title)
            for title in (_("At"), _("Full name"), _("Before"), _("After"), _("Entered by"))
        ],
        [
            [
                _there(meeting, at),
                name,
                reader.plain(was),
                reader.plain(became),
                by,
            ]
            for at, name, was, became, by in sorted(changes, key=lambda change: change[0])
        ],
    )


def _there(meeting: Meeting, moment: datetime | None) -> datetime | None:
    return moment.astimezone(ZoneInfo(meeting.zone)) if moment else None
