"""Figures of questions, against tables that were counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from storage import bank, campaigns
from storage.bank import Answered, Figures, Item, ItemKind
from storage.errors import NotFound
from tests.storage.test_bank import SHORT, SINGLE
from tests.storage.test_campaigns import actor, campaign_toml, lesson_toml, lessons, take
from tests.town import BRANCH_1, NOON, unit_id

FOUR = ["a", "b", "c", "d"]


def item(number: int, kind: ItemKind, answer: list[int], choices: list[str] | None = None) -> Item:
    return Item(id=number, kind=kind, ask="?", choices=choices or FOUR, answer=answer)


def by_hand(figures: Figures) -> tuple[int, int, tuple[int, ...], list[int], list[int]]:
    return figures.asked, figures.right, figures.taken, figures.wrong, figures.weak


def test_the_figures_are_those_of_a_table_counted_by_hand() -> None:
    single, many = item(1, ItemKind.SINGLE, [1]), item(2, ItemKind.MULTIPLE, [0, 2])
    order, short = item(3, ItemKind.ORDER, [3, 2, 1, 0]), item(4, ItemKind.SHORT, [])
    truth = item(5, ItemKind.TRUE_FALSE, [0], ["Đúng", "Sai"])
    answers = [
        # of 100: 60 right, 30 took a, 6 took c, 4 took d
        Answered(1, [1], True, 60),
        Answered(1, [0], False, 30),
        Answered(1, [2], False, 6),
        Answered(1, [3], False, 4),
        # of 20: 5 right; a 14 times, b 9, c 12, d once
        Answered(2, [0, 2], True, 5),
        Answered(2, [0, 1], False, 8),
        Answered(2, [2], False, 6),
        Answered(2, [0, 1, 2, 3], False, 1),
        Answered(3, [3, 2, 1, 0], True, 3),
        Answered(3, [0, 1, 2, 3], False, 3),
        Answered(4, "90", True, 4),
        Answered(5, [0], True, 40),
        Answered(9, [0], True, 7),  # of no question of these
    ]
    found = bank.tally([single, many, order, short, truth], answers)
    assert [each.item.id for each in found] == [2, 3, 1, 5, 4]  # the hardest first, 4 too few
    told = {each.item.id: by_hand(each) for each in found}
    assert told == {
        1: (100, 60, (30, 60, 6, 4), [0, 2, 3], [3]),
        2: (20, 5, (14, 9, 12, 1), [1, 3], []),
        3: (6, 3, (6, 6, 6, 6), [], []),
        4: (4, 4, (0, 0, 0, 0), [], []),
        5: (40, 40, (40, 0), [1], []),
    }
    assert [each.told for each in found] == [True, True, True, True, False]
    assert [round(each.share, 2) for each in found] == [0.25, 0.5, 0.6, 1.0, 1.0]


@pytest.mark.parametrize(
    ("asked", "taken", "weak"), [(19, 0, []), (20, 0, [1]), (20, 1, []), (21, 1, [1]), (100, 5, [])]
)
def test_a_choice_is_weak_when_less_than_a_twentieth_of_enough_people_take_it(
    asked: int, taken: int, weak: list[int]
) -> None:
    (found,) = bank.tally(
        [item(1, ItemKind.SINGLE, [0], ["a", "b"])],
        [Answered(1, [0], True, asked - taken), Answered(1, [1], False, taken)],
    )
    assert found.weak == weak


def test_of_each_person_the_first_answer_counts(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, campaign_toml(lesson_toml("Bài 1", questions=1)))
    for name, tries in {"huong": (0, 1, 1), "giang": (1, 0), "dung": (2,)}.items():
        who = actor(session, name)
        quiz = campaigns.play(session, who, lessons(session)[0].id, now=NOON)
        for number, choice in enumerate(tries):
            if number:
                quiz = campaigns.try_again(session, who, quiz.run.id, now=NOON)
            asked = quiz.questions[0]
            quiz = campaigns.judge(session, who, quiz.run.id, asked.id, [choice], now=NOON)
    (found,) = campaigns.hardest(session, actor(session, "an"), unit_id(session, BRANCH_1))
    assert (found.asked, found.right, found.taken, found.told) == (3, 1, (1, 1, 1), False)


def test_the_figures_are_for_the_committee_of_the_unit_and_those_above(
    session: Session, cast: dict[str, int]
) -> None:
    unit = unit_id(session, BRANCH_1)
    bank.put(session, actor(session, "an"), unit, [SINGLE, SHORT], now=NOON)
    one = session.exec(select(Item.id).order_by(col(Item.id))).first() or 0
    for name in ("an", "chi", "oanh"):
        assert len(campaigns.hardest(session, actor(session, name), unit)) == 2
        assert campaigns.figures_of(session, actor(session, name), one).asked == 0
    for name in ("huong", "lan"):
        with pytest.raises(NotFound):
            campaigns.hardest(session, actor(session, name), unit)
        with pytest.raises(NotFound):
            campaigns.figures_of(session, actor(session, name), one)
