"""The client reads well in tests, and its failures say what happened."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from bot.simulator.client import Person, SimulatorError, World
from tests.simulator.test_strictness import buttons, call, send


def test_each_state_of_a_message_is_found_once(world: World, an: Person) -> None:
    sent = send(world, an, "Điểm danh 1/3")["result"]
    assert an.wait_for("Điểm danh").text == "Điểm danh 1/3"
    edit = {"chat_id": an.id, "message_id": sent["message_id"], "text": "Điểm danh 2/3"}
    call(world, "editMessageText", **edit)
    found = an.wait_for(lambda message: message.edited is not None)
    assert found.text == "Điểm danh 2/3"
    with pytest.raises(AssertionError, match="Điểm danh 2/3"):
        an.wait_for("Điểm danh", timeout=0)


def test_what_came_before_a_persons_last_act_is_not_found(world: World, an: Person) -> None:
    send(world, an, "cũ")
    an.send("/lich")
    with pytest.raises(AssertionError, match="'cũ' did not come"):
        an.wait_for("cũ", timeout=0)
    threading.Timer(0.2, send, args=(world, an, "mới")).start()
    assert an.wait_for("mới").from_bot
    send(world, an, "nữa")
    an.mark()
    with pytest.raises(AssertionError):
        an.wait_for("nữa", timeout=0)


def test_a_press_without_an_answer_fails_with_the_chat(world: World, an: Person) -> None:
    send(world, an, "Họp tới", reply_markup=buttons("a:1"))
    with pytest.raises(AssertionError, match=r"(?s)had no answer.*Họp tới\s+\[Bấm\]"):
        an.press("Bấm", timeout=0.2)
    with pytest.raises(SimulatorError, match=r"no button \[Khác\]"):
        an.press("Khác")
    forged = an.press_data(an.last, "raw:data", wait=False)
    assert call(world, "getUpdates")["result"][-1]["callback_query"]["id"] == forged.query_id


def test_a_message_tells_of_its_buttons_and_keyboards(world: World, an: Person) -> None:
    send(world, an, "a", reply_markup=buttons("a:1", "a:2"))
    assert an.last.markup == "inline"
    assert an.last.buttons == ["Bấm", "Bấm"]
    assert an.last.button("Bấm").data == "a:1"
    send(world, an, "b", reply_markup={"keyboard": [["Lịch họp"], ["Hỏi đáp"]]})
    assert (an.last.markup, an.keyboard) == ("keyboard", [["Lịch họp"], ["Hỏi đáp"]])
    send(world, an, "c", reply_markup={"remove_keyboard": True})
    assert (an.last.markup, an.keyboard) == ("remove", [])
    reply = an.send("d", reply_to=an.last)
    assert reply.reply_to == an.last.id


def test_the_clock_runs_and_can_be_moved(world: World, an: Person) -> None:
    began = world.now
    world.advance(days=1, hours=2, minutes=3, seconds=4)
    moved = world.now - began
    assert timedelta(days=1, hours=2, minutes=3) < moved < timedelta(days=1, hours=2, minutes=4)
    later = datetime(2027, 1, 1, tzinfo=UTC)
    world.set_now(later)
    send(world, an, "Chúc mừng năm mới")
    assert later <= an.last.date < later + timedelta(minutes=1)


def test_settling_waits_for_unconfirmed_updates(world: World, an: Person) -> None:
    with pytest.raises(AssertionError, match="1 updates unconfirmed"):
        world.settle(timeout=0.2)
    update = call(world, "getUpdates")["result"][-1]
    call(world, "getUpdates", offset=update["update_id"] + 1)
    world.settle()
    assert world.pending == 0


def test_worlds_do_not_know_each_other(world: World, an: Person, telegram: str) -> None:
    with World.create(telegram) as other:
        assert other.token != world.token
        with pytest.raises(SimulatorError):
            other.find_person(an.id)
        assert other.find_person(other.person("Bình").id).name == "Bình"
    assert call(other, "getMe")["error_code"] == 401
    assert call(world, "getMe")["ok"]
