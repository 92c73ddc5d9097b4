"""Polls and quizzes: as strict as Telegram, and easy to vote in."""

import asyncio
import json
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputPollOption
from telegram.error import BadRequest, Forbidden, RetryAfter

from bot.simulator.client import Person, World
from tests.simulator.conftest import OpenBot
from tests.simulator.test_strictness import buttons, call

COLOURS = ["Đỏ", "Vàng", "Xanh"]


def ask(world: World, chat_id: int, **more: Any) -> dict[str, Any]:
    params = {"chat_id": chat_id, "question": "Cờ màu gì?", "options": COLOURS, **more}
    return call(world, "sendPoll", **params)


def quiz(world: World, chat_id: int, **more: Any) -> dict[str, Any]:
    return ask(world, chat_id, type="quiz", correct_option_id=0, **more)


def heard(world: World) -> list[dict[str, Any]]:
    """The updates since the last time."""
    updates: list[dict[str, Any]] = call(world, "getUpdates")["result"]
    if updates:
        call(world, "getUpdates", offset=updates[-1]["update_id"] + 1)
    return updates


def test_a_quiz_of_the_bot_is_read_by_its_library_and_by_people(
    world: World, bot: OpenBot, an: Person
) -> None:
    async def run() -> None:
        async with bot() as telegram:
            keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Về", callback_data="home")]])
            sent = await telegram.send_poll(
                an.id,
                " Cờ màu gì? ",
                [InputPollOption("Đỏ"), "Vàng"],
                type="quiz",
                correct_option_ids=[1],
                explanation="Xem <b>Điều 1</b>",
                explanation_parse_mode="HTML",
                open_period=timedelta(seconds=30),
                protect_content=True,
                reply_markup=keyboard,
            )
            poll = sent.poll
            assert poll is not None and sent.has_protected_content
            assert (poll.question, poll.type, poll.total_voter_count) == ("Cờ màu gì?", "quiz", 0)
            assert [(one.text, one.voter_count) for one in poll.options] == [("Đỏ", 0), ("Vàng", 0)]
            assert poll.is_anonymous and not poll.is_closed and not poll.allows_multiple_answers
            assert poll.correct_option_ids == (1,)
            assert poll.explanation == "Xem Điều 1"
            assert poll.explanation_entities[0].type == "bold"
            assert poll.close_date is not None and poll.close_date - sent.date == timedelta(
                seconds=30
            )

    asyncio.run(run())
    shown = an.last
    assert shown.text == "Cờ màu gì?" and shown.buttons == ["Về"]
    assert shown.poll is not None and shown.poll.quiz and shown.poll.right == 1
    voted = an.vote(shown, "Đỏ").poll
    assert voted is not None
    assert (voted.options, voted.chosen, voted.total) == ([("Đỏ", 1), ("Vàng", 0)], [0], 1)
    assert "<quiz, 1 voted> Cờ màu gì?\n    (x) Đỏ: 1\n    ( ) Vàng: 0" in an.transcript()


def test_a_poll_is_regular_and_anonymous_unless_it_is_said(world: World, an: Person) -> None:
    told = ask(world, an.id, options=json.dumps([{"text": one} for one in COLOURS]))["result"]
    assert told["poll"]["type"] == "regular" and told["poll"]["is_anonymous"]
    assert "correct_option_ids" not in told["poll"] and "close_date" not in told["poll"]
    open_to_all = ask(world, an.id, is_anonymous=False, allows_multiple_answers=True)["result"]
    assert open_to_all["poll"]["is_anonymous"] is False
    assert open_to_all["poll"]["allows_multiple_answers"] is True
    assert ask(world, an.id, is_closed=True)["result"]["poll"]["is_closed"] is True


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"question": " "}, "poll question must be non-empty"),
        ({"question": "ố" * 301}, "poll question length must not exceed 300"),
        ({"options": ["Đỏ"]}, "poll must have at least 2 option"),
        ({"options": ["Đỏ"] * 13}, "poll can't have more than 12 options"),
        ({"options": ["Đỏ", " "]}, "poll options must be non-empty"),
        ({"options": ["Đỏ", "ố" * 101]}, "poll options length must not exceed 100"),
        ({"options": "[Đỏ"}, "can't parse options JSON object"),
        ({"type": "exam"}, "unsupported poll type specified"),
        ({"type": "quiz"}, "wrong correct option ID specified"),
        ({"type": "quiz", "correct_option_id": 3}, "wrong correct option ID specified"),
        ({"type": "quiz", "correct_option_ids": []}, "wrong correct option ID specified"),
    ],
)
def test_a_poll_beyond_the_limits_is_refused_in_telegrams_words(
    world: World, an: Person, wrong: dict[str, Any], complaint: str
) -> None:
    told = ask(world, an.id, **wrong)
    assert (told["error_code"], told["description"]) == (400, f"Bad Request: {complaint}")


