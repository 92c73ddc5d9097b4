"""The branch whose month is played in the page: its people, its files, its bot."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from bot.simulator.client import Group, Person, World
from tests.journeys.month import ACCOUNT
from tests.journeys.process import Office

PATIENCE = 20.0
UNIT, PLACE = "Chi bộ Khu phố 3", "Nhà văn hóa KP 3"
MEN = ["Nguyễn Văn", "Trần Quốc", "Lê Đức", "Phạm Minh"]
WOMEN = ["Nguyễn Thị", "Trần Thị", "Lê Thị", "Phạm Thị"]
NAMES = [f"{family} {given}" for given in ("An", "Bình", "Giang", "Khánh", "Sơn") for family in MEN]
NAMES += [
    f"{family} {given}" for given in ("Hương", "Lan", "Mai", "Thu", "Hoa") for family in WOMEN
]
AN, BINH, GIANG, HUONG = "Nguyễn Văn An", "Trần Quốc Bình", "Lê Đức Giang", "Nguyễn Thị Hương"
ON_PAPER = NAMES[30:]  # ten of forty have no Telegram

QUESTIONS = """Câu hỏi,Trả lời,Nguồn,Hiệu lực từ,Từ khóa
Đảng phí đóng bao nhiêu?,"Người hưởng lương đóng 1% tiền lương. Người hưởng lương hưu đóng 0,5%.",\
"Sổ tay, mục 4.2",01/01/2026,mức đóng
Ai được miễn hoặc giảm đảng phí?,Người có hoàn cảnh khó khăn làm đơn; chi bộ xem xét.,\
"Sổ tay, mục 4.3",01/01/2026,
Chuyển sinh hoạt cần giấy gì?,Cần giấy giới thiệu của chi bộ nơi đi.,"Sổ tay, mục 5.1",01/01/2026,
"""

CAMPAIGN = """name = "Học tập Chỉ thị 01"
citation = "Chỉ thị 01-CT/TW ngày 23/01/2026"
unit = "Chi bộ Khu phố 3"
starts = 2026-08-01
ends = 2026-08-31
remind = "30 19 * * wed"
[[lesson]]
title = "Buổi sinh hoạt có chất lượng"
minutes = 8
due = 2026-08-15
text = \"\"\"
Một buổi sinh hoạt tốt bắt đầu từ trước: tài liệu đến tay mỗi đồng chí ít nhất một ngày, ai cũng \\
đã đọc và có một ý muốn nói.

Khi kết thúc, ai làm việc gì, bao giờ xong phải rõ.
\"\"\"
[[lesson.question]]
ask = "Tài liệu họp cần đến tay đảng viên khi nào?"
choices = ["Khi bắt đầu họp", "Trước ít nhất một ngày", "Sau cuộc họp"]
answer = "B"
why = "Có thời gian đọc thì mới có ý để nói."
[[lesson.question]]
ask = "Kết luận buổi họp cần nêu rõ điều gì?"
choices = ["Việc gì, ai làm, bao giờ xong", "Ai phát biểu nhiều nhất", "Buổi sau họp ở đâu"]
answer = "A"
[[lesson.question]]
ask = "Phê bình thế nào là đúng?"
choices = ["Nói chung chung", "Nói vào việc, kèm cách sửa", "Nói sau buổi họp"]
answer = "B"
[[lesson]]
title = "Tự phê bình và phê bình"
minutes = 10
due = 2026-08-25
text = "Phê bình nói vào việc, kèm cách sửa."
"""


class Branch:
    """The branch, its people and its bot, before the story begins."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        url = f"sqlite:///{folder / 'chibo.db'}"
        self.office = Office(world, folder, url, owner_id=ACCOUNT + 900)
        self.people: dict[str, Person] = {}
        for number, name in enumerate(NAMES):
            if name not in ON_PAPER:
                family, _, given = name.rpartition(" ")
                account = ACCOUNT + number
                self.people[name] = world.person(given, last_name=family, id=account)
        self.an, self.binh = self.people[AN], self.people[BINH]
        self.giang, self.huong = self.people[GIANG], self.people[HUONG]
        self.group: Group = world.group(UNIT, members=list(self.people.values()))

    def settled(self) -> None:
        """Nothing is on its way: only then may the clock be moved."""
        self.world.settle(timeout=PATIENCE * 3, quiet=0.4)

    def files_are_read(self) -> None:
        """Roster, questions and campaign come from files, by the command line."""
        roster = io.StringIO()
        rows = csv.writer(roster)
        rows.writerow(["Họ và tên", "Đơn vị", "Chức vụ", "Điện thoại", "Telegram ID"])
        roles = {AN: "Bí thư", BINH: "Phó bí thư"}
        for number, name in enumerate(NAMES):
            unit = UNIT if name in roles else f"{UNIT} / Tổ {1 + number % 2}"
            account = "" if name in ON_PAPER or name == HUONG else ACCOUNT + number
            phone = f"09120000{number:02d}" if name in ON_PAPER[:3] else ""
            rows.writerow([name, unit, roles.get(name, ""), phone, account])
        for what, name, text in (
            ("roster", "danh-sach.csv", roster.getvalue()),
            ("questions", "hoi-dap.csv", QUESTIONS),
            ("campaign", "chi-thi-01.toml", CAMPAIGN),
        ):
            (self.office.folder / name).write_text(text, encoding="utf-8")
            self.office.run("import", what, name)

    def invitation_of(self, name: str) -> str:
        """The personal link that the command line makes for somebody."""
        listing = self.office.folder / "moi.csv"
        self.office.run("invites", "--output", str(listing))
        with listing.open(encoding="utf-8-sig", newline="") as file:
            return {row["Họ và tên"]: row["Liên kết"] for row in csv.DictReader(file)}[name]
