"""A whole campaign in the page of `chibo demo`: made, studied, a contest's round, what came of it.

The town stands on the day on which it is opened, so the days here are counted from that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize, expect

from bot.simulator.client import World
from tests.journeys.browser import SIZES, opened
from tests.journeys.demo import BRANCH, HUONG, LAN, MINH, PATIENCE, TAI, Walk, demo_town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("campaign page")]

NAME, LESSON = "Sạch hẻm, sáng ngõ", "Phân loại rác tại nhà: ba túi, ba màu."
CONTEST = "Học tập Chỉ thị 01"  # called like the campaign that is under way in the town
WIDE = ViewportSize(width=1000, height=800)  # people to choose at the left


@pytest.fixture
def town(tmp_path: Path) -> Iterator[World]:
    """`chibo demo`, once its people are in."""
    with demo_town(tmp_path) as opened_town:
        yield opened_town


def test_a_campaign_is_made_studied_contested_and_reported(town: World) -> None:
    with opened(town, "phone", patience=PATIENCE) as screen:
        screen.page.set_viewport_size(WIDE)
        screen.page.goto(town.page_url())
        walk = Campaign(town, screen)
        for step in (
            walk.is_made,
            walk.is_studied,
            walk.has_a_contest,
            walk.is_contested,
            walk.has_a_quiz_in_the_group,
            walk.has_a_winner,
            walk.is_reported,
        ):
            step()
        screen.is_sound()


class Campaign(Walk):
    """A campaign of Chi bộ 1; Minh is its secretary."""

    def picture(self, name: str) -> None:
        """As a telephone shows it."""
        width, height = SIZES["phone"]
        self.screen.page.set_viewport_size(ViewportSize(width=width, height=height))
        self.screen.picture(name)
        self.screen.page.set_viewport_size(WIDE)

    def campaigns(self) -> None:
        self.screen.key("Quản lý")
        self.screen.sees("Đồng chí muốn làm việc gì?")
        self.presses(("Chiến dịch", "Chiến dịch học tập"))

    def is_made(self) -> None:
        """In five steps: name, document, days, reminders, lessons."""
        self.becomes(MINH)
        self.campaigns()
        self.presses(("Chiến dịch mới", "bước 1/5"))
        self.screen.write(NAME)
        self.screen.sees("bước 2/5")
        self.presses(("Bỏ qua", "bước 3/5"))
        first, last = self.town.now.date(), self.town.now.date() + timedelta(days=20)
        self.screen.write(f"{first:%d/%m/%Y} - {last:%d/%m/%Y}")
        self.screen.sees("bước 4/5")
        self.presses(("Tối nào cũng nhắc", "bước 5/5"))
        self.screen.write(LESSON)
        self.screen.sees("Bài 1: Phân loại rác")
        self.presses(("Đã đủ bài", f"{NAME} · {BRANCH}"), ("Bắt đầu", "đã bắt đầu."))

    def is_studied(self) -> None:
        """The evening's reminder opens the lesson where it stands; one press says it is read."""
        self.it_is("20:00", days=-1)
        for name in (HUONG, LAN, TAI):
            self.becomes(name)
            self.screen.press("Mở bài", on=f"{NAME} · Bài 1/1")
            self.screen.sees(LESSON)
            self.presses(("Đã học ✓", "đã học xong bài 1/1"))

    def has_a_contest(self) -> None:
        """By the rules of the short attempts, three questions long."""
        self.becomes(MINH)
        self.campaigns()
        self.presses(
            ("Hội thi", "Chưa có hội thi nào."),
            ("Tạo hội thi", "Thi theo thể lệ nào?"),
            ("Đúng và nhanh", f"{CONTEST} · {BRANCH}"),
        )
        self.presses_matching("Sửa thể lệ", "Số câu: ")
        self.screen.write("3")
        self.presses(("Mở hội thi", "thì mở."))

    def presses_matching(self, label: str, begins: str) -> None:
        """A button, and then the one whose label begins so."""
        self.screen.press(label)
        button = self.screen.page.get_by_test_id(re.compile(f"^button-{begins}")).last
        button.click()
        self.screen.sees("?")

    def monday(self) -> int:
        """Days from `day` to the first Monday on which a round opens."""
        return (7 - self.day.weekday()) % 7

    def is_contested(self) -> None:
        """The round opens on Monday at ten; three take part, each with ten minutes."""
        self.it_is("10:01", days=self.monday())
        for name in (HUONG, LAN, TAI):
            self.becomes(name)
            self.screen.press("Vào thi", on=CONTEST)
            self.screen.press("Bắt đầu", on=CONTEST)
            for number in range(1, 4):
                self.screen.sees(f"Câu {number}/3")
                if (name, number) == (HUONG, 1):
                    self.picture("contest-question")
                self.screen.press("A")
            self.presses(("Nộp bài", "Đã nộp lúc"))

    def has_a_quiz_in_the_group(self) -> None:
        """Three questions of twenty seconds; one tap answers, and the group is told totals."""
        self.becomes(MINH)
        self.campaigns()
        self.screen.press("Thi trong nhóm")
        self.screen.sees(f"Thi trong nhóm · {BRANCH}")
        self.presses(
            ("Số câu: 5", "hỏi 10 câu, mỗi câu 30 giây"),
            ("Số câu: 10", "hỏi 3 câu, mỗi câu 30 giây"),
            ("Mỗi câu 30 giây", "hỏi 3 câu, mỗi câu 60 giây"),
            ("Mỗi câu 60 giây", "hỏi 3 câu, mỗi câu 20 giây"),
            ("Bắt đầu ở nhóm", "Đã hỏi 0/3 câu."),
        )
        self.becomes(HUONG, BRANCH)
        self.screen.sees("Mời cả nhóm thi: 3 câu, mỗi câu 20 giây.")
        for number in range(1, 4):
            self.town.advance(seconds=21 if number == 1 else 31)
            asked = self.screen.sees(f"Câu {number}/3. ")
            asked.get_by_test_id("option-0").click()
            expect(asked.get_by_test_id("option-0")).to_contain_text("100%")
            if number == 1:
                self.picture("group-quiz")
            self.town.settle(timeout=PATIENCE * 3, quiet=0.3)
        self.town.advance(seconds=31)
        self.screen.sees("3 lượt trả lời")

    def has_a_winner(self) -> None:
        """The round closes a week later; the results are read with names by the committee alone."""
        self.it_is("09:01", days=self.monday() + 7)
        self.becomes(HUONG)
        self.screen.press("Xem kết quả", on="vòng 1 đã kết thúc")
        self.screen.sees("Đồng chí: hạng")
        self.becomes(MINH)
        self.campaigns()
        self.presses(
            ("Hội thi", "Câu hỏi được rút từ ngân hàng câu hỏi."),
            (CONTEST, f"{CONTEST} · 4 vòng"),
            ("Kết quả vòng 1", "Tên chỉ dành cho"),
        )
        self.picture("contest-results")
        self.screen.press("Biên bản (Excel)")
        self.screen.sees_file(".xlsx")

    def is_reported(self) -> None:
        """How many took part and were done, as text and as a picture."""
        self.campaigns()
        self.presses((NAME, "đã xong"), ("Kết quả", f"KẾT QUẢ · {NAME}"))
        self.picture("campaign-results")
        self.screen.press("Biểu đồ")
        self.screen.sees_image()
