"""The demo: a page within seconds, people who can press buttons, nothing left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlmodel import Session, col, func, select

from bot.demo import history, stage
from bot.demo.past import PROFILE, ZONE
from bot.simulator.client import Person, World
from storage import migrate, minutes, roster
from storage.agenda import Content, Point
from storage.attendance import Correction
from storage.campaigns import Progress
from storage.db import Database
from storage.deputies import Deputy
from storage.inbox import Ticket
from storage.meetings import Answer, How, Leave, Meeting, MeetingKind, MeetingState, Seat
from storage.minutes import Confirmation, Erratum
from storage.opinions import Opinion
from storage.outbox import Notice, State
from storage.papers import Paper, Sent
from storage.polls import Poll
from storage.quality import SheetState, rating
from storage.quality.tables import Sheet
from storage.questions import Entry
from storage.roster import Person as OnRoll
from storage.roster import Unit
from storage.series import Series
from storage.tasks import Task

pytestmark = pytest.mark.xdist_group("demo")  # one demo for all of them
MORNING = datetime(2026, 8, 13, 9, tzinfo=ZoneInfo(ZONE))
PAPERS = [Sent("file-1", "unique-1", "Báo cáo.txt")]


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Session]:
    """The town's database, as it stands when the demo opens."""
    url = f"sqlite:///{tmp_path / 'chibo.db'}"
    migrate.upgrade(url)
    database = Database(url)
    database.run(lambda session: history.write(session, {"Chi bộ 1": -5}, PAPERS, now=MORNING))
    with Session(database.engine) as session:
        yield session
    database.close()


def count(session: Session, table: type, *conditions: object) -> int:
    return session.exec(select(func.count()).select_from(table).where(*conditions)).one()


def test_the_town_has_forty_people_and_a_past(past: Session) -> None:
    assert count(past, OnRoll) == 40
    assert count(past, Entry) >= 30
    assert count(past, Meeting, Meeting.state == MeetingState.CLOSED) >= 6
    assert count(past, Meeting, Meeting.state == MeetingState.CALLED) == 1
    assert count(past, Progress, col(Progress.done_at).is_not(None)) > 0
    answered = count(past, Ticket, col(Ticket.answer).is_not(None))
    assert 0 < answered < count(past, Ticket)


def test_the_town_has_three_branches(past: Session) -> None:
    party = roster.roots(past)
    below = past.exec(select(Unit.name).where(Unit.parent_id == party[0].id)).all()
    assert (len(party), sorted(below)) == (1, ["Chi bộ 1", "Chi bộ 2", "Chi bộ 3"])


def test_nothing_of_the_past_is_sent_today_but_minutes_that_wait(past: Session) -> None:
    due = (Notice.state == State.QUEUED) & (col(Notice.due_at) <= MORNING)
    kinds = past.exec(select(Notice.kind).where(due).distinct()).all()
    assert sorted(kinds) == ["menu", "minutes.confirm"]
    asked = past.exec(select(Notice.person_id).where(due, Notice.kind == minutes.CONFIRM)).all()
    unconfirmed = select(Confirmation.person_id).where(col(Confirmation.confirmed_at).is_(None))
    assert sorted(map(str, asked)) == sorted(map(str, past.exec(unconfirmed).all()))


def latest(session: Session, kind: MeetingKind, branch: str = "Chi bộ 1") -> Meeting:
    """The last meeting of this kind that a branch has held."""
    return session.exec(
        select(Meeting)
        .join(Unit, col(Unit.id) == Meeting.unit_id)
        .where(Unit.name == branch, Meeting.kind == kind, Meeting.state == MeetingState.CLOSED)
        .order_by(col(Meeting.starts_at).desc())
    ).all()[0]


def test_the_town_has_met_month_by_month_and_spoken_of_everything(past: Session) -> None:
    held = past.exec(select(Meeting).where(Meeting.state == MeetingState.CLOSED)).all()
    assert all(each.begun_at and each.ended_at and each.conclusion for each in held)
    assert all(each.chair_id and each.minute_taker_id for each in held)
    first = latest(past, MeetingKind.REGULAR).unit_id
    months = {each.starts_at.month for each in held if each.unit_id == first}
    assert len(months) >= 6
    points = past.exec(select(Point).where(col(Point.done_at).is_not(None))).all()
    assert {each.content for each in points} == set(Content)
    assert all(each.minutes for each in points)


