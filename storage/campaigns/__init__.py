"""Study campaigns: lessons with their days, reminders that do not nag, quizzes.

`tables` has the rows and `rules` the written policy; `file` and `importing` read a campaign's
TOML; `studying` and `quizzing` are what members do, `reminding` is what happens by itself, and
`following` is what the committee sees. Other floors import from here.
"""

from storage.campaigns.file import (
    CampaignError,
    CampaignFile,
    Problem,
    parse_campaign,
    without_attachments,
)
from storage.campaigns.following import Overview, Standing, followed, overview
from storage.campaigns.importing import ImportPlan, apply, import_campaign, plan
from storage.campaigns.quizzing import (
    Judged,
    Quiz,
    UnitResult,
    attempt_of,
    judge,
    play,
    try_again,
    unit_result,
)
from storage.campaigns.reminding import (
    TOMORROW,
    TOTAL,
    Total,
    remind,
    remind_one,
    remind_tomorrow,
    still_to_do,
    tell_total,
    total_of,
)
from storage.campaigns.rules import day_of, overdue
from storage.campaigns.studying import (
    REMINDER,
    Course,
    Step,
    Todo,
    attachment,
    course,
    course_of,
    has_quiz,
    lesson_for,
    mark_done,
    mine,
    open_lesson,
    record_of,
    todo,
)
from storage.campaigns.tables import (
    Campaign,
    Lesson,
    LessonFile,
    Progress,
    QuizAnswer,
    QuizQuestion,
    QuizRun,
)

__all__ = [
    "REMINDER",
    "TOMORROW",
    "TOTAL",
    "Campaign",
    "CampaignError",
    "CampaignFile",
    "Course",
    "ImportPlan",
    "Judged",
    "Lesson",
    "LessonFile",
    "Overview",
    "Problem",
    "Progress",
    "Quiz",
    "QuizAnswer",
    "QuizQuestion",
    "QuizRun",
    "Standing",
    "Step",
    "Todo",
    "Total",
    "UnitResult",
    "apply",
    "attachment",
    "attempt_of",
    "course",
    "course_of",
    "day_of",
    "followed",
    "has_quiz",
    "import_campaign",
    "judge",
    "lesson_for",
    "mark_done",
    "mine",
    "open_lesson",
    "overdue",
    "overview",
    "parse_campaign",
    "plan",
    "play",
    "record_of",
    "remind",
    "remind_one",
    "remind_tomorrow",
    "still_to_do",
    "tell_total",
    "todo",
    "total_of",
    "try_again",
    "unit_result",
    "without_attachments",
]
