"""The members' side: my campaigns, a lesson page by page, studied, remind me tomorrow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from handlers.campaigns import doors
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
from handlers.kit import Button, File, Say, Stored, Talk, button, command, maker
from handlers.text import Marked, Moment, Words, _, n_
from storage import campaigns
from storage.campaigns import Course, Lesson, LessonPart
from storage.errors import Refusal

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
        return Say(
            _("There is no study campaign for you at present."),
            buttons=[*doors.rows(doors.STUDY, talk), [HOME]],
        )
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
            *doors.rows(doors.STUDY, talk),
            [HOME],
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
            *doors.rows(doors.COURSE, talk, found.campaign.id),
            [_reminders(talk, found), HOME],
        ],
    )


def _next_line(lesson: Lesson, today: date) -> Words:
    number = lesson.place or 0
    return _("Next: lesson {number}, {due}", number=number, due=due_words(lesson, today))


def _reminders(talk: Talk, found: Course) -> Button | None:
    """[Stop reminders], or the way back; nothing once the campaign is over."""
    if not campaigns.runs(found.campaign, talk.now):
        return None
    number = found.campaign.id
    silent = campaigns.stopped(talk.session, talk.person.id, number)
    if silent:
        return Button(_("Remind me again"), "study_allow", number)
    return Button(_("Stop reminders"), "study_quiet", number)


@button("study_quiet", power="study.own")
def ask_stop(talk: Talk, campaign_id: int) -> Say:
    """[Stop reminders]: of this campaign or of all."""
    found = campaigns.course_of(talk.session, talk.actor, campaign_id)
    return Say(
        _("<b>{name}</b>", name=found.campaign.name),
        _("You will get no more reminders; the lessons stay here for you."),
        _("The secretary sees that you want no reminders, and nothing else."),
        buttons=[
            [
                Button(_("This campaign"), "study_stop", campaign_id, "one"),
                Button(_("All campaigns"), "study_stop", campaign_id, "all"),
            ],
            [Button(_("‹ Back"), "course", campaign_id, 0), HOME],
        ],
    )


@button("study_stop", power="study.own")
def stop(talk: Talk, campaign_id: int, choice: str) -> Say:
    """[This campaign], [All campaigns]."""
    found = campaigns.course_of(talk.session, talk.actor, campaign_id)
    about = None if choice == "all" else campaign_id
    campaigns.stop(talk.session, talk.actor, about, now=talk.now)
    said = _course(talk, found, 0)
    said.toast = _("Reminders are stopped.")
    return said


@button("study_allow", power="study.own")
def allow(talk: Talk, campaign_id: int) -> Say:
    """[Remind me again]."""
    campaigns.allow(talk.session, talk.actor, campaign_id, now=talk.now)
    said = course(talk, campaign_id, 0)
    said.toast = _("You will be reminded again.")
    return said


# -- a lesson ----------------------------------------------------------------------------------


@button("lesson", power="study.own")
def lesson(talk: Talk, lesson_id: int, page: int) -> Say:
    """[Open lesson]: its text in pages, its link, or its file."""
    found, first_time = campaigns.open_lesson(talk.session, talk.actor, lesson_id, now=talk.now)
    this, parts = found.step(lesson_id), campaigns.parts_of(talk.session, lesson_id)
    text = _pages(this.lesson, parts)
    page = min(max(page, 0), len(text) - 1)
    has_files = bool(this.lesson.file) or any(part.file_id for part in parts)
    files = _files(this.lesson, parts) if first_time else []
    return Say(
        lesson_line(found, this, talk.now),
        _("<b>{name}</b>", name=this.lesson.title),
        "",
        text[page] or None,
        _("Read it here: {url}", url=this.lesson.url) if this.lesson.url else None,
        n_(
            "With it comes {n} file that follows.",
            "With it come the {n} files that follow.",
            n=len(files),
        )
        if files
        else None,
        buttons=[
            turning("lesson", lesson_id, page, len(text)),
            [
                Button(_("Studied ✓"), "studied", lesson_id) if not this.done else None,
                Button(_("Remind tomorrow"), "tomorrow", lesson_id) if not this.done else None,
            ],
            [
                Button(_("Get the file"), "lessonfile", lesson_id) if has_files else None,
                Button(_("Take the quiz"), "quiz", lesson_id)
                if campaigns.has_quiz(talk.session, lesson_id)
                else None,
            ],
            [STUDY, HOME],
        ],
        files=files,
    )


def _pages(of: Lesson, parts: Sequence[LessonPart]) -> list[Words]:
    """What there is to read, a screen each; one that is empty where there are files only."""
    plain: list[Words] = [*pages_of(of.text)] if of.text else []
    return [*plain, *(Marked(part.html) for part in parts if part.html)] or [""]


@button("lessonfile", power="study.own")
def lesson_file(talk: Talk, lesson_id: int) -> Say:
    """[Get the file]: once more."""
    found, _campaign = campaigns.lesson_for(talk.session, talk.actor, lesson_id, now=talk.now)
    files = _files(found, campaigns.parts_of(talk.session, found.id))
    return Say(toast=_("The file is on its way."), files=files)


@maker("lesson.file", power="study.own")
def make_lesson_file(talk: Talk, lesson_id: int) -> Callable[[], bytes]:
    """The content of a lesson that is a file."""
    content = campaigns.attachment(talk.session, talk.actor, lesson_id, now=talk.now)
    return lambda: content


def _files(of: Lesson, parts: Sequence[LessonPart]) -> list[File | Stored]:
    """The files of a lesson; what was sent in the chat goes out by its number there."""
    own = [File("lesson.file", [of.id], of.file.rpartition("/")[2])] if of.file else []
    sent = [
        Stored(
            part.file_id,
            part.kind == "photo",
            part.name or None,
            part.kind if part.kind in ("voice", "audio", "video") else "",
        )
        for part in parts
        if part.file_id
    ]
    return [*own, *sent]


@button("studied", power="study.own")
def studied(talk: Talk, lesson_id: int) -> Say:
    """[Studied ✓]: noted, with what comes next; a lesson not opened yet is shown first."""
    try:
        found = campaigns.mark_done(talk.session, talk.actor, lesson_id, now=talk.now)
    except Refusal as refusal:
        said = lesson(talk, lesson_id, 0)
        said.toast = _(refusal.sentence, **refusal.values)
        return said
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
