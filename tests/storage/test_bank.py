"""Questions: which can be asked, in which order their choices are shown, and what is right."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from sqlmodel import Session, select

from storage import bank
from storage.bank import Item, ItemKind, NewItem
from storage.errors import NotFound, Refusal
from tests.storage.test_meetings import Cast, actor
from tests.town import BRANCH_1, BRANCH_2, NOON, PARTY, unit_id

SINGLE = NewItem(ItemKind.SINGLE, "Họp thường kỳ ít nhất bao lâu?", ("45 phút", "90 phút"), (1,))
SHORT = NewItem(ItemKind.SHORT, "Bao nhiêu phút?", ("90", "chín mươi"))
ORDER = NewItem(ItemKind.ORDER, "Xếp theo thứ tự", ("ba", "một", "hai"), (1, 2, 0))


def item(new: NewItem, number: int = 1) -> Item:
    return Item(
        id=number, kind=new.kind, ask=new.ask, choices=[*new.choices], answer=[*new.answer],
        fixed=new.fixed,
    )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"ask": "  "},
        {"ask": "a" * 801},
        {"choices": ("một",), "answer": (0,)},
        {"choices": tuple("abcdefghi")},
        {"choices": ("Hòa", "hoà")},
        {"choices": ("một", " ")},
        {"choices": ("một", "a" * 201)},
        {"answer": ()},
        {"answer": (2,)},
        {"answer": (-1,)},
        {"answer": (0, 1)},
        {"kind": ItemKind.MULTIPLE, "answer": (1, 0)},
        {"kind": ItemKind.MULTIPLE, "answer": ()},
        {"kind": ItemKind.ORDER, "answer": (0, 0)},
        {"kind": ItemKind.TRUE_FALSE, "choices": ("đúng", "sai", "không rõ")},
        {"kind": ItemKind.SHORT, "choices": ()},
    ],
)
def test_a_question_that_nobody_could_answer_is_refused(change: dict[str, object]) -> None:
    bank.check(SINGLE)
    with pytest.raises(Refusal):
        bank.check(replace(SINGLE, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("new", "given", "right"),
    [
        (SINGLE, [1], True),
        (SINGLE, [0], False),
        (SINGLE, [], False),
        (SINGLE, "90 phút", False),
        (replace(SINGLE, kind=ItemKind.MULTIPLE, answer=(0, 1)), [1, 0], True),
        (replace(SINGLE, kind=ItemKind.MULTIPLE, answer=(0, 1)), [1], False),
        (ORDER, [1, 2, 0], True),
        (ORDER, [0, 1, 2], False),
        (SHORT, " Chin  Muoi. ", True),
        (SHORT, "90", True),
        (SHORT, "900", False),
        (SHORT, [0], False),
    ],
)
def test_an_answer_is_right_when_all_of_it_is(new: NewItem, given: bank.Given, right: bool) -> None:
    assert bank.right(item(new), given) is right


def test_everybody_has_an_order_of_choices_of_their_own_that_stays() -> None:
    four = item(NewItem(ItemKind.SINGLE, "Câu nào?", tuple("abcd"), (0,)))
    orders = {tuple(bank.shown(four, str(seed))) for seed in range(400)}
    assert orders == set(permutations(range(4)))
    assert all(bank.shown(four, "7") == bank.shown(four, "7") for _ in range(3))
    fixed = NewItem(ItemKind.SINGLE, "Câu nào?", tuple("abcd"), (0,), fixed=True)
    assert bank.shown(item(fixed), "3") == [0, 1, 2, 3]


def test_what_is_to_be_put_in_order_is_never_shown_so() -> None:
    two = item(NewItem(ItemKind.ORDER, "Xếp", ("hai", "một"), (1, 0)))
    assert {tuple(bank.shown(two, str(seed))) for seed in range(20)} == {(0, 1)}


def test_a_question_is_one_row_however_often_it_comes(session: Session, cast: Cast) -> None:
    an, unit = actor(session, "an"), unit_id(session, BRANCH_1)
    again = replace(SINGLE, ask="họp thường kỳ  ít nhất bao lâu?", why="HD 42")
    assert bank.put(session, an, unit, [SINGLE, again, SHORT], now=NOON) == 2
    assert bank.put(session, an, unit, [SINGLE], now=NOON) == 0
    assert len(session.exec(select(Item)).all()) == 2
    with pytest.raises(Refusal):
        bank.put(session, an, unit, [replace(SINGLE, answer=(5,))], now=NOON)


def test_a_unit_has_its_own_questions_and_those_from_above(session: Session, cast: Cast) -> None:
    an, oanh = actor(session, "an"), actor(session, "oanh")
    mine, above = unit_id(session, BRANCH_1), unit_id(session, PARTY)
    bank.put(session, an, mine, [SINGLE], now=NOON)
    bank.put(session, oanh, above, [SHORT], now=NOON)
    assert [each.kind for each in bank.of_unit(session, mine)] == [ItemKind.SINGLE, ItemKind.SHORT]
    other = bank.of_unit(session, unit_id(session, BRANCH_2))
    assert [each.kind for each in other] == [ItemKind.SHORT]
    bank.retire(session, oanh, other[0].id, now=NOON)
    assert bank.of_unit(session, unit_id(session, BRANCH_2)) == []


@pytest.mark.parametrize("name", ["chi", "huong", "lan"])
def test_only_who_runs_campaigns_there_changes_the_bank(
    session: Session, cast: Cast, name: str
) -> None:
    unit = unit_id(session, BRANCH_1)
    bank.put(session, actor(session, "an"), unit, [SINGLE], now=NOON)
    held = bank.of_unit(session, unit)[0]
    with pytest.raises(NotFound):
        bank.put(session, actor(session, name), unit, [SHORT], now=NOON)
    with pytest.raises(NotFound):
        bank.retire(session, actor(session, name), held.id, now=NOON)


def test_a_draw_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    items = [item(SINGLE, number) for number in range(20)]
    drawn = bank.draw(items, 5, "round 1")
    assert len({each.id for each in drawn}) == 5
    assert bank.draw(list(reversed(items)), 5, "round 1") == drawn
    assert bank.draw(items, 5, "round 2") != drawn
    assert len(bank.draw(items, 50, "round 1")) == 20


def test_the_unit_is_on_the_roll(session: Session, cast: Cast) -> None:
    with pytest.raises(NotFound):
        bank.of_unit(session, 10**6)


# -- an answer in several taps -----------------------------------------------------------------

MANY = NewItem(ItemKind.MULTIPLE, "Những câu nào?", ("một", "hai", "ba"), (0, 2))


def test_a_tap_says_what_is_to_be_so_that_it_may_come_twice(session: Session, cast: Cast) -> None:
    bank.put(session, actor(session, "an"), unit_id(session, BRANCH_1), [MANY, ORDER], now=NOON)
    many, order = session.exec(select(Item).order_by(Item.id)).all()
    person = cast["huong"]

    def taps(of: Item, *given: tuple[int, int]) -> list[bank.Given]:
        return [bank.pick(session, person, "quiz:1", of, *each) for each in given]

    assert taps(many, (2, 1), (0, 1), (0, 1), (2, 0), (2, 0), (9, 1)) == [
        [2], [0, 2], [0, 2], [0], [0], [0],
    ]  # fmt: skip
    assert taps(order, (1, 0), (1, 0), (1, 1), (2, 0), (2, 1), (-1, 0), (0, 0)) == [
        [1], [1], [1], [1], [1, 2], [], [0],
    ]  # fmt: skip
    assert bank.half(session, person, "quiz:1", many) == [0]
    assert bank.half(session, person, "quiz:2", many) == []
    assert bank.half(session, cast["giang"], "quiz:1", many) == []
    bank.forget(session, person, "quiz:1", many.id)
    assert bank.half(session, person, "quiz:1", many) == []
    assert bank.half(session, person, "quiz:1", order) == [0]
    with pytest.raises(Refusal):
        bank.jot(session, person, "quiz:1", many, "a" * 201)


@pytest.mark.parametrize(
    ("new", "given", "complete"),
    [
        (SINGLE, [0], True),
        (SINGLE, [0, 1], False),
        (SINGLE, [2], False),
        (SINGLE, [], False),
        (SINGLE, "90 phút", False),
        (MANY, [0, 1, 2], True),
        (MANY, [0, 0], False),
        (MANY, [], False),
        (ORDER, [2, 0, 1], True),
        (ORDER, [2, 0], False),
        (ORDER, [2, 0, 0], False),
        (SHORT, "90", True),
        (SHORT, " . ", False),
        (SHORT, [0], False),
    ],
)
def test_half_an_answer_is_none(new: NewItem, given: bank.Given, complete: bool) -> None:
    assert bank.complete(item(new), given) is complete


# -- a question again --------------------------------------------------------------------------


def test_a_question_that_comes_again_gets_what_is_new_of_it(session: Session, cast: Cast) -> None:
    an, unit = actor(session, "an"), unit_id(session, BRANCH_1)
    bank.put(session, an, unit, [replace(SINGLE, topic="Điều lệ")], now=NOON)
    (row,) = session.exec(select(Item)).all()
    bank.retire(session, an, row.id, now=NOON)
    better = replace(SINGLE, ask="Họp thường kỳ ít nhất bao lâu ?", why="HD 42")
    accent = replace(SINGLE, ask=SINGLE.ask.replace("ít", "it"), why="HD 42")
    assert bank.plan(session, an, unit, [better, SHORT]) == (2, 0, 0)  # a space more is another
    assert bank.plan(session, an, unit, [accent, SHORT]) == (1, 1, 0)
    assert bank.put(session, an, unit, [accent, SHORT], now=NOON) == 1
    session.refresh(row)
    assert (row.ask, row.why, row.topic, row.retired_at) == (accent.ask, "HD 42", "Điều lệ", None)
    assert bank.plan(session, an, unit, [accent, SHORT]) == (0, 0, 2)


def test_choices_that_speak_of_each_other_are_known() -> None:
    for choice in ("Cả A và B", "Tất cả các ý trên", "Cả ba phương án", "Đều đúng", "All of these"):
        assert bank.speaks_of_others(("một", choice)), choice
    for choice in ("Cả nước", "Tất yếu", "Chi bộ A", "Ba", "cải cách"):
        assert not bank.speaks_of_others(("một", choice)), choice


def test_a_bank_is_open_to_those_who_have_a_role_there(session: Session, cast: Cast) -> None:
    names = {
        name: [each.name for each in bank.homes(session, actor(session, name))]
        for name in ("an", "binh", "chi", "huong", "oanh")
    }
    assert names["an"] == names["binh"] == ["Chi bộ 1"]
    assert names["chi"] == names["huong"] == []  # the committee looks, the leaders change
    assert len(names["oanh"]) == 1
