"""How the figures of a year are put into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handlers.attendance.saying import absences
from handlers.text import Text, Words, _
from storage.agenda import Content
from storage.meetings import MeetingKind
from storage.report import Figures, Reasons, Report
from storage.rules import Rule

CONTENTS = {
    Content.STUDY: _("study"),
    Content.LEADERSHIP: _("leadership"),
    Content.PROFESSIONAL: _("professional"),
    Content.MEMBERS: _("members' work"),
}
OTHERS = (MeetingKind.COMMITTEE, MeetingKind.EXTRAORDINARY, MeetingKind.CONGRESS)


def source(rule: Rule) -> Words:
    """Where a figure comes from."""
    if rule.own:
        return _("set by the unit")
    if not rule.default:
        return rule.citation
    if rule.citation == "mặc định":  # as the rule sets say that nobody has written it
        return _("default")
    return _("{citation}, default", citation=rule.citation)


def ruled(rule: Rule) -> Text:
    """ "85% (mặc định)"."""
    return _("{value} ({cited})", value=rule.value or 0, cited=source(rule))


def held(figures: Figures) -> Text:
    """How many meetings, of which kinds; a kind that there was none of is left out."""
    regular = figures.held[MeetingKind.REGULAR]
    thematic = figures.held[MeetingKind.THEMATIC]
    values = {"n": figures.meetings, "regular": regular, "thematic": thematic}
    committee = figures.held[MeetingKind.COMMITTEE]
    joint = figures.held[MeetingKind.JOINT]
    more = figures.meetings - regular - thematic - joint - committee
    if joint:
        values = {**values, "regular": regular + joint, "thematic": thematic + joint}
        whole = held_line(values, committee, more)
        return _("{whole} (two in one: {joint})", whole=whole, joint=joint)
    return held_line(values, committee, more)


def held_line(values: Mapping[str, int], committee: int, more: int) -> Text:
    """The kinds, those of every month first."""
    if not committee and not more:
        return _("Held {n}: regular {regular} · thematic {thematic}", **values)
    return _(
        "Held {n}: regular {regular} · thematic {thematic} · committee {committee} · other {more}",
        committee=committee,
        more=more,
        **values,
    )


def rate(told: Report) -> Text:
    """The rate beside its bar."""
    count, bar = told.whole.count, told.bar.value or 0
    values = {"present": count.present, "convened": count.convened, "percent": count.percent}
    if told.reaches is None:
        return _("Present {present}/{convened} ({percent}%)", **values)
    if told.reaches:
        return _("Present {present}/{convened} ({percent}%): reaches {bar}%", bar=bar, **values)
    return _("Present {present}/{convened} ({percent}%): BELOW {bar}%", bar=bar, **values)


def away(told: Report) -> Text:
    """Who was not there; for the unit's own committee with the reasons, in numbers."""
    count, found = told.whole.count, told.reasons
    if not count.excused or found is None or total(found) != count.excused:
        return absences(count)  # reasons of the units below are not known here
    return _(
        "{absences} (business {business}, ill {illness}, family {family}, other {other})",
        absences=absences(count),
        business=found.business,
        illness=found.illness,
        family=found.family,
        other=found.other,
    )


def total(found: Reasons) -> int:
    """How many were excused for any reason."""
    return found.business + found.illness + found.family + found.other


def duration(told: Report) -> Text:
    """Whether meetings take as long as they should, as far as anybody noted it."""
    figures, least = told.whole, told.least.value or 0
    if not figures.timed:
        return _("Duration: no beginning and end was noted.")
    values = {"least": least, "kept": figures.timed - figures.short, "timed": figures.timed}
    if figures.held[MeetingKind.JOINT]:
        return _(
            "At least {least} minutes ({joint} for two in one): {kept}/{timed}"
            " · not noted: {untimed}",
            joint=told.joint.value or 0,
            untimed=figures.untimed,
            **values,
        )
    if not figures.untimed:
        return _("At least {least} minutes: {kept}/{timed}", **values)
    return _(
        "At least {least} minutes: {kept}/{timed} · not noted: {untimed}",
        untimed=figures.untimed,
        **values,
    )


def manners(figures: Figures) -> Text:
    """Who came late and who left early."""
    return _("Late {late} · left early {left}", late=figures.late, left=figures.left)


def content(told: Report) -> Text:
    """Whether it is "nặng về chuyên môn"."""
    share, heavy = told.professional, told.heavy.value or 0
    if share is None:
        return _("Content: no time of an agenda point was noted.")
    if told.is_heavy:
        return _("Content: {share}% professional, HEAVY (above {heavy}%)", share=share, heavy=heavy)
    return _("Content: {share}% professional, not heavy", share=share)


def why(told: Report) -> Sequence[Words]:
    """What was counted, and by which rules."""
    count = told.whole.count
    return [
        _(
            "Counted: meetings of {year} of this unit and those below whose roll is closed."
            " Committee meetings do not count for the rate.",
            year=str(told.year),
        ),
        _(
            "Rate: present {present} of {convened} convened. The exempt count only when they come"
            " ({exempt} left out).",
            present=count.present,
            convened=count.convened,
            exempt=count.exempt,
        ),
        _("Bar of the rate, percent: {rule}", rule=ruled(told.bar)),
        _(
            "Least duration, minutes: {rule}. Regular and thematic meetings whose beginning and"
            " end were noted: {timed}",
            rule=ruled(told.least),
            timed=told.whole.timed,
        ),
        _("Where a regular and a thematic meeting are one: {rule}", rule=ruled(told.joint)),
        _(
            "Content: {minutes} minutes of agenda points that were done. Heavy above, percent:"
            " {rule}",
            minutes=sum(told.content.values()),
            rule=ruled(told.heavy),
        ),
    ]
