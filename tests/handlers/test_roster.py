"""The roll in the chat: seen, changed by hand, changed by a file."""

from __future__ import annotations

import io
import zipfile
from datetime import date

from sqlmodel import Session, select

from storage import roster, roster_edit
from storage.joining import Invite, JoinRequest
from storage.powers import Role
from storage.roster import Person
from tests.town import NOON, OWNER, BotThread, Town

HEAD = "Họ và tên;Đơn vị;Chức vụ;Ngày sinh"
BRANCH = "Đảng bộ Sở Y tế / Chi bộ 1"


def found(town: Town, full_name: str) -> Person | None:
    return town.database.run(
        lambda s: s.exec(select(Person).where(Person.full_name == full_name)).first()
    )


def roles(town: Town, name: str) -> list[str]:
    def work(session: Session) -> list[str]:
        person = town.person(session, name)
        held = roster_edit.roles_of(session, person, today=NOON.date())
        return [str(each.role) for each in held]

    return town.database.run(work)


def test_the_roll_is_sorted_by_given_name_and_says_how_each_is_reached(town: Town) -> None:
    def age(session: Session) -> None:
        town.person(session, "huong").blocked_at = NOON
        town.person(session, "giang").telegram_id = None

    town.database.run(age)
    town.an.send("/danhsach")
    shown = town.an.wait_for("DANH SÁCH Chi bộ 1 · 7 người").text.splitlines()
    assert len(shown) == 6, "no screen has more lines"
    town.an.press("›")
    shown += town.an.wait_for("6. ").text.splitlines()[1:]
    assert [line.split(" · ")[0] for line in shown[1:]] == [
        "1. Nguyễn Văn An",
        "2. Trần Thanh Bình",
        "3. Lê Thị Chi",
        "4. Phạm Tiến Dũng",
        "5. Vũ Hương Giang",
        "6. Nguyễn Thị Hương",
        "7. Đỗ Quốc Khánh",
    ]
    assert shown[5].endswith("báo giấy")
    assert shown[6].endswith("chặn bot")


def test_a_member_sees_no_roll(town: Town) -> None:
    town.huong.send("/danhsach")
    town.huong.wait_for("Việc này do bí thư làm (đ/c An).")


def test_somebody_is_found_by_a_part_of_the_name(town: Town) -> None:
    town.an.send("/roster")
    town.an.wait_for("DANH SÁCH")
    town.an.press("Tìm")
    town.an.wait_for("Gõ tên")
    town.an.send("huong")
    shown = town.an.wait_for("tìm thấy 2").text
    assert "Vũ Hương Giang" in shown
    assert "Nguyễn Thị Hương" in shown


def test_somebody_is_added_after_a_yes_even_when_the_bot_restarts_between(town: Town) -> None:
    town.an.send("/danhsach")
    town.an.wait_for("DANH SÁCH")
    town.an.press("Thêm người")
    town.an.wait_for("Họ và tên người mới")
    town.close()
    town.bot = BotThread.start(town.settings(), town.database)
    town.an.send("  mai   thị xuân ")
    town.an.wait_for("Thêm mai thị xuân vào danh sách Chi bộ 1?")
    assert found(town, "mai thị xuân") is None
    town.an.press("Đúng")
    town.an.wait_for("chính thức · báo giấy")
    assert found(town, "mai thị xuân") is not None


def test_a_second_tap_on_yes_adds_nobody(town: Town) -> None:
    town.an.send("/danhsach")
    town.an.wait_for("DANH SÁCH")
    town.an.press("Thêm người")
    town.an.wait_for("Họ và tên người mới")
    town.an.send("Mai Thị Xuân")
    question = town.an.wait_for("Thêm Mai Thị Xuân")
    town.an.press_data(question, "addyes")
    again = town.an.press_data(question, "addyes")
    assert again.text == "Việc này đã ghi hoặc đã bỏ rồi."
    town.world.settle()
    people = town.database.run(
        lambda s: s.exec(select(Person).where(Person.full_name == "Mai Thị Xuân")).all()
    )
    assert len(people) == 1