def test_a_poll_at_the_limits_is_sent(world: World, an: Person) -> None:
    explanation = "ố" * 99 + "\n\n" + "ố" * 99
    assert quiz(world, an.id, question="ố" * 300, explanation=explanation, open_period=600)["ok"]
    assert ask(world, an.id, options=["ố" * 100] * 12)["ok"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"explanation": "ố" * 201},
        {"explanation": "a\nb\nc\nd"},
        {"explanation": "<b>a", "explanation_parse_mode": "HTML"},
        {"open_period": 4},
        {"open_period": 601},
        {"close_date": 1},
    ],
)
def test_what_telegram_would_not_take_is_refused(
    world: World, an: Person, wrong: dict[str, Any]
) -> None:
    assert quiz(world, an.id, **wrong)["error_code"] == 400


def test_an_answer_to_a_quiz_stays(world: World, an: Person) -> None:
    quiz(world, an.id)
    voted = an.vote(an.last, 1)
    with pytest.raises(AssertionError, match=r"(?s)An has voted already.*\(x\) Vàng: 1"):
        an.vote(voted, 0)
    with pytest.raises(AssertionError, match="voted already"):
        an.take_back_vote(voted)
    with pytest.raises(AssertionError, match="Bình does not see this chat"):
        world.person("Bình").vote(voted, 0)
    with pytest.raises(AssertionError, match="no option 'Tím'"):
        an.vote(voted, "Tím")
    with pytest.raises(AssertionError, match="no option 3"):
        an.vote(voted, 3)


def test_a_vote_in_a_poll_may_be_changed_and_taken_back(world: World, an: Person) -> None:
    ask(world, an.id)
    poll = an.vote(an.last, "Đỏ")
    assert an.vote(poll, "Vàng").poll.options == [("Đỏ", 0), ("Vàng", 1), ("Xanh", 0)]  # type: ignore[union-attr]
    with pytest.raises(AssertionError, match="takes one answer"):
        an.vote(poll, 0, 1)
    assert an.take_back_vote(poll).poll.total == 0  # type: ignore[union-attr]
    ask(world, an.id, allows_multiple_answers=True)
    assert an.vote(an.last, 2, 0).poll.chosen == [0, 2]  # type: ignore[union-attr]


def test_the_bot_hears_the_counts_and_of_public_votes_the_choice(
    world: World, bot: OpenBot, an: Person
) -> None:
    binh = world.person("Bình")
    group = world.group("Chi bộ 1", [an, binh])
    group.add_bot(an)
    ask(world, group.id, is_anonymous=False)
    heard(world)

    async def run() -> None:
        async with bot() as telegram:
            an.vote(group.last, 1)
            choice, poll = await telegram.get_updates()
            assert choice.poll_answer is not None and choice.poll_answer.user is not None
            assert choice.poll_answer.user.id == an.id
            assert choice.poll_answer.option_ids == (1,)
            assert poll.poll is not None and poll.poll.total_voter_count == 1
            assert poll.poll.id == choice.poll_answer.poll_id

    asyncio.run(run())
    heard(world)
    an.take_back_vote(group.last)
    (taken_back,) = heard(world)
    assert taken_back["poll_answer"]["option_ids"] == []
    with pytest.raises(AssertionError, match="not in Chi bộ 1"):
        world.person("Cúc").vote(group.last, 1)


def test_the_bot_hears_of_many_votes_at_once_and_of_the_newest_counts(
    world: World, an: Person
) -> None:
    people = [world.person(f"Người {number}") for number in range(8)]
    group = world.group("Chi bộ 1", people)
    group.add_bot(people[0])
    quiz(world, group.id)
    heard(world)
    began = monotonic()
    for person in people:
        person.vote(group.last, "Đỏ")
    updates = heard(world)
    while not updates or updates[-1]["poll"]["total_voter_count"] < len(people):
        updates += call(world, "getUpdates", timeout=5)["result"]
    assert len(updates) <= 2 + monotonic() - began
    assert updates[-1]["poll"]["options"][0]["voter_count"] == len(people)


def test_the_bot_is_not_settled_before_it_knows_of_the_last_vote(world: World, an: Person) -> None:
    ask(world, an.id)
    an.vote(an.last, 0)
    an.vote(an.last, 1)
    heard(world)
    with pytest.raises(AssertionError, match="not quiet"):
        world.settle(timeout=0.3)


