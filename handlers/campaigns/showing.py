"""How campaigns, lessons and progress are shown, wherever they are mentioned."""

from __future__ import annotations

import re
from datetime import date, datetime

from handlers.kit import Button
from handlers.paging import Page
from handlers.text import Day, Text, _
from storage.campaigns import Campaign, Course, Lesson, Problem, Step, overdue

HOME = Button(_("‹ Home"), "home")
MANAGE = Button(_("‹ Manage"), "manage")
STUDY = Button(_("‹ Study"), "study")
CELLS = 10
LABEL_LIMIT = 18
TEXT_PAGE = (
    3000  # letters of a lesson on one screen; the rest of 4,096 is for what stands around them
)


def bar(part: int, whole: int) -> str:
    """▰▰▱▱▱: a cell for each where there are few, else ten."""
    cells = min(max(whole, 1), CELLS)
    full = part * cells // max(whole, 1)
    return "▰" * full + "▱" * (cells - full)


def shortened(name: str) -> str:
    """A name as a label."""
    return name if len(name) <= LABEL_LIMIT else name[: LABEL_LIMIT - 1].rstrip() + "…"


def span(campaign: Campaign) -> Text:
    """ "1/8 – 31/8"."""
    return _(
        "{first} – {last}",
        first=Day(campaign.starts, short=True),
        last=Day(campaign.ends, short=True),
    )


def due_words(lesson: Lesson, today: date) -> Text:
    """ "hạn 15/8", "quá hạn 15/8", of a lesson that is not finished."""
    day = Day(lesson.due, short=True)
    return (
        _("overdue, was due {day}", day=day) if overdue(lesson, today) else _("due {day}", day=day)
    )


def lesson_line(course: Course, step: Step, now: datetime) -> Text:
    """ "Học tập Chỉ thị 01 · Bài 2/5 · khoảng 8 phút · hạn 15/8"."""
    lesson = step.lesson
    values = {
        "campaign": course.campaign.name,
        "number": lesson.place or 0,
        "total": len(course.steps),
        # What is done is not overdue, however late it was.
        "due": due_words(lesson, lesson.due if step.done else course.today(now)),
    }
    if lesson.minutes is None:
        return _("{campaign} · Lesson {number}/{total} · {due}", **values)
    return _(
        "{campaign} · Lesson {number}/{total} · about {minutes} minutes · {due}",
        minutes=lesson.minutes,
        **values,
    )


def progress_line(course: Course) -> Text:
    """ "▰▱▱▱▱ đã xong 1/5"."""
    total = len(course.steps)
    return _(
        "{bar} {done}/{total} done", bar=bar(course.done, total), done=course.done, total=total
    )


def lesson_button(step: Step, today: date) -> Button:
    """[Lesson 2 · 15/8], with its state in words."""
    number, lesson = step.lesson.place or 0, step.lesson
    if step.done:
        label = _("Lesson {n} · done", n=number)
    elif lesson.opens > today:
        label = _("{n} opens {day}", n=number, day=Day(lesson.opens, short=True))
    elif overdue(lesson, today):
        label = _("Lesson {n} overdue", n=number)
    else:
        label = _("Lesson {n} · {day}", n=number, day=Day(lesson.due, short=True))
    return Button(label, "lesson", lesson.id, 0)


def turning(action: str, subject: int, page: int, pages: int) -> list[Button | None]:
    """[‹] [2/3] [›]; nothing for a single page."""
    return Page((), page, pages, 1).turn(action, subject)


def pages_of(text: str, limit: int = TEXT_PAGE) -> list[str]:
    """The text in pages, cut between paragraphs where that is possible, else lines, else words.

    Telegram counts in UTF-16, where an emoji is two.
    """
    pages: list[str] = []
    left = text.strip()
    while _length(left) > limit:
        cut = _cut(left, limit)
        pages.append(left[:cut].rstrip())
        left = left[cut:].lstrip()
    return [*pages, left] if left or not pages else pages


def _cut(text: str, limit: int) -> int:
    """Where the longest page that fits ends; a page is at least half full."""
    end = limit
    while (over := _length(text[:end]) - limit) > 0:
        end -= max(over // 2, 1)
    for boundary in (r"\n\s*\n", r"\n", r"\s"):
        found = [each.start() for each in re.finditer(boundary, text[:end])]
        if found and found[-1] >= end // 2:
            return found[-1]
    return end


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def problem_words(problem: Problem) -> Text:
    """What is wrong with a campaign's file, and where."""
    said = _(problem.message, **problem.values)
    if problem.lesson is None:
        return said
    if problem.question is None:
        return _("Lesson {lesson}: {problem}", lesson=problem.lesson, problem=said)
    return _(
        "Lesson {lesson}, question {question}: {problem}",
        lesson=problem.lesson,
        question=problem.question,
        problem=said,
    )
