"""The meetings of the town's past, each from its notice to its minutes, and the one of tonight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import select

from bot.demo.folk import PROFILE, QUIET, Folk
from handlers.agenda.templates import TEMPLATES
from handlers.text import Reader
from storage import (
    agenda,
    attendance,
    chairing,
    deputies,
    meetings,
    minutes,
    opinions,
    polls,
    quality,
    series,
    tasks,
)
from storage.agenda import Item
from storage.attendance import Presence
from storage.chairing import Part
from storage.meetings import MeetingKind, Plan
from storage.minutes import Confirmation
from storage.powers import Actor, Role
from storage.quality import Criterion, rating
from storage.roster import Person
from storage.series import Pattern

PLACES = {
    "Chi bộ 1": "Nhà văn hóa Khu phố 1",
    "Chi bộ 2": "Phòng họp Trường Sông Trăng",
    "Chi bộ 3": "Trạm y tế phường",
}
CONCLUSION = (
    "Thống nhất dọn tuyến hẻm 12 trước ngày 25; đồng chí Sơn phụ trách. "
    "Mỗi tổ báo kết quả vào buổi sau."
)
RESOLUTIONS = (
    ("Dọn vệ sinh tuyến hẻm 12", "Xong cả tuyến, 20 người tham gia"),
    ("Thăm gia đình chính sách dịp lễ", "Đã thăm 6 gia đình"),
    ("Lập danh sách hộ cần hỗ trợ học phí", "Danh sách 12 hộ, đã gửi phường"),
    ("Vận động hiến đất mở rộng hẻm", "Bốn hộ đã ký"),
)
POLL = ("Sửa sân nhà văn hóa vào tháng nào?", ("Tháng này", "Tháng sau", "Sau Tết"))
POINTS = {
    Criterion.PREPARATION: 14,
    Criterion.ATTENDANCE: 17,
    Criterion.CONDUCT: 40,
    Criterion.CLOSING: 19,
}
RATINGS = 7  # of those who are asked for one
LATE = timedelta(minutes=17)  # after the start: two minutes more than the rule allows


@dataclass(frozen=True, slots=True)
class Course:
    """How a meeting of the past went."""

    branch: str
    day: datetime
    kind: MeetingKind = MeetingKind.REGULAR
    pace: float = 1.0  # of the agenda: below one it was short
    resolved: int = 0  # which of the resolutions it made
    fulfilled: bool = True  # and whether that has been done
    asks: bool = False  # for a show of hands
    scored: bool = True  # by its members and its committee
    signed: bool = True  # by both who sign the minutes

    @property
    def starts(self) -> datetime:
        """Half past seven in the evening."""
        return self.day.replace(hour=19, minute=30)


class Sittings:
    """Plays them."""

    def __init__(self, folk: Folk) -> None:
        self.folk, self.session, self.dice = folk, folk.session, folk.dice

    def held(self, course: Course) -> None:
        """A meeting of the past: called, answered, attended, run by its agenda, written down."""
        starts = course.starts
        meeting_id = self._called(course.branch, starts, course.kind, before=timedelta(days=5))
        self._prepared(course.branch, meeting_id, starts - timedelta(days=4))
        self._excused(course.branch, meeting_id, starts - timedelta(days=2))
        secretary = self.folk.secretary(course.branch, starts)
        self._attended(secretary, meeting_id, starts)
        ends = self._run(secretary, meeting_id, course)
        attendance.close(self.session, secretary, meeting_id, now=ends)
        attendance.conclude(self.session, secretary, meeting_id, CONCLUSION, now=ends)
        if course.scored:
            self._scored(secretary, meeting_id, ends)
        self._written(secretary, meeting_id, course, ends + timedelta(hours=12))

    def tonight(self, branch: str) -> None:
        """A meeting that is called for this evening, prepared; some have answered."""
        now = self.folk.now
        starts, answered = now.replace(hour=19, minute=30), now - timedelta(days=1)
        meeting_id = self._called(branch, starts, MeetingKind.REGULAR, before=timedelta(days=3))
        self._prepared(branch, meeting_id, answered)
        secretary = self.folk.secretary(branch, answered)
        link = "https://hop.example.vn/chi-bo-1"
        meetings.allow_online(self.session, secretary, meeting_id, link=link, now=answered)
        said = [each for each in self.folk.seats(meeting_id)[3:9] if each[1].consented_at]
        for place, (_seat, person) in enumerate(said):
            actor = self.folk.actor(person, answered)
            meetings.come(
                self.session, actor, meeting_id, revision=0, online=place == 1, now=answered
            )
        self._answered_for(meeting_id, answered)
        actor = self.folk.named("Phan Văn Lộc", answered)
        meetings.ask_leave(
            self.session, actor, meeting_id, "business", revision=0, quiet=QUIET, now=answered
        )
        opinions.send(
            self.session,
            self.folk.named("Bùi Xuân Khoa", answered),
            meeting_id,
            "Đề nghị bàn thêm việc chiếu sáng hẻm 12, buổi tối đi lại khó.",
            token=f"demo-opinion-{meeting_id}",
            now=answered,
        )

    def every_month(self, branch: str) -> None:
        """A branch that meets on the first Thursday of each month."""
        then = self.folk.now - timedelta(days=20)
        plan = series.Plan(
            self.folk.unit(branch).id,
            MeetingKind.REGULAR,
            Pattern(weekday=3, nth=1),
            "19:30",
            PLACES[branch],
        )
        secretary = self.folk.secretary(branch, then)
        series.start(
            self.session, secretary, plan, token=f"demo-series-{branch}", quiet=QUIET, now=then
        )

    # -- before --------------------------------------------------------------------------------

    def _called(
        self, branch: str, starts: datetime, kind: MeetingKind, *, before: timedelta
    ) -> int:
        called = (starts - before).replace(hour=10)
        meeting = meetings.call(
            self.session,
            self.folk.secretary(branch, called),
            Plan(self.folk.unit(branch).id, kind, starts, PLACES[branch]),
            token=f"demo-{branch}-{starts:%Y%m%d}",
            quiet=QUIET,
            now=called,
        )
        return meeting.id

    def _prepared(self, branch: str, meeting_id: int, moment: datetime) -> None:
        """The usual agenda, and who takes the minutes."""
        secretary, reader = self.folk.secretary(branch, moment), Reader("vi")
        kind = meetings.managed(self.session, secretary, meeting_id).kind
        usual = TEMPLATES[MeetingKind(kind)]
        items = [Item(reader.plain(each.title), each.content, each.minutes) for each in usual]
        agenda.fill(self.session, secretary, meeting_id, items)
        others = self.folk.committee(branch, moment, Role.DEPUTY, Role.COMMITTEE)
        chairing.name(self.session, secretary, meeting_id, Part.MINUTES, others[0].id, now=moment)

    def _excused(self, branch: str, meeting_id: int, moment: datetime) -> None:
        """Two of those with an account ask leave; one gets it, the other is asked to come."""
        fitting = [
            (seat, person)
            for seat, person in self.folk.seats(meeting_id)
            if person.consented_at is not None and person.full_name in self.folk.ordinary
        ]
        for granted, (seat, person) in zip(
            (True, False), self.dice.sample(fitting, 2), strict=True
        ):
            asked = meetings.ask_leave(
                self.session,
                self.folk.actor(person, moment),
                meeting_id,
                self.dice.choice(meetings.REASONS),
                revision=0,
                quiet=QUIET,
                now=moment,
            )
            later = moment + timedelta(hours=2)
            meetings.decide(
                self.session,
                self.folk.secretary(branch, later),
                seat.id,
                asked.requests,
                approve=granted,
                reason=None if granted else "Buổi này bàn việc của tổ đồng chí, mong đồng chí dự",
                now=later,
            )

    def _answered_for(self, meeting_id: int, moment: datetime) -> None:
        """An elder without a telephone has named somebody who answers."""
        elder, named = self.folk.person("Mai Đình Quý"), self.folk.person("Trịnh Thị Hạnh")
        secretary = self.folk.secretary("Chi bộ 1", moment)
        deputies.name(self.session, secretary, elder.id, named.id, now=moment)
        actor = self.folk.actor(named, moment)
        meetings.come(self.session, actor, meeting_id, revision=0, elder=elder.id, now=moment)

    # -- in the room ---------------------------------------------------------------------------

    def _attended(self, secretary: Actor, meeting_id: int, starts: datetime) -> None:
        """Most come in time, one late, some not at all; who has no telephone is entered."""
        opened = starts - timedelta(minutes=10)
        attendance.open_roll(self.session, secretary, meeting_id, profile=PROFILE, now=opened)
        tardy = self.dice.randrange(4, 9)
        for place, (seat, person) in enumerate(self.folk.seats(meeting_id)):
            if seat.leave == "approved" or self.dice.random() < 0.06:
                continue
            came = opened + timedelta(seconds=self.dice.randrange(60, 1200))
            if place == tardy:
                came = starts + LATE
            if person.consented_at is not None:
                actor = self.folk.actor(person, came)
                attendance.tap(self.session, actor, meeting_id, now=came)
            else:
                attendance.enter(
                    self.session, secretary, meeting_id, seat.id, Presence.PRESENT, now=came
                )

    def _run(self, secretary: Actor, meeting_id: int, course: Course) -> datetime:
        """Point by point; returns when the session ended."""
        moment = course.starts + timedelta(minutes=2)
        agenda.begin(self.session, secretary, meeting_id, now=moment)
        for point in agenda.points(self.session, meeting_id):
            planned = (point.planned or 5) * course.pace
            moment += timedelta(minutes=planned * self.dice.uniform(0.9, 1.2))
            agenda.done(self.session, secretary, point.id, now=moment)
        if course.asks:
            self._show_of_hands(secretary, meeting_id, moment - timedelta(minutes=20))
        agenda.end(self.session, secretary, meeting_id, now=moment)
        self._resolved(secretary, meeting_id, course, moment)
        return moment

    def _resolved(
        self, secretary: Actor, meeting_id: int, course: Course, moment: datetime
    ) -> None:
        text, proof = RESOLUTIONS[course.resolved % len(RESOLUTIONS)]
        owner = self.dice.choice(self._with_account(meeting_id))
        task = tasks.give(
            self.session,
            secretary,
            meeting_id,
            text,
            owner.id,
            moment.date() + timedelta(days=20),
            token=f"demo-task-{meeting_id}",
            quiet=QUIET,
            now=moment,
        )
        if course.fulfilled:
            then = moment + timedelta(days=11)
            actor = self.folk.actor(owner, then)
            tasks.done(self.session, actor, task.id, proof, quiet=QUIET, now=then)

    def _show_of_hands(self, secretary: Actor, meeting_id: int, moment: datetime) -> None:
        question, options = POLL
        poll = polls.hold(
            self.session,
            secretary,
            meeting_id,
            question,
            options,
            minutes=10,
            live=False,
            token=f"demo-poll-{meeting_id}",
            quiet=QUIET,
            now=moment,
        )
        for person in self._with_account(meeting_id):
            actor = self.folk.actor(person, moment)
            choice = self.dice.choice((0, 1, 1, 2))
            polls.answer(self.session, actor, poll.id, choice, now=moment + timedelta(minutes=2))
        polls.close(self.session, secretary, poll.id, now=moment + timedelta(minutes=9))

    def _with_account(self, meeting_id: int) -> list[Person]:
        """Who was there and has let the bot write."""
        found = self.folk.seats(meeting_id)
        return [
            person
            for seat, person in found
            if seat.present_at is not None and person.consented_at is not None
        ]

    # -- after ---------------------------------------------------------------------------------

    def _scored(self, secretary: Actor, meeting_id: int, ends: datetime) -> None:
        """Everybody rates the session without a name; the committee scores it with the members."""
        for person in self._with_account(meeting_id)[:RATINGS]:
            paper = rating.paper(self.session, meeting_id)
            taps = "".join(self.dice.choice("ggggf") for _question in range(rating.QUESTIONS))
            actor, moment = self.folk.actor(person, ends), ends + timedelta(minutes=30)
            rating.rate(self.session, actor, PROFILE, meeting_id, paper, taps, now=moment)
        for criterion, points in POINTS.items():
            quality.propose(
                self.session, secretary, PROFILE, meeting_id, criterion, points, now=ends
            )
        quality.ask(self.session, secretary, PROFILE, meeting_id, quiet=QUIET, now=ends)
        later = ends + timedelta(hours=11)
        for person in self._with_account(meeting_id)[:6]:
            actor = self.folk.actor(person, later)
            quality.answer(self.session, actor, meeting_id, 0, None, now=later)
        quality.agree(self.session, secretary, PROFILE, meeting_id, 0, quiet=QUIET, now=later)

    def _written(self, secretary: Actor, meeting_id: int, course: Course, moment: datetime) -> None:
        """The minutes are sent to both who sign them; with both words they are final."""
        minutes.send(self.session, secretary, meeting_id, profile=PROFILE, quiet=QUIET, now=moment)
        asked = self.session.exec(
            select(Confirmation).where(Confirmation.meeting_id == meeting_id)
        ).all()
        for each in asked if course.signed else asked[:1]:
            signer = self.session.get_one(Person, each.person_id)
            later = moment + timedelta(hours=3)
            actor = self.folk.actor(signer, later)
            minutes.confirm(self.session, actor, each.id, profile=PROFILE, now=later)
