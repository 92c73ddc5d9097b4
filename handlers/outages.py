"""After an outage that was longer than Telegram keeps a press: please press again.

Said once, in the groups where check-in is open and to those who were filling in something.
"""

from __future__ import annotations

from handlers.kit import Button, Note, Say, notice
from handlers.text import Text, _, n_
from storage import outages
from storage.outbox import Class


@notice(
    outages.TO_GROUP,
    power="attendance.own",
    klass=Class.REMINDER,
    about=_("Check-in after an outage"),
)
def to_group(note: Note) -> Say:
    """The card is there still, and what was recorded is on it."""
    return Say(
        _away(note),
        _("Whoever pressed and got no answer, please press again. Nothing recorded is lost."),
    )


@notice(
    outages.TO_PERSON,
    power="home",
    klass=Class.REMINDER,
    about=_("What was begun before an outage"),
)
def to_person(note: Note) -> Say:
    """What was typed comes late but comes; a press may be gone."""
    return Say(
        _away(note),
        _("If a button gave no answer, please press it again. What you typed is not lost."),
        buttons=[[Button(_("‹ Home"), "home")]],
    )


def _away(note: Note) -> Text:
    minutes = int(note.notice.facts["minutes"])
    hours = round(minutes / 60)
    if minutes >= 48 * 60:
        days = round(hours / 24)
        return n_(
            "I could not be reached for {n} day.", "I could not be reached for {n} days.", n=days
        )
    if minutes >= 120:
        return n_(
            "I could not be reached for {n} hour.", "I could not be reached for {n} hours.", n=hours
        )
    return n_(
        "I could not be reached for {n} minute.",
        "I could not be reached for {n} minutes.",
        n=minutes,
    )
