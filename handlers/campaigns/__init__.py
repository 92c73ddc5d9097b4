"""Study campaigns: lessons, reminders and quizzes for members, who is where for the committee."""

from handlers.campaigns.committee import FORM, preview
from handlers.campaigns.notices import make_up, remind, remind_one, tell_total

__all__ = ["FORM", "make_up", "preview", "remind", "remind_one", "tell_total"]
