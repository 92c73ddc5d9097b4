"""The town as the pretend Telegram knows it: accounts, groups, and who presses Start."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.simulator.client import Group, Person, World
from storage.papers import Sent

ROSTER = Path(__file__).parent / "roster.csv"
OWNER_ID = 910_000_900
STRANGER_ID = 910_000_901
# On the roll with an account, but they have not pressed Start: whoever plays them may.
NOT_STARTED = frozenset({910_000_008, 910_000_028, 910_000_036})
CHATS = ("Chi bộ 1", "Chi bộ 2")  # branches that have a group; of the third, somebody makes one

WHAT_TO_TRY = """\
Thử xem / Try:
  · Nguyễn Văn Minh, bí thư Chi bộ 1: /quanly, tạo cuộc họp; trong nhóm Chi bộ 1: /diemdanh
    (a secretary calls a meeting, then takes the roll in the group)
  · Nguyễn Thị Hương: [Báo vắng] họp tối nay, [Học tập], hỏi "dang phi dong bao nhieu"
    (a member asks leave, studies, asks without accents)
  · Chỉnh đồng hồ sang 19:30: lời nhắc tự đến (move the clock: reminders come by themselves)"""
# What the secretary of the first branch has put into its group, for tonight's meeting.
PAPERS = {
    "Bao cao cong tac thang (du thao).txt": (
        "BÁO CÁO CÔNG TÁC THÁNG (dự thảo)\n\n"
        "1. Hẻm 12: 32/40 hộ đã phân loại rác tại nhà.\n"
        "2. Danh sách hộ cần giúp sửa nhà: 14 hộ, đã nộp khu phố.\n"
        "3. Việc chưa xong: khảo sát đèn đường hẻm 8.\n"
    ),
    "Goi y thao luan.txt": (
        "GỢI Ý THẢO LUẬN\n\n"
        "- Làm gì để 8 hộ còn lại ở hẻm 12 cùng phân loại rác?\n"
        "- Giờ sinh hoạt nào tiện cho đồng chí làm ca?\n"
    ),
}
INTRO = (
    "Thị trấn thử: mọi người ở đây đều hư cấu. Chọn một người rồi nhắn tin như người đó. "
    "(A town to try: everybody is invented. Choose somebody and write as they do.)"
)


@dataclass(frozen=True, slots=True)
class Resident:
    """One line of the roster: who they are, and their account where they have one."""

    name: str
    unit: str
    position: str
    account: int | None

    @property
    def branch(self) -> str:
        """Chi bộ 1, for somebody of a group of it, too."""
        return self.unit.split(" / ")[1]

    @property
    def note(self) -> str:
        """What the page says below the name."""
        role = self.position or "Đảng viên"
        place = self.unit.rpartition(" / ")[2]
        return f"{role} {self.branch}" + ("" if place == self.branch else f", {place}")

    @property
    def started(self) -> bool:
        """Whether they have let the bot write to them."""
        return self.account is not None and self.account not in NOT_STARTED


def residents() -> list[Resident]:
    """Everybody of the town, in the order of the roster."""
    with ROSTER.open(encoding="utf-8", newline="") as file:
        return [
            Resident(
                row["Họ và tên"],
                row["Đơn vị"],
                row["Chức vụ"],
                int(row["Telegram ID"]) if row["Telegram ID"] else None,
            )
            for row in csv.DictReader(file)
        ]


def settle_in(world: World) -> tuple[list[Person], dict[str, Group]]:
    """Makes the accounts and the groups; returns those who will press Start, and the groups."""
    world.set_intro(INTRO)
    starting: list[Person] = []
    of_branch: dict[str, list[Person]] = {branch: [] for branch in CHATS}
    for resident in residents():
        if resident.account is None:
            continue
        note = resident.note if resident.started else f"{resident.note} · chưa bấm Start"
        person = _account(world, resident.name, resident.account, note)
        if resident.started:
            starting.append(person)
        if resident.branch in of_branch:
            of_branch[resident.branch].append(person)
    _account(world, "Lâm Thị Quyên", OWNER_ID, "Người cài đặt bot, không thuộc chi bộ nào")
    _account(world, "Tống Văn Khách", STRANGER_ID, "Người lạ, chưa có trong danh sách")
    groups = {branch: world.group(branch, members) for branch, members in of_branch.items()}
    for branch, group in groups.items():
        group.add_bot(by=of_branch[branch][0])
    return starting, groups


def hand_out_papers(people: list[Person], groups: dict[str, Group]) -> list[Sent]:
    """The documents of tonight's meeting, shown in the group; Telegram keeps them from then on."""
    secretary, group = people[0], groups[CHATS[0]]
    sent: list[Sent] = []
    for name, text in PAPERS.items():
        document = secretary.send_document(name, text.encode(), chat=group).document
        sent += [Sent(document.file_id, name, name)] if document else []
    return sent


def press_start(world: World, people: list[Person], alive: Callable[[], None]) -> None:
    """Everybody's chat is opened, with the home screen in it."""
    for person in people:
        person.start()
    for person in people:
        while not person.keyboard:
            alive()
            world.settle(timeout=20)


def _account(world: World, name: str, account: int, note: str) -> Person:
    family, _, given = name.rpartition(" ")
    return world.person(given, last_name=family, id=account, note=note)
