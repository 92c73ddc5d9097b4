"""From a question nobody has answered yet to the committee, and back to the one who asked."""

from __future__ import annotations

from sqlmodel import Session, func, select

from bot.simulator.client import Message, Person
from storage.drafts import DraftRow
from storage.inbox import Ticket
from storage.outbox import Notice
from tests.town import ACCOUNTS, Town

ASKED = "dang phi dong the nao khi nghi om"
ANSWER = "Đồng chí đóng theo mức lương còn hưởng."
SENT = "Đã gửi cấp ủy Chi bộ 1"


def ask(person: Person, how: str = "Gửi có tên", text: str = ASKED) -> str:
    """Asks the committee; returns the ticket's number."""
    person.send(text)
    person.wait_for("chưa tìm thấy câu trả lời")
    person.press("Gửi cho cấp ủy")
    person.wait_for("Gửi câu hỏi này?")
    person.press(how)
    return person.wait_for(SENT).text.splitlines()[0].rpartition("#")[2]


def reply(person: Person, text: str = ANSWER) -> None:
    """Answers the oldest ticket of the inbox."""
    person.send("/hopthu")
    person.wait_for("HỘP THƯ")
    person.press("Trả lời")
    person.wait_for("Xin gõ câu trả lời")
    person.send(text)
    person.wait_for("Gửi câu trả lời này?")
    person.press("Gửi trả lời")


def tickets(town: Town) -> int:
    return town.database.run(
        lambda session: session.exec(select(func.count()).select_from(Ticket)).one()
    )


def only_ticket(session: Session) -> Ticket:
    return session.exec(select(Ticket)).one()


# -- there and back ----------------------------------------------------------------------------


def test_a_question_goes_to_the_committee_and_its_answer_comes_back(town: Town) -> None:
    number = ask(town.huong)
    for name in ("an", "binh", "chi"):
        said = town.people[name].wait_for("Hộp thư có thư mới").text
        assert said.splitlines()[1] == f'#{number} Hương: "{ASKED}"'
    reply(town.an)
    town.an.wait_for(f"Đã gửi trả lời #{number}")
    came = town.huong.wait_for(f"Cấp ủy Chi bộ 1 trả lời #{number}")
    assert came.text.splitlines()[1:] == [f"Đồng chí đã hỏi: {ASKED}", f"Trả lời: {ANSWER}"]
    assert came.buttons == ["‹ Trang đầu"]


def test_the_inbox_shows_what_waits_and_for_how_long(town: Town) -> None:
    first = ask(town.huong)
    town.world.advance(days=2, hours=1)
    second = ask(town.giang, text="hoi truong mo cua luc may gio")
    town.an.send("Hộp thư")
    shown = town.an.wait_for("HỘP THƯ")
    assert shown.text.splitlines() == [
        "HỘP THƯ · 2 chưa trả lời, lâu nhất 2 ngày",
        f'#{first} Hương: "{ASKED}"',
    ]
    assert [[button.text for button in row] for row in shown.rows] == [
        ["Trả lời", "Chuyển phó bí thư"],
        ["Lưu vào hỏi đáp"],
        ["‹", "1/2", "›"],
        ["‹ Trang đầu"],
    ]
    town.an.press("›")
    page = town.an.wait_for(lambda each: "2/2" in each.buttons)  # not the notice that names it
    assert f"#{second} Giang" in page.text


def test_an_empty_inbox_says_so(town: Town) -> None:
    town.an.send("/inbox")
    assert town.an.wait_for("không có thư nào").buttons == ["‹ Trang đầu"]


def test_the_answer_is_not_held_by_the_quiet_hours_of_the_one_who_asked(town: Town) -> None:
    ask(town.huong)
    town.world.advance(hours=11)  # 23:00
    reply(town.an)
    town.huong.wait_for(ANSWER)


def test_the_committee_is_not_woken_by_a_question(town: Town) -> None:
    town.world.advance(hours=11)  # 23:00
    ask(town.huong)
    town.world.settle()
    assert "Hộp thư có thư mới" not in town.an.transcript()
    town.world.advance(hours=8)
    town.an.wait_for("Hộp thư có thư mới")


