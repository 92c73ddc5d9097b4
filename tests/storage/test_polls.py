"""A show of hands: who may answer, what is told while it is open, and that nothing of it stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import inspect, text
from sqlmodel import Session, select

from storage import attendance, groups, outbox, polls, schedule
from storage.db import Database
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, MeetingKind, Seat
from storage.outbox import Notice
from storage.polls import Choice, Poll
from storage.powers import Actor
from tests.storage.test_tasks import BRANCH_1, QUIET, START, Cast, actor, called
from tests.town import settle, unit_id

DURING = START + timedelta(minutes=5)
USUAL: tuple[str, ...] = ()


def held(
    session: Session,
    meeting: Meeting,
    *,
    by: str = "an",
    token: str = "p1",
    options: tuple[str, ...] = USUAL,
    minutes: int = 10,
    live: bool = False,
    now: datetime = DURING,
) -> Poll:
    return polls.hold(
        session,
        actor(session, by),
        meeting.id,
        "Chủ nhật dọn vệ sinh?",
        options,
        minutes=minutes,
        live=live,
        token=token,
        quiet=QUIET,
        now=now,
    )


def choose(
    session: Session, poll: Poll, name: str, choice: int = 0, *, now: datetime = DURING
) -> None:
    polls.answer(session, actor(session, name), poll.id, choice, now=now)


def with_group(session: Session) -> None:
    groups.joined(session, -100).unit_id = unit_id(session, BRANCH_1)
    session.flush()


def notices(session: Session, kind: str) -> list[Notice]:
    return list(session.exec(select(Notice).where(Notice.kind == kind)).all())


def arrive(session: Session, meeting: Meeting, *names: str) -> None:
    attendance.open_roll(session, actor(session, "an"), meeting.id, now=START)
    for name in names:
        attendance.tap(session, actor(session, name), meeting.id, now=START)


# -- who answers -------------------------------------------------------------------------------


def test_one_answer_each_which_may_be_changed(session: Session, cast: Cast) -> None:
    poll = held(session, called(session))
    for choice in (0, 0, 2, 1):
        choose(session, poll, "huong", choice)
    choose(session, poll, "giang", 1)
    stands = polls.standing(session, poll)
    assert (stands.totals, stands.answered, stands.asked) == ((0, 2, 0), 2, 7)


def test_who_is_not_on_the_roll_does_not_answer(session: Session, cast: Cast) -> None:
    poll = held(session, called(session, kind=MeetingKind.COMMITTEE))
    with pytest.raises(Refusal, match="not on the roll"):
        choose(session, poll, "huong")
    for name in ("lan", "minh"):
        with pytest.raises(NotFound):
            choose(session, poll, name)
    with pytest.raises(NotFound):
        polls.answer(session, Actor(1), poll.id, 0, now=DURING)
    assert polls.standing(session, poll).answered == 0


def test_where_the_roll_was_taken_only_those_in_the_room_answer(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    arrive(session, meeting, "huong", "giang")
    poll = held(session, meeting)
    choose(session, poll, "huong")
    with pytest.raises(Refusal, match="checked in"):
        choose(session, poll, "khanh")
    seat = session.exec(select(Seat).where(Seat.person_id == cast["giang"])).one()
    seat.left_at = DURING
    session.flush()
    with pytest.raises(Refusal, match="checked in"):
        choose(session, poll, "giang")
    assert polls.standing(session, poll).asked == 1


@pytest.mark.parametrize("choice", [-1, 3, 10**9])
def test_a_forged_answer_is_none(session: Session, cast: Cast, choice: int) -> None:
    poll = held(session, called(session))
    with pytest.raises(NotFound):
        choose(session, poll, "huong", choice)
    assert polls.standing(session, poll).answered == 0


@pytest.mark.parametrize("name", ["lan", "huong", "oanh"])
def test_a_neighbours_committee_and_a_member_hold_and_close_nothing(
    session: Session, cast: Cast, name: str
) -> None:
    meeting = called(session)
    poll = held(session, meeting)
    for attempt in (
        lambda: held(session, meeting, by=name, token="p2"),
        lambda: polls.close(session, actor(session, name), poll.id, now=DURING),
        lambda: polls.of_meeting(session, actor(session, name), meeting.id),
        lambda: polls.of_form(session, actor(session, name), "p1"),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert poll.closed_at is None


# -- when --------------------------------------------------------------------------------------


def test_a_form_sent_twice_is_one_question_and_one_is_open_at_a_time(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    assert held(session, meeting).id == held(session, meeting).id
    with pytest.raises(Refusal, match="Another question"):
        held(session, meeting, token="p2")
    later = DURING + timedelta(minutes=10)  # the first is over, though no clock has come round
    assert held(session, meeting, token="p2", now=later).id
    assert session.exec(select(Poll).where(Poll.token == "p1")).one().closed_at == later


def test_a_question_is_put_while_people_meet(session: Session, cast: Cast) -> None:
    meeting = called(session)
    for moment in (START - timedelta(hours=2), START + timedelta(hours=4)):
        with pytest.raises(Refusal):
            held(session, meeting, now=moment)
    arrive(session, meeting, "huong")
    attendance.close(session, actor(session, "an"), meeting.id, now=START + timedelta(minutes=20))
    poll = held(session, meeting, now=START + timedelta(minutes=40))  # check-in is over, no more
    choose(session, poll, "huong", now=START + timedelta(minutes=41))
    assert polls.standing(session, poll).answered == 1


def test_an_answer_in_the_second_at_which_it_closes_is_too_late(
    session: Session, cast: Cast
) -> None:
    poll = held(session, called(session))
    ends = poll.closes_at
    choose(session, poll, "huong", now=ends - timedelta(microseconds=1))
    with pytest.raises(Refusal, match="closed"):
        choose(session, poll, "giang", now=ends)
    polls.close_due(session, poll.id, now=ends + timedelta(hours=1))
    assert (poll.totals, poll.closed_at) == ([1, 0, 0], ends)


def test_answers_and_the_end_at_the_same_instant_are_counted_or_refused(
    database: Database,
) -> None:
    """Whichever comes first: what was taken is in the totals, and nothing is left beside them."""
    cast = database.run(settle)
    poll_id = database.run(lambda s: held(s, called(s)).id)

    def press(name: str) -> bool:
        def work(session: Session) -> None:
            if name == "close":
                polls.close(session, actor(session, "an"), poll_id, now=DURING)
            else:
                polls.answer(session, actor(session, name), poll_id, 0, now=DURING)

        try:
            database.run(work)
        except Refusal:
            return False
        return True

    names = ["huong", "giang", "close", "khanh", "dung", "binh", "chi"]
    assert set(names) - {"close"} <= set(cast)
    with ThreadPoolExecutor(7) as pool:
        taken = list(pool.map(press, names))
    poll = database.run(lambda s: s.get_one(Poll, poll_id))
    assert poll.totals == [sum(taken) - 1, 0, 0]
    assert database.run(lambda s: s.exec(select(Choice)).all()) == []


# -- what is kept ------------------------------------------------------------------------------


def test_nothing_of_who_chose_what_stays(session: Session, cast: Cast) -> None:
    """Closed, the database holds of an answer what it would hold without it, but for totals."""
    meeting = called(session)
    poll = held(session, meeting)
    before = people_named(session, cast["huong"])
    choose(session, poll, "huong", 1)
    assert people_named(session, cast["huong"]) == before | {"poll_choice.person_id": 1}
    polls.close(session, actor(session, "an"), poll.id, now=DURING)
    assert people_named(session, cast["huong"]) == before
    assert session.exec(select(Choice)).all() == []
    assert poll.totals == [0, 1, 0]


def people_named(session: Session, person_id: int) -> dict[str, int]:
    """How often each column that names people names this one."""
    session.flush()
    found: dict[str, int] = {}
    connection = session.connection()
    for table in inspect(connection).get_table_names():
        for column in inspect(connection).get_columns(table):
            if column["name"].endswith("_id") or column["name"].endswith("_by"):
                query = (
                    f'SELECT count(*) FROM "{table}" WHERE CAST("{column["name"]}" AS TEXT) = :id'
                )
                number = connection.execute(text(query), {"id": str(person_id)}).scalar_one()
                if number:
                    found[f"{table}.{column['name']}"] = number
    return found


def test_a_closed_question_stands_in_one_line_for_the_minutes(session: Session, cast: Cast) -> None:
    meeting = called(session)
    poll = held(session, meeting, options=("Tuần này", "Tuần sau"))
    choose(session, poll, "huong", 1)
    assert polls.results(session, meeting.id) == []
    for _time in range(2):
        polls.close(session, actor(session, "an"), poll.id, now=DURING)
    (result,) = polls.results(session, meeting.id)
    assert (result.options, result.totals, result.asked) == (("Tuần này", "Tuần sau"), (0, 1), 7)
    assert result.closed_at == DURING


@pytest.mark.parametrize(
    "options",
    [("Một",), ("a", "b", "c", "d", "e", "f", "g"), ("Đồng ý", "đồng  Ý"), ("a", "b" * 19)],
)
def test_answers_that_fit_no_buttons_are_refused(options: tuple[str, ...]) -> None:
    with pytest.raises(Refusal):
        polls.check_options(options)


# -- where it is asked -------------------------------------------------------------------------


def test_a_group_has_one_live_message_however_many_answer(session: Session, cast: Cast) -> None:
    with_group(session)
    poll = held(session, called(session))
    for name in ("huong", "giang", "khanh"):
        choose(session, poll, name)
    (card,) = notices(session, polls.CARD)
    assert (card.standing, card.group_id is not None, card.version) == (True, True, 3)
    assert notices(session, polls.ASK) == []


def test_a_unit_without_a_group_is_asked_in_private(session: Session, cast: Cast) -> None:
    meeting = called(session)
    arrive(session, meeting, "huong", "giang")
    held(session, meeting)
    asked = notices(session, polls.ASK)
    assert {each.person_id for each in asked} == {cast["huong"], cast["giang"]}
    assert {each.valid_until for each in asked} == {DURING + timedelta(minutes=10)}
    assert notices(session, polls.CARD) == []


def test_whom_quiet_hours_hold_till_after_the_end_is_not_asked(
    session: Session, cast: Cast
) -> None:
    held(session, called(session), now=START + timedelta(hours=3))  # 22:30, nobody checked in
    assert notices(session, polls.ASK) == []


def test_what_a_committee_asks_itself_is_shown_in_no_group(session: Session, cast: Cast) -> None:
    with_group(session)
    held(session, called(session, kind=MeetingKind.COMMITTEE))
    assert notices(session, polls.CARD) == []
    asked = {each.person_id for each in notices(session, polls.ASK)}
    assert asked == {cast["an"], cast["binh"], cast["chi"]}


def test_a_question_closes_by_itself(session: Session, cast: Cast) -> None:
    poll = held(session, called(session), minutes=5)
    due = schedule.claim_due(session, now=DURING + timedelta(minutes=5))
    assert [each.subject for each in due if each.kind == polls.CLOSING] == [poll.subject]
    assert {each.state for each in notices(session, polls.ASK)} == {outbox.State.QUEUED}
    polls.close_due(session, poll.id, now=DURING + timedelta(minutes=5))
    session.expire_all()
    assert {each.state for each in notices(session, polls.ASK)} == {outbox.State.CANCELLED}
