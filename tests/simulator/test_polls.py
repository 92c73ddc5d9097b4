"""Polls of the pretend Telegram: what it refuses, what it counts, whom it tells what."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from telegram import Bot, Poll
from telegram.error import BadRequest

from bot.simulator.client import Newcomer, World
from bot.simulator.client.line import SimulatorError

QUIZ: dict[str, Any] = {"type": Poll.QUIZ, "correct_option_ids": [1]}


@pytest.fixture
def people(world: World) -> list[Any]:
    return list(world.crowd([Newcomer("An", started=True), Newcomer("Bình", started=True)]))


def test_a_quiz_is_what_the_library_reads(world: World, people: list[Any]) -> None:
    async def run() -> None:
        async with bot_of(world) as bot:
            sent = await bot.send_poll(
                people[0].id, "Hỏi?", ["một", "hai"], open_period=30, explanation="Vì thế.", **QUIZ
            )
        assert sent.poll is not None
        assert (sent.poll.question, sent.poll.type, sent.poll.correct_option_ids) == (
            *("Hỏi?", "quiz"),
            (1,),
        )
        assert [each.text for each in sent.poll.options] == ["một", "hai"]
        assert sent.poll.is_anonymous and not sent.poll.is_closed

    asyncio.run(run())


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"question": ""}, "non-empty"),
        ({"question": "x" * 301}, "300"),
        ({"options": ["một"]}, "at least 2"),
        ({"options": [str(each) for each in range(13)]}, "more than 12"),
        ({"options": ["một", "x" * 101]}, "100"),
        ({"type": Poll.QUIZ}, "correct option"),
        ({**QUIZ, "correct_option_ids": [2]}, "correct option"),
        ({**QUIZ, "explanation": "x" * 201}, "too long"),
        ({**QUIZ, "allows_multiple_answers": True}, "multiple"),
        ({"open_period": 4}, "period"),
        ({"open_period": 601}, "period"),
    ],
)
def test_what_telegram_does_not_take_is_refused(
    world: World, people: list[Any], more: dict[str, Any], words: str
) -> None:
    async def run() -> None:
        given = {"question": "Hỏi?", "options": ["một", "hai"], **more}
        async with bot_of(world) as bot:
            with pytest.raises(BadRequest, match=words):
                await bot.send_poll(people[0].id, **given)

    asyncio.run(run())


def test_numbers_come_and_no_names_of_a_poll_without_names(world: World, people: list[Any]) -> None:
    async def run() -> None:
        an, _binh = people
        async with bot_of(world) as bot:
            await bot.send_poll(an.id, "Hỏi?", ["một", "hai"], open_period=30, **QUIZ)
            shown = an.wait_for("Hỏi?")
            an.vote(shown, "hai")
            with pytest.raises(SimulatorError, match="stands"):
                an.vote(shown, "một")
            told = await bot.get_updates(timeout=0)
            counts = [[each.voter_count for each in one.poll.options] for one in told if one.poll]
            assert counts == [[0, 1]]
            assert not any(each.poll_answer for each in told)
            world.advance(seconds=31)
            after = await bot.get_updates(offset=told[-1].update_id + 1, timeout=0)
        assert [each.poll.is_closed for each in after if each.poll] == [True]
        with pytest.raises(SimulatorError, match="closed"):
            an.vote(shown, "hai")

    asyncio.run(run())


def test_a_poll_with_names_tells_them_and_lets_people_think_again(
    world: World, people: list[Any]
) -> None:
    async def run() -> None:
        an, _binh = people
        async with bot_of(world) as bot:
            await bot.send_poll(an.id, "Hỏi?", ["một", "hai"], is_anonymous=False)
            shown = an.wait_for("Hỏi?")
            an.vote(shown, "hai")
            an.vote(shown, "một")
            told = await bot.get_updates(timeout=0)
            answers = [list(one.poll_answer.option_ids) for one in told if one.poll_answer]
            assert answers == [[1], [0]]
            closed = await bot.stop_poll(an.id, shown.id)
            assert [each.voter_count for each in closed.options] == [1, 0] and closed.is_closed
            with pytest.raises(BadRequest, match="already"):
                await bot.stop_poll(an.id, shown.id)

    asyncio.run(run())


def bot_of(world: World) -> Bot:
    return Bot(world.token, base_url=f"{world.api_url}/bot")