def test_the_bot_hears_of_polls_only_what_it_asked_for(world: World, an: Person) -> None:
    call(world, "getUpdates", allowed_updates=["message", "poll_answer"])
    heard(world)
    ask(world, an.id, is_anonymous=False)
    an.vote(an.last, 0)
    assert [set(update) - {"update_id"} for update in heard(world)] == [{"poll_answer"}]


def test_a_poll_ends_by_the_worlds_clock(world: World, an: Person) -> None:
    quiz(world, an.id, open_period=30)
    heard(world)
    world.advance(seconds=28)
    assert not heard(world)
    an.vote(an.last, 0)
    heard(world)
    world.advance(seconds=3)
    (update,) = heard(world)
    assert update["poll"]["is_closed"] and update["poll"]["total_voter_count"] == 1
    closed = an.last
    assert closed.poll is not None and closed.poll.closed
    assert "closed" in an.transcript()
    with pytest.raises(AssertionError, match="this poll is closed"):
        an.vote(closed, 1)


def test_a_poll_ends_by_itself_when_nobody_moves_the_clock(world: World, an: Person) -> None:
    ask(world, an.id, close_date=int(world.now.timestamp()) + 6)
    heard(world)
    world.advance(seconds=4.5)
    heard(world)
    closing = call(world, "getUpdates", timeout=10)["result"]
    assert [update["poll"]["is_closed"] for update in closing] == [True]


def test_a_poll_is_stopped_once_and_gets_the_buttons_of_the_stop(
    world: World, bot: OpenBot, an: Person
) -> None:
    async def run() -> None:
        async with bot() as telegram:
            sent = await telegram.send_poll(an.id, "Họp tối?", ["Có", "Không"])
            assert sent.poll is not None
            an.vote(an.last, "Có")
            heard(world)
            keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Về", callback_data="home")]])
            stopped = await telegram.stop_poll(an.id, sent.message_id, reply_markup=keyboard)
            assert stopped.id == sent.poll.id and stopped.is_closed
            assert stopped.options[0].voter_count == 1
            with pytest.raises(BadRequest, match="Poll has already been closed"):
                await telegram.stop_poll(an.id, sent.message_id)
            with pytest.raises(BadRequest, match="Message with poll to stop not found"):
                await telegram.stop_poll(an.id, 999)
            text = await telegram.send_message(an.id, "a")
            with pytest.raises(BadRequest, match="Message is not a poll"):
                await telegram.stop_poll(an.id, text.message_id)
            await text.delete()

    asyncio.run(run())
    assert heard(world)[-1]["poll"]["is_closed"]
    assert an.last.buttons == ["Về"]
    with pytest.raises(AssertionError, match="closed"):
        an.vote(an.last, "Không")


def test_a_poll_that_is_deleted_ends_without_a_word(world: World, an: Person) -> None:
    sent = ask(world, an.id, open_period=5)["result"]
    call(world, "deleteMessage", chat_id=an.id, message_id=sent["message_id"])
    heard(world)
    world.advance(seconds=10)
    assert heard(world) == []


def test_a_poll_is_no_text_and_its_buttons_may_change(world: World, an: Person) -> None:
    sent = ask(world, an.id, reply_markup=buttons("a:1"))["result"]
    where = {"chat_id": an.id, "message_id": sent["message_id"]}
    text = call(world, "editMessageText", **where, text="a")
    assert text["description"] == "Bad Request: there is no text in the message to edit"
    caption = call(world, "editMessageCaption", **where, caption="a")
    assert caption["description"] == "Bad Request: there is no caption in the message to edit"
    assert call(world, "editMessageReplyMarkup", **where, reply_markup=buttons("b:2"))["ok"]
    an.vote(an.last, 0)
    assert an.last.rows[0][0].data == "b:2"


def test_a_poll_needs_the_right_to_be_sent_and_counts_as_a_message(
    world: World, bot: OpenBot, an: Person
) -> None:
    group = world.group("Chi bộ 1", [an])
    group.add_bot(an)
    group.silence_bot(an)

    async def run() -> None:
        async with bot() as telegram:
            with pytest.raises(BadRequest, match="Not enough rights to send polls to the chat"):
                await telegram.send_poll(group.id, "Họp?", ["Có", "Không"])
            world.flood()
            for _ in range(3):
                await telegram.send_poll(an.id, "Họp?", ["Có", "Không"])
            with pytest.raises(RetryAfter):
                await telegram.send_poll(an.id, "Họp?", ["Có", "Không"])
            world.flood(on=False)
            an.block()
            with pytest.raises(Forbidden):
                await telegram.send_poll(an.id, "Họp?", ["Có", "Không"])

    asyncio.run(run())
    assert len(world.calls("sendPoll")) == 6
