"""The figures of a campaign beside a table that was counted by hand, and who may have them.

Chi bộ 1 has seven people. Two lessons are open: the first with two questions (B is right), the
second without; a third opens later. Dũng is a candidate and Khánh exempt, so five count.

              lesson 1      lesson 2   best of its quiz   first answers to 1, 2
    An        done          done       2/2                right, right
    Bình      done          opened     1/2 then 2/2       right, wrong
    Chi       done          –          1/2                wrong, right
    Giang     –             –
    Hương     opened        –          0/2                wrong, wrong
    Khánh     done          done       2/2                (exempt: counts nowhere)
    Dũng      done          –                             (candidate: counts nowhere)

Started 4 of 5, finished 1 of 5, lessons done 4 of 10; best results 10, 10, 5, 0: 6,25 on average.
First answers: question 1 wrong 2 of 4, question 2 wrong 2 of 4.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from storage import bank, campaigns, follow, groups, roster
from storage.audit import Deed
from storage.campaigns import Campaign, Lesson
from storage.errors import NotFound, Refusal
from storage.outbox import Notice
from storage.powers import Role
from storage.roster import Kind, Person
from tests.storage.test_campaigns import QUIET, actor, campaign_toml, lesson_toml, take
from tests.town import BRANCH_1, NOON, unit_id

THREE = campaign_toml(
    lesson_toml("Bài 1", questions=2),
    lesson_toml("Bài 2", "2026-08-15"),
    lesson_toml("Bài 3", "2026-08-31").replace("due =", "opens = 2026-08-20\ndue ="),
)
RIGHT, WRONG = 1, 0


def by_hand(session: Session, cast: dict[str, int], folder: Path, text: str = THREE) -> Campaign:
    """The campaign, studied as the table above has it."""
    session.get_one(Person, cast["dung"]).kind = Kind.CANDIDATE
    session.get_one(Person, cast["khanh"]).kind = Kind.EXEMPT
    session.flush()
    campaign = take(session, folder, text)
    first, second, *_later = session.exec(
        select(Lesson).where(col(Lesson.place).is_not(None)).order_by(col(Lesson.place))
    ).all()
    answers = {
        "an": [(RIGHT, RIGHT)],
        "binh": [(RIGHT, WRONG), (RIGHT, RIGHT)],
        "chi": [(WRONG, RIGHT)],
        "huong": [(WRONG, WRONG)],
        "khanh": [(RIGHT, RIGHT)],
    }
    for name, attempts in answers.items():
        for attempt in attempts:
            play(session, name, first, attempt)
    for name, lesson in (("chi", first), ("dung", first), ("an", second), ("khanh", second)):
        campaigns.open_lesson(session, actor(session, name), lesson.id, now=NOON)
        campaigns.mark_done(session, actor(session, name), lesson.id, now=NOON)
    campaigns.open_lesson(session, actor(session, "binh"), second.id, now=NOON)
    campaigns.open_lesson(session, actor(session, "huong"), first.id, now=NOON)
    return campaign


def play(session: Session, name: str, lesson: Lesson, answers: tuple[int, int]) -> None:
    """One attempt from its first to its last question; a right one is B."""
    who = actor(session, name)
    quiz = campaigns.play(session, who, lesson.id, now=NOON)
    if quiz.run.finished_at is not None:
        quiz = campaigns.try_again(session, who, quiz.run.id, now=NOON)
    for question, choice in zip(quiz.questions, answers, strict=True):
        campaigns.judge(session, who, quiz.run.id, question.id, [choice], now=NOON)


def outcome(session: Session, campaign: Campaign, name: str = "an") -> follow.Outcome:
    return follow.outcome(session, actor(session, name), campaign.id, now=NOON)


def test_the_figures_are_those_counted_by_hand(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    found = outcome(session, by_hand(session, cast, tmp_path))
    whole = found.whole
    assert (whole.people, whole.started, whole.finished) == (5, 4, 1)
    assert (whole.done, whole.of, whole.average) == (4, 10, 6.25)
    assert (found.invited, found.closed) == (1, 1)
    assert [
        (each.lesson.place, each.done, each.quiz, each.taken, each.passed, each.average)
        for each in found.lessons
    ] == [(1, 3, True, 4, 3, 6.25), (2, 1, False, 0, 0, None)]
    assert [(each.place, each.wrong, each.answers) for each in found.hardest] == [
        (1, 2, 4),
        (2, 2, 4),
    ]
    assert [(unit.name, tally.people, tally.started) for unit, tally in found.units] == [
        ("Chi bộ 1", 3, 3),
        ("Tổ 1", 2, 1),
    ]
    people = {each.person.id: (each.opened, each.done, each.average) for each in found.people}
    assert people == {
        cast["an"]: (2, 2, 10),
        cast["binh"]: (2, 1, 10),
        cast["chi"]: (1, 1, 5),
        cast["giang"]: (0, 0, None),
        cast["huong"]: (1, 0, 0),
    }
    assert [each.id for each in found.unstarted] == [cast["giang"]]


def test_a_lesson_counts_from_the_day_it_opens(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = by_hand(session, cast, tmp_path)
    later = NOON + timedelta(days=17)
    found = follow.outcome(session, actor(session, "an"), campaign.id, now=later)
    assert (found.whole.of, found.whole.finished, found.closed) == (15, 0, 0)


def test_a_point_with_few_answers_or_none_wrong_is_not_called_hard(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = take(session, tmp_path, THREE)
    first = session.exec(select(Lesson).where(Lesson.place == 1)).one()
    for name in ("an", "binh"):
        play(session, name, first, (WRONG, RIGHT))
    assert outcome(session, campaign).hardest == []
    play(session, "chi", first, (RIGHT, RIGHT))
    assert [(each.place, each.wrong) for each in outcome(session, campaign).hardest] == [(1, 2)]


def test_a_second_attempt_makes_no_point_easier(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = by_hand(session, cast, tmp_path)
    first = session.exec(select(Lesson).where(Lesson.place == 1)).one()
    play(session, "huong", first, (RIGHT, RIGHT))
    found = outcome(session, campaign)
    assert [each.wrong for each in found.hardest] == [2, 2]
    assert found.whole.average == 8.75  # the best of each: 10, 10, 5, 10


def test_a_question_that_came_by_its_topic_is_hard_as_well_and_has_no_number(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    drawn = bank.NewItem(bank.ItemKind.SINGLE, "Bao nhiêu?", ("một", "hai"), (1,), topic="Số")
    bank.put(session, actor(session, "an"), unit_id(session, BRANCH_1), [drawn], now=NOON)
    text = campaign_toml(lesson_toml("Bài 1", topic="Số", questions=1))
    campaign = take(session, tmp_path, text)
    first = session.exec(select(Lesson)).one()
    for name in ("an", "binh", "chi"):
        play(session, name, first, (RIGHT, WRONG))
    found = outcome(session, campaign)
    assert [(each.question.ask, each.lesson.id, each.place) for each in found.hardest] == [
        ("Bao nhiêu?", first.id, None)
    ]
    assert found.lessons[0].quiz


def test_of_nothing_there_are_no_figures_and_no_division_by_zero(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    for name in ("lan", "minh"):
        session.get_one(Person, cast[name]).kind = Kind.EXEMPT
    session.flush()
    campaign = take(session, tmp_path, THREE.replace("Chi bộ 1", "Chi bộ 2"))
    found = outcome(session, campaign, "lan")
    assert (found.whole.people, found.whole.average, found.hardest) == (0, None, [])
    assert follow.percent(0, 0) == 0


# -- rights ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lan", "minh", "huong"])
def test_a_neighbour_and_a_member_have_no_figures(
    session: Session, cast: dict[str, int], tmp_path: Path, name: str
) -> None:
    campaign = by_hand(session, cast, tmp_path)
    lesson = session.exec(select(Lesson.id).where(Lesson.place == 1)).one()
    who = actor(session, name)
    for act in (
        lambda: follow.outcome(session, who, campaign.id, now=NOON),
        lambda: follow.take_away(session, who, campaign.id, "excel", now=NOON),
        lambda: follow.post(session, who, campaign.id, quiet=QUIET, now=NOON),
        lambda: follow.printable(session, who, lesson),
    ):
        with pytest.raises(NotFound):
            act()


def test_the_committee_above_has_totals_and_no_names(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = by_hand(session, cast, tmp_path)
    found = outcome(session, campaign, "oanh")
    assert (found.whole.people, found.whole.started) == (5, 4)
    assert found.people == [] and found.unstarted == [] and not found.leads
    with pytest.raises(NotFound):
        follow.post(session, actor(session, "oanh"), campaign.id, quiet=QUIET, now=NOON)


def test_who_was_secretary_until_yesterday_has_no_figures(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = by_hand(session, cast, tmp_path)
    held = session.exec(
        select(roster.RoleGrant).where(roster.RoleGrant.person_id == cast["an"])
    ).one()
    roster.end_role(session, held, today=NOON.date())
    with pytest.raises(NotFound):
        outcome(session, campaign)


def test_a_branch_follows_its_own_people_in_a_campaign_from_above(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    text = THREE.replace('unit = "Chi bộ 1"', 'unit = "Đảng bộ Sở Y tế"')
    campaign = by_hand(session, cast, tmp_path, text)
    of_2 = outcome(session, campaign, "lan")
    assert (of_2.whole.people, of_2.whole.started) == (2, 0)
    assert {each.id for each in of_2.unstarted} == {cast["lan"], cast["minh"]}
    assert outcome(session, campaign, "an").whole.people == 5
    assert outcome(session, campaign, "oanh").whole.people == 8
    assert [each.id for each in follow.from_above(session, actor(session, "lan"))] == [campaign.id]
    assert follow.from_above(session, actor(session, "oanh")) == []
    with pytest.raises(NotFound):
        follow.post(session, actor(session, "lan"), campaign.id, quiet=QUIET, now=NOON)


def test_who_leads_a_team_sees_the_teams_names_only(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = by_hand(session, cast, tmp_path)
    team = unit_id(session, f"{BRANCH_1} / Tổ 1")
    huong = session.get_one(Person, cast["huong"])
    roster.give_role(session, huong, team, Role.SECRETARY, today=NOON.date(), by=None)
    found = outcome(session, campaign, "huong")
    assert {each.person.id for each in found.people} == {cast["giang"], cast["huong"]}
    assert found.whole.people == 2


# -- the card, and what is taken away -------------------------------------------------------------


def test_a_card_goes_to_the_group_once_a_day(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign, an = by_hand(session, cast, tmp_path), actor(session, "an")
    with pytest.raises(Refusal, match="No group"):
        follow.post(session, an, campaign.id, quiet=QUIET, now=NOON)
    group = groups.joined(session, -100)
    group.unit_id = campaign.unit_id
    session.flush()
    assert follow.post(session, an, campaign.id, quiet=QUIET, now=NOON)
    assert not follow.post(session, an, campaign.id, quiet=QUIET, now=NOON)
    assert follow.post(session, an, campaign.id, quiet=QUIET, now=NOON + timedelta(days=1))
    cards = session.exec(select(Notice).where(Notice.kind == follow.CARD)).all()
    assert [(each.group_id, each.facts) for each in cards] == [(group.id, {})] * 2


def test_the_card_names_nobody(session: Session, cast: dict[str, int], tmp_path: Path) -> None:
    campaign = by_hand(session, cast, tmp_path)
    found = follow.total(session, campaign.id, now=NOON)
    assert found is not None and found.people == []
    assert (found.whole.people, found.whole.started) == (5, 4)
    assert follow.total(session, 0, now=NOON) is None


def test_figures_that_are_taken_away_are_written_down(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = by_hand(session, cast, tmp_path)
    follow.take_away(session, actor(session, "an"), campaign.id, "excel", now=NOON)
    last = session.exec(select(Deed).order_by(col(Deed.id).desc())).first()
    assert last is not None
    assert (last.did, last.details) == ("export.campaign", {"what": "excel", "people": 5})
