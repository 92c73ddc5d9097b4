"""The members' side: my campaigns, a lesson page by page, studied, remind me tomorrow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from handlers.campaigns.showing import (
    HOME,
    STUDY,
    due_words,
    lesson_button,
    lesson_line,
    pages_of,
    progress_line,
    shortened,
    span,
    turning,
)
from handlers.kit import Button, File, Say, Talk, button, command, maker
from handlers.repeating import REPEAT
from handlers.text import Moment, Words, _
from storage import campaigns
from storage.campaigns import Course, Lesson

LESSONS_SHOWN = 8


@command(
    "study",
    vi="hoctap",
    power="study.own",
    label=_("Study"),
    help=_("Lessons and quizzes"),
)
@button("study", power="study.own")
def study(talk: Talk) -> Say:
    """/hoctap: one's own campaigns; a single one is shown at once."""
    courses = campaigns.mine(talk.session, talk.actor, now=talk.now)
    if not courses:
        return Say(_("There is no study campaign for you at present."), buttons=[[REPEAT, HOME]])
    if len(courses) == 1:
        return _course(talk, courses[0], 0)
    shown = courses[:LESSONS_SHOWN]
    return Say(
        _("<b>My study</b>"),
        _("Choose a campaign."),
        buttons=[
            *[
                [Button(shortened(each.campaign.name), "course", each.campaign.id, 0)]
                for each in shown
            ],
            [REPEAT, HOME],
        ],
    )


@button("course", power="study.own")
def course(talk: Talk, campaign_id: int, page: int) -> Say:
    """One campaign, a button for each lesson."""
    return _course(talk, campaigns.course_of(talk.session, talk.actor, campaign_id), page)


def _course(talk: Talk, found: Course, page: int) -> Say:
    today = found.today(talk.now)
    pages = -(-len(found.steps) // LESSONS_SHOWN) or 1
    page = min(max(page, 0), pages - 1)
    steps = found.steps[page * LESSONS_SHOWN : (page + 1) * LESSONS_SHOWN]
    lessons = [lesson_button(step, today) for step in steps]
    following = found.next_open(today)
    return Say(
        _("<b>{name}</b>", name=found.campaign.name),
        found.campaign.citation or None,
        span(found.campaign),
        progress_line(found),
        _next_line(following.lesson, today) if following else None,
        buttons=[
            *[lessons[at : at + 2] for at in range(0, len(lessons), 2)],
            turning("course", found.campaign.id, page, pages),
            [REPEAT, HOME],
        ],
    )


def _next_line(lesson: Lesson, today: date) -> Words:
    number = lesson.place or 0
    return _("Next: lesson {number}, {due}", number=number, due=due_words(lesson, today))


# -- a lesson ----------------------------------------------------------------------------------


@button("lesson", power="study.own")
def lesson(talk: Talk, lesson_id: int, page: int) -> Say:
    """[Open lesson]: its text in pages, its link, or its file."""
    found, first_time = campaigns.open_lesson(talk.session, talk.actor, lesson_id, now=talk.now)
    this = found.step(lesson_id)
    text = pages_of(this.lesson.text or "")
    page = min(max(page, 0), len(text) - 1)
    files = [_file(this.lesson)] if this.lesson.file and first_time else []
    return Say(
        lesson_line(found, this, talk.now),
        _("<b>{name}</b>", name=this.lesson.title),
        "",
        text[page] if this.lesson.text else None,
        _("Read it here: {url}", url=this.lesson.url) if this.lesson.url else None,
        _("The lesson is the file that follows.") if files else None,
        buttons=[
            turning("lesson", lesson_id, page, len(text)),
            [
                Button(_("Studied ✓"), "studied", lesson_id) if not this.done else None,
                Button(_("Remind tomorrow"), "tomorrow", lesson_id) if not this.done else None,
            ],
            [
                Button(_("Get the file"), "lessonfile", lesson_id) if this.lesson.file else None,
                Button(_("Take the quiz"), "quiz", lesson_id)
                if campaigns.has_quiz(talk.session, lesson_id)
                else None,
            ],
            [STUDY, HOME],
        ],
        files=files,
    )


@button("lessonfile", power="study.own")
def lesson_file(talk: Talk, lesson_id: int) -> Say:
    """[Get the file]: once more."""
    found, _campaign = campaigns.lesson_for(talk.session, talk.actor, lesson_id, now=talk.now)
    return Say(toast=_("The file is on its way."), files=[_file(found)] if found.file else [])


@maker("lesson.file", power="study.own")
def make_lesson_file(talk: Talk, lesson_id: int) -> Callable[[], bytes]:
    """The content of a lesson that is a file."""
    content = campaigns.attachment(talk.session, talk.actor, lesson_id, now=talk.now)
    return lambda: content


def _file(of: Lesson) -> File:
    return File("lesson.file", [of.id], (of.file or "").rpartition("/")[2])


@button("studied", power="study.own")
def studied(talk: Talk, lesson_id: int) -> Say:
    """[Studied ✓]: noted, with what comes next."""
    found = campaigns.mark_done(talk.session, talk.actor, lesson_id, now=talk.now)
    number = found.step(lesson_id).lesson.place or 0
    today = found.today(talk.now)
    following = found.next_open(today)
    return Say(
        _("<b>{name}</b>", name=found.campaign.name),
        _(
            "Noted: you have studied lesson {number}/{total}.",
            number=number,
            total=len(found.steps),
        ),
        progress_line(found),
        _next_line(following.lesson, today) if following else None,
        buttons=[
            [
                lesson_button(following, today) if following else None,
                Button(_("Take the quiz"), "quiz", lesson_id)
                if campaigns.has_quiz(talk.session, lesson_id)
                else None,
            ],
            [STUDY, HOME],
        ],
        toast=_("Noted."),
    )


@button("tomorrow", power="study.own")
def tomorrow(talk: Talk, lesson_id: int) -> Say:
    """[Remind tomorrow]: once more, tomorrow evening."""
    at = campaigns.remind_tomorrow(
        talk.session, talk.actor, lesson_id, zone=talk.reader.zone, now=talk.now
    )
    return Say(
        _("I will remind you: {moment}.", moment=Moment(at)),
        buttons=[[Button(_("Read it now"), "lesson", lesson_id, 0)], [STUDY, HOME]],
        toast=_("Noted."),
    )
