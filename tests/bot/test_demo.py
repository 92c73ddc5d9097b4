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

from bot.demo import folk, history, stage
from bot.simulator.client import Person, World
from storage import migrate, roster
from storage.agenda import Point
from storage.campaigns import Progress
from storage.db import Database
from storage.deputies import Deputy
from storage.inbox import Ticket
from storage.meetings import Answer, Leave, Meeting, MeetingKind, MeetingState, Seat
from storage.minutes import Confirmation
from storage.opinions import Opinion
from storage.outbox import Notice, State
from storage.polls import Poll
from storage.quality.tables import Sheet, SheetState
from storage.questions import Entry
from storage.roster import Person as OnRoll
from storage.roster import Unit
from storage.series import Series
from storage.tasks import Task

pytestmark = pytest.mark.xdist_group("demo")  # one demo for all of them
MORNING = datetime(2026, 8, 13, 9, tzinfo=ZoneInfo(folk.ZONE))


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Session]:
    """The town's database, as it stands when the demo opens."""
    url = f"sqlite:///{tmp_path / 'chibo.db'}"
    migrate.upgrade(url)
    database = Database(url)
    database.run(lambda session: history.write(session, {"Chi bộ 1": -5}, now=MORNING))
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


def test_meetings_of_the_past_went_from_their_notice_to_their_minutes(past: Session) -> None:
    """Whoever opens the demo finds something behind every button of a meeting."""
    today = MORNING.date()
    assert count(past, Meeting, Meeting.kind == MeetingKind.THEMATIC) == 1
    assert count(past, Meeting, col(Meeting.locked_at).is_not(None)) >= 8
    assert count(past, Confirmation, col(Confirmation.confirmed_at).is_(None)) == 1
    assert count(past, Point, col(Point.done_at).is_not(None)) >= 80
    assert count(past, Seat, col(Seat.late).is_(True)) >= 5
    assert count(past, Seat, Seat.leave == Leave.REFUSED) >= 5
    assert count(past, Seat, Seat.answer == Answer.ONLINE) == 1
    assert count(past, Seat, col(Seat.answered_by).is_not(None)) == 1
    assert count(past, Task, col(Task.proof).is_not(None)) >= 3
    assert count(past, Task, col(Task.done_at).is_(None), Task.due < today) >= 1
    assert count(past, Task, col(Task.done_at).is_(None), Task.due > today) >= 1
    assert count(past, Poll, col(Poll.closed_at).is_not(None)) >= 1
    assert count(past, Sheet, Sheet.state == SheetState.AGREED) >= 2
    assert count(past, Opinion) == 1
    assert count(past, Deputy) == 1
    assert count(past, Series) == 1


def test_the_town_has_three_branches(past: Session) -> None:
    party = roster.roots(past)
    below = past.exec(select(Unit.name).where(Unit.parent_id == party[0].id)).all()
    assert (len(party), sorted(below)) == (1, ["Chi bộ 1", "Chi bộ 2", "Chi bộ 3"])


def test_nothing_of_the_past_is_sent_today(past: Session) -> None:
    due = (Notice.state == State.QUEUED) & (col(Notice.due_at) <= MORNING)
    assert past.exec(select(Notice.kind).where(due).distinct()).all() == ["menu"]


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
