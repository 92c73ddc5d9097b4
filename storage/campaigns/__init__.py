"""Study campaigns: lessons with their days, reminders that do not nag, quizzes.

`tables` has the rows and `rules` the written policy; `file` and `importing` read a campaign's
TOML; `studying` and `quizzing` are what members do, `reminding` is what happens by itself, and
`following` is what the committee sees. Other floors import from here.
"""

from storage.campaigns.file import (
    CampaignError,
    CampaignFile,
    Problem,
    campaign_of,
    parse_campaign,
    read_attachments,
    unreadable,
    without_attachments,
)
from storage.campaigns.following import LessonTally, Overview, Standing, followed, overview
from storage.campaigns.importing import ImportPlan, apply, import_campaign, plan
from storage.campaigns.planning import TOTAL
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
from storage.campaigns.reminding import remind, remind_one, remind_tomorrow, still_to_do
from storage.campaigns.rules import day_of, overdue, runs
from storage.campaigns.silencing import allow, silenced, stop, stopped
from storage.campaigns.studying import (
    REMINDER,
    TOMORROW,
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
    LessonPart,
    Progress,
    QuizAnswer,
    QuizQuestion,
    QuizRun,
    Silence,
)
from storage.campaigns.totals import Total, tell_total, total_of

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
    "LessonPart",
    "LessonTally",
    "Overview",
    "Problem",
    "Progress",
    "Quiz",
    "QuizAnswer",
    "QuizQuestion",
    "QuizRun",
    "Silence",
    "Standing",
    "Step",
    "Todo",
    "Total",
    "UnitResult",
    "allow",
    "apply",
    "attachment",
    "attempt_of",
    "campaign_of",
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
    "read_attachments",
    "record_of",
    "remind",
    "remind_one",
    "remind_tomorrow",
    "runs",
    "silenced",
    "still_to_do",
    "stop",
    "stopped",
    "tell_total",
    "todo",
    "total_of",
    "try_again",
    "unit_result",
    "unreadable",
    "without_attachments",
]
