"""The town's past, written through the same functions that the bot uses, at the time it happened.

At the end what was owed in the past counts as sent: people's chats begin today.
"""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.demo.stage import OWNER_ID, ROSTER, Resident, residents
from storage import (
    attendance,
    campaigns,
    groups,
    inbox,
    joining,
    meetings,
    questions,
    roster,
    roster_import,
    schedule,
    speakers,
)
from storage.attendance import Presence
from storage.campaigns import Campaign
from storage.inbox import TicketKind
from storage.meetings import MeetingKind, Plan, Seat
from storage.outbox import Notice, State
from storage.powers import Actor, Role
from storage.quiet import Quiet
from storage.roster import Person, Unit

ZONE = "Asia/Ho_Chi_Minh"
QUIET = Quiet("21:30-06:30", ZONE)
OWNER = Actor(OWNER_ID, owner=True)
HERE = Path(__file__).parent
PLACES = {
    "Chi bộ 1": "Nhà văn hóa Khu phố 1",
    "Chi bộ 2": "Phòng họp Trường Sông Trăng",
    "Chi bộ 3": "Trạm y tế phường",
}
MEETINGS_HELD = {"Chi bộ 1": 4, "Chi bộ 2": 3, "Chi bộ 3": 2}
CONCLUSION = (
    "Thống nhất dọn tuyến hẻm 12 trước ngày 25; đồng chí Sơn phụ trách. "
    "Mỗi tổ báo kết quả vào buổi sau."
)
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
    for branch, number in MEETINGS_HELD.items():
        for months in range(number, 0, -1):
            past.meeting_held(branch, now - timedelta(days=30 * months))
    past.campaign()
    past.tonight("Chi bộ 1")
    past.tickets()
    for branch, chat_id in chats.items():
        groups.link(session, OWNER, chat_id, past.unit(branch).id, now=now)
    _let_bygones_be(session, now)


