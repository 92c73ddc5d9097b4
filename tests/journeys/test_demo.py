"""`chibo demo` in the page: a visitor looks around, and a secretary's month is walked by pressing.

The town stands on the day on which it is opened, so the days here are counted from that.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from bot.demo.stage import residents
from bot.simulator.client import World
from tests.journeys.browser import Screen, opened
from tests.journeys.demo import BRANCH, HA, HUONG, LAN, MINH, PATIENCE, TAI, Walk, demo_town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo page")]  # one demo for both

PLACE = "Nhà văn…Khu phố 1"  # a place as long as this is cut on its button
WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
KEYS = {"/start", "Quản lý"}  # what a key below the typing field writes
NAME = "kim lien"
CONCLUSION = "Mỗi tổ dọn một tuyến hẻm trước cuối tháng; đồng chí Hương đôn đốc."


@pytest.fixture
def town(tmp_path: Path) -> Iterator[World]:
    """`chibo demo`, once its people are in."""
    with demo_town(tmp_path) as opened_town:
        yield opened_town


def test_a_visitor_of_the_demo_becomes_a_secretary_and_looks_around(town: World) -> None:
    with opened(town, "desk", patience=PATIENCE) as screen:
        screen.page.goto(town.page_url())
        screen.page.get_by_text(MINH).first.click()
        screen.key("Quản lý")
        screen.sees("Đồng chí muốn làm việc gì?")
        screen.press("Các cuộc họp")
        screen.sees("Các cuộc họp")
        screen.picture("demo-desk", on="desk", whole=True)
        screen.is_sound()


def test_a_secretary_walks_the_month_and_types_only_a_name_and_the_conclusion(town: World) -> None:
    """Called, prepared, answered, reminded, taken, concluded, signed and reported by presses."""
    with opened(town, "desk", patience=PATIENCE) as screen:
        screen.page.goto(town.page_url())
        walk = Month(town, screen)
        for step in (
            walk.calls_a_meeting,
            walk.prepares_it,
            walk.hears_who_comes,
            walk.reminds,
            walk.takes_the_roll,
            walk.runs_and_closes_it,
            walk.has_the_minutes_signed,
            walk.reports,
        ):
            began = monotonic()
            step()
            print(f"{step.__name__}: {monotonic() - began:.1f} s")
        screen.is_sound()
    account = next(each.account for each in residents() if each.name == MINH)
    assert account is not None
    written = [each for each in town.find_person(account).messages() if not each.from_bot]
    assert [each.text for each in written if each.text not in KEYS] == [NAME, CONCLUSION]


class Month(Walk):
    """The month of Chi bộ 1, with tomorrow's meeting in it; Minh is its secretary."""

    def __init__(self, town: World, screen: Screen) -> None:
        super().__init__(town, screen)
        self.short = f"{self.day.day}/{self.day.month}"
        self.meeting = f"Họp {self.short}"

    def opens(self, *steps: tuple[str, str]) -> None:
        """From [Quản lý] to the meeting, and on."""
        self.screen.key("Quản lý")
        self.screen.sees("Đồng chí muốn làm việc gì?")
        self.presses(
            ("Các cuộc họp", f"{self.short} 19:30"),
            (f"{self.meeting} 19:30", "Triệu tập 19 (miễn 1"),
            *steps,
        )

    # -- the month -----------------------------------------------------------------------------

    def calls_a_meeting(self) -> None:
        """Six presses and one that sends; an hour later everybody has the invitation."""
        self.becomes(MINH)
        self.screen.key("Quản lý")
        self.screen.sees("Đồng chí muốn làm việc gì?")
        self.presses(
            ("Tạo cuộc họp", "Loại cuộc họp nào?"),
            ("Chuyên đề", "Họp ngày nào?"),
            (f"{WEEKDAYS[self.day.weekday()]} {self.short}", "Họp lúc mấy giờ?"),
            ("19:30", "Họp ở đâu?"),
            (PLACE, "Triệu tập 19 người"),
            ("Gửi thông báo", "Sẽ gửi sau 60 giây."),
        )
        self.it_is("10:00", days=-1)

    def prepares_it(self) -> None:
        """The usual agenda, and who writes the minutes."""
        self.opens(
            ("Chuẩn bị", "Chưa có chương trình."),
            ("Chương trình", "Chưa có chương trình. Đồng chí dùng mẫu"),
            ("Dùng mẫu", "7 mục"),
            ("‹ Quay lại", "thư ký: chưa có"),
            ("Chủ trì, thư ký", "Thư ký: chưa có"),
            ("Chọn thư ký", "Ai làm thư ký?"),
            (HA, f"Thư ký: {HA}"),
        )

    def hears_who_comes(self) -> None:
        """Hương will come; Tài asks leave, and is told that he has it."""
        self.becomes(HUONG)
        self.screen.press("Sẽ dự", on="Kính mời đồng chí dự họp.")
        self.screen.sees("Đồng chí đã báo: SẼ DỰ.")
        self.becomes(TAI)
        self.screen.press("Báo vắng", on="Kính mời đồng chí dự họp.")
        self.screen.sees("Đồng chí vắng vì lý do gì?")
        self.presses(("Công tác", "Đã gửi cấp ủy. Chờ duyệt."))
        self.becomes(MINH)
        self.screen.press("Đồng ý", on=f"Đ/c {TAI} xin vắng họp.")
        self.screen.sees("đã ĐỒNG Ý")
        self.becomes(TAI)
        self.screen.sees("Cấp ủy ĐỒNG Ý cho đồng chí vắng.")

    def reminds(self) -> None:
        """Two hours before, whoever has not answered is reminded."""
        self.it_is("17:30")
        self.becomes(LAN)
        self.screen.press("Sẽ dự", on="Nhắc lịch họp.")
        self.screen.sees("Đồng chí đã báo: SẼ DỰ.")

    def takes_the_roll(self) -> None:
        """Opened by a press; Hương taps in the group, who has no phone is entered by name."""
        self.it_is("19:25")
        self.becomes(MINH)
        self.opens(
            ("Điểm danh", "Chưa mở điểm danh."),
            ("Mở điểm danh", "0/19"),
            ("Tôi có mặt", "1/19"),
        )
        self.becomes(HUONG, BRANCH)
        self.screen.press("Tôi có mặt")
        self.screen.is_told("Đã ghi: có mặt lúc 19:2")
        self.screen.sees("2/19")
        self.becomes(MINH)
        self.presses(
            ("Cập nhật", "2/19"), ("Điểm danh hộ", "Bấm tên, hoặc gõ một phần tên để tìm.")
        )
        self.screen.write(NAME)
        self.presses(
            ("D. Thị Kim Liên", "✓ D. Thị Kim Liên"),
            ("‹ Quay lại", "3/19"),
        )

    def runs_and_closes_it(self) -> None:
        """Begun, a point done, the roll closed; an hour and a half later it ends."""
        self.opens(
            ("Trong buổi họp", "TRONG BUỔI HỌP ·"),
            ("Chương trình", "CHƯƠNG TRÌNH ·"),
            ("Bắt đầu họp", "đang bàn"),
            ("✓ Xong mục 1", "đã xong"),
            ("‹ Quay lại", "TRONG BUỔI HỌP ·"),
            ("‹ Quay lại", "Triệu tập 19 (miễn 1"),
            ("Điểm danh", "3/19"),
            ("Đóng điểm danh", "đóng điểm danh?"),
            ("Đúng, đóng", f"KẾT QUẢ HỌP {self.short} – bản nháp"),
        )
        self.it_is("21:05")
        self.presses(("Nhập kết luận", "gõ kết luận"))
        self.screen.write(CONCLUSION)
        self.screen.sees("Lưu kết luận")
        self.presses(
            ("Lưu kết luận", f"Kết luận: {CONCLUSION}"),
            ("Sau buổi họp", "SAU BUỔI HỌP ·"),
            ("Chương trình", "/90 phút"),
            ("Kết thúc họp", "Kết thúc 21:0"),
            ("‹ Quay lại", "SAU BUỔI HỌP ·"),
        )

    def has_the_minutes_signed(self) -> None:
        """The chair on the screen of the minutes, the minute-taker where the request came."""
        self.presses(
            ("Biên bản", f"Thư ký: {HA} – chưa gửi xác nhận"),
            ("Gửi xác nhận", f"Thư ký: {HA} – đã gửi, chưa trả lời"),
        )
        self.screen.press("Xác nhận", on="bản nháp")
        self.screen.sees("Đồng chí đã xác nhận biên bản")
        self.becomes(HA)
        self.screen.press("Xác nhận", on="Mời đồng chí xem và xác nhận biên bản")
        self.screen.sees("Đã chốt biên bản.")
        self.becomes(MINH)
        self.screen.press("Biên bản", on="Chủ trì và thư ký đã xác nhận")
        self.screen.sees(f"BIÊN BẢN họp {self.short} – đã chốt")
        self.screen.press("Tải Word", on="đã chốt")
        self.screen.sees_file(".docx")

    def reports(self) -> None:
        """The year as a picture and as a table."""
        self.screen.key("Quản lý")
        self.screen.sees("Đồng chí muốn làm việc gì?")
        self.presses(("Báo cáo", f"BÁO CÁO {self.day.year} · {BRANCH}"))
        self.screen.press("Biểu đồ")
        self.screen.sees_image()
        self.screen.press("Tải Excel")
        self.screen.sees_file(".xlsx")
