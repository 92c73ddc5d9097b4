"""Lessons and quizzes on paper, for those whom no message reaches: with answers and without."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from handlers.bank.asking import choice_words, letters_of
from handlers.campaigns.showing import MANAGE
from handlers.follow import saying
from handlers.follow.files import dates
from handlers.follow.screens import asked
from handlers.kit import Button, File, Say, Talk, button, maker
from handlers.paging import Page
from handlers.text import Day, Reader, Text, _, cut
from storage import bank, follow
from storage.bank import Item, ItemKind
from storage.campaigns import Campaign, Lesson
from storage.roster import Unit

if TYPE_CHECKING:
    from docx.document import Document as Paper

WHATS: dict[str, str] = {"lesson": "bai", "quiz": "cau-hoi", "answers": "dap-an"}
TITLE = 50  # letters


@button("follow_lessons", power="campaign.see")
def lessons(talk: Talk, campaign_id: int, number: int) -> Say:
    """[Print lessons]: which one."""
    found = asked(talk, campaign_id)
    page = Page.of(follow.all_lessons(talk.session, talk.actor, campaign_id), number)
    return Say(
        saying.head(found),
        *[
            _("{number}. {words}", number=place, words=cut(each.title, TITLE))
            for place, each in enumerate(page.items, page.first)
        ],
        buttons=[
            *page.digits("follow_lesson", *[(each.id,) for each in page.items]),
            page.turn("follow_lessons", campaign_id),
            [saying.back(campaign_id), MANAGE],
        ],
    )


@button("follow_lesson", power="campaign.see")
def one(talk: Talk, lesson_id: int) -> Say:
    """A number: the lesson, its quiz, or its quiz with answers."""
    campaign, _unit, lesson, questions = follow.printable(talk.session, talk.actor, lesson_id)
    quiz = bool(questions)
    return Say(
        _("<b>{name}</b>", name=lesson.title),
        _("Word files to be printed. The one with answers is for the committee."),
        buttons=[
            [
                Button(_("Lesson"), "follow_print", lesson_id, "lesson"),
                Button(_("Quiz"), "follow_print", lesson_id, "quiz") if quiz else None,
            ],
            [Button(_("Quiz and answers"), "follow_print", lesson_id, "answers") if quiz else None],
            [Button(_("‹ Back"), "follow_lessons", campaign.id, 0), MANAGE],
        ],
    )


@button("follow_print", power="campaign.see")
def take(talk: Talk, lesson_id: int, what: str) -> Say:
    """One of them."""
    _campaign, _unit, lesson, _all = follow.printable(talk.session, talk.actor, lesson_id)
    kind = what if what in WHATS else "lesson"
    name = f"{WHATS[kind]}-{lesson.place}.docx"
    return Say(
        toast=_("The file is being made."), files=[File("follow_paper", [lesson_id, kind], name)]
    )


@maker("follow_paper", power="campaign.see")
def make(talk: Talk, lesson_id: int, what: str) -> Callable[[], bytes]:
    """The file."""
    campaign, unit, lesson, questions = follow.printable(talk.session, talk.actor, lesson_id)
    reader = talk.reader_of(unit.language or talk.house.language)
    if what == "lesson":
        return lambda: lesson_paper(campaign, unit, lesson, reader)
    answers = what == "answers"
    return lambda: quiz_paper(campaign, unit, lesson, questions, reader, answers=answers)


def lesson_paper(campaign: Campaign, unit: Unit, lesson: Lesson, reader: Reader) -> bytes:
    """The lesson's text; of a link or a file, where it is to be found."""
    from handlers.paper import pieces  # slow to load

    say = reader.plain
    made = pieces.new_paper()
    _top(made, campaign, unit, lesson, reader, _("LESSON {number}", number=lesson.place or 0))
    for paragraph in (lesson.text or "").split("\n"):
        if paragraph.strip():
            pieces.line(made, paragraph.strip(), indent=1)
    if lesson.url:
        pieces.labelled(made, say(_("To be read here:")), lesson.url)
    if lesson.file:
        pieces.labelled(made, say(_("The lesson is this file:")), lesson.file.rpartition("/")[2])
    return pieces.saved(made)


def quiz_paper(
    campaign: Campaign,
    unit: Unit,
    lesson: Lesson,
    questions: Sequence[Item],
    reader: Reader,
    *,
    answers: bool,
) -> bytes:
    """The questions with room for a name; with answers it says so at the top of every page."""
    from handlers.paper import pieces  # slow to load

    say = reader.plain
    made = pieces.new_paper()
    if answers:
        pieces.marked(made, say(_("WITH ANSWERS – FOR THE COMMITTEE")))
    _top(made, campaign, unit, lesson, reader, _("QUIZ, LESSON {number}", number=lesson.place or 0))
    if not answers:
        pieces.labelled(made, say(_("Full name:")), "." * 60, indent=0)
    for place, each in enumerate(questions, 1):
        pieces.heading(made, f"{place}. {each.ask}")
        _choices(made, each, reader, answers=answers)
    return pieces.saved(made)


def _choices(made: Paper, item: Item, reader: Reader, *, answers: bool) -> None:
    """Everybody has the same order on paper; it is the bank's, unless that would tell too much."""
    from handlers.paper import pieces

    order = [*range(len(item.choices))]
    if item.kind == ItemKind.ORDER:
        order = bank.shown(item, "paper")
    if item.kind == ItemKind.SHORT:
        right = " / ".join(item.choices)
        pieces.labelled(made, reader.plain(_("Answer:")), "." * 60)
    else:
        right = letters_of(item, order, item.answer)
        for index in order:
            bold = answers and item.kind in bank.CHOSEN and index in item.answer
            words = reader.plain(choice_words(item, order, index))
            pieces.line(made, words, bold=bold, indent=1)
    if answers:
        key = reader.plain(_("Right: {letter}", letter=right))
        pieces.line(made, f"{key}. {item.why}".strip(), italic=True, indent=1)


def _top(
    made: Paper, campaign: Campaign, unit: Unit, lesson: Lesson, reader: Reader, name: Text
) -> None:
    from handlers.paper import pieces

    due = reader.plain(_("due {day}", day=Day(lesson.due, dated=True)))
    pieces.line(made, f"{unit.name.upper()} · {campaign.name}", align=pieces.CENTRE)
    pieces.line(made, f"{dates(campaign)} · {due}", align=pieces.CENTRE, size=11, italic=True)
    pieces.title(made, reader.plain(name), lesson.title)
