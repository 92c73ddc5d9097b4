"""A quiz in one message that is edited: question, judgement, result, and what was missed."""

from __future__ import annotations

from handlers.bank.asking import Asked, answer_words, judgement, right_words
from handlers.campaigns.showing import HOME, STUDY, bar, turning
from handlers.kit import Button, Say, Talk, answer, button
from handlers.text import Text, _
from storage import bank, campaigns
from storage.bank import Item
from storage.campaigns import Judged, Quiz

FORM = "quiz.typed"


@button("quiz", power="study.own")
def quiz(talk: Talk, lesson_id: int) -> Say:
    """[Take the quiz], [Next question ›], [Go on]: wherever the attempt stands."""
    return present(talk, campaigns.play(talk.session, talk.actor, lesson_id, now=talk.now))


@button("quizpick", power="study.own")
def pick(talk: Talk, run_id: int, item_id: int, index: int, mark: int) -> Say:
    """[A] [B] [C] [D]: the answer, or a part of it."""
    return present(
        talk,
        campaigns.pick(talk.session, talk.actor, run_id, item_id, index, mark, now=talk.now),
    )


@button("quizgive", power="study.own")
def give(talk: Talk, run_id: int, item_id: int) -> Say:
    """[That's it]: what was chosen or typed is the answer."""
    return present(talk, campaigns.submit(talk.session, talk.actor, run_id, item_id, now=talk.now))


@answer(FORM, power="study.own")
def typed(talk: Talk) -> Say:
    """An answer in words, shown back before it counts."""
    data = talk.draft.data if talk.draft else {}
    (run_id,), item_id = data["about"], data["item"]
    return present(
        talk, campaigns.jot(talk.session, talk.actor, run_id, item_id, talk.text, now=talk.now)
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
    talk.close(FORM)
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
    order = found.order(each.question)
    return Say(
        _number(found, each.question),
        each.question.ask,
        _("Your answer: {answer}", answer=answer_words(each.question, order, each.given)),
        _("Right answer: {answer}", answer=right_words(each.question, order)),
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
    if found.just is not None or question is None:
        talk.close(FORM)
        return _result(talk, found) if found.just is None else _judged(talk, found, found.just)
    asked = Asked(
        question,
        found.order(question),
        bank.half(talk.session, found.run.person_id, found.asked, question),
        about=[found.run.id],
        pick="quizpick",
        give="quizgive",
        form=FORM,
    )
    below = [[Button(_("Pause"), "quizpause", found.lesson.id)]]
    return asked.say(talk, _number(found, question), below=below)


def _judged(talk: Talk, found: Quiz, just: Judged) -> Say:
    order = found.order(just.question)
    lines = [_number(found, just.question), *judgement(just.question, order, just.given)]
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


def _number(found: Quiz, question: Item) -> Text:
    number, total = found.number(question), len(found.questions)
    return _("Question {number}/{total} {bar}", number=number, total=total, bar=bar(number, total))