def test_a_name_that_is_on_the_roll_already_is_said_and_may_be_added_all_the_same(
    town: Town,
) -> None:
    def born(session: Session) -> None:
        town.person(session, "huong").born = date(1980, 2, 3)

    town.database.run(born)
    town.an.send("/danhsach")
    town.an.wait_for("DANH SÁCH")
    town.an.press("Thêm người")
    town.an.wait_for("Họ và tên người mới")
    town.an.send("hello@@ 123")
    town.an.wait_for("“hello@@ 123” chưa phải họ và tên đầy đủ. Xin ghi cả họ và tên.")
    town.an.send("đỗ quốc khánh")
    town.an.wait_for("Trong Chi bộ 1 đã có Đỗ Quốc Khánh.")
    town.an.send("Nguyễn Thị Hương")
    asked = town.an.wait_for("Trong Chi bộ 1 đã có Nguyễn Thị Hương (sinh năm 1980).")
    assert "Thêm Nguyễn Thị Hương vào danh sách Chi bộ 1?" in asked.text
    town.an.press("Đúng")
    town.an.wait_for("chính thức · báo giấy")
    people = town.database.run(
        lambda s: s.exec(select(Person).where(Person.full_name == "Nguyễn Thị Hương")).all()
    )
    assert len(people) == 2


def test_a_wrong_birth_date_is_refused_and_a_right_one_shown_back(town: Town) -> None:
    town.an.send("/danhsach")
    shown = town.an.wait_for("DANH SÁCH")
    town.an.press_data(shown, f"editfield:{town.ids['huong']}:born")
    town.an.wait_for("Ngày sinh của Nguyễn Thị Hương: chưa có")
    town.an.send("31/2/1980")
    town.an.wait_for("31/2/1980")
    town.an.send("3/2/1980")
    town.an.wait_for("sẽ là:")
    assert town.database.run(lambda s: town.person(s, "huong").born) is None
    town.an.press("Đúng")
    town.an.wait_for("Ngày sinh:")
    assert str(town.database.run(lambda s: town.person(s, "huong").born)) == "1980-02-03"


def test_who_is_elsewhere_for_a_while_is_marked_so_by_two_presses(town: Town) -> None:
    town.an.send("/trogiup")
    help_ = town.an.wait_for("Trợ giúp")
    town.an.press_data(help_, f"editmember:{town.ids['huong']}")
    town.an.press("Tình trạng", town.an.wait_for("Sửa mục nào"))
    asked = town.an.wait_for("có đang sinh hoạt ở đây không?")
    assert asked.buttons == ["đang sinh hoạt", "tạm ở nơi khác", "bị đình chỉ", "‹ Quay lại"]
    town.an.press("tạm ở nơi khác", asked)
    town.an.wait_for("chính thức · tạm ở nơi khác · đã kết nối")


def test_a_committee_member_sees_the_roll_but_changes_nothing(town: Town) -> None:
    town.chi.send("/danhsach")
    shown = town.chi.wait_for("DANH SÁCH")
    assert "Thêm người" not in shown.buttons
    for data in (
        f"editmember:{town.ids['huong']}",
        f"endyes:{town.ids['huong']}",
        f"newlink:{town.ids['huong']}",
        f"giveyes:{town.ids['chi']}:2:secretary",
    ):
        town.chi.press_data(shown, data)
        town.chi.wait_for("Việc này do bí thư làm (đ/c An).")
    assert town.database.run(lambda s: town.person(s, "huong").ended) is None
    assert roles(town, "chi") == ["committee"]


def test_a_deputy_is_offered_no_more_than_is_allowed(town: Town) -> None:
    town.binh.send("/danhsach")
    shown = town.binh.wait_for("DANH SÁCH")
    offered = {}
    for name in ("huong", "an", "binh"):
        town.binh.press_data(shown, f"member:{town.ids[name]}")
        full_name = town.database.run(lambda s, name=name: town.person(s, name).full_name)
        card = town.binh.wait_for(f"{full_name} · ")
        offered[name] = set(card.buttons) & {"Liên kết mới", "Ra khỏi danh sách"}
    assert offered == {
        "huong": {"Liên kết mới", "Ra khỏi danh sách"},
        "an": set(),  # who gives the secretary an account, or ends her, must outrank her
        "binh": {"Liên kết mới"},
    }
    town.binh.press_data(shown, f"newlink:{town.ids['an']}")
    town.binh.wait_for("không có hoặc không dành cho")
    town.an.send("/danhsach")
    town.an.press_data(town.an.wait_for("DANH SÁCH"), f"member:{town.ids['binh']}")
    assert "Liên kết mới" in town.an.wait_for("Trần Thanh Bình · ").buttons


