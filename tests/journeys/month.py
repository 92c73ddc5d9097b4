"""A month of one branch, step by step, as its people live it: the same story for every journey.

Forty people are on the roll of Chi bộ 1; thirty have Telegram. An is the secretary. Every step
says what people do and what they must see; who kills the bot meanwhile is no concern of the story.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep

from bot.simulator.client import Group, Message, Person
from tests.journeys.process import Office

AGAIN = "Gửi lại – nếu đã nhận, xin bỏ qua."
UNIT = "Chi bộ 1"
FAMILY = ["Nguyễn Văn", "Trần Thị", "Lê Quang", "Phạm Thu"]
FAMILY += ["Vũ Đức", "Đỗ Minh", "Bùi Hồng", "Hồ Ngọc"]
GIVEN = ["An", "Bình", "Hương", "Giang", "Khánh"]
NAMES = [f"{family} {given}" for family in FAMILY for given in GIVEN]  # forty
PEOPLE, ON_TELEGRAM = 40, 30
ACCOUNT = 510_000_001

QUESTIONS = """Câu hỏi,Trả lời,Nguồn,Hiệu lực từ,Từ khóa
Mức đóng đảng phí là bao nhiêu?,Một phần trăm tiền lương.,"Sổ tay, mục 4.2",01/01/2026,đảng phí
Chuyển sinh hoạt cần giấy gì?,Cần giấy giới thiệu.,"Sổ tay, mục 5.1",01/01/2026,chuyển đi
"""

CAMPAIGN = """name = "Học tập Chỉ thị 01"
citation = "Chỉ thị 01-CT/TW"
unit = "Chi bộ 1"
starts = 2026-08-01
ends = 2026-08-11
remind = "30 19 * * wed"
[[lesson]]
title = "Bài một"
minutes = 8
due = 2026-08-08
text = "Nội dung bài một."
"""


def is_reminder(message: Message) -> bool:
    """Whether this is a study reminder."""
    return message.from_bot and "Nhắc tối mai" in message.buttons


def at(line: str) -> datetime:
    """A moment of August 2026 in Việt Nam, "13 19:25:00"."""
    day, clock = line.split(" ")
    return datetime.fromisoformat(f"2026-08-{int(day):02d}T{clock}+07:00")


class Month:
    """The story. `patience` is how many seconds somebody waits for what must come."""

    def __init__(self, office: Office, *, patience: float = 15) -> None:
        self.office, self.world, self.patience = office, office.world, patience
        self.people: list[Person] = [
            self.world.person(
                name.split()[-1], last_name=" ".join(name.split()[:-1]), id=ACCOUNT + n
            )
            for n, name in enumerate(NAMES[:ON_TELEGRAM])
        ]
        self.an, self.binh, self.huong, self.giang = self.people[:4]
        self.group: Group | None = None
        self.took: dict[str, float] = {}
        self.uncertain: list[str] = []
        self.codes: list[str] = []  # of the personal links

    def play(self, between: Callable[[], None] = lambda: None) -> None:
        """The whole month; `between` is called after each step."""
        for step in (
            self.office_work,
            self.people_join,
            self.one_joins_by_link,
            self.group_is_linked,
            self.reminder_comes_at_its_minute,
            self.meeting_is_called,
            self.people_answer,
            self.roll_is_taken,
            self.result_stands,
            self.questions_are_answered,
        ):
            began = monotonic()
            step()
            self.took[step.__name__] = monotonic() - began
            between()

    def sees(self, person: Person, wanted: str) -> Message:
        return person.wait_for(wanted, timeout=self.patience)

    def is_told(self, person: Person, wanted: str) -> None:
        """They see it; or, where a kill left us unsure, it is listed as uncertain."""
        deadline = monotonic() + self.patience
        while monotonic() < deadline:
            if any(wanted in message.text for message in person.messages() if message.from_bot):
                return
            if person.id in self.office.uncertain():
                self.uncertain.append(wanted)
                return
            sleep(0.3)
        raise AssertionError(f"{wanted!r} is neither seen nor listed; {person.transcript()}")

    def presses(self, person: Person, label: str, **where: Message | Group) -> str:
        return person.press(label, timeout=self.patience, **where).text

    def settled(self) -> None:
        """Nothing is on its way: only then may the clock be moved."""
        self.world.settle(timeout=self.patience * 4, quiet=0.5)

    # -- the office ----------------------------------------------------------------------------

    def office_work(self) -> None:
        """The roster, the question base and the campaign come from files."""
        roster = io.StringIO()
        rows = csv.writer(roster)
        rows.writerow(["Họ và tên", "Đơn vị", "Chức vụ", "Telegram ID"])
        for number, name in enumerate(NAMES):
            linked = number < ON_TELEGRAM and number != 2  # Hương joins by her link
            role = {0: "Bí thư", 1: "Phó bí thư"}.get(number, "")
            rows.writerow([name, UNIT, role, ACCOUNT + number if linked else ""])
        self._import("roster", "roster.csv", "﻿" + roster.getvalue())
        self._import("questions", "questions.csv", QUESTIONS)
        self._import("campaign", "campaign.toml", CAMPAIGN)

    def _import(self, what: str, name: str, text: str) -> None:
        path: Path = self.office.folder / name
        path.write_text(text, encoding="utf-8")
        self.office.run("import", what, str(path), "--dry-run")
        self.office.run("import", what, str(path))

    # -- getting in ----------------------------------------------------------------------------

    def people_join(self) -> None:
        """Whoever the file has linked is asked for consent only."""
        others = [person for person in self.people if person is not self.huong]
        for person in others:
            person.start()
        for person in others:
            screen = self.sees(person, "đồng ý để chi bộ lưu")
            assert "Đúng, là tôi" not in screen.buttons
            self.presses(person, "Đồng ý")
        for person in others:
            self.sees(person, f"· {UNIT}")

    def one_joins_by_link(self) -> None:
        """Hương has a link of her own; nobody else can use it again."""
        listing = self.office.folder / "invites.csv"
        self.office.run("invites", "--output", str(listing))
        with listing.open(encoding="utf-8-sig", newline="") as file:
            links = {row["Họ và tên"]: row["Liên kết"] for row in csv.DictReader(file)}
        assert len(links) == PEOPLE - ON_TELEGRAM + 1
        self.codes = [link.rpartition("start=")[2] for link in links.values()]
        code = links[NAMES[2]].rpartition("start=")[2]
        self.huong.start(code)
        self.sees(self.huong, f"Đồng chí là {NAMES[2]}?")
        self.presses(self.huong, "Đúng, là tôi")
        self.sees(self.huong, "đồng ý để chi bộ lưu")
        self.presses(self.huong, "Đồng ý")
        self.sees(self.huong, f"· {UNIT}")

    def group_is_linked(self) -> None:
        """The bot is added to the branch's group; the secretary links it."""
        self.group = self.world.group(UNIT, members=self.people)
        self.group.add_bot(by=self.an)
        self.group.wait_for("Nhóm này của chi bộ nào?", timeout=self.patience)
        self.an.send("/lienket", chat=self.group)
        self.group.wait_for(f"Đây là nhóm của {UNIT}.", timeout=self.patience)

    # -- study ---------------------------------------------------------------------------------

    def reminder_comes_at_its_minute(self) -> None:
        """Wednesday 19:30, and not for Giang, who has finished."""
        self.giang.send("/hoctap")
        self.sees(self.giang, "Học tập Chỉ thị 01")
        self.presses(self.giang, "Bài 1 · hạn 8/8")
        self.sees(self.giang, "Nội dung bài một.")
        self.presses(self.giang, "Đã học ✓")
        self.settled()
        self.world.set_now(at("5 19:29:30"))
        self.settled()
        assert not any(is_reminder(message) for message in self.huong.messages())
        for person in self.people:
            person.mark()
        self.world.advance(seconds=31)
        for person in self.people:
            if person is not self.giang:
                person.wait_for(
                    lambda message: "Mở bài" in message.buttons, timeout=self.patience * 2
                )
        self.settled()
        assert not any(is_reminder(message) for message in self.giang.messages())

    # -- the meeting ---------------------------------------------------------------------------

    def meeting_is_called(self) -> None:
        """Six taps' worth of form, sixty seconds of grace, and everybody is invited."""
        self.an.send("/taohop")
        self.sees(self.an, "Loại cuộc họp")
        self.presses(self.an, "Họp thường kỳ")
        self.sees(self.an, "Họp ngày nào")
        self.an.send("thứ 5 tuần sau 19h30")
        self.sees(self.an, "thứ Năm 13/8/2026, 19:30")
        self.presses(self.an, "Đúng")
        self.sees(self.an, "Họp ở đâu")
        self.an.send("Nhà văn hóa Khu phố 3")
        self.sees(self.an, "Triệu tập 40 người")
        self.presses(self.an, "Gửi thông báo")
        self.sees(self.an, "Sẽ gửi sau 60 giây.")
        self.settled()
        for person in self.people:
            person.mark()
        self.world.set_now(at("6 08:00:00"))
        for person in self.people:
            self.sees(person, "Nhà văn hóa Khu phố 3")

    def people_answer(self) -> None:
        """Some say that they come; Bình asks leave and the secretary agrees."""
        for person in self.people[4:10]:
            self.presses(person, "Sẽ dự")
        self.presses(self.binh, "Báo vắng")
        self.presses(self.binh, "Công tác")
        self.sees(self.binh, "Đã gửi cấp ủy. Chờ duyệt.")
        self.is_told(self.an, "Công tác")

    def roll_is_taken(self) -> None:
        """Thursday evening: thirty people tap in the group."""
        assert self.group is not None
        self.settled()
        self.world.set_now(at("13 19:25:00"))
        self.settled()
        self.an.send("/diemdanh", chat=self.group)
        card = self.group.wait_for("0/40", timeout=self.patience)
        for person in self.people:
            answer = self.presses(person, "Tôi có mặt", message=card)
            assert "có mặt lúc 19:" in answer, answer
        self.group.wait_for("30/40", timeout=self.patience)

    def result_stands(self) -> None:
        """The roll is closed in private; thirty of forty."""
        self.an.send("/quanly")
        self.presses(self.an, "Các cuộc họp")
        self.presses(self.an, "Họp 13/8 19:30")
        self.presses(self.an, "Điểm danh")
        self.presses(self.an, "Đóng điểm danh")
        self.presses(self.an, "Đúng, đóng")
        result = self.sees(self.an, "KẾT QUẢ HỌP 13/8")
        assert "Triệu tập 40 · Có mặt 30 (75%)" in result.text, result.text

    # -- questions -----------------------------------------------------------------------------

    def questions_are_answered(self) -> None:
        """One from the base, without accents; one by the committee, and back."""
        self.giang.send("dang phi dong bao nhieu")
        self.sees(self.giang, "Mức đóng đảng phí")
        self.presses(self.giang, "1")
        assert "Sổ tay, mục 4.2" in self.sees(self.giang, "Một phần trăm").text
        self.huong.send("Bao giờ chi bộ đi thực tế ở vùng cao?")
        self.presses(self.huong, "Gửi cho cấp ủy")
        self.presses(self.huong, "Gửi có tên")
        self.sees(self.huong, "Đã gửi cấp ủy")
        self.is_told(self.an, "vùng cao")
        self.an.send("/hopthu")
        self.sees(self.an, "HỘP THƯ")
        self.presses(self.an, "Trả lời")
        self.an.send("Dự kiến tháng 10, sẽ báo sau.")
        self.presses(self.an, "Gửi trả lời")
        self.is_told(self.huong, "Dự kiến tháng 10")

    def somebody_looks(self) -> None:
        """An evening like any other: people look at what is kept about them."""
        for person in self.people[4:10]:
            person.send("/hoso")
        for person in self.people[4:10]:
            self.sees(person, "HỒ SƠ")
