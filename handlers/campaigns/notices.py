"""Words of the notices about study, found when they are sent; and what fires by itself."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from handlers.campaigns.committee import tally_line
from handlers.campaigns.showing import lesson_line, progress_line
from handlers.kit import Button, House, Note, Say, notice
from handlers.text import Day, Moment, _, n_
from storage import campaigns
from storage.errors import NotFound
from storage.outbox import Class
from storage.schedule import Due

LESSONS_TOLD = 4


# -- what fires by itself ----------------------------------------------------------------------


def remind(session: Session, due: Due, house: House, now: datetime) -> None:
    """A campaign's slot has come."""
    number, name = _number(due), due.slot_name
    campaigns.remind(session, number, due.slot, slot_name=name, quiet=house.quiet, now=now)


def remind_one(session: Session, due: Due, house: House, now: datetime) -> None:
    """The evening has come on which somebody wanted to be reminded."""
    campaigns.remind_one(session, _number(due), due.slot_name, due.slot, quiet=house.quiet, now=now)


def tell_total(session: Session, due: Due, house: House, now: datetime) -> None:
    """It is Monday morning."""
    campaigns.tell_total(session, _number(due), due.slot, now=now)
    campaigns.tell_secretary(session, _number(due), due.slot, quiet=house.quiet, now=now)


def make_up(session: Session, due: Due, house: House, now: datetime) -> None:
    """The roll of a thematic meeting is settled."""
    campaigns.make_up(session, _number(due), quiet=house.quiet, now=now)


def _number(due: Due) -> int:
    return int(due.subject.rpartition(":")[2])


# -- what is said ------------------------------------------------------------------------------


@notice("campaign.reminder", power="study.own", klass=Class.REMINDER, about=_("Study reminder"))
def reminder(note: Note) -> Say | None:
    """To those who have not finished the lesson; nothing else carries [Open lesson]."""
    lesson_id = note.subject_id
    person_id = note.notice.person_id or 0
    course = campaigns.still_to_do(note.session, lesson_id, person_id, now=note.now)
    if course is None:
        return None
    return Say(
        lesson_line(course, course.step(lesson_id), note.now),
        progress_line(course),
        buttons=[
            [Button(_("Open lesson"), "lesson", lesson_id, 0)],
            [
                Button(_("Studied ✓"), "studied", lesson_id),
                Button(_("Remind tomorrow"), "tomorrow", lesson_id),
            ],
        ],
    )


@notice("campaign.makeup", power="study.own", klass=Class.REMINDER, about=_("Lesson to make up"))
def making_up(note: Note) -> Say | None:
    """To whoever was absent from the meeting of its theme, in private."""
    found = campaigns.to_make_up(note.session, note.subject_id, note.notice.person_id or 0)
    if found is None:
        return None
    course, meeting = found
    lesson = course.step(note.subject_id).lesson
    return Say(
        _("You could not be at the meeting of {moment}.", moment=Moment(meeting.starts_at)),
        _("This lesson has what was studied there, for when you have time:"),
        _("<b>{name}</b>", name=lesson.title),
        buttons=[[Button(_("Open lesson"), "lesson", lesson.id, 0)]],
    )


@notice("campaign.total", power="study.own", klass=Class.REMINDER, about=_("Total of a campaign"))
def total(note: Note) -> Say | None:
    """To the group, once a week: totals only."""
    found = campaigns.total_of(note.session, note.subject_id, now=note.now)
    if found is None or not found.lessons:
        return None
    return Say(
        _(
            "<b>{name}</b> · until {day}",
            name=found.campaign.name,
            day=Day(found.campaign.ends, short=True),
        ),
        *[tally_line(each, found.people) for each in found.lessons[-LESSONS_TOLD:]],
        buttons=[[Button(_("Open private chat"), url=note.house.link(""))]],
    )


@notice(
    "campaign.digest",
    power="campaign.see",
    klass=Class.REMINDER,
    about=_("Who needs a call about study"),
)
def digest(note: Note) -> Say | None:
    """To the secretary, on Monday: who is not done, and whom only a call can help."""
    try:
        found = campaigns.overview(note.session, note.actor, note.subject_id, now=note.now)
    except NotFound:
        return None
    left, calls = len(found.unfinished), len(found.to_call)
    if not left or not campaigns.runs(found.campaign, note.now):
        return None
    number = found.campaign.id
    return Say(
        _(
            "<b>{name}</b> · until {day}",
            name=found.campaign.name,
            day=Day(found.campaign.ends, short=True),
        ),
        n_(
            "{n} person has lessons left that are open.",
            "{n} people have lessons left that are open.",
            n=left,
        ),
        n_(
            "A call would help {n} of them: the bot cannot remind, or has done so twice.",
            "A call would help {n} of them: the bot cannot remind, or has done so twice.",
            n=calls,
        )
        if calls
        else None,
        buttons=[
            [
                Button(_("Call ({n})", n=calls), "campaign_call", number, 0) if calls else None,
                Button(_("Not done ({n})", n=left), "unfinished", number, 0),
            ],
            [Button(_("Who is where"), "campaign", number)],
        ],
    )