class Past:
    """The town as it grows; the dice always fall the same way."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.dice = random.Random(40)
        self.residents = residents()
        self.ordinary = {each.name for each in self.residents if not each.position}

    def people(self) -> None:
        """The roster is imported, and those with an account have agreed long ago."""
        then = self.now - timedelta(days=200)
        rows = roster_import.read_roster(ROSTER.read_bytes(), ROSTER.name)
        plan = roster_import.plan(self.session, OWNER, rows, today=then.date())
        plan.raise_any()
        roster_import.apply(self.session, plan, actor=OWNER, now=then, today=then.date())
        for resident in self.residents:
            if resident.started:
                person = self.person(resident)
                roster.reached(person)
                joining.agree(self.session, person, now=then)

    def answers(self) -> None:
        """The base of questions."""
        file = HERE / "questions.csv"
        entries = questions.read(file.read_bytes(), file.name, today=self.now.date())
        questions.apply(self.session, OWNER, entries, now=self.now)

    def meeting_held(self, branch: str, day: datetime) -> None:
        """A meeting of the past: called, answered, attended, closed."""
        starts = day.replace(hour=19, minute=30)
        meeting_id = self._called(branch, starts, before=timedelta(days=5))
        self._excused(branch, meeting_id, starts - timedelta(days=2))
        secretary = self.secretary(branch, starts)
        opened = starts - timedelta(minutes=10)
        attendance.open_roll(self.session, secretary, meeting_id, now=opened)
        for seat, person in self._seats(meeting_id):
            if seat.leave is not None or self.dice.random() < 0.08:
                continue
            came = opened + timedelta(seconds=self.dice.randrange(60, 1200))
            if person.consented_at is not None:
                attendance.tap(self.session, self.actor(person, came), meeting_id, now=came)
            else:
                attendance.enter(
                    self.session, secretary, meeting_id, seat.id, Presence.PRESENT, now=came
                )
        ends = starts + timedelta(minutes=100)
        attendance.close(self.session, secretary, meeting_id, now=ends)
        attendance.conclude(self.session, secretary, meeting_id, CONCLUSION, now=ends)
        attendance.lock(self.session, secretary, meeting_id, now=ends + timedelta(days=1))

    def tonight(self, branch: str) -> None:
        """A meeting that is called for this evening; some have answered."""
        starts = self.now.replace(hour=19, minute=30)
        meeting_id = self._called(branch, starts, before=timedelta(days=3))
        answered = self.now - timedelta(days=1)
        for seat, person in self._seats(meeting_id)[3:9]:
            if person.consented_at is not None:
                actor = self.actor(person, answered)
                meetings.come(self.session, actor, seat.meeting_id, revision=0, now=answered)
        asking = next(each for each in self.residents if each.name == "Phan Văn Lộc")
        actor = self.actor(self.person(asking), answered)
        meetings.ask_leave(
            self.session, actor, meeting_id, "business", revision=0, quiet=QUIET, now=answered
        )

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
                self._studies(self.person(resident), campaign, began)

    def tickets(self) -> None:
        """Questions to the committee: two answered, two that wait."""
        asking = [each for each in self.residents if each.started and "Tổ" in each.unit]
        secretary = self.secretary("Chi bộ 1", self.now)
        for number, (text, answer) in enumerate(ASKED):
            asked = self.now - timedelta(days=6 - number, hours=number)
            ticket = inbox.send(
                self.session,
                self.actor(self.person(asking[number]), asked),
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

    # -- who is who ----------------------------------------------------------------------------

    def unit(self, branch: str) -> Unit:
        """A branch by its name."""
        path = next(each.unit for each in self.residents if each.branch == branch)
        return roster.unit_at(self.session, " / ".join(path.split(" / ")[:2]))

    def person(self, resident: Resident) -> Person:
        """The person on the roll."""
        return self.session.exec(select(Person).where(Person.full_name == resident.name)).one()

    def actor(self, person: Person, moment: datetime) -> Actor:
        """Who they were on that day."""
        account = person.telegram_id or 0
        return speakers.who(self.session, account, today=moment.date(), owner=False)

    def secretary(self, branch: str, moment: datetime) -> Actor:
        """The secretary of a branch on that day."""
        found = roster.holders(
            self.session,
            self.unit(branch).id,
            frozenset({Role.SECRETARY}),
            today=moment.date(),
        )
        return self.actor(found[0], moment)

    def _called(self, branch: str, starts: datetime, *, before: timedelta) -> int:
        called = (starts - before).replace(hour=10)
        meeting = meetings.call(
            self.session,
            self.secretary(branch, called),
            Plan(self.unit(branch).id, MeetingKind.REGULAR, starts, PLACES[branch]),
            token=f"demo-{branch}-{starts:%Y%m%d}",
            quiet=QUIET,
            now=called,
        )
        return meeting.id

    def _seats(self, meeting_id: int) -> list[tuple[Seat, Person]]:
        found = self.session.exec(
            select(Seat, Person)
            .join(Person, col(Person.id) == Seat.person_id)
            .where(Seat.meeting_id == meeting_id)
            .order_by(col(Seat.id))
        )
        return [(seat, person) for seat, person in found]

    def _excused(self, branch: str, meeting_id: int, moment: datetime) -> None:
        """One of those with an account asks leave, and gets it."""
        seat, person = self.dice.choice(
            [
                (seat, person)
                for seat, person in self._seats(meeting_id)
                if person.consented_at is not None and person.full_name in self.ordinary
            ]
        )
        reason = self.dice.choice(meetings.REASONS)
        actor = self.actor(person, moment)
        asked = meetings.ask_leave(
            self.session, actor, meeting_id, reason, revision=0, quiet=QUIET, now=moment
        )
        later = moment + timedelta(hours=2)
        meetings.decide(
            self.session,
            self.secretary(branch, later),
            seat.id,
            asked.requests,
            approve=True,
            now=later,
        )

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
                given = [(each + (not right)) % len(question.choices) for each in question.answer]
                quiz = campaigns.judge(
                    self.session, actor, quiz.run.id, question.id, given, now=moment
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
