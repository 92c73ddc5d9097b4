"""How an agenda and its points look, and how typed lines become points."""

from __future__ import annotations

import re

from handlers.meetings.showing import meeting_label
from handlers.text import Day, Text, Words, _
from storage import agenda
from storage.agenda import Content, Point
from storage.folding import clean_name
from storage.meetings import Meeting
from storage.rules import Rule

KINDS: dict[Content, Text] = {
    Content.STUDY: _("Study"),
    Content.LEADERSHIP: _("Leadership"),
    Content.PROFESSIONAL: _("Professional"),
    Content.MEMBERS: _("Members' matters"),
}

# "1. Học Chỉ thị 01 (20')": a number or a dash before it, minutes behind it.
_BEFORE = re.compile(r"^(?:\d{1,2}\s*[.):-]\s*(?=[^\d\s])|[-–—•*+]\s*)")
_MINUTES = re.compile(
    r"(?:\s*[(,:–-]\s*|\s+)(?:\d{1,3}[-–])?(\d{1,3})\s*"
    r"(?:['’′]|p|ph|phut|phút|min|mins|minutes?)\s*\)?[.;,]?$",
    re.IGNORECASE,
)


def read_lines(text: str) -> list[tuple[str, int | None]]:
    """What was typed as points with their minutes, a line each."""
    found: list[tuple[str, int | None]] = []
    for line in text.splitlines():
        title = _BEFORE.sub("", clean_name(line))
        minutes = _MINUTES.search(title)
        if minutes is not None:
            title = title[: minutes.start()]
        if title := title.rstrip(" ;,"):
            found.append((title, int(minutes[1]) if minutes and int(minutes[1]) else None))
    return found


def timed(title: str, minutes: int | None) -> Text:
    """ "Học Chỉ thị 01 · 20 phút"."""
    if minutes is None:
        return _("{title}", title=title)
    return _("{title} · {minutes} min", title=title, minutes=minutes)


def point_line(point: Point) -> Text:
    """ "2. Học Chỉ thị 01 · 20 phút"."""
    return _("{n}. {point}", n=point.number, point=timed(point.title, point.planned))


def head(meeting: Meeting, outline: agenda.Outline) -> Text:
    """ "CHƯƠNG TRÌNH · Họp 13/8 · 8 mục, 95 phút"."""
    label = meeting_label(meeting)
    if not outline.points:
        return _("<b>AGENDA</b> · {meeting}", meeting=label)
    return _(
        "<b>AGENDA</b> · {meeting} · {points} points, {minutes} min",
        meeting=label,
        points=outline.points,
        minutes=outline.minutes,
    )


def why(rule: Rule) -> list[Words]:
    """What a length is measured by: the figure, and where it comes from."""
    least = round(rule.value or 0)
    said = [_("Such a meeting lasts at least {minutes} minutes.", minutes=least)]
    if rule.own:
        return [*said, _("This is the unit's own setting.")]
    if rule.default:
        return [*said, _("This is a default; a unit may set its own.")]
    since = Day(rule.since, dated=True) if rule.since else ""
    source = _("Source: {citation}, in force since {day}.", citation=rule.citation, day=since)
    return [*said, source]


def too_short(planned: int, rule: Rule | None) -> Words | None:
    """The warning that the planned minutes are fewer than the rule wants."""
    least = 0 if rule is None else round(rule.value or 0)
    if not planned or planned >= least:
        return None
    return _(
        "Planned {minutes} minutes; such a meeting lasts at least {least}.",
        minutes=planned,
        least=least,
    )
