"""Study campaigns: lessons, reminders and quizzes for members, who is where for the committee."""

from handlers.campaigns.committee import FORM, preview
from handlers.campaigns.notices import remind, remind_one, tell_total

__all__ = ["FORM", "preview", "remind", "remind_one", "tell_total"]