def test_an_answer_may_be_typed_again_before_it_is_sent(town: Town) -> None:
    ask(town.huong)
    town.an.send("/hopthu")
    town.an.wait_for("HỘP THƯ")
    town.an.press("Trả lời")
    town.an.wait_for("Xin gõ câu trả lời")
    town.an.send("Đóng như thuờng.")
    first = town.an.wait_for("Gửi câu trả lời này?")
    town.an.press("Sửa")
    town.an.wait_for("Xin gõ câu trả lời")
    town.an.send(ANSWER)
    town.an.wait_for(ANSWER)
    forged = town.an.last.button("Gửi trả lời").data
    assert forged is not None
    number = forged.split(":")[1]
    town.an.press_data(first, f"inbox-send:{number}:oldtoken")
    town.an.wait_for("Gửi câu trả lời này?")
    town.an.press("Gửi trả lời")
    town.huong.wait_for(ANSWER)
    assert "thuờng" not in town.huong.transcript()


def test_who_drops_an_answer_leaves_the_ticket_to_others(town: Town) -> None:
    ask(town.huong)
    town.an.send("/hopthu")
    town.an.wait_for("HỘP THƯ")
    town.an.press("Trả lời")
    town.an.wait_for("Xin gõ câu trả lời")
    town.chi.send("/hopthu")
    town.chi.wait_for("Đ/c Nguyễn Văn An đang trả lời")
    town.an.press("Hủy")
    town.an.wait_for("HỘP THƯ")
    town.chi.send("/hopthu")
    assert "đang trả lời" not in town.chi.wait_for("HỘP THƯ").text


def test_the_secretary_hands_a_ticket_to_the_deputy(town: Town) -> None:
    number = ask(town.huong)
    town.an.send("/hopthu")
    town.an.wait_for("HỘP THƯ")
    answer = town.an.press("Chuyển phó bí thư")
    assert answer.text == f"Đã chuyển #{number}."
    town.an.wait_for("Đã chuyển phó bí thư.")
    handed = town.binh.wait_for("Thư được chuyển đến đồng chí")
    assert handed.buttons == ["Trả lời", "Hộp thư"]
    town.binh.press("Trả lời", handed)
    town.binh.wait_for("Xin gõ câu trả lời")
    town.binh.send(ANSWER)
    town.binh.wait_for("Gửi câu trả lời này?")
    town.binh.press("Gửi trả lời")
    town.huong.wait_for(ANSWER)


# -- once --------------------------------------------------------------------------------------


def test_a_double_press_of_send_is_one_ticket(town: Town) -> None:
    town.huong.send(ASKED)
    town.huong.wait_for("chưa tìm thấy")
    town.huong.press("Gửi cho cấp ủy")
    shown = town.huong.wait_for("Gửi câu hỏi này?")
    named, hidden = shown.button("Gửi có tên").data, shown.button("Gửi ẩn danh").data
    assert named is not None and hidden is not None
    for data in (named, named, hidden):
        town.huong.press_data(shown, data, wait=False)
    town.huong.wait_for(SENT)
    town.world.settle()
    assert tickets(town) == 1


def test_of_two_answers_the_first_counts_and_the_other_is_told(town: Town) -> None:
    number = ask(town.huong)
    for person, text in ((town.an, ANSWER), (town.chi, "Tôi cũng chưa rõ.")):
        person.send("/hopthu")
        person.wait_for("HỘP THƯ")
        person.press("Trả lời")
        person.wait_for("Xin gõ câu trả lời")
        person.send(text)
        person.wait_for("Gửi câu trả lời này?")
    town.an.press("Gửi trả lời")
    town.huong.wait_for(ANSWER)
    town.chi.press("Gửi trả lời")
    late = town.chi.wait_for(f"Đ/c Nguyễn Văn An đã trả lời #{number}")
    assert ANSWER in late.text
    town.world.settle()
    assert "Tôi cũng chưa rõ." not in town.huong.transcript()


def test_a_second_press_of_send_answer_sends_nothing_more(town: Town) -> None:
    ask(town.huong)
    town.an.send("/hopthu")
    town.an.wait_for("HỘP THƯ")
    town.an.press("Trả lời")
    town.an.wait_for("Xin gõ câu trả lời")
    town.an.send(ANSWER)
    shown = town.an.wait_for("Gửi câu trả lời này?")
    data = shown.button("Gửi trả lời").data
    assert data is not None
    town.an.press_data(shown, data)
    town.an.press_data(shown, data)
    town.huong.wait_for(ANSWER)
    town.world.settle()
    assert sum(ANSWER in message.text for message in town.huong.messages()) == 1


