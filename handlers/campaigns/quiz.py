"""A quiz in one message that is edited: question, judgement, result, and what was missed."""

from __future__ import annotations

from handlers.campaigns.showing import HOME, STUDY, bar, turning
from handlers.kit import Button, Say, Talk, button
from handlers.text import Text, Words, _
from storage import campaigns
from storage.campaigns import Judged, Quiz, QuizQuestion

LETTERS = "ABCDEFGH"
LETTERS_A_ROW = 4


@button("quiz", power="study.own")
def quiz(talk: Talk, lesson_id: int) -> Say:
    """[Take the quiz], [Next question ›], [Go on]: wherever the attempt stands."""
    return present(talk, campaigns.play(talk.session, talk.actor, lesson_id, now=talk.now))


@button("judge", power="study.own")
def judge(talk: Talk, run_id: int, question_id: int, choice: int) -> Say:
    """[A] [B] [C] [D]."""
    return present(
        talk,
        campaigns.judge(talk.session, talk.actor, run_id, question_id, choice, now=talk.now),
    )


@button("again", power="study.own")
def again(talk: Talk, run_id: int) -> Say:
    """[Try again]: another attempt; the best one counts."""
    return present(talk, campaigns.try_again(talk.session, talk.actor, run_id, now=talk.now))


@button("quizpause", power="study.own")
def pause(talk: Talk, lesson_id: int) -> Say:
    """[Pause]: what has been answered is kept."""
    found = campaigns.play(talk.session, talk.actor, lesson_id, now=talk.now)
    question = found.current
    if question is None:
        return present(talk, found)
    return Say(
        _(
            "Paused at question {number}/{total}. Your answers are kept.",
            number=found.number(question),
            total=len(found.questions),
        ),
        buttons=[[Button(_("Go on"), "quiz", lesson_id)], [STUDY, HOME]],
    )


@button("missed", power="study.own")
def missed(talk: Talk, run_id: int, page: int) -> Say:
    """[What I missed]: one question after the other."""
    found = campaigns.attempt_of(talk.session, talk.actor, run_id, now=talk.now)
    wrong = found.missed
    if found.current is not None or not wrong:
        return present(talk, found)
    page = min(max(page, 0), len(wrong) - 1)
    each = wrong[page]
    return Say(
        _number(found, each.question),
        each.question.ask,
        _("Your answer: {answer}", answer=_choice(each.question, each.choice)),
        _("Right answer: {answer}", answer=_choice(each.question, each.question.answer)),
        each.question.why or None,
        buttons=[
            turning("missed", found.run.id, page, len(wrong)),
            [
                Button(_("Try again"), "again", found.run.id),
                Button(_("‹ Back"), "quiz", found.lesson.id),
            ],
            [HOME],
        ],
    )


def present(talk: Talk, found: Quiz) -> Say:
    """The attempt as it stands: the judgement just given, the next question, or the result."""
    question = found.current
    if found.just is not None:
        return _judgement(talk, found, found.just)
    if question is None:
        return _result(talk, found)
    letters = [
        Button(LETTERS[index], "judge", found.run.id, question.id, index)
        for index in range(len(question.choices))
    ]
    return Say(
        _number(found, question),
        question.ask,
        *[_choice(question, index) for index in range(len(question.choices))],
        buttons=[
            *[letters[at : at + LETTERS_A_ROW] for at in range(0, len(letters), LETTERS_A_ROW)],
            [Button(_("Pause"), "quizpause", found.lesson.id)],
        ],
    )


def _judgement(talk: Talk, found: Quiz, just: Judged) -> Say:
    answer = _choice(just.question, just.question.answer)
    verdict: Words = (
        _("Right. {answer}", answer=answer)
        if just.right
        else _("Not right. Answer: {answer}", answer=answer)
    )
    lines = [_number(found, just.question), verdict, just.question.why or None]
    if found.current is None:
        result = _result(talk, found)
        return Say(*lines, *result.lines, buttons=result.buttons)
    following = Button(_("Next question ›"), "quiz", found.lesson.id)
    return Say(*lines, buttons=[[following], [Button(_("Pause"), "quizpause", found.lesson.id)]])


def _result(talk: Talk, found: Quiz) -> Say:
    unit = campaigns.unit_result(talk.session, found)
    score, total = found.run.score, found.run.total
    branch = _("Branch: {done}/{people} have taken it.", done=unit.done, people=unit.people)
    if unit.average is not None:
        branch = _(
            "Branch: {done}/{people} have taken it, average {average}.",
            done=unit.done,
            people=unit.people,
            average=round(unit.average, 1),
        )
    return Say(
        _("{score}/{total} – PASSED. {branch}", score=score, total=total, branch=branch)
        if found.passed
        else _("{score}/{total} – FAILED. {branch}", score=score, total=total, branch=branch),
        buttons=[
            [
                Button(_("What I missed"), "missed", found.run.id, 0) if found.missed else None,
                Button(_("Try again"), "again", found.run.id),
            ],
            [HOME],
        ],
    )


def _number(found: Quiz, question: QuizQuestion) -> Text:
    number, total = found.number(question), len(found.questions)
    return _("Question {number}/{total} {bar}", number=number, total=total, bar=bar(number, total))


def _choice(question: QuizQuestion, index: int) -> str:
    return f"{LETTERS[index]}. {question.choices[index]}"
