"""What was said at the town's meetings: when each branch meets, and what came of it every time."""

from __future__ import annotations

from dataclasses import dataclass

from storage.agenda import Content, Item
from storage.series import Pattern

# Shorter than the usual agenda of the bot; a branch writes what it talks about.
AGENDA = (
    Item("Thời sự; học tập và làm theo Bác", Content.STUDY, 20),
    Item("Báo cáo công tác tháng qua", Content.PROFESSIONAL, 15),
    Item("Thảo luận; tự phê bình và phê bình", Content.LEADERSHIP, 25),
    Item("Nhiệm vụ tháng tới", Content.PROFESSIONAL, 15),
    Item("Công tác đảng viên, đảng phí", Content.MEMBERS, 10),
    Item("Kết luận, biểu quyết", Content.LEADERSHIP, 10),
)
OF_THE_SCHOOL = (
    Item("Thời sự giáo dục", Content.STUDY, 10),
    Item("Công tác chuyên môn tháng qua và tháng tới", Content.PROFESSIONAL, 55),
    Item("Thảo luận; tự phê bình và phê bình", Content.LEADERSHIP, 15),
    Item("Kết luận, biểu quyết", Content.LEADERSHIP, 10),
)
OF_THE_THEME = (
    Item("Báo cáo chuyên đề", Content.STUDY, 35),
    Item("Thảo luận chuyên đề", Content.STUDY, 35),
    Item("Việc cần làm sau chuyên đề", Content.LEADERSHIP, 15),
    Item("Kết luận, biểu quyết", Content.LEADERSHIP, 10),
)


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who has to do what within so many days; with a proof it is done."""

    text: str
    owner: str
    days: int
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Sitting:
    """What one meeting came to, and how many stayed away from it."""

    conclusion: str
    resolved: tuple[Resolution, ...] = ()
    away: float = 0.05  # how likely somebody stays away without a word
    pace: float = 1.0  # how much of the planned time it took


@dataclass(frozen=True, slots=True)
class Habit:
    """When and where a branch meets, who takes the minutes, and its last meetings in order."""

    place: str
    clock: str
    pattern: Pattern | None  # None: on the day of the month that today is, for it meets tonight
    writes: str
    agenda: tuple[Item, ...]
    sittings: tuple[Sitting, ...]


HABITS = {
    "Chi bộ 1": Habit(
        "Nhà văn hóa Khu phố 1",
        "19:30",
        None,
        "Trần Thị Thu Hà",
        AGENDA,
        (
            Sitting("Thông qua chương trình công tác năm; mỗi đồng chí đăng ký một việc làm theo."),
            Sitting("Thống nhất ra quân vệ sinh hẻm 12 vào sáng Chủ nhật.", away=0.22, pace=0.8),
            Sitting("Giữ nền nếp tự phê bình và phê bình ở tổ đảng.", away=0.25, pace=0.9),
            Sitting(
                "Góp sức sửa nhà cho hai hộ khó khăn trước mùa mưa.",
                (
                    Resolution(
                        "Lập danh sách hộ cần giúp sửa nhà",
                        "Vũ Thị Ngọc Lan",
                        15,
                        "Đã nộp danh sách 14 hộ, có chữ ký tổ trưởng",
                    ),
                ),
            ),
            Sitting(
                "Thống nhất phân loại rác tại nhà ở hẻm 12; đồng chí Sơn phụ trách. "
                "Mỗi tổ báo kết quả vào buổi sau.",
                (
                    Resolution(
                        "Vận động hẻm 12 phân loại rác tại nhà",
                        "Lê Quang Sơn",
                        20,
                        "32/40 hộ đã làm, ảnh gửi trong nhóm",
                    ),
                    Resolution("Khảo sát đèn đường hẻm 8, báo khu phố", "Nguyễn Thị Hương", 18),
                    Resolution("Giúp người lớn tuổi làm thủ tục qua mạng", "Phạm Đức Thắng", 40),
                ),
            ),
        ),
    ),
    "Chi bộ 2": Habit(
        "Phòng họp Trường Sông Trăng",
        "17:30",
        Pattern(weekday=3, nth=1),
        "Võ Thành Trung",
        OF_THE_SCHOOL,
        (
            Sitting("Thống nhất kế hoạch ôn tập cuối năm học.", away=0.15, pace=0.8),
            Sitting("Đề nghị chuyển chính thức đồng chí Cường đúng hạn."),
            Sitting(
                "Tổ chức một buổi nói chuyện truyền thống cho học sinh.",
                (Resolution("Mời người nói chuyện truyền thống", "Nguyễn Thị Xuân", 45),),
            ),
        ),
    ),
    "Chi bộ 3": Habit(
        "Trạm y tế phường",
        "16:00",
        Pattern(day=3),
        "Hà Thị Loan",
        AGENDA,
        (
            Sitting("Trực đủ ba ca trong đợt tiêm chủng.", pace=0.9),
            Sitting("Khám sức khỏe miễn phí cho người cao tuổi vào cuối tháng."),
        ),
    ),
}

THEMATIC = Sitting(
    "Chuyên đề “Nêu gương của đảng viên nơi cư trú”: mỗi đồng chí nhận giúp một hộ trong tổ.",
    (Resolution("Gửi Đảng ủy phường báo cáo chuyên đề", "Nguyễn Văn Minh", 12),),
)
POLL = "Dời giờ sinh hoạt sang 19 giờ?"
COMMENT = "Đề nghị gửi dự thảo sớm hơn một ngày."
ERRATUM = "Mục kết luận: “hẻm 12” đọc là “hẻm 12 và hẻm 14”."
REFUSED = "Buổi này biểu quyết nhân sự, mong đồng chí thu xếp."
OPINIONS = (
    ("Hoàng Văn Tài", "Đề nghị bàn việc chỗ để xe ở nhà văn hóa, buổi tối rất chật."),
    ("Bùi Xuân Khoa", "Hẻm 8 còn hai cột đèn hỏng, mong tổ khảo sát báo kết quả."),
)
