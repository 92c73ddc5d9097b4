"""The outbox: what is owed ends in a state that somebody can see, and is sent once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlmodel import Session, col, select

from storage import outbox
from storage.db import Database
from storage.groups import Group
from storage.outbox import Arrived, Class, Notice, State, to_group, to_person
from storage.powers import Actor
from storage.quiet import Quiet
from storage.roster import Person
from tests.town import BRANCH_1, NOON, settle, unit_id

LATER = NOON + timedelta(minutes=5)


def owe(session: Session, person_id: int, klass: Class = Class.ONCE, **more: object) -> Notice:
    outbox.enqueue(
        session, "hello", "test:1", [to_person(person_id)], klass=klass, now=NOON, **more
    )
    return session.exec(select(Notice).order_by(col(Notice.id).desc())).first()


def send(session: Session, notice: Notice) -> None:
    """Claims and commits the notice to `sending`."""
    claimed = outbox.claim(session, now=LATER, limit=10)
    assert [each.notice.id for each in claimed] == [notice.id]
    assert outbox.begin(session, [notice.id], now=LATER) == {notice.id}
    session.refresh(notice)


def test_owing_the_same_twice_is_owing_it_once(session: Session, cast: dict[str, int]) -> None:
    people = [to_person(number) for number in cast.values()]
    first = outbox.enqueue(session, "hello", "test:1", people, klass=Class.ONCE, now=NOON)
    again = outbox.enqueue(session, "hello", "test:1", people, klass=Class.ONCE, now=NOON)
    assert (first, again) == (len(cast), 0)


def test_each_of_many_is_owed_what_is_theirs_and_twice_the_same_person_only_once(
    session: Session, cast: dict[str, int]
) -> None:
    later = NOON + timedelta(hours=18)
    people: list[dict[str, Any]] = [
        {**to_person(cast["an"]), "due_at": NOON, "facts": {"reason": 'ốm "nặng"'}},
        {**to_person(cast["binh"]), "due_at": later, "facts": {}},
        {**to_group(1), "due_at": NOON, "facts": {}, "subject": "test:2"},
    ]
    session.add(Group(id=1, chat_id=-1001, title="Nhóm", joined_at=NOON))
    session.flush()
    owed = [*people, dict(people[0])]
    assert outbox.enqueue(session, "hello", "test:1", owed, klass=Class.ONCE, now=NOON) == 3
    found = session.exec(select(Notice).order_by(col(Notice.recipient))).all()
    assert [
        (each.subject, each.person_id, each.group_id, each.due_at, each.facts) for each in found
    ] == [
        ("test:2", None, 1, NOON, {}),
        *sorted(
            [
                ("test:1", cast["an"], None, NOON, {"reason": 'ốm "nặng"'}),
                ("test:1", cast["binh"], None, later, {}),
            ],
            key=lambda row: f"p{row[1]}",
        ),
    ]
    twice = [to_person(cast["chi"]), to_person(cast["chi"])]
    assert outbox.enqueue(session, "hello", "test:1", twice, klass=Class.ONCE, now=NOON) == 1


def test_a_moved_meeting_is_a_new_notice(session: Session, cast: dict[str, int]) -> None:
    owe(session, cast["an"])
    moved = outbox.enqueue(
        session, "hello", "test:1", [to_person(cast["an"])], klass=Class.ONCE, now=NOON, revision=1
    )
    assert moved == 1


def test_nothing_is_claimed_before_it_is_due(session: Session, cast: dict[str, int]) -> None:
    owe(session, cast["an"], due_at=LATER)
    assert outbox.claim(session, now=NOON, limit=10) == []
    assert len(outbox.claim(session, now=LATER, limit=10)) == 1


def test_answers_to_people_go_before_what_is_urgent_and_that_before_the_rest(
    session: Session, cast: dict[str, int]
) -> None:
    for name, priority in (("an", outbox.NOTICE), ("binh", outbox.URGENT), ("chi", outbox.ANSWER)):
        outbox.enqueue(
            session,
            name,
            "test:1",
            [to_person(cast[name])],
            klass=Class.ONCE,
            now=NOON,
            priority=priority,
        )
    claimed = outbox.claim(session, now=LATER, limit=2)
    assert [each.notice.kind for each in claimed] == ["chi", "binh"]


def test_a_notice_past_its_time_expires_and_is_not_sent(
    session: Session, cast: dict[str, int]
) -> None:
    notice = owe(session, cast["an"], valid_until=NOON + timedelta(minutes=1))
    assert outbox.claim(session, now=LATER, limit=10) == []
    assert notice.state == State.EXPIRED


class TestQuietHours:
    """What is late is looked at again: nobody is woken by what was owed in the day."""

    NIGHT = NOON.replace(hour=23, minute=30)
    MORNING = NOON.replace(hour=6, minute=30) + timedelta(days=1)
    HOUSE = Quiet("21:30-06:30", "Asia/Ho_Chi_Minh")

    def said_at(self, session: Session, moment: datetime) -> list[int | None]:
        """To whom something is said at this moment."""
        claimed = outbox.claim(session, now=moment, limit=10, quiet=self.HOUSE)
        session.flush()
        return [each.notice.person_id for each in claimed]

    def test_a_notice_that_is_late_waits_for_the_morning(
        self, session: Session, cast: dict[str, int]
    ) -> None:
        notice = owe(session, cast["an"])
        assert self.said_at(session, self.NIGHT) == []
        session.refresh(notice)
        assert (notice.state, notice.due_at) == (State.QUEUED, self.MORNING)
        assert self.said_at(session, self.MORNING) == [cast["an"]]

    def test_a_choice_of_ones_own_wins(self, session: Session, cast: dict[str, int]) -> None:
        for name, hours in (("an", ""), ("binh", "23:00-23:45"), ("chi", None)):
            session.get_one(Person, cast[name]).quiet_hours = hours
            owe(session, cast[name])
        assert self.said_at(session, self.NIGHT) == [cast["an"]]
        assert self.said_at(session, self.NIGHT + timedelta(minutes=15)) == [cast["binh"]]
        assert self.said_at(session, self.MORNING) == [cast["chi"]]

    @pytest.mark.parametrize("priority", [outbox.ANSWER, outbox.URGENT])
    def test_an_answer_and_what_is_urgent_do_not_wait(
        self, session: Session, cast: dict[str, int], priority: int
    ) -> None:
        owe(session, cast["an"], priority=priority)
        assert self.said_at(session, self.NIGHT) == [cast["an"]]

    def test_an_edit_makes_no_sound_and_does_not_wait(
        self, session: Session, cast: dict[str, int]
    ) -> None:
        notice = owe(session, cast["an"], standing=True)
        an = session.get_one(Person, cast["an"])
        notice.message_id, notice.sent_to = 5, an.telegram_id
        session.flush()
        assert self.said_at(session, self.NIGHT) == [cast["an"]]

    def test_what_is_sent_again_by_hand_waits_as_well(
        self, session: Session, cast: dict[str, int]
    ) -> None:
        notice = owe(session, cast["an"])
        send(session, notice)
        outbox.settle_unknown(session, notice.id, reason="TimedOut", now=LATER)
        outbox.resend(session, Actor(cast["an"]), notice.id, now=self.NIGHT)
        assert self.said_at(session, self.NIGHT) == []
        assert self.said_at(session, self.MORNING) == [cast["an"]]

    def test_what_comes_too_late_in_the_morning_expires(
        self, session: Session, cast: dict[str, int]
    ) -> None:
        notice = owe(session, cast["an"], valid_until=self.MORNING - timedelta(minutes=1))
        assert self.said_at(session, self.NIGHT) == self.said_at(session, self.MORNING) == []
        session.refresh(notice)
        assert notice.state == State.EXPIRED


@pytest.mark.parametrize("what", ["not started", "blocked", "not agreed", "ended"])
def test_whoever_cannot_be_reached_has_no_chat(
    session: Session, cast: dict[str, int], what: str
) -> None:
    notice = owe(session, cast["an"])
    an = session.get_one(Person, cast["an"])
    match what:
        case "not started":
            an.started = False
        case "blocked":
            an.blocked_at = NOON
        case "not agreed":
            an.consented_at = None
        case "ended":
            an.ended = NOON.date()
    session.flush()
    (claimed,) = outbox.claim(session, now=LATER, limit=10)
    assert (claimed.notice.id, claimed.chat_id) == (notice.id, None)


def test_a_notice_follows_a_person_to_the_new_account(
    session: Session, cast: dict[str, int]
) -> None:
    owe(session, cast["an"])
    session.get_one(Person, cast["an"]).telegram_id = 777_000_001
    session.flush()
    (claimed,) = outbox.claim(session, now=LATER, limit=10)
    assert claimed.chat_id == 777_000_001


def test_cancelling_takes_back_what_is_unsent_and_nothing_else(
    session: Session, cast: dict[str, int]
) -> None:
    sent, queued = owe(session, cast["an"]), None
    send(session, sent)
    outbox.settle_sent(session, [Arrived(sent.id, 0, sent.standing, 11, 500)], now=LATER)
    outbox.enqueue(session, "hello", "test:1", [to_person(cast["chi"])], klass=Class.ONCE, now=NOON)
    assert outbox.cancel(session, "test:1") == 1
    session.expire_all()
    states = session.exec(select(Notice.state).order_by(col(Notice.id))).all()
    assert (states, queued) == ([State.SENT, State.CANCELLED], None)


def test_what_was_taken_back_while_leased_is_not_sent(
    session: Session, cast: dict[str, int]
) -> None:
    notice = owe(session, cast["an"])
    outbox.claim(session, now=LATER, limit=10)
    outbox.cancel(session, "test:1")
    assert outbox.begin(session, [notice.id], now=LATER) == set()


def test_surely_not_sent_costs_no_attempt(session: Session, cast: dict[str, int]) -> None:
    notice = owe(session, cast["an"])
    send(session, notice)
    outbox.settle_later(
        session, notice.id, worker=0, due_at=LATER + timedelta(seconds=9), now=LATER
    )
    assert (notice.state, notice.attempts) == (State.QUEUED, 0)


def test_what_was_taken_back_while_leased_is_not_put_back_into_the_queue(
    session: Session, cast: dict[str, int]
) -> None:
    notice = owe(session, cast["an"])
    outbox.claim(session, now=LATER, limit=10)
    outbox.cancel(session, "test:1")
    outbox.settle_later(session, notice.id, worker=0, due_at=LATER, now=LATER)
    assert notice.state == State.CANCELLED


def test_what_another_process_has_taken_up_is_not_put_back_by_the_one_that_stood_still(
    session: Session, cast: dict[str, int]
) -> None:
    notice, after = owe(session, cast["an"], Class.REMINDER), LATER + timedelta(minutes=2)
    outbox.claim(session, now=LATER, limit=10, worker=1)
    outbox.recover(session, now=after)
    outbox.claim(session, now=after, limit=10, worker=2)
    outbox.begin(session, [notice.id], now=after)
    session.refresh(notice)
    outbox.settle_later(session, notice.id, worker=1, due_at=after, now=after)
    assert (notice.state, notice.attempts) == (State.SENDING, 1)
    outbox.settle_later(session, notice.id, worker=2, due_at=after, now=after)
    assert (notice.state, notice.attempts) == (State.QUEUED, 0)


def test_a_recipients_other_notices_wait_as_long_as_telegram_says(
    session: Session, cast: dict[str, int]
) -> None:
    for name in ("an", "binh"):
        owe(session, cast[name])
    until = LATER + timedelta(hours=1)
    outbox.hold(session, f"p{cast['an']}", until=until)
    session.expire_all()
    assert [each.notice.person_id for each in outbox.claim(session, now=LATER, limit=10)] == [
        cast["binh"]
    ]
    assert len(outbox.claim(session, now=until, limit=10)) == 1


class TestUnknown:
    """We cannot know whether it arrived."""

    def test_it_is_said_once_of_each_sending(self, session: Session, cast: dict[str, int]) -> None:
        notice = owe(session, cast["an"], Class.REMINDER)
        send(session, notice)
        outbox.recover(session, now=LATER + outbox.LEASE + timedelta(seconds=1))
        outbox.settle_unknown(session, notice.id, reason="TimedOut", now=LATER + outbox.LEASE)
        assert (notice.state, notice.unknowns) == (State.QUEUED, 1)

    def test_class_once_is_never_sent_again(self, session: Session, cast: dict[str, int]) -> None:
        notice = owe(session, cast["an"])
        send(session, notice)
        outbox.settle_unknown(session, notice.id, reason="TimedOut", now=LATER)
        assert (notice.state, notice.reason) == (State.UNKNOWN, "TimedOut")
        assert outbox.claim(session, now=LATER + timedelta(days=9), limit=10) == []

    def test_a_reminder_is_sent_once_more_and_then_listed(
        self, session: Session, cast: dict[str, int]
    ) -> None:
        notice = owe(session, cast["an"], Class.REMINDER)
        send(session, notice)
        outbox.settle_unknown(session, notice.id, reason="TimedOut", now=LATER)
        wait = notice.due_at - LATER
        assert timedelta(seconds=30) <= wait <= timedelta(seconds=60)
        (again,) = outbox.claim(session, now=LATER + wait, limit=10)
        outbox.begin(session, [again.notice.id], now=LATER + wait)
        session.refresh(notice)
        outbox.settle_unknown(session, notice.id, reason="TimedOut", now=LATER + wait)
        assert notice.state == State.UNKNOWN

    def test_a_lease_that_ran_out_before_the_socket_is_simply_sent(
        self, session: Session, cast: dict[str, int]
    ) -> None:
        notice = owe(session, cast["an"])
        outbox.claim(session, now=LATER, limit=10)
        outbox.recover(session, now=LATER + outbox.LEASE + timedelta(seconds=1))
        assert (notice.state, notice.unknowns) == (State.QUEUED, 0)

    def test_a_lease_that_ran_out_while_sending_is_uncertain(
        self, session: Session, cast: dict[str, int]
    ) -> None:
        notice = owe(session, cast["an"])
        send(session, notice)
        outbox.recover(session, now=LATER + timedelta(seconds=29))
        assert notice.state == State.SENDING
        outbox.recover(session, now=LATER + outbox.LEASE + timedelta(seconds=1))
        assert notice.state == State.UNKNOWN


class TestStanding:
    """A message that is sent once and edited from then on."""

    def stand(self, session: Session) -> Notice:
        group = Group(chat_id=-100, unit_id=unit_id(session, BRANCH_1))
        session.add(group)
        session.flush()
        outbox.enqueue(
            session,
            "card",
            "test:1",
            [to_group(group.id)],
            klass=Class.REMINDER,
            now=NOON,
            standing=True,
        )
        notice = session.exec(select(Notice)).one()
        send(session, notice)
        return notice

    def test_many_changes_are_one_edit_four_seconds_later(
        self, session: Session, cast: dict[str, int]
    ) -> None:
        notice = self.stand(session)
        outbox.settle_sent(session, [Arrived(notice.id, 0, notice.standing, 77, -100)], now=LATER)
        for _tap in range(50):
            outbox.refresh(session, "card", "test:1")
        assert outbox.claim(session, now=LATER + timedelta(seconds=3), limit=10) == []
        claimed = outbox.claim(session, now=LATER + timedelta(seconds=4), limit=10)
        assert [each.notice.message_id for each in claimed] == [77]

    def test_a_change_while_it_is_being_sent_is_not_lost(
        self, session: Session, cast: dict[str, int]
    ) -> None:
        notice = self.stand(session)
        outbox.refresh(session, "card", "test:1")
        session.refresh(notice)
        assert notice.state == State.SENDING  # nobody else may send it meanwhile
        outbox.settle_sent(session, [Arrived(notice.id, 0, notice.standing, 77, -100)], now=LATER)
        assert (notice.state, notice.message_id) == (State.QUEUED, 77)

    def test_an_unknown_edit_is_simply_made_again(
        self, session: Session, cast: dict[str, int]
    ) -> None:
        notice = self.stand(session)
        outbox.settle_sent(session, [Arrived(notice.id, 0, notice.standing, 77, -100)], now=LATER)
        outbox.refresh(session, "card", "test:1")
        outbox.claim(session, now=LATER + timedelta(seconds=4), limit=10)
        outbox.begin(session, [notice.id], now=LATER + timedelta(seconds=4))
        session.refresh(notice)
        outbox.settle_unknown(session, notice.id, reason="cut", now=LATER + timedelta(seconds=5))
        assert notice.state == State.QUEUED


def test_four_senders_share_the_work_and_none_is_claimed_twice(database: Database) -> None:
    def fill(session: Session) -> None:
        ids = settle(session)
        for number in range(60):
            people = [to_person(person_id) for person_id in ids.values()]
            outbox.enqueue(session, "hello", f"test:{number}", people, klass=Class.ONCE, now=NOON)

    database.run(fill)

    def work(_number: int) -> list[int]:
        mine: list[int] = []
        while claimed := database.run(
            lambda session: [each.notice.id for each in outbox.claim(session, now=LATER, limit=17)]
        ):
            mine += claimed
        return mine

    with ThreadPoolExecutor(4) as pool:
        taken = [number for mine in pool.map(work, range(4)) for number in mine]
    assert len(taken) == len(set(taken)) == 600


def test_a_sending_round_looks_at_unsent_rows_only(session: Session, cast: dict[str, int]) -> None:
    owe(session, cast["an"])
    connection, asked = session.connection(), list[tuple[str, Any]]()
    sqlite = connection.dialect.name == "sqlite"
    connection.execute(text("ANALYZE" if sqlite else "SET enable_seqscan = off"))

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    outbox.recover(session, now=LATER, dead=(7,))
    outbox.claim(session, now=LATER, limit=10)
    event.remove(connection, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
    for leads, index in (("SELECT outbox.id", "ix_outbox_leases"), ("WITH due", "ix_outbox_due")):
        statement, parameters = next(each for each in asked if each[0].startswith(leads))
        plan = connection.exec_driver_sql(f"{explain} {statement}", parameters).all()
        assert index in str(plan)
