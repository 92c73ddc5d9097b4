"""What was missed comes back: on which days, to whom, and never to who does not want it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from storage import bank, campaigns, outbox, repeating, schedule
from storage.bank import Item, ItemKind, NewItem
from storage.errors import NotFound
from storage.outbox import Notice
from storage.quiet import Quiet
from storage.repeating import Memory, Repeated, Repeater, remembered
from storage.roster import Person
from storage.schedule import Schedule
from tests.storage.test_campaigns import TWO_LESSONS, actor, lessons, take
from tests.town import BRANCH_1, BRANCH_2, NOON, unit_id

ZONE = "Asia/Ho_Chi_Minh"
QUIET = Quiet("21:30-06:30", ZONE)
DAY = timedelta(days=1)
EVENING = datetime.fromisoformat("2026-08-04T19:00:00+07:00").astimezone(UTC)  # after NOON's day
ONE = NewItem(ItemKind.SINGLE, "Một?", ("đúng", "sai"), (0,))
TWO = NewItem(ItemKind.MULTIPLE, "Hai?", ("đúng", "cũng đúng", "sai"), (0, 1))


def switched_on(session: Session, name: str = "huong", *news: NewItem) -> list[Item]:
    """Somebody has missed these (else ONE) at noon of 3 August and goes over them."""
    items = list(news) or [ONE]
    unit = unit_id(session, BRANCH_1)
    bank.put(session, actor(session, "an"), unit, items, now=NOON)
    rows = list(session.exec(select(Item).order_by(col(Item.id))).all())
    missed = [row.id for row in rows]
    repeating.begin(session, actor(session, name), missed, zone=ZONE, now=NOON)
    return rows


def notices(session: Session) -> list[Notice]:
    return list(session.exec(select(Notice).where(Notice.kind == repeating.DUE)).all())


def remind(session: Session, cast: dict[str, int], now: datetime, name: str = "huong") -> int:
    return repeating.remind(session, cast[name], quiet=QUIET, now=now)


# -- when it is due ----------------------------------------------------------------------------


def test_what_is_missed_is_due_the_next_day_and_then_ever_later() -> None:
    memory, now, gaps = remembered(None, False, now=NOON), NOON, []
    assert memory.due_at == NOON + DAY
    for _time in range(6):
        now = memory.due_at
        memory = remembered(memory, True, now=now)
        gaps.append((memory.due_at - now).days)
    assert gaps == sorted(gaps) and gaps[0] >= 1 and gaps[-1] > 20
    assert all(later > earlier for earlier, later in pairwise(gaps[1:]))
    again = remembered(memory, False, now=memory.due_at)
    assert (again.due_at - memory.due_at).days < gaps[-2]


def test_the_same_answers_give_the_same_days() -> None:
    def days() -> list[Memory]:
        memory, found = remembered(None, False, now=NOON), []
        for right in (True, False, True, True):
            memory = remembered(memory, right, now=memory.due_at)
            found.append(memory)
        return found

    assert days() == days()
    assert all(each.due_at.tzinfo is not None for each in days())


def test_a_question_comes_back_on_its_day_and_not_before(
    session: Session, cast: dict[str, int]
) -> None:
    (item,) = switched_on(session)
    huong = actor(session, "huong")
    assert repeating.turn(session, huong, now=NOON).item is None
    # It was missed at noon; the morning of the day on which it is due is late enough.
    morning = NOON + DAY - timedelta(hours=8)
    found = repeating.turn(session, huong, now=morning)
    assert found.item is not None and found.item.id == item.id
    found = repeating.pick(session, huong, 0, item.id, 0, 1, now=morning)
    assert (found.just, found.left) == ([0], 0)
    (row,) = session.exec(select(Repeated)).all()
    assert row.due_at == remembered(remembered(None, False, now=NOON), True, now=morning).due_at
    assert repeating.turn(session, huong, now=row.due_at - DAY).item is None
    assert repeating.turn(session, huong, now=row.due_at).item is not None


def test_an_answer_is_judged_once_and_a_second_tap_shows_it_again(
    session: Session, cast: dict[str, int]
) -> None:
    (item,) = switched_on(session)
    huong, now = actor(session, "huong"), NOON + DAY
    repeating.pick(session, huong, 0, item.id, 1, 1, now=now)
    again = repeating.pick(session, huong, 0, item.id, 0, 1, now=now)
    assert again.just == [1]  # the first tap counts
    (row,) = session.exec(select(Repeated)).all()
    assert (row.times, row.given) == (1, [1])
    old = repeating.pick(session, huong, 0, item.id, 0, 1, now=row.due_at)
    assert (old.just, row.times) == ([1], 1)
    present = repeating.turn(session, huong, now=row.due_at)
    assert present.row is not None and present.row.times == 1


def test_an_answer_of_several_taps_stands_in_rows(session: Session, cast: dict[str, int]) -> None:
    (item,) = switched_on(session, "huong", TWO)
    huong, now = actor(session, "huong"), NOON + DAY
    repeating.pick(session, huong, 0, item.id, 1, 1, now=now)
    assert repeating.turn(session, huong, now=now).half == [1]
    repeating.pick(session, huong, 0, item.id, 0, 1, now=now)
    found = repeating.submit(session, huong, 0, item.id, now=now)
    assert found.just == [0, 1]
    assert session.exec(select(bank.Half)).all() == []


def test_nobody_answers_what_another_goes_over(session: Session, cast: dict[str, int]) -> None:
    (item,) = switched_on(session)
    for name in ("giang", "lan"):
        found = repeating.pick(session, actor(session, name), 0, item.id, 0, 1, now=NOON + DAY)
        assert found.item is None
    (row,) = session.exec(select(Repeated)).all()
    assert row.times == 0


@pytest.mark.parametrize("index", [-1, 2, 9])
def test_a_choice_that_is_not_there_is_no_answer(
    session: Session, cast: dict[str, int], index: int
) -> None:
    (item,) = switched_on(session)
    with pytest.raises(NotFound):
        repeating.pick(session, actor(session, "huong"), 0, item.id, index, 1, now=NOON + DAY)


def test_a_question_out_of_use_or_of_another_unit_comes_back_no_more(
    session: Session, cast: dict[str, int]
) -> None:
    (item,) = switched_on(session)
    now = NOON + DAY
    assert repeating.due_today(session, cast["huong"], now=now) == 1
    bank.retire(session, actor(session, "an"), item.id, now=now)
    assert repeating.due_today(session, cast["huong"], now=now) == 0
    bank.reuse(session, actor(session, "an"), item.id, now=now)
    person = session.get_one(Person, cast["huong"])
    person.unit_id = unit_id(session, BRANCH_2)
    session.flush()
    assert repeating.due_today(session, cast["huong"], now=now) == 0


# -- the quizzes of lessons --------------------------------------------------------------------


def miss(session: Session, name: str, *, now: datetime = NOON) -> None:
    """Somebody answers the first question of a quiz wrongly and the second rightly."""
    who = actor(session, name)
    quiz = campaigns.play(session, who, lessons(session)[0].id, now=now)
    if quiz.run.finished_at is not None:
        quiz = campaigns.try_again(session, who, quiz.run.id, now=now)
    for question, choice in zip(quiz.questions, (0, 1), strict=True):
        campaigns.judge(session, who, quiz.run.id, question.id, [choice], now=now)


def test_only_of_who_wants_it_what_they_miss_is_kept(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    miss(session, "huong")
    miss(session, "giang")
    assert session.exec(select(Repeated)).all() == []
    huong = actor(session, "huong")
    missed = campaigns.missed_items(session, huong)
    assert len(missed) == 1
    repeating.begin(session, huong, missed, zone=ZONE, now=NOON)
    repeating.begin(session, huong, missed, zone=ZONE, now=NOON)  # a second tap
    rows = session.exec(select(Repeated)).all()
    assert [(row.person_id, row.item_id, row.due_at) for row in rows] == [
        (cast["huong"], missed[0], NOON + DAY)
    ]


def test_what_is_missed_later_comes_in_and_what_is_missed_again_comes_sooner(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    huong = actor(session, "huong")
    repeating.begin(session, huong, [], zone=ZONE, now=NOON)
    miss(session, "huong")
    (row,) = session.exec(select(Repeated)).all()
    repeating.pick(session, huong, 0, row.item_id, 1, 1, now=row.due_at)
    repeating.pick(session, huong, 1, row.item_id, 1, 1, now=row.due_at)
    session.refresh(row)
    assert row.due_at - row.seen_at > DAY
    later = row.due_at - timedelta(hours=1)
    miss(session, "huong", now=later)
    session.refresh(row)
    assert (row.seen_at, row.due_at) == (later, later + DAY)


# -- in the evening ----------------------------------------------------------------------------


def test_the_evening_brings_one_message_to_who_has_something_due(
    session: Session, cast: dict[str, int]
) -> None:
    switched_on(session)
    (slot,) = session.exec(select(Schedule).where(Schedule.kind == repeating.EVENING)).all()
    first = datetime.fromisoformat("2026-08-03T19:00:00+07:00")
    assert (slot.subject, slot.zone, slot.next_at) == (f"person:{cast['huong']}", ZONE, first)
    assert remind(session, cast, first) == 0  # nothing is due yet
    assert remind(session, cast, EVENING) == 1
    assert remind(session, cast, EVENING + timedelta(minutes=5)) == 0
    assert remind(session, cast, EVENING + DAY) == 1
    assert [(each.person_id, each.due_at) for each in notices(session)] == [
        (cast["huong"], EVENING),
        (cast["huong"], EVENING + DAY),
    ]


def test_an_evening_that_was_slept_through_is_left_out(
    session: Session, cast: dict[str, int]
) -> None:
    switched_on(session)
    late = EVENING + timedelta(hours=6)  # one o'clock
    assert remind(session, cast, late) == 0
    assert remind(session, cast, late + timedelta(hours=17, minutes=59)) == 0
    assert remind(session, cast, EVENING + timedelta(hours=2)) == 1


def test_it_waits_for_the_end_of_ones_own_quiet_hours_and_stays_one_a_day(
    session: Session, cast: dict[str, int]
) -> None:
    switched_on(session)
    person = session.get_one(Person, cast["huong"])
    person.quiet_hours = "18:00-07:00"
    session.flush()
    for day in range(3):
        remind(session, cast, EVENING + day * DAY)
    days = [each.due_at.astimezone(UTC) for each in notices(session)]
    seven = datetime.fromisoformat("2026-08-05T07:00:00+07:00")
    assert days == [seven, seven + DAY, seven + 2 * DAY]
    person.quiet_hours = ""  # from now on in the evening: not on a day that has one already
    session.flush()
    assert remind(session, cast, EVENING + 3 * DAY) == 0
    assert remind(session, cast, EVENING + 4 * DAY) == 1


def test_who_has_switched_it_off_gets_nothing_and_nothing_is_kept(
    session: Session, cast: dict[str, int]
) -> None:
    switched_on(session, "huong", ONE, TWO)
    huong = actor(session, "huong")
    assert remind(session, cast, EVENING) == 1
    item = session.exec(select(Item.id).where(Item.kind == ItemKind.MULTIPLE)).one()
    repeating.pick(session, huong, 0, item, 0, 1, now=EVENING)
    repeating.stop(session, huong)
    repeating.stop(session, huong)
    assert [each.state for each in notices(session)] == [outbox.State.CANCELLED]
    for table in (Repeated, Repeater, bank.Half):
        assert session.exec(select(table)).all() == []
    assert schedule.claim_due(session, now=EVENING + 30 * DAY) == []
    assert remind(session, cast, EVENING + DAY) == 0
    repeating.note_missed(session, cast["huong"], [item], now=EVENING)
    assert session.exec(select(Repeated)).all() == []


@pytest.mark.parametrize(
    "change",
    [{"ended": NOON.date()}, {"blocked_at": NOON}, {"consented_at": None}, {"started": False}],
)
def test_who_cannot_be_written_to_is_not(
    session: Session, cast: dict[str, int], change: dict[str, object]
) -> None:
    switched_on(session)
    person = session.get_one(Person, cast["huong"])
    for name, value in change.items():
        setattr(person, name, value)
    session.flush()
    assert remind(session, cast, EVENING) == 0


def test_one_persons_switch_is_no_other_persons(session: Session, cast: dict[str, int]) -> None:
    switched_on(session)
    switched_on(session, "giang")
    repeating.stop(session, actor(session, "huong"))
    assert remind(session, cast, EVENING, "giang") == 1
    assert remind(session, cast, EVENING) == 0