def test_a_form_survives_a_restart(town: Town) -> None:
    town.huong.send(ASKED)
    town.huong.wait_for("chưa tìm thấy")
    town.close()
    town.open()
    town.huong.press("Gửi cho cấp ủy")
    town.huong.wait_for("Gửi câu hỏi này?")
    town.close()
    town.open()
    town.huong.send("Nghỉ ốm thì đóng đảng phí thế nào?")
    town.huong.wait_for("“Nghỉ ốm thì đóng đảng phí thế nào?”")
    town.close()
    town.open()
    town.huong.press("Gửi có tên")
    town.huong.wait_for(SENT)
    assert town.database.run(only_ticket).text == "Nghỉ ốm thì đóng đảng phí thế nào?"


def test_a_cancelled_form_leaves_nothing_behind(town: Town) -> None:
    town.huong.send(ASKED)
    town.huong.wait_for("chưa tìm thấy")
    assert town.database.run(lambda s: s.exec(select(DraftRow)).all()) == []
    town.huong.press("Gửi cho cấp ủy")
    shown = town.huong.wait_for("Gửi câu hỏi này?")
    old = shown.button("Gửi có tên").data
    assert old is not None
    town.huong.press("Hủy")
    town.huong.wait_for("Đã hủy")
    assert town.database.run(lambda s: s.exec(select(DraftRow)).all()) == []
    town.huong.press_data(shown, old)
    town.huong.wait_for("chưa có gì được gửi")
    assert tickets(town) == 0


def test_an_old_send_button_shows_the_newer_text_instead_of_sending_it(town: Town) -> None:
    town.huong.send(ASKED)
    town.huong.wait_for("chưa tìm thấy")
    town.huong.press("Gửi cho cấp ủy")
    first = town.huong.wait_for("Gửi câu hỏi này?")
    town.huong.send("Câu khác hẳn")
    town.huong.wait_for("“Câu khác hẳn”")
    town.huong.press("Gửi có tên", first)
    town.huong.wait_for("“Câu khác hẳn”")
    assert tickets(town) == 0


# -- who may know ------------------------------------------------------------------------------


def everything_shown(town: Town, *names: str) -> str:
    """All that these people have been sent, buttons and their addresses included."""
    messages: list[Message] = [
        message for name in names for message in town.people[name].messages() if message.from_bot
    ]
    calls = [
        str(call.params)
        for call in town.world.calls()
        if call.chat_id in {ACCOUNTS[name] for name in names}
    ]
    buttons = [f"{b.text} {b.data}" for message in messages for row in message.rows for b in row]
    return "\n".join([*(message.text for message in messages), *buttons, *calls])


def test_an_anonymous_asker_is_not_known_to_the_committee(town: Town) -> None:
    number = ask(town.huong, "Gửi ẩn danh")
    committee = ("an", "binh", "chi")
    for name in committee:
        told = town.people[name].wait_for("Hộp thư có thư mới").text
        assert f'#{number} Ẩn danh: "{ASKED}"' in told
    reply(town.an)
    town.an.wait_for("Đã gửi trả lời")
    town.huong.wait_for(ANSWER)
    shown = everything_shown(town, *committee)
    for trace in ("Hương", "Tổ 1", str(ACCOUNTS["huong"]), f"p{town.ids['huong']}"):
        assert trace not in shown


def test_a_day_after_the_answer_nothing_ties_it_to_the_asker(town: Town) -> None:
    ask(town.huong, "Gửi ẩn danh")
    reply(town.an)
    town.huong.wait_for(ANSWER)
    town.world.settle()
    assert town.database.run(only_ticket).person_id is None
    town.world.advance(days=1, minutes=1)
    huong = town.ids["huong"]

    def owed(session: Session) -> int:
        mine = select(func.count()).select_from(Notice).where(Notice.person_id == huong)
        return session.exec(mine).one()

    for _second in range(50):
        if town.database.run(owed) == 0:
            break
        town.world.settle()
    assert town.database.run(owed) == 0


def test_the_member_is_told_what_anonymous_means(town: Town) -> None:
    town.huong.send(ASKED)
    town.huong.wait_for("chưa tìm thấy")
    town.huong.press("Gửi cho cấp ủy")
    shown = town.huong.wait_for("Gửi câu hỏi này?").text
    assert "cấp ủy không thấy tên" in shown
    assert "Hệ thống giữ địa chỉ" in shown


