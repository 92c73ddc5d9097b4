"""Quizzes: judged once, the best attempt counts, and what one is told of the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from storage import bank, campaigns
from storage.campaigns import QuizAnswer, QuizRun
from storage.errors import NotFound
from tests.storage.test_campaigns import (
    TWO_LESSONS,
    actor,
    campaign_toml,
    lesson_toml,
    lessons,
    take,
)
from tests.town import BRANCH_1, NOON, unit_id


def play(session: Session, name: str, *, right: int) -> campaigns.Quiz:
    """Somebody takes the quiz of lesson 1 once, with so many right answers of two."""
    who = actor(session, name)
    quiz = campaigns.play(session, who, lessons(session)[0].id, now=NOON)
    for number, question in enumerate(quiz.questions):
        choice = 1 if number < right else 0
        campaigns.judge(session, who, quiz.run.id, question.id, [choice], now=NOON)
    return campaigns.attempt_of(session, who, quiz.run.id, now=NOON)


def test_a_quiz_is_played_to_its_end_and_passing_finishes_the_lesson(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    lesson, huong = lessons(session)[0], actor(session, "huong")
    quiz = campaigns.play(session, huong, lesson.id, now=NOON)
    first, second = quiz.questions
    quiz = campaigns.judge(session, huong, quiz.run.id, first.id, [0], now=NOON)
    assert quiz.just is not None and not quiz.just.right
    quiz = campaigns.judge(session, huong, quiz.run.id, second.id, [1], now=NOON)
    assert (quiz.run.score, quiz.run.total, quiz.passed) == (1, 2, True)
    assert [each.question.id for each in quiz.missed] == [first.id]
    assert campaigns.course_of(session, huong, quiz.campaign.id).done == 1
    result = campaigns.unit_result(session, quiz)
    assert (result.done, result.people) == (1, 7)


def test_a_double_tap_is_judged_once_and_an_old_button_shows_the_present_state(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    lesson, huong = lessons(session)[0], actor(session, "huong")
    quiz = campaigns.play(session, huong, lesson.id, now=NOON)
    first, second = quiz.questions
    campaigns.judge(session, huong, quiz.run.id, first.id, [1], now=NOON)
    again = campaigns.judge(session, huong, quiz.run.id, first.id, [2], now=NOON)
    assert again.just is not None and again.just.right  # the first tap counts
    assert len(session.exec(select(QuizAnswer)).all()) == 1
    campaigns.judge(session, huong, quiz.run.id, second.id, [1], now=NOON)
    old = campaigns.judge(session, huong, quiz.run.id, first.id, [0], now=NOON)
    assert old.just is None and old.run.score == 2


def test_a_question_cannot_be_answered_before_its_turn(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    huong = actor(session, "huong")
    quiz = campaigns.play(session, huong, lessons(session)[0].id, now=NOON)
    first, second = quiz.questions
    present = campaigns.judge(session, huong, quiz.run.id, second.id, [1], now=NOON)
    assert present.current is not None and present.current.id == first.id
    assert session.exec(select(QuizAnswer)).all() == []


def test_nobody_plays_for_another_or_with_invented_numbers(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    huong = actor(session, "huong")
    quiz = campaigns.play(session, huong, lessons(session)[0].id, now=NOON)
    question = quiz.questions[0]
    forged = [
        ("giang", quiz.run.id, question.id, 1),
        ("lan", quiz.run.id, question.id, 1),
        ("huong", quiz.run.id + 1, question.id, 1),
        ("huong", quiz.run.id, 4711, 1),
        ("huong", quiz.run.id, question.id, 3),
        ("huong", quiz.run.id, question.id, -1),
    ]
    for name, run, asked, choice in forged:
        with pytest.raises(NotFound):
            campaigns.judge(session, actor(session, name), run, asked, [choice], now=NOON)
    with pytest.raises(NotFound):
        campaigns.play(session, huong, lessons(session)[1].id, now=NOON)  # has no questions


def test_the_best_attempt_counts_and_a_second_tap_on_try_again_begins_none(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    lesson, huong = lessons(session)[0], actor(session, "huong")
    for choice in (1, 0):
        quiz = campaigns.play(session, huong, lesson.id, now=NOON)
        if quiz.run.finished_at is not None:
            finished = quiz.run.id
            quiz = campaigns.try_again(session, huong, finished, now=NOON)
            campaigns.try_again(session, huong, finished, now=NOON)
        for question in quiz.questions:
            campaigns.judge(session, huong, quiz.run.id, question.id, [choice], now=NOON)
    runs = session.exec(select(QuizRun).order_by(col(QuizRun.attempt))).all()
    assert [(run.attempt, run.score) for run in runs] == [(1, 2), (2, 0)]
    assert campaigns.record_of(session, cast["huong"], 2026) == (1, 2, 10.0)
    assert campaigns.record_of(session, cast["huong"], 2025) == (0, 0, None)
    for name in ("an", "binh", "chi"):
        play(session, name, right=2)
    quiz = campaigns.play(session, huong, lesson.id, now=NOON)
    assert campaigns.unit_result(session, quiz).average == 10.0


# -- what one is told of the others ------------------------------------------------------------


def test_the_average_is_told_once_three_others_have_finished(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    hers = play(session, "huong", right=1)
    told = [campaigns.unit_result(session, hers)]
    for name in ("giang", "an", "binh"):
        play(session, name, right=2)
        told.append(campaigns.unit_result(session, hers))
    assert [each.done for each in told] == [1, 2, 3, 4]
    assert [each.average for each in told] == [None, None, None, 8.75]


def test_who_has_not_finished_needs_three_others_too(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    hers = campaigns.play(session, actor(session, "huong"), lessons(session)[0].id, now=NOON)
    for name in ("giang", "an"):
        play(session, name, right=2)
    assert campaigns.unit_result(session, hers).average is None
    play(session, "binh", right=0)
    assert round(campaigns.unit_result(session, hers).average or 0, 1) == 6.7


# -- which questions are asked -----------------------------------------------------------------

FIVE = campaign_toml(lesson_toml("Bài 1", questions=5).replace("minutes", "draw = 3\nminutes"))


def test_each_attempt_draws_its_own_questions_and_keeps_them(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, FIVE)
    lesson, drawn = lessons(session)[0], set()
    for name in ("huong", "giang", "dung", "khanh", "an", "binh", "chi"):
        quiz = campaigns.play(session, actor(session, name), lesson.id, now=NOON)
        again = campaigns.play(session, actor(session, name), lesson.id, now=NOON)
        ids = [each.id for each in quiz.questions]
        assert len({*ids}) == 3
        assert [each.id for each in again.questions] == ids == quiz.run.items
        drawn.add(tuple(ids))
    assert len(drawn) > 1
    quiz = play(session, "huong", right=3)
    assert (quiz.run.score, quiz.run.total) == (3, 3)


def test_questions_of_the_bank_are_asked_by_topic(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    an, unit = actor(session, "an"), unit_id(session, BRANCH_1)
    short = bank.NewItem(bank.ItemKind.SHORT, "Bao nhiêu phút?", ("90",), topic="Sinh hoạt")
    bank.put(session, an, unit, [short], now=NOON)
    text = campaign_toml(
        lesson_toml("Bài 1", topic="Sinh hoạt"),
        lesson_toml("Bài 2", topic="Không có gì"),
        lesson_toml("Bài 3", topic="Sinh hoạt", questions=1),
    )
    take(session, tmp_path, text)
    first, second, third = lessons(session)
    assert [campaigns.has_quiz(session, each.id) for each in (first, second, third)] == [
        True,
        False,
        True,
    ]
    huong = actor(session, "huong")
    quiz = campaigns.play(session, huong, first.id, now=NOON)
    assert [each.ask for each in quiz.questions] == ["Bao nhiêu phút?"]
    quiz = campaigns.judge(session, huong, quiz.run.id, quiz.questions[0].id, "90.", now=NOON)
    assert (quiz.run.score, quiz.run.total) == (1, 1)
    asked = campaigns.play(session, huong, third.id, now=NOON).questions
    assert [each.ask for each in asked] == ["Bài 3, câu 1", "Bao nhiêu phút?"]


def test_a_question_taken_out_of_use_makes_room_for_another(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, FIVE)
    lesson, huong, an = lessons(session)[0], actor(session, "huong"), actor(session, "an")
    quiz = campaigns.play(session, huong, lesson.id, now=NOON)
    first, second, third = quiz.questions
    campaigns.judge(session, huong, quiz.run.id, first.id, [1], now=NOON)
    bank.retire(session, an, second.id, now=NOON)
    quiz = campaigns.play(session, huong, lesson.id, now=NOON)
    ids = [each.id for each in quiz.questions]
    assert ids[:2] == [first.id, third.id] and len(ids) == 3 and second.id not in ids
    assert list(quiz.answers) == [first.id]
    finished = play(session, "huong", right=3)
    bank.retire(session, an, first.id, now=NOON)
    shown = campaigns.attempt_of(session, huong, finished.run.id, now=NOON)
    assert [each.id for each in shown.questions] == ids  # what is over stays as it was


def test_an_old_attempts_button_shows_the_present_one(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    huong, old = actor(session, "huong"), play(session, "huong", right=2)
    quiz = campaigns.try_again(session, huong, old.run.id, now=NOON)
    first = quiz.questions[0]
    for act in (
        lambda: campaigns.pick(session, huong, old.run.id, first.id, 1, 1, now=NOON),
        lambda: campaigns.submit(session, huong, old.run.id, first.id, now=NOON),
        lambda: campaigns.jot(session, huong, old.run.id, first.id, "90", now=NOON),
    ):
        assert act().run.id == quiz.run.id
    assert campaigns.play(session, huong, quiz.lesson.id, now=NOON).answers == {}
