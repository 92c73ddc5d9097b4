"""A roll opened or closed ahead of its meeting, and opened again: nothing is lost by it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from storage import attendance, meetings, schedule
from storage.attendance import Count, Outcome, Presence
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, MeetingState
from tests.storage.test_attendance import (
    AFTER,
    DURING,
    NOON,
    QUIET,
    START,
    Cast,
    actor,
    cards,
    closed,
    enter,
    linked_group,
    opened,
    send_all,
    tap,
)

EARLY = START - timedelta(hours=2)


def reopened(session: Session, meeting: Meeting, *, by: str = "an") -> Meeting:
    return attendance.reopen(session, actor(session, by), meeting.id, now=AFTER)


def move(session: Session, meeting: Meeting) -> Meeting:
    """Ordered, and carried out when its minute is over."""
    now = EARLY + timedelta(minutes=5)
    meetings.move(
        session,
        actor(session, "an"),
        meeting.id,
        revision=meeting.revision,
        starts_at=START + timedelta(days=1),
        place=meeting.place,
        now=now,
    )
    meetings.carry_out(session, meeting.id, quiet=QUIET, now=now + timedelta(minutes=1))
    return meeting


# -- closed, and opened again ------------------------------------------------------------------


def test_a_roll_opened_again_goes_on_with_what_was_marked(session: Session, cast: Cast) -> None:
    linked_group(session)
    meeting = opened(session)
    send_all(session, START, 11)
    tap(session, meeting, "giang")
    attendance.close(session, actor(session, "an"), meeting.id, now=DURING)
    again = reopened(session, meeting)
    reopened(session, meeting, by="binh")  # a second press
    assert (again.state, again.closed_at) == (MeetingState.CALLED, None)
    assert again.closes_at == AFTER + attendance.LENGTH
    assert attendance.totals(session, meeting).all == Count(1, 0, 6)
    assert tap(session, meeting, "huong", AFTER) == Outcome.RECORDED
    assert [card.revision for card in cards(session)] == [1]
    assert [card.message_id for card in cards(session, attendance.RETIRED)] == [11]
    due = schedule.claim_due(session, now=AFTER + attendance.LENGTH)
    assert attendance.CLOSING in {each.kind for each in due}


def test_it_is_kept_who_opened_a_roll_again(session: Session, cast: Cast) -> None:
    meeting = closed(session)
    reopened(session, meeting, by="binh")
    ((kept, by),) = attendance.reopenings(session, meeting.id)
    assert (kept.closed_at, kept.closed_by, kept.at) == (AFTER, cast["an"], AFTER)
    assert by == "Trần Thanh Bình"


def test_a_roll_is_not_opened_again_after_a_day_or_once_it_is_final(
    session: Session, cast: Cast
) -> None:
    meeting = closed(session)
    with pytest.raises(Refusal, match="within 24 hours"):
        attendance.reopen(
            session, actor(session, "an"), meeting.id, now=AFTER + timedelta(hours=24)
        )
    attendance.lock(session, actor(session, "an"), meeting.id, now=AFTER)
    with pytest.raises(Refusal, match="final"):
        reopened(session, meeting)


@pytest.mark.parametrize("name", ["dung", "lan", "oanh"])
def test_nobody_but_the_units_own_committee_opens_a_roll_again(
    session: Session, cast: Cast, name: str
) -> None:
    meeting = closed(session)
    with pytest.raises(NotFound):
        reopened(session, meeting, by=name)


def test_a_second_end_is_told_as_well(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    attendance.close_due(session, meeting.id, now=AFTER)
    reopened(session, meeting)
    attendance.close_due(session, meeting.id, now=AFTER + timedelta(hours=1))
    assert len(cards(session, attendance.RESULT)) == 2


def test_a_meeting_whose_roll_was_closed_before_its_hour_is_still_to_come(
    session: Session, cast: Cast
) -> None:
    meeting = opened(session, at=EARLY)
    attendance.close(session, actor(session, "an"), meeting.id, now=EARLY)
    found = meetings.next_for(session, cast["giang"], EARLY)
    assert found is not None
    assert found.id == meeting.id
    with pytest.raises(Refusal, match="not begun"):
        attendance.lock(session, actor(session, "an"), meeting.id, now=EARLY)
    assert meetings.next_for(session, cast["giang"], AFTER) is None


# -- opened early, and moved -------------------------------------------------------------------


def test_a_meeting_opened_early_to_which_nobody_came_can_be_moved(
    session: Session, cast: Cast
) -> None:
    linked_group(session)
    meeting = opened(session, at=EARLY)
    send_all(session, EARLY, 11)
    moved = move(session, meeting)
    assert (moved.opened_at, moved.closes_at, moved.state) == (None, None, MeetingState.CALLED)
    assert cards(session)[0].version == 1  # the card is edited: it says so
    due = schedule.claim_due(session, now=START + attendance.LENGTH)
    assert attendance.CLOSING not in {each.kind for each in due}
    again = START + timedelta(days=1)
    attendance.open_roll(session, actor(session, "an"), meeting.id, panel=True, now=again)
    assert tap(session, meeting, "giang", again) == Outcome.RECORDED


def test_a_meeting_opened_early_to_which_somebody_came_stays_where_it_is(
    session: Session, cast: Cast
) -> None:
    meeting = opened(session, at=EARLY)
    enter(session, meeting, cast, "giang", Presence.PRESENT)
    with pytest.raises(Refusal, match="checked in already"):
        move(session, meeting)
    with pytest.raises(Refusal, match="checked in already"):
        meetings.call_off(session, actor(session, "an"), meeting.id, now=EARLY)
    enter(session, meeting, cast, "giang", Presence.ABSENT)
    meetings.call_off(session, actor(session, "an"), meeting.id, now=EARLY)
    meetings.carry_out(session, meeting.id, quiet=QUIET, now=EARLY + timedelta(minutes=1))
    assert meeting.state == MeetingState.CANCELLED


def test_a_meeting_that_has_begun_is_neither_moved_nor_called_off(
    session: Session, cast: Cast
) -> None:
    meeting = opened(session, at=EARLY)
    assert meetings.movable(meeting, now=NOON)
    with pytest.raises(Refusal, match="opened already"):
        meetings.call_off(session, actor(session, "an"), meeting.id, now=DURING)
