"""How the figures of a campaign are put into words."""

from __future__ import annotations

from handlers.campaigns.showing import bar, span
from handlers.dates import format_number
from handlers.kit import Button
from handlers.text import Text, Words, _, cut, n_
from storage.follow import HardPoint, Outcome, Tally, percent

NAME = 40  # letters of a name in a list
ASKED = 80  # letters of a question in a list
CELLS = 10


def head(found: Outcome) -> Text:
    """The first line of every screen."""
    return _("<b>RESULTS</b> · {campaign}", campaign=found.campaign.name)


def when(found: Outcome) -> Text:
    """From when to when, and how many lessons count so far."""
    return _(
        "{span} · lessons open {open}/{all}",
        span=span(found.campaign),
        open=len(found.lessons),
        all=len(found.lessons) + found.closed,
    )


def barred(part: int, whole: int) -> str:
    """▰▰▰▰▰▱▱▱▱▱: always ten cells, for lines that stand below each other."""
    return bar(part * CELLS // whole if whole else 0, CELLS)


def turnout(tally: Tally) -> Text:
    """ "Tham gia 4/5 (80%)"."""
    return _(
        "Taken part {n}/{all} ({percent}%)",
        n=tally.started,
        all=tally.people,
        percent=percent(tally.started, tally.people),
    )


def completion(tally: Tally) -> Text:
    """ "Hoàn thành 1/5 (20%)"."""
    return _(
        "Finished {n}/{all} ({percent}%)",
        n=tally.finished,
        all=tally.people,
        percent=percent(tally.finished, tally.people),
    )


def bars(tally: Tally) -> list[Words]:
    """Both, each behind its bar."""
    return [
        _("{bar} {words}", bar=barred(part, tally.people), words=words)
        for part, words in (
            (tally.started, turnout(tally)),
            (tally.finished, completion(tally)),
        )
    ]


def scores(found: Outcome) -> Text:
    """The average of best results, or that there is none."""
    average = found.whole.average
    if average is None:
        return _("Quizzes: nobody has finished one yet.")
    taken = sum(each.taken for each in found.lessons)
    passed = sum(each.passed for each in found.lessons)
    return _(
        "Quizzes: average {average}, passed {passed}/{taken}",
        average=round(average, 1),
        passed=passed,
        taken=taken,
    )


def hard(point: HardPoint) -> Text:
    """ "Bài 1, câu 2: 50% sai"."""
    if point.place is None:
        return _(
            "lesson {lesson}: {percent}% wrong",
            lesson=point.lesson.place or 0,
            percent=round(point.share),
        )
    return _(
        "lesson {lesson}, question {question}: {percent}% wrong",
        lesson=point.lesson.place or 0,
        question=point.place,
        percent=round(point.share),
    )


def essays(found: Outcome) -> Text | None:
    """How many have handed in, where an essay is asked for."""
    if found.essays is None:
        return None
    return _("Essays handed in: {n}/{all}", n=found.essays[0], all=found.essays[1])


def why(found: Outcome) -> list[Words]:
    """What was counted."""
    return [
        _(
            "Counted: members who take part, without the exempt, 213 and candidates: {n} people.",
            n=found.whole.people,
        ),
        n_(
            "{n} of the exempt is invited and counts nowhere.",
            "{n} of the exempt are invited and count nowhere.",
            n=found.invited,
        ),
        _("A lesson counts from the day it opens. Taken part: has opened at least one."),
        _("Finished: all lessons that are open. Quizzes: the best attempt of each person."),
        _("Hardest: by first attempts, from 3 answers on."),
    ]


def asked(point: HardPoint) -> str:
    """A question, in a list."""
    return cut(point.question.ask, ASKED)


def number(value: float | None) -> str:
    """ "8,5" in papers of ours, "–" for none."""
    return "–" if value is None else format_number(round(value, 1))


def back(campaign_id: int) -> Button:
    """To the figures."""
    return Button(_("‹ Back"), "follow", campaign_id)
