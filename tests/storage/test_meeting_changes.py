"""Moving meetings and calling them off: the minute to undo it, and what comes after."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select as sa_select
from sqlmodel import Session, SQLModel, col, select

from storage import attendance, groups, meetings, outbox, roster, schedule
from storage.db import Database
from storage.errors import NotFound, Refusal
from storage.meetings import Answer, Change, ChangeState, Leave, Meeting, MeetingState
from storage.outbox import Notice, State
from tests.storage.test_meetings import (
    QUIET,
    THURSDAY,
    Cast,
    actor,
    called,
    due_slots,
    owed,
    plan,
    seats,
    settle_all,
)
from tests.town import BRANCH_1, NOON, settle, unit_id

LATER = NOON + timedelta(hours=2)
MINUTE = timedelta(seconds=60)
FRIDAY = THURSDAY + timedelta(days=1)


def moved(
    session: Session, meeting: Meeting, starts_at: datetime, *, now: datetime = LATER, **other: Any
) -> Change | None:
    """An orders a move."""
    how: dict[str, Any] = {"revision": meeting.revision, "place": meeting.place, **other}
    who = actor(session, "an")
    return meetings.move(session, who, meeting.id, starts_at=starts_at, now=now, **how)


def called_off(session: Session, meeting: Meeting, *, now: datetime = LATER) -> Change | None:
    return meetings.call_off(session, actor(session, "an"), meeting.id, now=now)


def undone(session: Session, change: Change | None, *, now: datetime, by: str = "an") -> bool:
    assert change is not None
    found, _meeting = meetings.undo_change(session, actor(session, by), change.id, now=now)
    return found.state == ChangeState.UNDONE


def tick(session: Session, now: datetime) -> list[str]:
    """Lets happen what is due, as the clock does; returns what it was."""
    due = schedule.claim_due(session, now=now)
    for each in due:
        meeting_id = int(each.subject.rpartition(":")[2])
        match each.kind:
            case "meeting.change":
                meetings.carry_out(session, meeting_id, quiet=QUIET, now=now)
            case "meeting.reminder":
                meetings.remind(session, meeting_id, each.slot_name, quiet=QUIET, now=now)
            case "meeting.roll":
                meetings.welcome(session, meeting_id, quiet=QUIET, now=now)
    return [each.kind for each in due]


def told(session: Session, meeting: Meeting) -> Meeting:
    """A meeting that everybody has been told of."""
    settle_all(session)
    return meeting


def picture(session: Session) -> dict[str, list[dict[str, Any]]]:
    """Everything that is kept about meetings, but for when what waits may go."""
    session.flush()
    found = {}
    for name in ("meeting", "seat", "outbox", "schedule"):
        table = SQLModel.metadata.tables[name]
        rows = session.execute(sa_select(table).order_by(table.c.id)).mappings()
        put_off = ("due_at", "next_at")
        found[name] = [{key: row[key] for key in row if key not in put_off} for row in rows]
    return found


# -- within the minute -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "order", [lambda s, m: moved(s, m, FRIDAY), called_off], ids=["moved", "off"]
)
def test_a_change_undone_within_its_minute_leaves_no_trace(
    session: Session, cast: Cast, order: Any
) -> None:
    meeting = told(session, called(session))
    meetings.come(session, actor(session, "giang"), meeting.id, revision=meeting.revision, now=NOON)
    ask = actor(session, "huong")
    meetings.ask_leave(
        session, ask, meeting.id, "illness", revision=meeting.revision, quiet=QUIET, now=NOON
    )
    before = picture(session)
    change = order(session, meeting)
    assert undone(session, change, now=LATER + MINUTE - timedelta(seconds=1))
    assert picture(session) == before
    assert tick(session, LATER + MINUTE) == []
    assert len(owed(session, "leave.request")) == 3
    assert due_slots(session, THURSDAY) == ["3d", "1d", "2h"]


def test_until_its_minute_is_over_a_moved_meeting_is_what_everybody_was_told(
    session: Session, cast: Cast
) -> None:
    meeting = told(session, called(session))
    moved(session, meeting, FRIDAY)
    assert tick(session, LATER + MINUTE - timedelta(seconds=1)) == []
    assert (meeting.starts_at, owed(session, "meeting.change")) == (THURSDAY, [])
    meetings.come(
        session, actor(session, "huong"), meeting.id, revision=meeting.revision, now=LATER
    )
    assert tick(session, LATER + MINUTE) == ["meeting.change"]
    assert (meeting.starts_at, len(owed(session, "meeting.change"))) == (FRIDAY, 7)
    assert seats(session, meeting)["Hương"].answer == Answer.NONE


def test_undo_pressed_twice_is_undone_once(session: Session, cast: Cast) -> None:
    meeting = told(session, called(session))
    change = called_off(session, meeting)
    assert undone(session, change, now=LATER)
    assert undone(session, change, now=LATER, by="binh")
    assert meeting.state == MeetingState.CALLED
    assert meetings.waiting_change(session, meeting) is None


def test_an_old_undo_leaves_a_newer_change_alone(session: Session, cast: Cast) -> None:
    meeting = told(session, called(session))
    first = moved(session, meeting, FRIDAY)
    assert undone(session, first, now=LATER)
    second = moved(session, meeting, FRIDAY + timedelta(days=1))
    assert undone(session, first, now=LATER)
    assert meetings.waiting_change(session, meeting) == second
    tick(session, LATER + MINUTE)
    assert meeting.starts_at == FRIDAY + timedelta(days=1)


def test_after_the_minute_it_is_too_late_to_undo(session: Session, cast: Cast) -> None:
    meeting = told(session, called(session))
    change = called_off(session, meeting)
    assert not undone(session, change, now=LATER + MINUTE)
    tick(session, LATER + MINUTE)
    assert not undone(session, change, now=LATER + MINUTE)
    assert meeting.state == MeetingState.CANCELLED


def test_a_member_and_the_neighbour_can_neither_order_nor_undo(
    session: Session, cast: Cast
) -> None:
    meeting = told(session, called(session))
    change = called_off(session, meeting)
    for name in ("huong", "lan", "oanh"):
        who = actor(session, name)
        with pytest.raises(NotFound):
            undone(session, change, now=LATER, by=name)
        with pytest.raises(NotFound):
            meetings.call_off(session, who, meeting.id, now=LATER)
        with pytest.raises(NotFound):
            meetings.move(
                session, who, meeting.id, revision=0, starts_at=FRIDAY, place="Chợ", now=LATER
            )


def test_while_one_change_waits_there_is_no_other(session: Session, cast: Cast) -> None:
    meeting = told(session, called(session))
    first = moved(session, meeting, FRIDAY)
    assert moved(session, meeting, FRIDAY) == first
    assert moved(session, meeting, FRIDAY + timedelta(days=1)) == first
    assert called_off(session, meeting) == first
    tick(session, LATER + MINUTE)
    assert (meeting.state, meeting.starts_at) == (MeetingState.CALLED, FRIDAY)
    assert len(owed(session, "meeting.change")) == 7


def test_check_in_is_not_opened_while_a_change_waits(session: Session, cast: Cast) -> None:
    meeting = told(session, called(session))
    early = THURSDAY - timedelta(minutes=1)
    change = moved(session, meeting, FRIDAY, now=early)
    with pytest.raises(Refusal, match="about to be moved"):
        attendance.open_roll(session, actor(session, "binh"), meeting.id, now=early)
    assert undone(session, change, now=early)
    assert attendance.open_roll(session, actor(session, "binh"), meeting.id, now=early).opened_at


def test_nobody_is_invited_to_or_reminded_of_what_is_about_to_change(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    moved(session, meeting, FRIDAY, now=NOON + timedelta(seconds=50))
    assert outbox.claim(session, now=NOON + timedelta(seconds=110), limit=50) == []
    tick(session, NOON + timedelta(seconds=110))
    settle_all(session)
    slot = FRIDAY - timedelta(days=3)
    change = called_off(session, meeting, now=slot - timedelta(seconds=30))
    assert tick(session, slot) == []
    assert undone(session, change, now=slot)
    assert "meeting.reminder" in tick(session, slot + MINUTE)
    assert len(owed(session, "meeting.reminder")) == 7


def test_a_slot_given_out_in_the_tick_that_moves_the_meeting_says_nothing(
    session: Session, cast: Cast
) -> None:
    meeting = told(session, called(session))
    slot = THURSDAY - timedelta(days=3)
    moved(session, meeting, FRIDAY, now=slot - timedelta(seconds=30))
    fired = tick(session, slot + timedelta(minutes=10))
    assert fired.index("meeting.change") < fired.index("meeting.reminder")
    assert owed(session, "meeting.reminder") == []
    assert due_slots(session, FRIDAY) == ["3d", "1d", "2h"]


def test_a_call_that_is_undone_takes_its_waiting_change_along(session: Session, cast: Cast) -> None:
    meeting = called(session)
    change = moved(session, meeting, FRIDAY, now=NOON + timedelta(seconds=10))
    assert meetings.undo(
        session, actor(session, "an"), meeting.id, now=NOON + timedelta(seconds=20)
    )
    assert undone(session, change, now=NOON + timedelta(seconds=20))
    assert tick(session, THURSDAY) == []
    assert session.exec(select(Notice).where(Notice.state == State.QUEUED)).all() == []


# -- quiet hours -------------------------------------------------------------------------------

NIGHT = datetime.fromisoformat("2026-08-03T22:00:00+07:00")
MORNING = datetime.fromisoformat("2026-08-04T06:30:00+07:00")


def test_news_of_a_change_waits_for_the_morning(session: Session, cast: Cast) -> None:
    session.get_one(roster.Person, cast["huong"]).quiet_hours = ""
    meeting = told(session, called(session))
    moved(session, meeting, FRIDAY, now=NIGHT)
    assert meetings.held_until(session, meeting, quiet=QUIET, now=NIGHT) == MORNING
    tick(session, NIGHT + MINUTE)
    due = {notice.person_id: notice.due_at for notice in owed(session, "meeting.change")}
    assert due.pop(cast["huong"]) == NIGHT + MINUTE
    assert set(due.values()) == {MORNING}
    assert meetings.held_until(session, meeting, quiet=QUIET, now=NIGHT + MINUTE) == MORNING


@pytest.mark.parametrize("kind", ["meeting.change", "meeting.cancellation"])
def test_urgent_news_of_a_change_waits_for_its_minute_only(
    session: Session, cast: Cast, kind: str
) -> None:
    meeting = told(session, called(session))
    if kind == "meeting.change":
        moved(session, meeting, FRIDAY, now=NIGHT)
    else:
        called_off(session, meeting, now=NIGHT)
    meetings.send_now(session, actor(session, "an"), meeting.id, now=NIGHT)
    assert meetings.held_until(session, meeting, quiet=QUIET, now=NIGHT) is None
    assert owed(session, kind) == []
    tick(session, NIGHT + MINUTE)
    assert [notice.due_at for notice in owed(session, kind)] == [NIGHT + MINUTE] * 7


def test_what_is_only_put_off_for_a_minute_is_not_said_to_be_held_by_quiet_hours(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    change = moved(session, meeting, FRIDAY, now=NOON + timedelta(seconds=30))
    assert meetings.held_until(session, meeting, quiet=QUIET, now=NOON) is None
    assert undone(session, change, now=NOON + timedelta(seconds=30))
    soon = NOON + timedelta(seconds=30)
    assert meetings.held_until(session, meeting, quiet=QUIET, now=soon) is None


# -- moved -------------------------------------------------------------------------------------


def test_another_day_asks_everybody_anew(session: Session, cast: Cast) -> None:
    meeting = told(session, called(session))
    meetings.come(session, actor(session, "huong"), meeting.id, revision=meeting.revision, now=NOON)
    moved(session, meeting, FRIDAY)
    tick(session, LATER + MINUTE)
    assert len(owed(session, "meeting.change")) == 7
    assert seats(session, meeting)["Hương"].answer == Answer.NONE


def test_another_hour_keeps_the_answers(session: Session, cast: Cast) -> None:
    meeting = told(session, called(session))
    who = actor(session, "huong")
    seat = meetings.ask_leave(
        session, who, meeting.id, "illness", revision=meeting.revision, quiet=QUIET, now=NOON
    )
    meetings.decide(session, actor(session, "chi"), seat.id, 1, approve=True, now=NOON)
    moved(session, meeting, THURSDAY + timedelta(minutes=30))
    tick(session, LATER + MINUTE)
    assert seats(session, meeting)["Hương"].leave == Leave.APPROVED


def test_a_move_pressed_twice_is_told_once(session: Session, cast: Cast) -> None:
    meeting = told(session, called(session))
    moved(session, meeting, FRIDAY)
    tick(session, LATER + MINUTE)
    after = LATER + timedelta(minutes=2)
    assert moved(session, meeting, FRIDAY, revision=0, now=after) is None
    assert moved(session, meeting, FRIDAY + timedelta(days=1), revision=0, now=after) is None
    assert (meeting.revision, meeting.starts_at) == (1, FRIDAY)
    assert len(owed(session, "meeting.change")) == 7


def test_who_has_not_been_invited_yet_gets_one_invitation_not_a_correction(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    moved(session, meeting, FRIDAY, now=NOON + timedelta(seconds=10))
    tick(session, NOON + timedelta(seconds=70))
    assert owed(session, "meeting.change") == []
    assert [notice.revision for notice in owed(session, "meeting.invitation")] == [1] * 7


def test_a_moved_meeting_has_new_reminders_only(session: Session, cast: Cast) -> None:
    meeting = called(session)
    moved(session, meeting, THURSDAY + timedelta(days=7))
    tick(session, LATER + MINUTE)
    assert due_slots(session, THURSDAY) == []
    assert due_slots(session, THURSDAY + timedelta(days=7)) == ["3d", "1d", "2h"]


def test_a_meeting_is_not_moved_to_the_past(session: Session, cast: Cast) -> None:
    meeting = told(session, called(session))
    with pytest.raises(Refusal, match="passed"):
        moved(session, meeting, LATER)
    assert meetings.waiting_change(session, meeting) is None


# -- called off --------------------------------------------------------------------------------


def test_calling_off_tells_those_who_knew(session: Session, cast: Cast) -> None:
    meeting = told(session, called(session))
    for _press in range(2):
        called_off(session, meeting)
    tick(session, LATER + MINUTE)
    assert called_off(session, meeting) is None
    assert len(owed(session, "meeting.cancellation")) == 7
    with pytest.raises(Refusal, match="cancelled"):
        meetings.come(
            session,
            actor(session, "huong"),
            meeting.id,
            revision=meeting.revision,
            now=LATER + MINUTE,
        )


def test_calling_off_before_anybody_was_told_says_nothing(session: Session, cast: Cast) -> None:
    meeting = called(session)
    called_off(session, meeting, now=NOON)
    tick(session, NOON + MINUTE)
    assert meeting.state == MeetingState.CANCELLED
    assert owed(session, "meeting.invitation") == owed(session, "meeting.cancellation") == []


def test_a_draft_is_thrown_away_at_once(session: Session, cast: Cast) -> None:
    who = actor(session, "an")
    draft = meetings.save(session, who, plan(session), token="t1", quiet=QUIET, now=NOON)
    with pytest.raises(NotFound):
        moved(session, draft, FRIDAY)
    assert called_off(session, draft) is None
    assert draft.state == MeetingState.CANCELLED


def test_a_cancellation_at_the_last_moment_still_reaches_people_and_the_group(
    session: Session, cast: Cast
) -> None:
    group = groups.joined(session, -100)
    group.unit_id = unit_id(session, BRANCH_1)
    session.flush()
    meeting = told(session, called(session))
    called_off(session, meeting, now=THURSDAY - timedelta(seconds=30))
    after = THURSDAY + timedelta(seconds=30)
    tick(session, after)
    kinds = [each.notice.kind for each in outbox.claim(session, now=after, limit=50)]
    assert sorted(kinds) == ["meeting.announcement"] + ["meeting.cancellation"] * 7


# -- races -------------------------------------------------------------------------------------


def test_of_two_moves_at_once_one_is_ordered(database: Database) -> None:
    database.run(settle)
    meeting_id = database.run(lambda session: told(session, called(session)).id)
    an = database.run(lambda session: actor(session, "an"))

    def order(days: int) -> int:
        starts_at = THURSDAY + timedelta(days=days)

        def work(session: Session) -> int:
            change = meetings.move(
                session, an, meeting_id, revision=0, starts_at=starts_at, place="Chợ", now=LATER
            )
            assert change is not None
            return change.id

        return database.submit(work).result(30)

    with ThreadPoolExecutor(8) as pool:
        ordered = list(pool.map(order, range(1, 9)))
    assert len(set(ordered)) == 1
    assert database.run(lambda session: len(session.exec(select(Change)).all())) == 1


def test_undo_and_the_clock_at_the_same_moment_agree(database: Database) -> None:
    database.run(settle)
    meeting_id = database.run(lambda session: told(session, called(session)).id)
    an = database.run(lambda session: actor(session, "an"))

    def order(session: Session) -> int:
        change = meetings.call_off(session, an, meeting_id, now=LATER)
        assert change is not None
        return change.id

    def undo(session: Session) -> ChangeState:
        now = LATER + MINUTE - timedelta(seconds=1)  # by the clock of a machine that is behind
        return meetings.undo_change(session, an, change_id, now=now)[0].state

    def fire(session: Session) -> None:
        tick(session, LATER + MINUTE)

    change_id = database.run(order)
    with ThreadPoolExecutor(6) as pool:
        works = [undo, fire] * 3
        done = [pool.submit(lambda w=work: database.submit(w).result(30)) for work in works]
    said = {each.result() for each in done} - {None}
    state = database.run(lambda s: s.get_one(Meeting, meeting_id).state)
    news = database.run(
        lambda s: len(
            s.exec(select(Notice).where(col(Notice.kind) == "meeting.cancellation")).all()
        )
    )
    outcomes = {ChangeState.UNDONE: ("called", 0), ChangeState.DONE: ("cancelled", 7)}
    assert (state, news) == outcomes[said.pop()]
    assert said == set()


def test_an_answer_to_the_old_day_is_no_answer_to_the_new_one(session: Session, cast: Cast) -> None:
    meeting = called(session)
    moved(session, meeting, FRIDAY)
    tick(session, LATER + MINUTE)
    huong = actor(session, "huong")
    with pytest.raises(Refusal):
        meetings.come(session, huong, meeting.id, revision=0, now=NOON)
    with pytest.raises(Refusal):
        meetings.ask_leave(session, huong, meeting.id, "family", revision=0, quiet=QUIET, now=NOON)
    assert seats(session, meeting)["Hương"].answer == Answer.NONE


def test_who_has_not_heard_of_the_last_move_is_told_what_they_know(
    session: Session, cast: Cast
) -> None:
    meeting = told(session, called(session))
    moved(session, meeting, FRIDAY)
    tick(session, LATER + MINUTE)
    moved(session, meeting, FRIDAY + timedelta(hours=1), now=LATER + MINUTE)
    tick(session, LATER + 2 * MINUTE)
    waiting = [each for each in owed(session, "meeting.change") if each.state == State.QUEUED]
    assert len(waiting) == 7
    for each in waiting:
        assert datetime.fromisoformat(each.facts["before"]["starts_at"]) == THURSDAY
        assert each.facts["asks"]
