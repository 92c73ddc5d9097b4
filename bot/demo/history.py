"""The town's past, written through the same functions that the bot uses, at the time it happened.

At the end what was owed in the past counts as sent: people's chats begin today.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlmodel import Session, col

from bot.demo.folk import OWNER, QUIET, ZONE, Folk
from bot.demo.sittings import Course, Sittings
from bot.demo.stage import ROSTER
from storage import campaigns, groups, inbox, joining, questions, roster, roster_import, schedule
from storage.campaigns import Campaign
from storage.inbox import TicketKind
from storage.meetings import MeetingKind
from storage.outbox import Notice, State
from storage.roster import Person

HERE = Path(__file__).parent
MEETINGS_HELD = {"Chi bộ 1": 5, "Chi bộ 2": 3, "Chi bộ 3": 2}
ASKED = (
    ("Đi công tác ba tháng thì đóng đảng phí ở đâu?", "Đồng chí đóng ở nơi đang sinh hoạt chính."),
    ("Buổi họp tới có ghép chuyên đề không?", "Có. Tài liệu gửi trước một ngày."),
    ("Xin giấy giới thiệu sinh hoạt nơi cư trú cần mang theo gì?", ""),
    ("Đề nghị dời giờ họp sớm hơn 30 phút được không?", ""),
)


def morning() -> datetime:
    """Nine o'clock of today: the town's day begins there, whatever the hour outside."""
    today = datetime.now(ZoneInfo(ZONE)).date()
    return datetime.combine(today, time(9), ZoneInfo(ZONE))


def write(session: Session, chats: dict[str, int], *, now: datetime) -> None:
    """Writes everything up to now; `chats` are the ids of the groups by branch."""
    past = Past(session, now)
    past.people()
    past.answers()
    past.sittings()
    past.campaign()
    past.tickets()
    for branch, chat_id in chats.items():
        groups.link(session, OWNER, chat_id, past.unit(branch).id, now=now)
    _let_bygones_be(session, now)


class Past(Folk):
    """The town as it grows, but for its meetings (`sittings`)."""

    def people(self) -> None:
        """The roster is imported, and those with an account have agreed long ago."""
        then = self.now - timedelta(days=200)
        rows = roster_import.read_roster(ROSTER.read_bytes(), ROSTER.name)
        plan = roster_import.plan(self.session, OWNER, rows, today=then.date())
        plan.raise_any()
        roster_import.apply(self.session, plan, actor=OWNER, now=then, today=then.date())
        for resident in self.residents:
            if resident.started:
                person = self.person(resident.name)
                roster.reached(person)
                joining.agree(self.session, person, now=then)

    def answers(self) -> None:
        """The base of questions."""
        file = HERE / "questions.csv"
        entries = questions.read(file.read_bytes(), file.name, today=self.now.date())
        questions.apply(self.session, OWNER, entries, now=self.now)

    def sittings(self) -> None:
        """Meetings month by month, one that dealt with a theme, and the one of this evening."""
        sittings = Sittings(self)
        for branch, number in MEETINGS_HELD.items():
            for months in range(number, 0, -1):
                course = Course(
                    branch,
                    self.now - timedelta(days=30 * months),
                    pace=0.8 if months == 3 else 1.0,
                    resolved=months,
                    fulfilled=months > 2,
                    asks=months == 1,
                    scored=months == 1,
                )
                sittings.held(course)
        theme = MeetingKind.THEMATIC
        lately = self.now - timedelta(days=9)
        sittings.held(Course("Chi bộ 1", lately, theme, fulfilled=False, signed=False))
        sittings.every_month("Chi bộ 2")
        sittings.tonight("Chi bộ 1")

    def campaign(self) -> None:
        """A study campaign under way, its first lesson behind most of them."""
        began = self.now - timedelta(days=10)
        days = {"starts": -10, "ends": 25, "due_1": -3, "due_2": 4, "due_3": 11, "due_4": 18}
        toml = (HERE / "campaign.toml").read_text("utf-8")
        for name, number in days.items():
            toml = toml.replace(f"{{{name}}}", f"{self.now.date() + timedelta(days=number)}")
        plan = campaigns.plan(self.session, campaigns.parse_campaign(toml.encode()), zone=ZONE)
        campaign = campaigns.apply(self.session, plan, actor=OWNER, zone=ZONE, now=began)
        if campaign is None:
            return
        for resident in self.residents:
            if resident.branch == "Chi bộ 1" and resident.started:
                self._studies(self.person(resident.name), campaign, began)

    def tickets(self) -> None:
        """Questions to the committee: two answered, two that wait."""
        asking = [each for each in self.residents if each.started and "Tổ" in each.unit]
        secretary = self.secretary("Chi bộ 1", self.now)
        for number, (text, answer) in enumerate(ASKED):
            asked = self.now - timedelta(days=6 - number, hours=number)
            ticket = inbox.send(
                self.session,
                self.actor(self.person(asking[number].name), asked),
                TicketKind.QUESTION if number < 3 else TicketKind.SUGGESTION,
                text,
                anonymous=False,
                form=f"demo-{number}",
                now=asked,
                zone=ZONE,
                quiet_hours=QUIET.line,
            )
            if answer:
                answered = asked + timedelta(hours=5)
                inbox.answer(self.session, secretary, ticket.id, answer, now=answered)

    def _studies(self, person: Person, campaign: Campaign, began: datetime) -> None:
        diligence = self.dice.randrange(0, 3)
        moment = began + timedelta(hours=self.dice.randrange(20, 160))
        actor = self.actor(person, moment)
        steps = campaigns.course_of(self.session, actor, campaign.id).steps[:diligence]
        for step in steps:
            campaigns.open_lesson(self.session, actor, step.lesson.id, now=moment)
            quiz = campaigns.play(self.session, actor, step.lesson.id, now=moment)
            while quiz.current is not None:
                question = quiz.current
                right = self.dice.random() < 0.8
                choice = question.answer if right else (question.answer + 1) % len(question.choices)
                quiz = campaigns.judge(
                    self.session, actor, quiz.run.id, question.id, choice, now=moment
                )


def _let_bygones_be(session: Session, now: datetime) -> None:
    """What the past owed has been sent, and what was to happen then has happened."""
    while schedule.claim_due(session, now=now):
        pass
    session.execute(
        update(Notice)
        .where(col(Notice.state) == State.QUEUED, col(Notice.due_at) < now)
        .where(col(Notice.kind) != "menu")  # menus are Telegram's, which knows of none yet
        .values(state=State.SENT, settled_at=now)
    )
