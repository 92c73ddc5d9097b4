"""The seats follow the roll at once: who joins, changes place or leaves, by hand or by a file."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from storage import attendance, joining, meetings, minutes, roster, roster_edit, roster_import
from storage.errors import NotFound
from storage.joining.links import link
from storage.meetings import Meeting, MeetingKind, MeetingState
from storage.meetings.seats import set_apart
from storage.powers import SHELL, Role
from storage.roster import Person, Standing
from storage.roster_import.columns import COLUMNS
from storage.sheets import read_table
from tests.storage.test_meetings import (
    QUIET,
    THURSDAY,
    Cast,
    actor,
    called,
    owed,
    seats,
    settle_all,
)
from tests.town import BRANCH_1, NOON, unit_id

TODAY = NOON.date()


def added(session: Session, name: str = "Tạ Văn Phú") -> Person:
    branch = unit_id(session, BRANCH_1)
    return roster_edit.add(session, actor(session, "an"), branch, name, now=NOON)


def invited(session: Session) -> list[int | None]:
    return [notice.person_id for notice in owed(session, "meeting.invitation")]


def test_who_is_added_is_expected_at_once_and_invited_on_joining(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    settle_all(session)
    phu = added(session)
    assert "Phú" in seats(session, meeting)
    assert invited(session) == [], "nobody can be written to yet"
    link(session, phu, 777, now=NOON)
    late = NOON.replace(hour=22)
    joining.agree(session, phu, quiet=QUIET, now=late)
    found = meetings.next_for(session, phu.id, NOON)
    assert found is not None
    assert found.id == meeting.id
    [owing] = owed(session, "meeting.invitation")
    assert owing.person_id == phu.id
    assert owing.due_at > late + timedelta(hours=8), "it waits for the morning"
    meetings.welcome(session, meeting.id, quiet=QUIET, now=NOON + timedelta(hours=20))
    assert invited(session) == [phu.id], "the morning adds nothing"


def test_nobody_else_is_invited_with_who_is_added(session: Session, cast: Cast) -> None:
    huong = session.get_one(Person, cast["huong"])
    huong.telegram_id = None
    session.flush()
    called(session)
    settle_all(session)
    huong.telegram_id = 778
    session.flush()
    joining.agree(session, _linked(session, added(session), 777), quiet=QUIET, now=NOON)
    assert cast["huong"] not in invited(session)


def _linked(session: Session, person: Person, account: int) -> Person:
    link(session, person, account, now=NOON)
    return person


def test_who_is_taken_off_the_roll_loses_the_seat_and_what_was_owed(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    roster_edit.end_member(session, actor(session, "an"), cast["huong"], now=NOON, today=TODAY)
    assert "Hương" not in seats(session, meeting)
    assert cast["huong"] not in invited(session)


@pytest.mark.parametrize("standing", [Standing.ELSEWHERE, Standing.SUSPENDED])
def test_who_takes_no_part_for_a_while_is_not_convened_and_counted_apart(
    session: Session, cast: Cast, standing: Standing
) -> None:
    meeting, an = called(session), actor(session, "an")

    def becomes(state: str) -> None:
        roster_edit.correct(
            session, an, cast["huong"], "standing", state, quiet=QUIET, now=NOON, today=TODAY
        )

    becomes(standing)
    assert "Hương" not in seats(session, meeting)
    assert cast["huong"] not in invited(session)
    assert set_apart(session, meeting) == {standing: 1}
    facts = minutes.facts_of(session, meeting)
    assert (facts.elsewhere, facts.suspended) == (
        (1, 0) if standing is Standing.ELSEWHERE else (0, 1)
    )
    later = called(session, token="t2")
    assert "Hương" not in seats(session, later)
    becomes("here")
    assert "Hương" in seats(session, meeting) and "Hương" in seats(session, later)
    assert set_apart(session, meeting) == {}
    with pytest.raises(NotFound):
        becomes("gone")


def test_who_moves_leaves_one_meeting_and_is_invited_to_the_other(
    session: Session, cast: Cast
) -> None:
    mine = called(session)
    move, first = actor(session, "an"), unit_id(session, f"{BRANCH_1} / Tổ 1")
    theirs = Meeting(
        unit_id=first,
        kind=MeetingKind.REGULAR,
        starts_at=THURSDAY,
        zone=QUIET.zone,
        place="Nhà văn hóa",
        state=MeetingState.CALLED,
    )
    session.add(theirs)
    settle_all(session)
    roster_edit.move(session, move, cast["binh"], first, quiet=QUIET, now=NOON)
    assert "Bình" in seats(session, mine)
    assert "Bình" in seats(session, theirs)
    assert invited(session) == [cast["binh"]]
    roster_edit.move(session, move, cast["binh"], mine.unit_id, quiet=QUIET, now=NOON)
    assert "Bình" not in seats(session, theirs)
    assert invited(session) == [], "taken back within the minute, it is not spoken of"


def test_once_check_in_is_open_who_leaves_keeps_the_seat_and_who_comes_gets_one(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    settle_all(session)
    attendance.open_roll(session, actor(session, "an"), meeting.id, now=THURSDAY)
    roster_edit.end_member(session, actor(session, "an"), cast["huong"], now=NOON, today=TODAY)
    added(session)
    assert {"Hương", "Phú"} <= set(seats(session, meeting))


def test_a_meeting_that_is_over_stays_as_it_was(session: Session, cast: Cast) -> None:
    meeting = called(session)
    after = THURSDAY + timedelta(hours=5)
    branch = unit_id(session, BRANCH_1)
    roster_edit.add(session, actor(session, "an"), branch, "Tạ Văn Phú", now=after)
    assert "Phú" not in seats(session, meeting)


def test_who_enters_the_committee_is_expected_at_its_meeting(session: Session, cast: Cast) -> None:
    meeting = called(session, kind=MeetingKind.COMMITTEE)
    settle_all(session)
    an, branch = actor(session, "an"), unit_id(session, BRANCH_1)
    roster_edit.give_role(
        session, an, cast["huong"], branch, Role.COMMITTEE, quiet=QUIET, now=NOON, today=TODAY
    )
    assert set(seats(session, meeting)) == {"An", "Bình", "Chi", "Hương"}
    assert invited(session) == [cast["huong"]]
    [held] = roster_edit.roles_of(session, session.get_one(Person, cast["huong"]), today=TODAY)
    roster_edit.end_role(session, an, held.id, now=NOON, today=TODAY)
    assert "Hương" not in seats(session, meeting)


@pytest.mark.parametrize("few", [500, 0], ids=["few people", "more than a query names"])
def test_a_file_moves_the_seats_and_can_still_be_undone(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("storage.meetings.following.FEW", few)
    meeting = called(session)
    settle_all(session)
    text = f"Họ và tên;Đơn vị\nMai Thị Xuân;{BRANCH_1}"
    table = read_table(text.encode(), "roster.csv", COLUMNS)
    kept = roster_import.keep_file(session, SHELL, "roster.csv", list(table), [], now=NOON)
    roster_import.write_kept(session, SHELL, kept.id, now=NOON, today=TODAY)
    assert "Xuân" in seats(session, meeting)
    roster_import.undo(session, SHELL, kept.id, now=NOON)
    assert set(seats(session, meeting)) == {
        person.full_name.split()[-1]
        for person in roster.members(session, roster.unit_at(session, BRANCH_1))
    }
