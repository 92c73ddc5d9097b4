"""The anonymous rating: three taps on one message, and what may be shown of all of them.

No screen of a tap is kept in the database while it waits to be said (`kept=False`), for it carries
what was tapped beside whose chat it is; see `storage/quality/rating.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from handlers import doors
from handlers.kit import Button, House, Note, Say, Talk, button, notice
from handlers.meetings.showing import HOME, MANAGE, meeting_label, moment
from handlers.rules import why
from handlers.text import Text, Words, _, n_
from storage import attendance
from storage.errors import NotFound
from storage.meetings import Meeting
from storage.outbox import Class
from storage.powers import may
from storage.quality import Grade, rating
from storage.quality.rating import QUESTIONS, RATING, TAPS, Ratings, Use
from storage.roster import unit_lineage
from storage.schedule import Due

ASKED = (
    _("How was the session PREPARED?"),
    _("How were CONTENT and discussion?"),
    _("How clear was the CONCLUSION?"),
)
SHORT = (_("Prepared"), _("Content"), _("Conclusion"))
LABELS = {"g": _("Good"), "f": _("Fair"), "a": _("Average"), "p": _("Poor")}
START = "-"  # no taps yet


def ask_due(session: Session, due: Due, house: House, now: datetime) -> None:
    """A roll was closed."""
    meeting_id = int(due.subject.rpartition(":")[2])
    rating.ask_all(session, house.profile, meeting_id, quiet=house.quiet, now=now)


# -- three taps --------------------------------------------------------------------------------


@notice(RATING, power="rating.give", klass=Class.ONCE, about=_("Unsigned rating"))
def asked(note: Note) -> Say | None:
    """To everybody who was present, once: a second paper would be a second vote."""
    if note.notice.unknowns:
        return None
    try:
        meeting = rating.present(note.session, note.actor, note.subject_id)
    except NotFound:
        return None
    if note.now >= rating.until(note.session, note.house.profile, meeting):
        return None
    return _question(meeting, rating.paper(note.session, meeting.id), "")


def _question(meeting: Meeting, paper: str, taps: str) -> Say:
    number = len(taps)
    grades = [Button(label, "rate", meeting.id, paper, taps + tap) for tap, label in LABELS.items()]
    again = Button(_("‹ Start again"), "rate", meeting.id, paper, START) if taps else None
    return Say(
        _(
            "<b>UNSIGNED RATING</b> · {meeting} · {number}/{all}",
            meeting=meeting_label(meeting),
            number=number + 1,
            all=QUESTIONS,
        ),
        ASKED[number],
        _("Only numbers are kept, never who tapped what."),
        buttons=[grades[:2], grades[2:], [again, HOME]],
        kept=False,
    )


@button("rate", power="rating.give")
def rate(talk: Talk, meeting_id: int, paper: str, taps: str) -> Say:
    """A tap: the next question, or thanks; the third one counts."""
    meeting = rating.rated(talk.session, talk.actor, meeting_id, paper)
    if rating.used(talk.session, paper):
        return _thanks(meeting, Use.USED)
    if len(rating.taps_of(taps)) < QUESTIONS:
        known = taps if rating.taps_of(taps) else ""
        return _question(meeting, paper, known)
    use = rating.rate(
        talk.session, talk.actor, talk.house.profile, meeting_id, paper, taps, now=talk.now
    )
    return _thanks(meeting, use)


def _thanks(meeting: Meeting, use: Use) -> Say:
    said = {
        Use.COUNTED: _("Thank you. Your rating is counted, without your name."),
        Use.USED: _("This rating is counted already."),
        Use.OVER: _("The time for this rating is over; nothing was counted."),
    }[use]
    return Say(
        said,
        buttons=[[Button(_("Results"), "rate_result", meeting.id), HOME]],
        toast=said,
        kept=False,
    )


@button("rate_result", power="rating.give")
def result(talk: Talk, meeting_id: int) -> Say:
    """[Results], for who was present: averages, when the time is over."""
    meeting = rating.present(talk.session, talk.actor, meeting_id)
    found = rating.ratings(talk.session, talk.house.profile, meeting, now=talk.now)
    lines = [
        _("{question}: {average} of 4", question=question, average=rating.average(figures))
        for question, figures in zip(SHORT, found.figures, strict=False)
    ]
    return Say(_head(meeting), *_hidden(meeting, found), *lines, buttons=[[HOME]])


# -- the committee -----------------------------------------------------------------------------


@button("rating", power="meeting.result")
def committee(talk: Talk, meeting_id: int) -> Say:
    """[Unsigned ratings]: how many, and the figures when they may be shown."""
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id, power="meeting.result")
    profile = talk.house.profile
    found = rating.ratings(talk.session, profile, meeting, now=talk.now)
    asks = rating.asks(talk.session, profile, meeting)
    lines = [_figures(*each) for each in zip(SHORT, found.figures, strict=False)]
    changes = may(talk.actor, "rules.change", unit_lineage(talk.session, meeting.unit_id))
    label = _("Stop asking") if asks else _("Ask from now on")
    switch = Button(label, "rule_set", meeting.unit_id, "rating.asked", 0 if asks else 1)
    return Say(
        _head(meeting),
        n_("{n} rating was given.", "{n} ratings were given.", n=found.given),
        *_hidden(meeting, found),
        *lines,
        None if asks else _("This unit does not ask its members."),
        buttons=[
            [switch if changes else None, Button(_("Why?"), "rating_why", meeting_id)],
            [Button(_("‹ Back"), "hub", meeting_id, doors.AFTER), MANAGE],
        ],
    )


@button("rating_why", power="meeting.result")
def reasons(talk: Talk, meeting_id: int) -> Say:
    """[Why?]: from how many ratings on figures are shown, and what is kept of them."""
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id, power="meeting.result")
    found = rating.ratings(talk.session, talk.house.profile, meeting, now=talk.now)
    return Say(
        _head(meeting),
        _("Only numbers are kept, never who tapped what."),
        *why(found.least, _("Figures come when the time is over, so that nobody is guessed.")),
        buttons=[[Button(_("‹ Back"), "rating", meeting_id), MANAGE]],
    )


def _head(meeting: Meeting) -> Text:
    return _("<b>UNSIGNED RATING</b> · {meeting}", meeting=meeting_label(meeting))


def _hidden(meeting: Meeting, found: Ratings) -> list[Words]:
    """Why there are no figures, where there are none."""
    if not found.over:
        return [_("Results from {when}.", when=moment(found.until, meeting.zone))]
    if not found.shown:
        return [_("Fewer than {n} ratings: no figures.", n=round(found.least.value or 0))]
    return []


def _figures(question: Text, figures: Mapping[Grade, int]) -> Text:
    return _(
        "{question}: good {good} · fair {fair} · average {average} · poor {poor}",
        question=question,
        **{grade.value: figures[grade] for grade in TAPS.values()},
    )


doors.hang(doors.AFTER, "rating", _("Unsigned ratings"))