def test_forged_buttons_reach_nobody_of_another_branch(town: Town) -> None:
    town.an.send("/danhsach")
    shown = town.an.wait_for("DANH SÁCH")
    minh, lan = town.ids["minh"], town.ids["lan"]
    for data in (f"member:{minh}", f"endyes:{lan}", f"setkind:{minh}:exempt", f"roles:{lan}"):
        town.an.press_data(shown, data)
        town.an.wait_for("không có hoặc không dành cho")
    assert town.database.run(lambda s: town.person(s, "lan").ended) is None


def test_a_telephone_is_shown_back_as_people_dial_it_and_a_wrong_one_leaves_a_way_out(
    town: Town,
) -> None:
    town.an.send("/danhsach")
    shown = town.an.wait_for("DANH SÁCH")
    town.an.press_data(shown, f"editfield:{town.ids['huong']}:phone")
    town.an.wait_for("gõ giá trị mới")
    town.an.send("09 không rõ")
    assert "Hủy" in town.an.wait_for("không phải").buttons
    town.an.send("0912.345.678")
    town.an.wait_for("0912 345 678")
    town.an.press("Hủy")
    town.world.settle()
    assert town.database.run(lambda s: town.person(s, "huong").phone) is None


def test_ending_a_member_asks_again_and_silences_them(town: Town) -> None:
    town.an.send("/danhsach")
    shown = town.an.wait_for("DANH SÁCH")
    town.an.press_data(shown, f"endmember:{town.ids['huong']}")
    town.an.wait_for("Cho 1 người ra khỏi danh sách: Nguyễn Thị Hương?")
    town.an.press("Cho ra 1 người")
    town.an.wait_for("đã ra khỏi danh sách")
    town.huong.send("/caidat")
    town.huong.wait_for("liên kết riêng")


def test_who_is_taken_off_the_roll_is_told_once_and_loses_the_keys(town: Town) -> None:
    town.huong.start()
    town.huong.wait_for("Đồng chí Hương")
    assert ["Hỏi đáp", "Hồ sơ"] in town.huong.keyboard
    town.an.send("/danhsach")
    shown = town.an.wait_for("DANH SÁCH")
    town.an.press_data(shown, f"endyes:{town.ids['huong']}")
    told = town.huong.wait_for("Đồng chí không còn trong danh sách Chi bộ 1; nếu thấy chưa đúng,")
    assert (told.markup, town.huong.keyboard) == ("remove", [])
    town.an.press_data(shown, f"endyes:{town.ids['huong']}")
    town.world.settle()
    assert sum("không còn trong danh sách" in each.text for each in town.huong.messages()) == 1


def test_a_key_that_is_left_over_asks_for_nothing(town: Town) -> None:
    stranger = town.world.person("Người lạ")
    for _time in range(2):  # greeted, then with the form open
        stranger.send("Hồ sơ")
        shown = stranger.wait_for("mỗi người có một liên kết riêng")
        assert shown.markup == "remove"
        town.world.settle()
        assert stranger.last.text == shown.text
    asked = town.database.run(lambda s: s.exec(select(JoinRequest)).all())
    assert asked == []


def test_a_role_is_given_and_ended_and_the_menu_follows(town: Town) -> None:
    dung = town.ids["dung"]
    town.an.send("/danhsach")
    shown = town.an.wait_for("DANH SÁCH")
    town.an.press_data(shown, f"roles:{dung}")
    town.an.wait_for("Chức vụ của Phạm Tiến Dũng")
    town.an.press("Chi ủy viên")
    town.an.wait_for("Ở đơn vị nào?")
    town.an.press("Chi bộ 1")
    town.an.wait_for("Chi ủy viên · Chi bộ 1")
    town.dung.wait_for("Từ hôm nay đồng chí giữ chức vụ: Chi ủy viên · Chi bộ 1.")
    _until(town, lambda: "quanly" in town.dung.menu)
    assert "quanly" not in town.huong.menu
    town.an.press("Chức vụ")
    town.an.wait_for("Chức vụ của Phạm Tiến Dũng")
    town.an.press("Thôi Chi ủy viên")
    town.an.wait_for("Thôi 1 chức vụ: Phạm Tiến Dũng")
    town.an.press("Thôi 1 chức vụ")
    town.an.wait_for("chính thức")
    _until(town, lambda: "quanly" not in town.dung.menu)
    assert roles(town, "dung") == []


def _until(town: Town, holds: object) -> None:
    assert callable(holds)
    for _try in range(50):
        if holds():
            return
        town.world.settle(quiet=0.2)
    raise AssertionError("it did not come")


