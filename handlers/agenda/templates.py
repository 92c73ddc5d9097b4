"""What a usual meeting of each kind takes, in the order in which it is taken.

Opening, report, discussion, tasks, vote on the conclusion, admissions, scores, minutes. Study comes
before the report. The minutes of each are a proposal, and together as long as the rule wants.
"""

from __future__ import annotations

from dataclasses import dataclass

from handlers.text import Text, _
from storage.agenda import Content
from storage.meetings import MeetingKind


@dataclass(frozen=True, slots=True)
class Usual:
    """One usual point."""

    title: Text
    content: Content
    minutes: int


OPENING = _("Opening: reason, minute-taker, attendance, agenda approved")
DISCUSSION = _("Discussion; self-criticism and criticism")
CONCLUSION = _("Conclusion, and the vote on it")
ADMISSIONS = _("Admissions and members' matters")
SCORES = _("Scoring the session")
MINUTES = _("Approving the minutes")

TEMPLATES: dict[MeetingKind, tuple[Usual, ...]] = {
    MeetingKind.REGULAR: (
        Usual(OPENING, Content.LEADERSHIP, 10),
        Usual(_("News; study and follow"), Content.STUDY, 15),
        Usual(_("Report on the past month"), Content.PROFESSIONAL, 10),
        Usual(DISCUSSION, Content.LEADERSHIP, 20),
        Usual(_("Tasks of the coming month"), Content.PROFESSIONAL, 15),
        Usual(CONCLUSION, Content.LEADERSHIP, 5),
        Usual(ADMISSIONS, Content.MEMBERS, 10),
        Usual(SCORES, Content.LEADERSHIP, 5),
        Usual(MINUTES, Content.LEADERSHIP, 5),
    ),
    MeetingKind.THEMATIC: (
        Usual(OPENING, Content.LEADERSHIP, 10),
        Usual(_("Report on the theme"), Content.STUDY, 30),
        Usual(_("Discussion of the theme"), Content.STUDY, 30),
        Usual(_("What is to be done about it"), Content.LEADERSHIP, 10),
        Usual(CONCLUSION, Content.LEADERSHIP, 5),
        Usual(SCORES, Content.LEADERSHIP, 5),
        Usual(MINUTES, Content.LEADERSHIP, 5),
    ),
    MeetingKind.JOINT: (
        Usual(OPENING, Content.LEADERSHIP, 10),
        Usual(_("News; study and follow"), Content.STUDY, 10),
        Usual(_("Report on the theme"), Content.STUDY, 25),
        Usual(_("Discussion of the theme"), Content.STUDY, 20),
        Usual(_("Report on the past month"), Content.PROFESSIONAL, 10),
        Usual(DISCUSSION, Content.LEADERSHIP, 15),
        Usual(_("Tasks of the coming month"), Content.PROFESSIONAL, 10),
        Usual(CONCLUSION, Content.LEADERSHIP, 5),
        Usual(ADMISSIONS, Content.MEMBERS, 5),
        Usual(SCORES, Content.LEADERSHIP, 5),
        Usual(MINUTES, Content.LEADERSHIP, 5),
    ),
    MeetingKind.COMMITTEE: (
        Usual(OPENING, Content.LEADERSHIP, 5),
        Usual(_("Report on the past month"), Content.PROFESSIONAL, 10),
        Usual(DISCUSSION, Content.LEADERSHIP, 20),
        Usual(_("Tasks of the coming month"), Content.PROFESSIONAL, 10),
        Usual(CONCLUSION, Content.LEADERSHIP, 5),
        Usual(ADMISSIONS, Content.MEMBERS, 5),
        Usual(MINUTES, Content.LEADERSHIP, 5),
    ),
    MeetingKind.EXTRAORDINARY: (
        Usual(OPENING, Content.LEADERSHIP, 5),
        Usual(_("Report on the matter at hand"), Content.LEADERSHIP, 15),
        Usual(_("Discussion of the matter"), Content.LEADERSHIP, 20),
        Usual(CONCLUSION, Content.LEADERSHIP, 10),
        Usual(MINUTES, Content.LEADERSHIP, 5),
    ),
    MeetingKind.CONGRESS: (
        Usual(OPENING, Content.LEADERSHIP, 15),
        Usual(_("Report on the term"), Content.LEADERSHIP, 40),
        Usual(DISCUSSION, Content.LEADERSHIP, 60),
        Usual(_("Tasks of the coming term"), Content.LEADERSHIP, 20),
        Usual(_("Election of the committee"), Content.MEMBERS, 60),
        Usual(_("Resolution, and the vote on it"), Content.LEADERSHIP, 15),
        Usual(MINUTES, Content.LEADERSHIP, 10),
    ),
}
