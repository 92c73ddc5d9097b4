"""A quiz in the group: set up by presses, asked by Telegram, told as totals, over a restart."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from bot.simulator.client import Group, Message
from storage import bank, speakers
from storage.bank import ItemKind, NewItem
from storage.contest.tables import LiveRound
from storage.outbox import SentPoll
from tests.town import ACCOUNTS, BRANCH_1, NOON, Town, unit_id

RIGHT, WRONG = "đúng rồi", "sai rồi"


def fill_bank(town: Town, number: int = 6) -> None:
    def put(session: Session) -> None:
        an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
        new = [
            NewItem(ItemKind.SINGLE, f"Điều {at} nói gì?", (RIGHT, WRONG, "không rõ"), (0,),
                    why=f"Vì điều {at} nói thế.", topic="Điều lệ")
            for at in range(number)
        ]  # fmt: skip
        bank.put(session, an, unit_id(session, BRANCH_1), new, now=NOON)

    town.database.run(put)


@pytest.fixture
def group(town: Town) -> Group:
    fill_bank(town)
    return town.group()


def screen(town: Town) -> Message:
    town.an.send("/chiendich")
    town.an.press("Thi trong nhóm", town.an.wait_for("Chiến dịch học tập"))
    return town.an.wait_for("Thi trong nhóm · Chi bộ 1")


def begun(town: Town, group: Group, *, questions: int = 3) -> None:
    """An chooses three questions of thirty seconds, and begins."""
    shown = screen(town)
    assert "Có 6 câu dùng được; hỏi 5 câu, mỗi câu 30 giây." in shown.text
    while f"hỏi {questions} câu" not in shown.text:
        town.an.press(next(each for each in shown.buttons if each.startswith("Số câu")), shown)
        shown = town.an.wait_for("câu dùng được")
    group.mark()
    town.an.press("Bắt đầu ở nhóm", shown)
    group.wait_for("Mời cả nhóm thi: 3 câu, mỗi câu 30 giây.")


def asked(town: Town, group: Group, place: int, total: int = 3) -> Message:
    town.world.advance(seconds=21 if place == 1 else 41)
    return group.wait_for(f"Câu {place}/{total}. ", timeout=20)


def test_the_room_answers_and_is_told_how_often_it_was_right(town: Town, group: Group) -> None:
    begun(town, group)
    first = asked(town, group, 1)
    poll = first.poll
    assert poll is not None and poll.quiz and poll.anonymous and not poll.closed
    assert {text for text, _votes in poll.options} == {RIGHT, WRONG, "không rõ"}
    assert poll.right is not None and poll.options[poll.right][0] == RIGHT
    assert poll.explanation.startswith("Vì điều")
    town.huong.vote(first, RIGHT)
    town.binh.vote(first, WRONG)
    town.world.settle()
    second = asked(town, group, 2)
    closed = group.refresh(first)
    assert closed is not None and closed.poll is not None and closed.poll.closed
    for person in (town.huong, town.binh):
        person.vote(second, RIGHT)
    town.world.settle()
    third = asked(town, group, 3)
    town.huong.vote(third, RIGHT)
    town.world.settle()
    town.world.advance(seconds=41)
    score = group.wait_for("Cuộc thi đã xong.", timeout=20)
    assert "Số câu đã hỏi: 3." in score.text
    assert "5 lượt trả lời, đúng 80%." in score.text
    assert f"Khó nhất: câu 1, đúng 1/2: {first.text.partition('. ')[2]}" in score.text
    assert "Hương" not in score.text and "Lần trước" not in score.text


def test_it_goes_on_after_a_restart_and_keeps_what_was_counted(town: Town, group: Group) -> None:
    begun(town, group)
    first = asked(town, group, 1)
    town.huong.vote(first, RIGHT)
    town.world.settle()
    town.close()
    town.open()
    asked(town, group, 2)
    asked(town, group, 3)
    town.world.advance(seconds=41)
    score = group.wait_for("Cuộc thi đã xong.", timeout=20)
    assert "1 lượt trả lời, đúng 100%." in score.text and "Tất cả đều đúng." in score.text
    assert len([each for each in group.messages() if each.poll]) == 3


def test_the_second_evening_is_held_beside_the_first(town: Town, group: Group) -> None:
    for right in (WRONG, RIGHT):
        begun(town, group)
        town.huong.vote(asked(town, group, 1), right)
        town.world.settle()
        asked(town, group, 2)
        asked(town, group, 3)
        town.world.advance(seconds=41)
        score = group.wait_for("Cuộc thi đã xong.", timeout=20)
    assert "Lần trước: đúng 0%." in score.text


def test_begin_pressed_twice_is_one_round_and_a_second_one_has_to_wait(
    town: Town, group: Group
) -> None:
    first, second = (screen(town).button("Bắt đầu ở nhóm").data or "" for _time in range(2))
    for data in (first, first, second):
        town.an.press_data(town.an.last, data)
    town.an.wait_for("Trong nhóm đang có một cuộc thi.")
    assert len(town.database.run(lambda s: s.exec(select(LiveRound)).all())) == 1
    group.wait_for("Mời cả nhóm thi")
    town.world.settle()
    assert len([each for each in group.messages() if "Mời cả nhóm thi" in each.text]) == 1


def test_it_is_stopped_and_what_was_asked_is_told(town: Town, group: Group) -> None:
    begun(town, group)
    first = asked(town, group, 1)
    town.huong.vote(first, RIGHT)
    town.world.settle()
    town.an.press("Dừng cuộc thi", screen(town))
    score = group.wait_for("Cuộc thi đã xong.", timeout=20)
    assert "Số câu đã hỏi: 1." in score.text
    town.world.advance(seconds=120)
    town.world.settle()
    assert len([each for each in group.messages() if each.poll]) == 1


def test_a_step_that_comes_at_midnight_ends_it_instead(town: Town, group: Group) -> None:
    begun(town, group)
    asked(town, group, 1)
    town.close()
    town.world.advance(seconds=4 * 3600)
    town.open()
    town.world.settle(quiet=1.5)
    assert len([each for each in group.messages() if each.poll]) == 1
    ended = town.database.run(lambda s: s.exec(select(LiveRound.ended_at)).one())
    assert ended is not None


def test_an_answer_is_kept_as_a_number_and_by_nobody(town: Town, group: Group) -> None:
    begun(town, group)
    first = asked(town, group, 1)
    town.huong.vote(first, WRONG)
    with pytest.raises(AssertionError):
        town.huong.vote(first, RIGHT)
    town.world.settle()
    (row,) = town.database.run(lambda s: s.exec(select(SentPoll)).all())
    assert sum(row.counts) == 1 and set(SentPoll.model_fields) == {
        *("id", "poll_id", "notice_id", "counts", "closed", "at")
    }


def test_without_enough_questions_it_cannot_begin(town: Town) -> None:
    fill_bank(town, 2)
    town.group()
    shown = screen(town)
    assert "Chưa đủ câu" in shown.text and "Bắt đầu ở nhóm" not in shown.buttons


def test_a_neighbour_neither_begins_nor_stops_it(town: Town, group: Group) -> None:
    begun(town, group)
    made = town.database.run(lambda s: s.exec(select(LiveRound)).one())
    town.lan.send("/chiendich")
    shown = town.lan.wait_for("Chiến dịch học tập")
    assert "Thi trong nhóm" not in shown.buttons
    for data in (f"live_stop:{made.id}", f"live_follow:{made.id}"):
        town.lan.press_data(shown, data)
    found = town.database.run(lambda s: s.exec(select(LiveRound)).one())
    assert found.ended_at is None
