"""Study campaigns: lessons, reminders and quizzes for members, who is where for the committee."""

from handlers.campaigns.committee import (
    FORM,
    one,
    overview,
    plan_lines,
    preview,
    unfinished,
    write,
)
from handlers.campaigns.notices import remind, remind_one, reminder, tell_total, total
from handlers.campaigns.quiz import again, judge, missed, pause, quiz
from handlers.campaigns.showing import problem_words
from handlers.campaigns.study import (
    course,
    lesson,
    lesson_file,
    make_lesson_file,
    studied,
    study,
    tomorrow,
)

# Routes are found by looking at the names of the package.
__all__ = [
    "FORM",
    "again",
    "course",
    "judge",
    "lesson",
    "lesson_file",
    "make_lesson_file",
    "missed",
    "one",
    "overview",
    "pause",
    "plan_lines",
    "preview",
    "problem_words",
    "quiz",
    "remind",
    "remind_one",
    "reminder",
    "studied",
    "study",
    "tell_total",
    "tomorrow",
    "total",
    "unfinished",
    "write",
]