def test_numbers_of_another_branchs_tickets_open_nothing(town: Town) -> None:
    number = ask(town.huong)
    town.lan.send("/hopthu")
    screen = town.lan.wait_for("không có thư nào")
    for data in ("answer", "hand", "save", "drop", "reword"):
        town.lan.press_data(screen, f"inbox-{data}:{number}")
        town.lan.wait_for("không dành cho")
    for data in ("send", "keep"):
        town.lan.press_data(screen, f"inbox-{data}:{number}:token")
        town.lan.wait_for("không dành cho")
    assert ASKED not in town.lan.transcript()


def test_a_member_has_no_inbox(town: Town) -> None:
    number = ask(town.huong)
    town.giang.send("/hopthu")
    town.giang.wait_for("Việc này do bí thư làm")
    town.giang.press_data(town.giang.last, f"inbox-answer:{number}")
    town.giang.wait_for("Việc này do bí thư làm")
    assert ASKED not in town.giang.transcript()


# -- keeping, suggesting -----------------------------------------------------------------------


def test_a_kept_answer_is_found_by_the_next_who_asks(town: Town) -> None:
    ask(town.huong)
    reply(town.an)
    town.an.wait_for("Đã gửi trả lời")
    town.an.press("Lưu vào hỏi đáp")
    town.an.wait_for("Lưu vào hỏi đáp cho mọi người ở Chi bộ 1?")
    town.an.press("Sửa")
    town.an.wait_for("Xin gõ lại câu hỏi")
    town.an.send("Đóng đảng phí khi nghỉ ốm")
    town.an.wait_for("Đóng đảng phí khi nghỉ ốm")
    town.an.press("Lưu")
    town.an.wait_for("Đã lưu")
    town.giang.send("nghi om dong dang phi the nao")
    town.giang.wait_for("1. Đóng đảng phí khi nghỉ ốm (Cấp ủy Chi bộ 1)")
    town.giang.press("1")
    town.giang.wait_for(ANSWER)


def test_keeping_before_answering_asks_for_the_answer_first(town: Town) -> None:
    ask(town.huong)
    town.an.send("/hopthu")
    town.an.wait_for("HỘP THƯ")
    town.an.press("Lưu vào hỏi đáp")
    town.an.wait_for("Gửi xong, đồng chí có thể lưu")
    town.an.send(ANSWER)
    town.an.wait_for("Gửi câu trả lời này?")
    town.an.press("Gửi trả lời")
    town.huong.wait_for(ANSWER)
    town.an.wait_for("Lưu vào hỏi đáp cho mọi người")
    town.an.press("Lưu")
    town.an.wait_for("Đã lưu")
    town.giang.send(ASKED)
    town.giang.wait_for(f"1. {ASKED}")


def test_a_suggestion_is_signed_and_lands_in_the_same_inbox(town: Town) -> None:
    town.huong.send("/gopy")
    town.huong.wait_for("gõ ý kiến góp ý")
    town.huong.send("Nên họp sớm hơn nửa giờ")
    shown = town.huong.wait_for("Gửi góp ý này?")
    assert shown.buttons == ["Gửi có tên", "Sửa", "Hủy"]
    data = shown.button("Gửi có tên").data
    assert data is not None
    town.huong.press_data(shown, data.replace(":named", ":anonymous"))
    town.huong.wait_for("không dành cho")
    town.huong.press("Gửi có tên", shown)
    town.huong.wait_for(SENT)
    town.an.send("/hopthu")
    inbox = town.an.wait_for("HỘP THƯ")
    assert 'Hương góp ý: "Nên họp sớm hơn nửa giờ"' in inbox.text
    assert "Lưu vào hỏi đáp" not in inbox.buttons


def test_too_long_a_question_keeps_the_form_open(town: Town) -> None:
    town.huong.send("x" * 50)
    town.huong.wait_for("chưa tìm thấy")
    town.huong.press("Gửi cho cấp ủy")
    town.huong.wait_for("Gửi câu hỏi này?")
    town.huong.send("y" * 601)
    town.huong.wait_for("dài 601 ký tự, tối đa 600")
    town.huong.send(ASKED)
    town.huong.wait_for(f"“{ASKED}”")


def test_markup_in_a_question_is_shown_as_it_was_typed(town: Town) -> None:
    text = "<b>đậm</b> & {0.__class__} tg://user?id=1"
    ask(town.huong, text=text)
    assert text in town.an.wait_for("Hộp thư có thư mới").text
    reply(town.an, "<i>vâng</i> & {number}")
    assert "<i>vâng</i> & {number}" in town.huong.wait_for("trả lời #").text