def test_a_branch_secretary_gives_no_role_above_the_branch(town: Town) -> None:
    top = town.database.run(lambda s: roster.unit_at(s, "Đảng bộ Sở Y tế").id)
    town.an.send("/danhsach")
    shown = town.an.wait_for("DANH SÁCH")
    town.an.press_data(shown, f"giveyes:{town.ids['an']}:{top}:secretary")
    town.an.wait_for("không có hoặc không dành cho")
    assert roles(town, "an") == [Role.SECRETARY]


def test_a_new_link_comes_with_its_picture_and_revokes_the_old_one(town: Town) -> None:
    town.an.send("/danhsach")
    shown = town.an.wait_for("DANH SÁCH")
    for _time in range(2):
        town.an.press_data(shown, f"newlink:{town.ids['huong']}")
        town.an.wait_for("https://t.me/chibo_bot?start=")
        picture = town.an.wait_for(lambda message: message.document is not None)
        assert picture.document is not None
        assert picture.document.read().startswith(b"\x89PNG")
        assert picture.document.is_photo, "it is to be scanned from the screen"
        assert picture.text.startswith("Liên kết chỉ dành cho Nguyễn Thị Hương, đến hết ")
    invites = town.database.run(lambda s: s.exec(select(Invite)).all())
    assert sorted(each.revoked_at is None for each in invites) == [False, True]


# -- files -------------------------------------------------------------------------------------


def sheet(*lines: str) -> bytes:
    return "\n".join([HEAD, *lines]).encode()


def test_a_file_is_checked_shown_and_written_after_a_yes(town: Town) -> None:
    town.an.send_document(
        "danh-sach.csv",
        sheet(
            f"Mai Thị Xuân;{BRANCH};;",
            f"Lý Văn Yên;{BRANCH} / Tổ 3;;1/1/1990",
            f"Nguyễn Văn An;{BRANCH};;",
            f"Hà Văn Sai;{BRANCH};;31/2/1990",
        ),
    )
    preview = town.an.wait_for("KIỂM TRA TỆP danh-sach.csv → 2 mới · 1 trùng · 1 lỗi. CHƯA GHI GÌ.")
    assert preview.buttons == ["Ghi 2 người", "Tải dòng lỗi", "Hủy"]
    assert "Dòng 5, cột Ngày sinh" in preview.text
    assert found(town, "Mai Thị Xuân") is None
    town.an.press("Tải dòng lỗi")
    book = town.an.wait_for(lambda message: message.document is not None).document
    assert book is not None
    with zipfile.ZipFile(io.BytesIO(book.read())) as archive:
        assert "31/2/1990" in archive.read("xl/sharedStrings.xml").decode()
    town.an.press("Ghi 2 người")
    town.an.wait_for("Đã ghi: 2 mới")
    assert found(town, "Lý Văn Yên") is not None
    town.an.press("Hoàn tác")
    town.an.wait_for("Liên quan 2 người")
    town.an.press("Hoàn tác 2 người")
    town.an.wait_for("Đã hoàn tác")
    assert found(town, "Lý Văn Yên") is None


def test_a_row_with_two_errors_is_one_wrong_row_and_both_errors_are_named(town: Town) -> None:
    town.an.send_document(
        "a.csv",
        sheet(
            f"Mai Thị Xuân;{BRANCH};;",
            f"Hà Văn Sai;{BRANCH};Vua;31/2/1990",
            f"Lý Văn Lỗi;{BRANCH};;32/1/1990",
        ),
    )
    preview = town.an.wait_for("KIỂM TRA TỆP a.csv → 1 mới · 0 trùng · 2 lỗi. CHƯA GHI GÌ.")
    assert preview.text.count("Dòng 3, cột") == 2
    town.an.press("Tải dòng lỗi")
    book = town.an.wait_for(lambda message: message.document is not None).document
    assert book is not None
    with zipfile.ZipFile(io.BytesIO(book.read())) as archive:
        said = archive.read("xl/sharedStrings.xml").decode()
    assert "Vua" in said and "31/2/1990" in said and "32/1/1990" in said