def test_people_were_late_left_early_and_were_marked_in_every_way(past: Session) -> None:
    assert count(past, Seat, col(Seat.late).is_(True)) >= 6
    assert count(past, Seat, col(Seat.left_at).is_not(None)) >= 3
    ways = set(past.exec(select(Seat.how).where(col(Seat.how).is_not(None))).all())
    assert ways == {How.TAP, How.COMMITTEE, How.PAPER, How.DEPUTY}
    assert count(past, Deputy) == 1
    decided = past.exec(select(Correction.granted).order_by(col(Correction.id))).all()
    assert sorted(map(str, decided)) == ["None", "True"]  # one waits


def test_what_was_resolved_is_done_late_and_still_ahead(past: Session) -> None:
    tasks = past.exec(select(Task)).all()
    today = MORNING.date()
    assert sum(each.proof is not None and not each.open for each in tasks) >= 2
    assert sum(each.overdue(today) > 0 for each in tasks) == 1
    assert sum(each.open and each.due > today for each in tasks) >= 2


def test_the_last_regular_meeting_was_asked_rated_scored_and_is_final(past: Session) -> None:
    meeting = latest(past, MeetingKind.REGULAR)
    assert meeting.locked_at is not None
    assert count(past, Confirmation, Confirmation.meeting_id == meeting.id) == 2
    assert count(past, Erratum, Erratum.meeting_id == meeting.id) == 1
    sheet = past.exec(select(Sheet.state).where(Sheet.meeting_id == meeting.id)).one()
    assert sheet == SheetState.AGREED
    assert rating.ratings(past, PROFILE, meeting, now=MORNING).shown
    poll = past.exec(select(Poll).where(Poll.meeting_id == meeting.id)).one()
    assert poll.closed_at is not None
    assert sum(poll.totals or ()) >= 5


def test_the_minutes_of_the_theme_wait_for_the_chair_alone(past: Session) -> None:
    meeting = latest(past, MeetingKind.THEMATIC)
    standing = minutes.standing(past, meeting, profile=PROFILE, now=MORNING)
    assert [each.confirmed for each in standing.signers] == [False, True]
    assert (meeting.locked_at, standing.undecided, standing.overdue) == (None, 0, False)


def test_tonights_meeting_is_prepared_and_answered(past: Session) -> None:
    tonight = past.exec(select(Meeting).where(Meeting.state == MeetingState.CALLED)).one()
    here = Seat.meeting_id == tonight.id
    assert tonight.starts_at.astimezone(ZoneInfo(ZONE)).date() == MORNING.date()
    assert count(past, Point, Point.meeting_id == tonight.id) >= 5
    assert count(past, Paper, Paper.meeting_id == tonight.id) == len(PAPERS)
    assert count(past, Opinion, Opinion.meeting_id == tonight.id) == 2
    assert count(past, Seat, here, Seat.answer == Answer.ONLINE) == 1
    assert count(past, Seat, here, col(Seat.answered_by).is_not(None)) == 1
    assert count(past, Seat, here, Seat.leave == Leave.PENDING) == 1
    refused = select(Seat.decision_reason).where(here, Seat.leave == Leave.REFUSED)
    assert past.exec(refused).one()


def test_one_branch_meets_by_a_series_and_its_months_ahead_are_there(past: Session) -> None:
    running = past.exec(select(Series)).one()
    assert (running.weekday, running.nth) == (3, 1)
    assert count(past, Meeting, Meeting.state == MeetingState.DRAFT) >= 2


@pytest.mark.parametrize("day", ["2026-12-31", "2027-02-10", "2028-02-29"])
def test_the_town_can_be_opened_on_any_day(tmp_path: Path, day: str) -> None:
    """The end of a year, after Tết, a leap day: everything finds a day of its own."""
    url = f"sqlite:///{tmp_path / 'chibo.db'}"
    migrate.upgrade(url)
    database = Database(url)
    now = datetime.fromisoformat(day).replace(hour=9, tzinfo=ZoneInfo(ZONE))
    database.run(lambda session: history.write(session, {}, now=now))
    with Session(database.engine) as session:
        assert count(session, Meeting, Meeting.state == MeetingState.CLOSED) >= 10
    database.close()


