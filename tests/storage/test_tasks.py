"""Tasks: who is given what, who may change it, when people are reminded, what is left over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from storage import attendance, meetings, outbox, roster, schedule, speakers, tasks
from storage.db import Database
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, MeetingKind, Plan
from storage.outbox import Notice, State
from storage.powers import Actor
from storage.quiet import Quiet
from storage.roster import Person
from storage.schedule import Schedule
from storage.tasks import Task
from tests.town import ACCOUNTS, BRANCH_1, BRANCH_2, NOON, settle, unit_id

QUIET = Quiet("21:30-06:30", "Asia/Ho_Chi_Minh")
START = datetime.fromisoformat("2026-08-03T19:30:00+07:00")
DUE = date(2026, 9, 15)
Cast = dict[str, int]


def actor(session: Session, name: str) -> Actor:
    return speakers.who(session, ACCOUNTS[name], today=NOON.date(), owner=False)


def called(session: Session, path: str = BRANCH_1, by: str = "an", **other: Any) -> Meeting:
    values: dict[str, Any] = {
        "unit_id": unit_id(session, path),
        "kind": MeetingKind.REGULAR,
        "starts_at": START,
        "place": "Nhà văn hóa",
    }
    plan = Plan(**{**values, **other})
    return meetings.call(
        session, actor(session, by), plan, token=f"{path}{other}", quiet=QUIET, now=NOON
    )


def given(
    session: Session,
    cast: Cast,
    to: str = "huong",
    *,
    by: str = "an",
    due: date = DUE,
    meeting: Meeting | None = None,
    token: str = "f1",
    text: str = "Lập danh sách",
    now: datetime = NOON,
) -> Task:
    meeting = meeting or called(session)
    return tasks.give(
        session,
        actor(session, by),
        meeting.id,
        text,
        cast[to],
        due,
        token=token,
        quiet=QUIET,
        now=now,
    )


def move(session: Session, task: Task, due: date, *, now: datetime = NOON) -> Task:
    return tasks.move(
        session, actor(session, "an"), task.id, due, revision=task.revision, quiet=QUIET, now=now
    )


def finish(session: Session, task: Task, name: str = "huong", *, now: datetime = NOON) -> Task:
    return tasks.done(session, actor(session, name), task.id, "đã gửi", quiet=QUIET, now=now)


def owed(session: Session, kind: str, *states: State) -> list[Notice]:
    found = select(Notice).where(Notice.kind == kind).order_by(col(Notice.id))
    wanted = states or outbox.UNSENT
    return [
        each
        for each in session.exec(found.execution_options(populate_existing=True)).all()
        if each.state in wanted
    ]


def slots(session: Session, task: Task) -> dict[str, datetime]:
    found = select(Schedule).where(Schedule.subject == task.subject)
    return {each.slot_name: each.next_at for each in session.exec(found).all() if each.next_at}


def local(day: str, clock: str = "08:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}:00+07:00")


def remind(session: Session, task: Task, slot: str, at: datetime) -> int:
    return tasks.remind(session, task.id, slot, quiet=QUIET, now=at)


# -- given -------------------------------------------------------------------------------------


def test_who_is_given_a_task_is_told_in_private(session: Session, cast: Cast) -> None:
    given(session, cast)
    assert [each.person_id for each in owed(session, tasks.GIVEN)] == [cast["huong"]]


def test_who_writes_down_a_task_of_their_own_hears_nothing(session: Session, cast: Cast) -> None:
    given(session, cast, "an")
    assert owed(session, tasks.GIVEN) == []


def test_a_form_kept_twice_is_one_task(session: Session, cast: Cast) -> None:
    meeting = called(session)
    first = given(session, cast, meeting=meeting)
    again = given(session, cast, meeting=meeting)
    assert first.id == again.id
    assert len(tasks.of_meeting(session, meeting.id)) == 1
    assert len(owed(session, tasks.GIVEN)) == 1


def test_a_day_that_has_passed_is_refused_and_today_is_not(session: Session, cast: Cast) -> None:
    with pytest.raises(Refusal, match="passed"):
        given(session, cast, due=NOON.date() - timedelta(days=1))
    assert given(session, cast, due=NOON.date()).due == NOON.date()


def test_nobody_is_given_what_they_were_not_convened_for(session: Session, cast: Cast) -> None:
    for name in ("minh", "oanh"):
        with pytest.raises(NotFound):
            given(session, cast, name)
    roster.new_person(session, roster.unit_at(session, BRANCH_1), "Lý Mới").ended = NOON.date()
    with pytest.raises(NotFound):
        tasks.give(
            session,
            actor(session, "an"),
            called(session).id,
            "Việc",
            session.exec(select(Person.id).where(Person.full_name == "Lý Mới")).one(),
            DUE,
            token="x",
            quiet=QUIET,
            now=NOON,
        )


@pytest.mark.parametrize("name", ["lan", "huong", "oanh"])
def test_a_neighbours_committee_and_a_member_change_nothing(
    session: Session, cast: Cast, name: str
) -> None:
    task, other = given(session, cast), actor(session, name)
    how: dict[str, Any] = {"quiet": QUIET, "now": NOON}
    attempts = (
        lambda: given(
            session, cast, by=name, meeting=session.get(Meeting, task.meeting_id), token="theirs"
        ),
        lambda: tasks.move(session, other, task.id, DUE, revision=0, **how),
        lambda: tasks.hand_over(session, other, task.id, cast["giang"], revision=0, **how),
        lambda: tasks.drop(session, other, task.id, revision=0, **how),
        lambda: tasks.reopen(session, other, task.id, "chưa", revision=0, **how),
        lambda: tasks.done(session, other, task.id, None, committee=True, **how),
        lambda: tasks.set_tells(session, other, task.id, tells=True),
        lambda: tasks.from_form(session, other, "f1"),
    )
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    session.refresh(task)
    assert (task.owner_id, task.due, task.revision) == (cast["huong"], DUE, 0)


# -- changed -----------------------------------------------------------------------------------


def test_the_second_of_two_who_change_a_task_at_once_is_told(session: Session, cast: Cast) -> None:
    task = given(session, cast)
    tasks.move(
        session,
        actor(session, "an"),
        task.id,
        DUE + timedelta(days=1),
        revision=0,
        quiet=QUIET,
        now=NOON,
    )
    with pytest.raises(Refusal, match="meanwhile"):
        tasks.move(
            session,
            actor(session, "binh"),
            task.id,
            DUE + timedelta(days=2),
            revision=0,
            quiet=QUIET,
            now=NOON,
        )
    with pytest.raises(Refusal, match="meanwhile"):
        tasks.drop(session, actor(session, "chi"), task.id, revision=0, quiet=QUIET, now=NOON)
    assert task.due == DUE + timedelta(days=1)


def test_two_committee_members_at_the_same_instant_make_one_change(database: Database) -> None:
    cast = database.run(settle)
    task_id = database.run(lambda s: given(s, cast).id)

    def change(days: int) -> bool:
        def work(session: Session) -> None:
            tasks.move(
                session,
                actor(session, "an"),
                task_id,
                DUE + timedelta(days=days),
                revision=0,
                quiet=QUIET,
                now=NOON,
            )

        try:
            database.run(work)
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(change, (1, 2, 3, 4)))
    assert outcomes.count(True) == 1
    task = database.run(lambda s: s.get_one(Task, task_id))
    assert task.due == DUE + timedelta(days=1 + outcomes.index(True))
    assert task.revision == 1


def test_a_new_date_pressed_twice_is_one_change(session: Session, cast: Cast) -> None:
    task = given(session, cast)
    for _time in range(2):
        task = tasks.move(
            session,
            actor(session, "an"),
            task.id,
            date(2026, 9, 20),
            revision=0,
            quiet=QUIET,
            now=NOON,
        )
    assert task.revision == 1


def test_an_owner_who_has_not_heard_yet_hears_once_with_the_new_date(
    session: Session, cast: Cast
) -> None:
    task = given(session, cast)
    move(session, task, date(2026, 9, 20))
    assert len(owed(session, tasks.GIVEN)) == 1
    assert owed(session, tasks.MOVED) == []


def test_an_owner_who_knows_hears_of_the_new_date(session: Session, cast: Cast) -> None:
    task = given(session, cast)
    owed(session, tasks.GIVEN)[0].state = State.SENT
    move(session, task, date(2026, 9, 20))
    assert [each.person_id for each in owed(session, tasks.MOVED)] == [cast["huong"]]


def test_a_task_handed_over_is_told_to_both(session: Session, cast: Cast) -> None:
    task = given(session, cast)
    owed(session, tasks.GIVEN)[0].state = State.SENT
    tasks.hand_over(
        session, actor(session, "an"), task.id, cast["giang"], revision=0, quiet=QUIET, now=NOON
    )
    assert [each.person_id for each in owed(session, tasks.DROPPED)] == [cast["huong"]]
    assert [each.person_id for each in owed(session, tasks.GIVEN)] == [cast["giang"]]
    with pytest.raises(NotFound):
        tasks.for_owner(session, actor(session, "huong"), task.id)


def test_a_task_taken_away_before_its_owner_heard_is_not_spoken_of(
    session: Session, cast: Cast
) -> None:
    task = given(session, cast)
    tasks.drop(session, actor(session, "an"), task.id, revision=0, quiet=QUIET, now=NOON)
    assert owed(session, tasks.GIVEN) == owed(session, tasks.DROPPED) == []
    assert slots(session, task) == {}
    assert tasks.unfinished(session, task.unit_id) == []


def test_final_minutes_keep_what_was_resolved(session: Session, cast: Cast) -> None:
    task, an = given(session, cast), actor(session, "an")
    meeting = session.get_one(Meeting, task.meeting_id)
    attendance.open_roll(session, an, meeting.id, now=START)
    attendance.close(session, an, meeting.id, now=START + timedelta(hours=1))
    attendance.lock(session, an, meeting.id, now=START + timedelta(hours=2))
    how: dict[str, Any] = {"revision": 0, "quiet": QUIET, "now": START + timedelta(hours=3)}
    for attempt in (
        lambda: tasks.move(session, an, task.id, date(2026, 9, 20), **how),
        lambda: tasks.hand_over(session, an, task.id, cast["giang"], **how),
        lambda: tasks.drop(session, an, task.id, **how),
        lambda: given(session, cast, meeting=meeting, token="later"),
    ):
        with pytest.raises(Refusal, match="correction of the minutes"):
            attempt()
    finish(session, task)  # it is carried out all the same
    assert task.done_at is not None


# -- done --------------------------------------------------------------------------------------


def test_a_task_that_is_done_twice_keeps_its_first_word(session: Session, cast: Cast) -> None:
    task = finish(session, given(session, cast))
    tasks.done(session, actor(session, "huong"), task.id, "khác", quiet=QUIET, now=NOON)
    assert task.proof == "đã gửi"
    assert slots(session, task) == {}


def test_only_its_owner_does_a_task(session: Session, cast: Cast) -> None:
    task = given(session, cast)
    for name in ("giang", "an", "lan"):
        with pytest.raises(NotFound):
            finish(session, task, name)


def test_nobody_is_told_of_one_task_unless_who_gave_it_has_asked(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    first, second = (given(session, cast, meeting=meeting, token=each) for each in "ab")
    finish(session, first)
    assert owed(session, tasks.TOLD) == []
    tasks.set_tells(session, actor(session, "an"), second.id, tells=True)
    finish(session, second)
    assert [each.person_id for each in owed(session, tasks.TOLD)] == [cast["an"]]


def test_what_was_done_is_told_to_the_committee_once_the_next_morning(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    for token in "abc":
        finish(session, given(session, cast, meeting=meeting, token=token))
    due = schedule.claim_due(session, now=local("2026-08-04"))
    (slot,) = [each for each in due if each.kind == tasks.DONE]
    tasks.digest(session, meeting.unit_id, slot.slot, quiet=QUIET, now=local("2026-08-04"))
    told = {each.person_id for each in owed(session, tasks.DONE)}
    assert told == {cast["an"], cast["binh"], cast["chi"]}


def test_a_digest_of_what_is_open_again_is_not_sent(session: Session, cast: Cast) -> None:
    task = finish(session, given(session, cast))
    tasks.reopen(
        session, actor(session, "an"), task.id, "thiếu 2 hộ", revision=1, quiet=QUIET, now=NOON
    )
    assert (
        tasks.digest(
            session, task.unit_id, local("2026-08-04"), quiet=QUIET, now=local("2026-08-04")
        )
        == 0
    )


def test_a_task_that_is_open_again_says_why_and_reminds_anew(session: Session, cast: Cast) -> None:
    task = finish(session, given(session, cast))
    tasks.reopen(
        session, actor(session, "an"), task.id, "thiếu 2 hộ", revision=1, quiet=QUIET, now=NOON
    )
    assert (task.done_at, task.proof, task.reopened) == (None, None, "thiếu 2 hộ")
    assert [each.person_id for each in owed(session, tasks.REOPENED)] == [cast["huong"]]
    assert set(slots(session, task)) == {"3d", "0d"}


# -- reminded ----------------------------------------------------------------------------------


def test_a_task_reminds_three_days_before_and_on_the_day(session: Session, cast: Cast) -> None:
    task = given(session, cast)
    assert slots(session, task) == {"3d": local("2026-09-12"), "0d": local("2026-09-15")}
    assert remind(session, task, "3d", local("2026-09-12")) == 1
    assert remind(session, task, "0d", local("2026-09-15")) == 1
    assert task.reminders == 2


def test_mornings_are_those_of_who_has_the_task(session: Session, cast: Cast) -> None:
    session.get_one(Person, cast["huong"]).zone = "Europe/Berlin"
    task = given(session, cast, due=date(2026, 10, 26))  # the clocks are put back on the 25th
    assert slots(session, task) == {
        "3d": datetime.fromisoformat("2026-10-23T08:00:00+02:00"),
        "0d": datetime.fromisoformat("2026-10-26T08:00:00+01:00"),
    }


def test_quiet_hours_hold_a_reminder(session: Session, cast: Cast) -> None:
    session.get_one(Person, cast["huong"]).quiet_hours = "21:00-09:30"
    task = given(session, cast)
    remind(session, task, "3d", local("2026-09-12"))
    assert owed(session, tasks.REMINDER)[0].due_at == local("2026-09-12", "09:30")


def test_who_sleeps_all_of_the_last_day_is_not_reminded_after_it(
    session: Session, cast: Cast
) -> None:
    session.get_one(Person, cast["huong"]).quiet_hours = "07:00-06:30"
    assert remind(session, given(session, cast), "0d", local("2026-09-15")) == 0


def test_another_date_moves_what_is_owed(session: Session, cast: Cast) -> None:
    task = given(session, cast)
    remind(session, task, "3d", local("2026-09-12"))
    move(session, task, date(2026, 10, 1), now=local("2026-09-12", "08:30"))
    assert owed(session, tasks.REMINDER) == []
    assert task.reminders == 0  # it had not left
    assert slots(session, task) == {"3d": local("2026-09-28"), "0d": local("2026-10-01")}
    assert remind(session, task, "3d", local("2026-09-12", "08:31")) == 0  # the old slot


def test_a_task_reminds_twice_however_often_it_is_moved(session: Session, cast: Cast) -> None:
    task = given(session, cast)
    for slot, day in (("3d", "2026-09-12"), ("0d", "2026-09-15")):
        remind(session, task, slot, local(day))
    for notice in owed(session, tasks.REMINDER):
        notice.state = State.SENT
    session.flush()
    move(session, task, date(2026, 10, 1), now=local("2026-09-15", "09:00"))
    assert remind(session, task, "3d", local("2026-09-28")) == 0


def test_a_missed_slot_reminds_late_but_not_after_the_day(session: Session, cast: Cast) -> None:
    late = given(session, cast)
    assert remind(session, late, "3d", local("2026-09-14")) == 1
    assert remind(session, late, "0d", local("2026-09-15", "20:00")) == 1
    meeting = session.get(Meeting, late.meeting_id)
    missed = given(session, cast, meeting=meeting, token="f2")
    assert remind(session, missed, "3d", local("2026-09-15")) == 0  # the day itself says it
    assert remind(session, missed, "0d", local("2026-09-16")) == 0


def test_a_task_of_today_or_on_29_february_is_reminded_as_it_fits(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    today = given(session, cast, meeting=meeting, due=NOON.date())
    assert slots(session, today) == {}
    leap = given(session, cast, meeting=meeting, due=date(2028, 2, 29), token="f2")
    assert slots(session, leap) == {"3d": local("2028-02-26"), "0d": local("2028-02-29")}


def test_what_is_done_cancels_a_reminder_that_is_owed(session: Session, cast: Cast) -> None:
    task = given(session, cast)
    remind(session, task, "3d", local("2026-09-12"))
    finish(session, task, now=local("2026-09-12", "08:01"))
    assert owed(session, tasks.REMINDER) == []
    assert remind(session, task, "0d", local("2026-09-15")) == 0


# -- an owner who leaves -----------------------------------------------------------------------


def test_an_owner_who_leaves_the_roll_is_not_reminded_and_the_committee_sees_it(
    session: Session, cast: Cast
) -> None:
    task = given(session, cast)
    session.get_one(Person, cast["huong"]).ended = date(2026, 9, 1)
    session.flush()
    assert remind(session, task, "3d", local("2026-09-12")) == 0
    assert tasks.away(session, [task], today=NOON.date()) == {cast["huong"]}
    assert [each.id for each in tasks.unfinished(session, task.unit_id)] == [task.id]
    tasks.hand_over(
        session, actor(session, "an"), task.id, cast["giang"], revision=0, quiet=QUIET, now=NOON
    )
    assert tasks.away(session, [task], today=NOON.date()) == set()


def test_who_has_moved_to_a_neighbour_no_longer_sees_the_task(session: Session, cast: Cast) -> None:
    task = given(session, cast)
    session.get_one(Person, cast["huong"]).unit_id = unit_id(session, BRANCH_2)
    session.flush()
    huong = actor(session, "huong")
    assert tasks.open_for(session, huong) == []
    assert tasks.open_number(session, huong) == 0
    with pytest.raises(NotFound):
        finish(session, task)
    assert tasks.away(session, [task], today=NOON.date()) == {cast["huong"]}


# -- what is left ------------------------------------------------------------------------------


def test_own_tasks_stand_by_date(session: Session, cast: Cast) -> None:
    meeting = called(session)
    for token, days in (("a", 9), ("b", 3), ("c", 6)):
        given(session, cast, meeting=meeting, token=token, due=NOON.date() + timedelta(days=days))
    found = tasks.open_for(session, actor(session, "huong"))
    assert [(each.due - NOON.date()).days for each in found] == [3, 6, 9]
    assert tasks.open_number(session, actor(session, "huong")) == 3
    assert tasks.open_number(session, actor(session, "giang")) == 0


def test_what_a_committee_resolved_among_itself_is_in_no_agenda_for_all(
    session: Session, cast: Cast
) -> None:
    among = called(session, kind=MeetingKind.COMMITTEE)
    task = given(session, cast, "chi", meeting=among)
    assert tasks.unfinished(session, task.unit_id) == []
    assert list(tasks.unfinished(session, task.unit_id, committee=True)) == [task]


def test_what_is_late_is_told_on_mondays_to_the_units_own_committee(
    session: Session, cast: Cast
) -> None:
    task = given(session, cast, due=date(2026, 8, 7))
    unit = task.unit_id
    assert tasks.tell_overdue(session, unit, quiet=QUIET, now=local("2026-08-07")) == 0
    row = session.exec(select(Schedule).where(Schedule.kind == tasks.OVERDUE)).one()
    assert row.next_at == local("2026-08-10")
    assert tasks.tell_overdue(session, unit, quiet=QUIET, now=local("2026-08-10")) == 3
    assert tasks.tell_overdue(session, unit, quiet=QUIET, now=local("2026-08-10", "08:01")) == 0
    told = {each.person_id for each in owed(session, tasks.OVERDUE)}
    assert told == {cast["an"], cast["binh"], cast["chi"]}


def test_a_unit_without_late_tasks_is_not_told(session: Session, cast: Cast) -> None:
    task = given(session, cast)
    assert tasks.tell_overdue(session, task.unit_id, quiet=QUIET, now=local("2026-08-10")) == 0
