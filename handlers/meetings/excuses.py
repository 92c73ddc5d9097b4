"""The figures of excuses in words, and where they come from: [Why?]."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.kit import Button, Note, Say, Talk, button
from handlers.meetings.showing import REASON_LABELS, day_of, meeting_label
from handlers.text import Text, Words, _, n_
from storage import keeping, meetings, roster_edit
from storage.keeping import Excuses
from storage.meetings import Meeting, Seat
from storage.rules import Rule

SHOWN = 12  # dates in a line


def excuses_of(talk: Talk | Note, meeting: Meeting, seat: Seat) -> Excuses:
    """The row of excuses of whoever has the seat, before this meeting."""
    return keeping.excuses(talk.session, seat.person_id, meeting, profile=talk.house.profile)


def figure(row: Excuses) -> Text | None:
    """ "Đã vắng có lý do 3 lần liền trong năm (…)."; None where there are none."""
    if not row.times:
        return None
    if row.rule.value is None:
        return n_(
            "Excused {n} time in a row this year.",
            "Excused {n} times in a row this year.",
            n=row.times,
        )
    return n_(
        "Excused {n} time in a row this year (at most {most}; {source}).",
        "Excused {n} times in a row this year (at most {most}; {source}).",
        n=row.times,
        most=f"{row.rule.value:g}",
        source=source(row.rule),
    )


def source(rule: Rule) -> Words:
    """Where a figure is written; one that no primary source confirms is called a default."""
    if rule.own:
        return _("set by the unit")
    if not rule.default:
        return rule.citation
    if rule.citation == "mặc định":  # the rule set knows no source at all
        return _("default")
    return _("{citation}, default", citation=rule.citation)


@button("excuses", power="meeting.answer")
def own(talk: Talk, seat_id: int) -> Say:
    """[Why?] of somebody's own row, before they ask once more."""
    meeting, seat = meetings.own_seat(talk.session, talk.actor, seat_id)
    back = Button(_("‹ Back"), "rsvp", meeting.id, meeting.revision, "no")
    return Say(*_why(excuses_of(talk, meeting, seat)), buttons=[[back]])


@button("leave_why", power="absence.decide")
def asked(talk: Talk, seat_id: int, request: int) -> Say:
    """[Why?] of the row of somebody who asks, for the committee."""
    seat, meeting, person = meetings.request_of(talk.session, talk.actor, seat_id)
    about = _("{name} · {title}", name=person.full_name, title=meeting_label(meeting))
    back = Button(_("‹ Back"), "leave_show", seat_id, request)
    return Say(about, *_why(excuses_of(talk, meeting, seat)), buttons=[[back]])


def _why(row: Excuses) -> list[Words | None]:
    """The dates, how they are counted, and the rule."""
    return [
        figure(row) or _("Not excused just before this meeting."),
        _("Meetings: {dates}", dates=_dates(row)) if row.times else None,
        _(
            "Counted are the latest meetings of the calendar year: coming, or staying away without"
            " reason, ends the row."
        ),
        _("Where one is exempt, or a request is undecided, the meeting is passed over."),
    ]


def _dates(row: Excuses) -> Words:
    pairs: Sequence[tuple[Meeting, str | None]] = list(zip(row.meetings, row.reasons, strict=True))[
        -SHOWN:
    ]
    line: Words = ""
    for meeting, reason in pairs:
        why: Words = REASON_LABELS.get(reason, reason) if reason else _("no reason written down")
        said = _("{day} ({reason})", day=day_of(meeting), reason=why)
        line = said if line == "" else _("{line} · {more}", line=line, more=said)
    return line


@button("attended", power="meeting.result")
def attended(talk: Talk, person_id: int) -> Say:
    """[Attendance] of somebody on the roll, for the committee: the year in rates."""
    person = roster_edit.on_roll(talk.session, talk.actor, person_id, "meeting.result")
    year = talk.today.year
    kept = keeping.kept(talk.session, person.id, year)
    return Say(
        _("<b>ATTENDANCE {year}</b> · {name}", year=str(year), name=person.full_name),
        _(
            "Came to {present} of {held} meetings ({percent}%)",
            present=kept.present,
            held=kept.held,
            percent=kept.attendance,
        )
        if kept.held
        else _("No roll has been closed yet this year."),
        _(
            "Kept their word: came {came} of the {said} times they said so ({percent}%)",
            came=kept.came,
            said=kept.said,
            percent=kept.word,
        )
        if kept.said
        else None,
        _("Leave: granted {granted} of {asked}", granted=kept.granted, asked=kept.asked)
        if kept.asked
        else None,
        _("Whoever is exempt is counted only when they come."),
        buttons=[[Button(_("‹ Back"), "member", person.id)]],
    )