@dataclass
class Demo:
    process: subprocess.Popen[str]
    url: str

    def world(self) -> World:
        """The world behind the page, once the town is open."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "Ctrl-C" in line:
                break
        page = str(httpx.get(self.url, trust_env=False, follow_redirects=True).url)
        key = page.rstrip("/").rpartition("/")[2].partition("?")[0]
        return World(self.url, key, key)  # the id opens it as well as the token

    def bots(self) -> list[int]:
        """The processes that the demo has started."""
        task = Path(f"/proc/{self.process.pid}/task")
        children = [each / "children" for each in task.iterdir()]
        return [int(pid) for each in children for pid in each.read_text().split()]


def started(folder: Path) -> Demo:
    """A demo of its own, on a port that is free."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if name[:6] != "CHIBO_"}
    environment |= {"TMPDIR": str(folder), "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "demo", "--port", str(port)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Demo(process, f"http://127.0.0.1:{port}")


def living(processes: list[int]) -> list[int]:
    """Those that still run; one that has ended and is not yet buried does not."""
    found = []
    for pid in processes:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            found += [pid] if state != "Z" else []
    return found


def until_the_page_answers(demo: Demo) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            httpx.get(demo.url, trust_env=False)
            return
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    running = started(folder)
    until_the_page_answers(running)
    yield running
    bots = running.bots()
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(40) == 0
    assert living(bots) == []
    assert [each.name for each in folder.iterdir()] == []


def test_the_page_answers_within_seconds(demo: Demo) -> None:
    answer = httpx.get(demo.url, trust_env=False, follow_redirects=True)
    assert answer.status_code == 200
    assert "html" in answer.headers["content-type"]


@pytest.fixture(scope="module")
def world(demo: Demo) -> World:
    return demo.world()


def by_name(world: World, name: str) -> Person:
    account = next(each.account for each in stage.residents() if each.name == name)
    assert account is not None
    return world.find_person(account)


def test_everybody_who_is_in_sees_home_and_the_keyboard(world: World) -> None:
    for resident in stage.residents():
        if resident.started and resident.account is not None:
            person = world.find_person(resident.account)
            assert person.keyboard, person.transcript()
            assert any(
                "Sông Trăng" in str(each) or "Chi bộ" in str(each) or "Tổ" in str(each)
                for each in person.messages()
            )


def test_a_member_can_press_buttons(world: World) -> None:
    huong = by_name(world, "Nguyễn Thị Hương")
    huong.send("Lịch họp")
    huong.wait_for("Nhà văn hóa")
    huong.press("Báo vắng")
    huong.wait_for("lý do")


def test_a_member_finds_what_the_last_meeting_has_given_her(world: World) -> None:
    huong = by_name(world, "Nguyễn Thị Hương")
    huong.send("/viec")
    huong.wait_for("Khảo sát đèn đường hẻm 8, báo khu phố – quá hạn")


def test_a_secretary_finds_minutes_to_confirm_and_they_are_final_then(world: World) -> None:
    minh = by_name(world, "Nguyễn Văn Minh")
    minh.wait_for("xác nhận biên bản họp")
    minh.press("Xác nhận")
    minh.wait_for("Đã chốt biên bản.")


def test_a_secretary_finds_everything_behind_tonights_meeting(world: World) -> None:
    minh = by_name(world, "Nguyễn Văn Minh")
    minh.send("Quản lý")
    minh.wait_for("Đồng chí muốn làm việc gì?")
    minh.press("Các cuộc họp")
    listed = minh.wait_for("sắp họp")
    minh.press(next(each for each in listed.buttons if each.startswith("Họp ")))
    minh.wait_for("Trong đó trực tuyến: 1")
    minh.press("Chuẩn bị")
    desk = minh.wait_for("CHUẨN BỊ").text
    for line in ("Tài liệu: 2", "Việc còn dở từ trước: 3", "Ý kiến trước họp: 2"):
        assert line in desk
    minh.press("Tài liệu")
    minh.wait_for("Goi y thao luan")


def test_a_question_without_accents_finds_its_answer(world: World) -> None:
    huong = by_name(world, "Phạm Đức Thắng")
    huong.send("tuoi dang tinh tu ngay nao")
    huong.wait_for("Tuổi đảng tính từ ngày nào")


def test_a_secretary_has_the_row_of_the_committee(world: World) -> None:
    minh = by_name(world, "Nguyễn Văn Minh")
    assert ["Quản lý", "Hộp thư"] in minh.keyboard


def test_a_demo_that_is_killed_outright_takes_its_bot_along(tmp_path: Path) -> None:
    killed = started(tmp_path)
    try:
        killed.world()  # the town is open: its bot runs
        bots = killed.bots()
        assert living(bots) == bots != []
    finally:
        killed.process.kill()
        killed.process.wait(10)
    deadline = time.monotonic() + 10
    while living(bots):
        assert time.monotonic() < deadline, "the bot has outlived its demo"
        time.sleep(0.05)


def test_a_port_that_is_taken_is_one_line(demo: Demo) -> None:
    port = demo.url.rpartition(":")[2]
    second = subprocess.run(
        [sys.executable, "-m", "bot", "demo", "--port", port],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert second.returncode == 1
    assert port in second.stderr
    assert "Traceback" not in second.stderr