def test_an_empty_name_hides_neither_the_other_errors_nor_the_other_rows(town: Town) -> None:
    lines = (f"Hà Văn Sai;{BRANCH};;31/2/1990", f"Mai Thị Xuân;{BRANCH};;", f";{BRANCH};;")
    town.an.send_document("a.csv", sheet(*lines))
    preview = town.an.wait_for("1 mới · 0 trùng · 2 lỗi")
    assert preview.buttons == ["Ghi 1 người", "Tải dòng lỗi", "Hủy"]
    assert "Dòng 2, cột Ngày sinh" in preview.text
    assert "Dòng 4, cột Họ và tên" in preview.text


def test_what_is_left_out_of_a_file_is_said(town: Town) -> None:
    lines = (f"Mai Thị Xuân;{BRANCH};;;ghi", "Tổng cộng;;;;")
    town.an.send_document("a.csv", "\n".join([f"{HEAD};Ghi chú", *lines]).encode())
    shown = town.an.wait_for("1 mới").text
    assert "Ghi chú" in shown
    assert "Dòng 3: " in shown


def test_two_taps_on_write_are_one(town: Town) -> None:
    town.quyen.send_document("a.csv", sheet("Mai Thị Xuân;Chi bộ Mới;Bí thư;"))
    preview = town.quyen.wait_for("1 mới")
    data = preview.button("Ghi 1 người").data or ""
    town.quyen.press_data(preview, data)
    town.quyen.wait_for("Đã ghi")
    town.quyen.press_data(preview, data)
    town.quyen.wait_for("đã được ghi rồi")
    assert town.quyen.id == OWNER


def test_a_file_that_was_given_up_is_not_written(town: Town) -> None:
    town.an.send_document("a.csv", sheet(f"Mai Thị Xuân;{BRANCH};;"))
    preview = town.an.wait_for("1 mới")
    data = preview.button("Ghi 1 người").data or ""
    town.an.press("Hủy")
    town.an.wait_for("Đã hủy")
    town.an.press_data(preview, data)
    town.an.wait_for("không có hoặc không dành cho")
    assert found(town, "Mai Thị Xuân") is None


def test_nobody_writes_another_ones_file(town: Town) -> None:
    town.an.send_document("a.csv", sheet(f"Mai Thị Xuân;{BRANCH};;"))
    data = town.an.wait_for("1 mới").button("Ghi 1 người").data or ""
    town.oanh.send("/danhsach")
    shown = town.oanh.wait_for("DANH SÁCH")
    town.oanh.press_data(shown, data)
    town.oanh.wait_for("không có hoặc không dành cho")
    assert found(town, "Mai Thị Xuân") is None


def test_a_file_of_more_than_20_mb_is_refused_before_it_is_fetched(town: Town) -> None:
    town.an.send_document("big.xlsx", b"PK", size=32 * 2**20)
    town.an.wait_for("Tệp 32 MB, tôi nhận tối đa 20 MB.")
    assert town.world.calls("getfile") == []


def test_a_file_that_is_no_table_is_refused_with_a_reason(town: Town) -> None:
    town.an.send_document("ảnh.xlsx", b"this is no workbook")
    refused = town.an.wait_for("Không dùng được tệp ảnh.xlsx")
    assert refused.buttons == ["‹ Trang đầu"]
    assert "Tài liệu họp thì gửi trong cuộc họp: [Chuẩn bị], [Tài liệu]." in refused.text
    assert "KIỂM TRA" not in town.an.transcript()
    town.an.send_document("rỗng.csv", b"")
    assert town.an.wait_for("Không dùng được tệp rỗng.csv").buttons == ["‹ Trang đầu"]


def test_a_members_file_is_not_even_fetched(town: Town) -> None:
    town.huong.send_document("a.csv", sheet(f"Mai Thị Xuân;{BRANCH};;"))
    town.world.settle()
    assert town.world.calls("getfile") == []
    assert found(town, "Mai Thị Xuân") is None


def test_the_card_of_a_fully_known_member_fits_six_lines(town: Town) -> None:
    def know(session: Session) -> int:
        person = town.person(session, "an")
        person.born, person.joined, person.official = (
            date(1970, 1, 2),
            date(2000, 5, 19),
            date(2001, 5, 19),
        )
        person.card, person.phone, person.residence = "90.1", "+84900000001", "Tổ dân phố 1"
        return person.id

    person_id = town.database.run(know)
    town.an.send("/danhsach")
    town.an.press_data(town.an.wait_for("DANH SÁCH"), f"member:{person_id}")
    shown = town.an.wait_for("Số thẻ").text.splitlines()
    assert "Ngày vào Đảng: 19/5/2000 · Ngày chính thức: 19/5/2001" in shown
    assert len(shown) <= 6
