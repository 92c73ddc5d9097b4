"""Getting in through the pretend Telegram: links, consent, strangers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from storage import joining, roster
from storage.outbox import Notice
from storage.powers import Actor
from storage.roster import Person
from tests.town import ACCOUNTS, BRANCH_1, NOON, OWNER, STRANGER, Town, unit_id

CHIEF = Actor(0, owner=True)


def newcomer(town: Town, name: str = "Mai Thị Xuân", **fields: object) -> tuple[int, str]:
    """Somebody on the roll without an account, and the code of their link."""

    def work(session: Session) -> tuple[int, str]:
        unit = roster.unit_at(session, BRANCH_1)
        person = roster.new_person(session, unit, name, **fields)
        return person.id, joining.invite(session, CHIEF, person.id, now=NOON)

    return town.database.run(work)


def account(town: Town, person_id: int) -> int | None:
    return town.database.run(lambda s: s.get_one(Person, person_id).telegram_id)


def agreed(town: Town, person_id: int) -> bool:
    return town.database.run(lambda s: s.get_one(Person, person_id).consented_at is not None)


def test_a_member_comes_in_by_the_personal_link(town: Town) -> None:
    person_id, code = newcomer(town)
    town.xuan.start(code)
    screen = town.xuan.wait_for("Đồng chí là Mai Thị Xuân?")
    assert "trợ lý của Chi bộ 1" in screen.text
    assert "nội dung mật" in screen.text
    assert screen.buttons == ["Đúng, là tôi", "Không phải tôi"]
    town.xuan.press("Đúng, là tôi")
    consent = town.xuan.wait_for("đồng ý để chi bộ lưu và dùng")
    assert consent.buttons == ["Đồng ý", "Không đồng ý"]
    assert not agreed(town, person_id)
    town.xuan.press("Đồng ý")
    town.xuan.wait_for("Đồng chí Xuân · Chi bộ 1")
    town.world.settle()
    assert town.xuan.keyboard[0] == ["Lịch họp", "Học tập"]
    assert agreed(town, person_id)


def test_a_link_works_once_and_every_bad_code_gets_the_same_words(town: Town) -> None:
    _person, used = newcomer(town)
    town.xuan.start(used)
    town.xuan.wait_for("Đồng chí là")
    town.xuan.press("Đúng, là tôi")
    town.xuan.wait_for("đồng ý để chi bộ")
    other = town.world.person("Yên")
    _expired_person, expired = newcomer(town, "Lý Thị Yên")
    town.database.run(lambda s: [_expire(each) for each in s.exec(select(joining.Invite)).all()])
    said = []
    for code in (used, "guessed", expired, "x" * 60):
        other.start(code)
        said.append(other.wait_for("Liên kết này không dùng được").text)
    assert len(set(said)) == 1


def _expire(invite: joining.Invite) -> None:
    invite.expires_at = NOON - timedelta(days=1)


def test_too_many_wrong_codes_close_the_door_for_an_hour(town: Town) -> None:
    _person, code = newcomer(town)
    for number in range(10):
        town.xuan.start(f"wrong{number}")
        town.xuan.wait_for("Liên kết này không dùng được")
    town.xuan.start(code)
    town.xuan.wait_for("Liên kết này không dùng được")
    town.world.advance(minutes=61)
    town.xuan.start(code)
    town.xuan.wait_for("Đồng chí là Mai Thị Xuân?")


def test_not_me_changes_nothing_and_keeps_the_link_good(town: Town) -> None:
    person_id, code = newcomer(town)
    town.xuan.start(code)
    town.xuan.wait_for("Đồng chí là")
    town.xuan.press("Không phải tôi")
    town.xuan.wait_for("dành cho người khác")
    assert account(town, person_id) is None
    town.xuan.start(code)
    town.xuan.wait_for("Đồng chí là Mai Thị Xuân?")


def test_who_does_not_agree_leaves_no_trace_and_may_come_again(town: Town) -> None:
    person_id, code = newcomer(town)
    town.xuan.start(code)
    town.xuan.wait_for("Đồng chí là")
    town.xuan.press("Đúng, là tôi")
    town.xuan.wait_for("đồng ý để chi bộ")
    town.xuan.press("Không đồng ý")
    town.xuan.wait_for("không bị lưu lại gì")
    assert account(town, person_id) is None
    town.xuan.start(code)
    town.xuan.wait_for("Đồng chí là Mai Thị Xuân?")


def test_two_taps_on_yes_are_one(town: Town) -> None:
    person_id, code = newcomer(town)
    town.xuan.start(code)
    question = town.xuan.wait_for("Đồng chí là")
    data = question.button("Đúng, là tôi").data or ""
    town.xuan.press_data(question, data)
    town.xuan.press_data(question, data)
    town.world.settle()
    assert account(town, person_id) == STRANGER
    town.xuan.press("Đồng ý")
    town.xuan.wait_for("Đồng chí Xuân · Chi bộ 1")
    old = [each for each in town.xuan.messages() if each.from_bot]
    assert not any("không dùng được" in each.text for each in old)


def test_an_old_no_does_not_unlink_who_has_agreed(town: Town) -> None:
    screen = town.huong.send("/start")
    home = town.huong.wait_for("Đồng chí Hương")
    assert town.huong.press_data(home, "consent:no").answered
    town.huong.wait_for("đã đồng ý rồi")
    assert account(town, town.ids["huong"]) == ACCOUNTS["huong"]
    assert screen.text == "/start"


def test_who_is_linked_by_the_roster_file_is_asked_for_consent_only(town: Town) -> None:
    person_id, _code = newcomer(town, telegram_id=STRANGER)
    town.xuan.start()
    screen = town.xuan.wait_for("đồng ý để chi bộ lưu")
    assert "Đúng, là tôi" not in screen.buttons
    assert "nội dung mật" in screen.text
    town.xuan.press("Không đồng ý")
    town.xuan.wait_for("không bị lưu lại gì")
    town.xuan.start()
    town.xuan.wait_for("đồng ý để chi bộ lưu")
    town.xuan.press("Đồng ý")
    town.xuan.wait_for("Đồng chí Xuân")
    assert agreed(town, person_id)


def test_a_new_account_takes_over_and_silences_the_old_at_once(town: Town) -> None:
    huong = town.ids["huong"]
    code = town.database.run(lambda s: joining.invite(s, CHIEF, huong, now=NOON))
    phone = town.world.person("Hương mới")
    phone.start(code)
    phone.wait_for("Đồng chí là Nguyễn Thị Hương?")
    assert account(town, huong) == ACCOUNTS["huong"]
    phone.press("Đúng, là tôi")
    phone.wait_for("Đồng chí Hương · Chi bộ 1")
    assert account(town, huong) == phone.id
    town.huong.send("/caidat")
    town.huong.wait_for("mỗi người có một liên kết riêng")


def test_one_account_cannot_be_two_people(town: Town) -> None:
    person_id, code = newcomer(town)
    town.huong.start(code)
    town.huong.wait_for("không thể là hai người")
    assert account(town, person_id) is None


def test_a_secretary_elsewhere_cannot_make_a_link(town: Town) -> None:
    town.lan.send("/danhsach")
    shown = town.lan.wait_for("DANH SÁCH Chi bộ 2")
    town.lan.press_data(shown, f"newlink:{town.ids['huong']}")
    town.lan.wait_for("không có hoặc không dành cho")
    assert town.database.run(lambda s: s.exec(select(joining.Invite)).first()) is None


# -- strangers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["/lich", "/quanly", "/danhsach", "/nosuch"])
def test_a_stranger_gets_the_same_door_whatever_they_type(town: Town, typed: str) -> None:
    town.xuan.send(typed)
    town.xuan.wait_for("mỗi người có một liên kết riêng")
    for name in ("Chi bộ", "Sở Y tế"):
        assert name not in town.xuan.transcript().replace("chi bộ", "")


def test_a_stranger_who_presses_anything_gets_the_door(town: Town) -> None:
    town.xuan.start()
    door = town.xuan.wait_for("mỗi người có một liên kết riêng")
    for data in (f"member:{town.ids['an']}", "people:1:0", "home", "rosterwrite:1", "zzz"):
        assert town.xuan.press_data(door, data).text == ""
    town.world.settle()
    assert [each.id for each in town.xuan.messages() if each.from_bot] == [door.id]
    assert "mỗi người có một liên kết riêng" in town.xuan.last.text


def test_the_answer_is_the_same_whether_the_unit_exists_or_not(town: Town) -> None:
    said = []
    for typed in ("Chi bộ Không Có", "chi bo 1", "Đảng bộ Sở Y tế / Chi bộ 1"):
        town.xuan.start()
        town.xuan.wait_for("mỗi người có một liên kết riêng")
        town.xuan.send(typed)
        said.append(town.xuan.wait_for("Cảm ơn đồng chí").text)
    assert len(set(said)) == 1


def test_a_stranger_is_let_in_by_the_committee(town: Town) -> None:
    person_id, _code = newcomer(town)
    town.xuan.start()
    town.xuan.wait_for("liên kết riêng")
    town.xuan.send("chi bộ 1")
    town.xuan.wait_for("Cảm ơn đồng chí")
    request = town.an.wait_for("xin vào Chi bộ 1")
    assert "Xuân" in request.text
    town.lan.mark()
    town.an.press("Cho vào")
    choice = town.an.wait_for("là ai trong danh sách?")
    assert "Mai Thị Xuân" in choice.text
    assert "Nguyễn Thị Hương" not in choice.text  # linked already
    town.an.press("1")
    town.an.wait_for("với tên Mai Thị Xuân")
    town.an.press("Đúng")
    town.an.wait_for("Đã cho Mai Thị Xuân vào")
    town.xuan.wait_for("đã được chấp nhận")
    town.xuan.press("Tiếp tục")
    town.xuan.wait_for("đồng ý để chi bộ lưu")
    town.xuan.press("Đồng ý")
    town.xuan.wait_for("Đồng chí Xuân · Chi bộ 1")
    assert agreed(town, person_id)
    assert "xin vào" not in town.lan.transcript()


def test_a_stranger_is_turned_down_once(town: Town) -> None:
    town.xuan.start()
    town.xuan.wait_for("liên kết riêng")
    town.xuan.send("Chi bộ 1")
    request = town.an.wait_for("xin vào Chi bộ 1")
    other = town.binh.wait_for("xin vào Chi bộ 1")
    town.an.press("Từ chối")
    town.an.wait_for("Đã từ chối")
    town.xuan.wait_for("chưa được chấp nhận")
    town.binh.press("Từ chối", other)
    town.binh.wait_for("đã được giải quyết rồi")
    assert request.id


def test_a_committee_elsewhere_cannot_decide(town: Town) -> None:
    town.xuan.start()
    town.xuan.wait_for("liên kết riêng")
    town.xuan.send("Chi bộ 1")
    request = town.an.wait_for("xin vào Chi bộ 1")
    data = request.button("Từ chối").data or ""
    town.lan.send("/danhsach")
    shown = town.lan.wait_for("DANH SÁCH")
    town.lan.press_data(shown, data)
    town.lan.wait_for("không có hoặc không dành cho")
    rows = town.database.run(lambda s: s.exec(select(joining.JoinRequest)).all())
    assert [each.decided_at for each in rows] == [None]


def test_the_owner_decides_where_there_is_no_committee(town: Town) -> None:
    town.database.run(lambda s: roster.unit_at(s, "Chi bộ Hưu trí").id)
    owner = town.quyen
    owner.start()
    owner.wait_for("quản trị bot này")
    town.xuan.start()
    town.xuan.wait_for("liên kết riêng")
    town.xuan.send("chi bo huu tri")
    owner.wait_for("xin vào Chi bộ Hưu trí")


def test_a_stranger_may_ask_three_times_a_day(town: Town) -> None:
    def ask(session: Session) -> int:
        for typed in ("Chi bộ 1", "Chi bộ 2", "Tổ 1", "Tổ 2"):
            joining.ask(
                session,
                STRANGER,
                "Xuân",
                typed,
                owner_id=OWNER,
                quiet_hours="",
                zone="Asia/Ho_Chi_Minh",
                today=NOON.date(),
                now=NOON,
            )
        return len(session.exec(select(joining.JoinRequest)).all())

    assert town.database.run(ask) == 3


def test_who_blocks_the_bot_is_listed_so_until_they_come_back(town: Town) -> None:
    town.huong.block()
    town.world.settle()
    blocked = town.database.run(lambda s: town.person(s, "huong").blocked_at)
    assert blocked is not None
    town.huong.unblock()
    town.huong.start()
    town.huong.wait_for("Đồng chí Hương")
    assert town.database.run(lambda s: town.person(s, "huong").blocked_at) is None


def test_a_request_reaches_the_nearest_committee_above_a_group(town: Town) -> None:
    def ask(session: Session) -> set[int | None]:
        joining.ask(
            session,
            STRANGER,
            "Xuân",
            "Tổ 1",
            owner_id=OWNER,
            quiet_hours="",
            zone="Asia/Ho_Chi_Minh",
            today=NOON.date(),
            now=NOON,
        )
        assert unit_id(session, BRANCH_1)
        return {each.person_id for each in session.exec(select(Notice)).all()}

    assert town.database.run(ask) == {town.ids[name] for name in ("an", "binh", "chi")}


def test_after_a_no_the_way_back_is_one_press(town: Town) -> None:
    person_id, code = newcomer(town)
    town.xuan.start(code)
    town.xuan.press("Đúng, là tôi", town.xuan.wait_for("Đồng chí là"))
    town.xuan.press("Không đồng ý", town.xuan.wait_for("đồng ý để chi bộ"))
    town.xuan.press("Xem lại", town.xuan.wait_for("Khi nào đổi ý"))
    town.xuan.press("Đồng ý", town.xuan.wait_for("đồng ý để chi bộ"))
    town.xuan.wait_for("Đồng chí Xuân · Chi bộ 1")
    assert agreed(town, person_id)


def test_a_stranger_is_greeted_once_and_not_at_every_other_word(town: Town) -> None:
    town.xuan.send("xin chào")
    town.xuan.wait_for("Chào")
    for typed in ("Chi bộ Hoa Sen", "Chi bộ Hoa Mai", "alo"):
        town.xuan.send(typed)
        town.xuan.wait_for("Cảm ơn")


def test_an_owner_on_no_roll_finds_out_how_to_begin(town: Town) -> None:
    town.quyen.start()
    home = town.quyen.wait_for("quản trị bot này")
    assert "/lienket" in home.text
    for label, screen in (
        ("Cài đặt", "Ngôn ngữ"),
        ("Trợ giúp", "/danhsach"),
        ("Quản lý", "Danh sách"),
    ):
        town.quyen.press(label, home)
        town.quyen.press(
            "‹ Trang đầu", town.quyen.wait_for(lambda m, s=screen: s in m.text or s in m.buttons)
        )
        home = town.quyen.wait_for("quản trị bot này")
    deadline = 50
    while deadline and "quanly" not in town.quyen.menu:
        town.world.settle(quiet=0.1)
        deadline -= 1
    assert set(town.quyen.menu) == {"quanly", "danhsach", "caidat", "trogiup"}
