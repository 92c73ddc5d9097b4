"""Calling meetings, answering, asking leave, reminders; moving them is in test_meeting_changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from storage import attendance, groups, meetings, outbox, roster, schedule, speakers
from storage.errors import NotFound, Refusal
from storage.meetings import Answer, Leave, Meeting, MeetingKind, MeetingState, Plan, Seat, Tally
from storage.outbox import Notice, State
from storage.powers import Actor
from storage.quiet import Quiet
from tests.town import ACCOUNTS, BRANCH_1, BRANCH_2, NOON, PARTY, unit_id

QUIET = Quiet("21:30-06:30", "Asia/Ho_Chi_Minh")
THURSDAY = datetime.fromisoformat("2026-08-13T19:30:00+07:00")
Cast = dict[str, int]


def actor(session: Session, name: str) -> Actor:
    return speakers.who(session, ACCOUNTS[name], today=NOON.date(), owner=False)


def plan(session: Session, **other: Any) -> Plan:
    values: dict[str, Any] = {
        "unit_id": unit_id(session, BRANCH_1),
        "kind": MeetingKind.REGULAR,
        "starts_at": THURSDAY,
        "place": "Nhà văn hóa",
    }
    return Plan(**{**values, **other})


def called(session: Session, *, token: str = "t1", now: datetime = NOON, **other: Any) -> Meeting:
    return meetings.call(
        session, actor(session, "an"), plan(session, **other), token=token, quiet=QUIET, now=now
    )


def called_by_oanh(session: Session, units: tuple[int, ...], **other: Any) -> Meeting:
    """A meeting of the committee above with some of its branches."""
    values = {"unit_id": unit_id(session, PARTY), "units": units, **other}
    wanted = plan(session, **values)
    return meetings.call(session, actor(session, "oanh"), wanted, token="o", quiet=QUIET, now=NOON)


def seats(session: Session, meeting: Meeting) -> dict[str, Seat]:
    """The seats by the last word of the name."""
    found = session.exec(
        select(Seat, roster.Person.full_name)
        .join(roster.Person, col(roster.Person.id) == Seat.person_id)
        .where(Seat.meeting_id == meeting.id)
        .execution_options(populate_existing=True)
    ).all()
    return {name.split()[-1]: seat for seat, name in found}


def owed(session: Session, kind: str) -> list[Notice]:
    return list(
        session.exec(
            select(Notice)
            .where(Notice.kind == kind, Notice.state == State.QUEUED)
            .order_by(col(Notice.id))
            .execution_options(populate_existing=True)
        ).all()
    )


def due_slots(session: Session, now: datetime) -> list[str]:
    """The reminders whose time has come."""
    due = schedule.claim_due(session, now=now)
    return [each.slot_name for each in due if each.kind == "meeting.reminder"]


def remind(session: Session, meeting: Meeting, slot: str, *, now: datetime) -> int:
    return meetings.remind(session, meeting.id, slot, quiet=QUIET, now=now)


def settle_all(session: Session) -> None:
    """Everything owed has arrived."""
    for notice in session.exec(select(Notice)).all():
        notice.state = State.SENT
        session.add(notice)
    session.flush()


# -- calling -----------------------------------------------------------------------------------


def test_everybody_on_the_roll_below_is_convened_but_no_candidate(
    session: Session, cast: Cast
) -> None:
    branch = roster.unit_at(session, BRANCH_1)
    roster.new_person(session, branch, "Lý Văn Quỳ", kind=roster.Kind.CANDIDATE)
    roster.new_person(session, branch, "Lý Văn Sửu", kind=roster.Kind.EXEMPT)
    convened = seats(session, called(session))
    assert set(convened) == {"An", "Bình", "Chi", "Dũng", "Giang", "Hương", "Khánh", "Sửu"}


def test_a_committee_meeting_convenes_the_committee_only(session: Session, cast: Cast) -> None:
    meeting = called(session, kind=MeetingKind.COMMITTEE)
    assert set(seats(session, meeting)) == {"An", "Bình", "Chi"}


def test_the_invitation_waits_a_minute(session: Session, cast: Cast) -> None:
    meeting = called(session)
    assert {notice.due_at for notice in owed(session, "meeting.invitation")} == {
        NOON + timedelta(seconds=60)
    }
    assert meeting.state == MeetingState.CALLED


def test_the_same_form_twice_calls_one_meeting(session: Session, cast: Cast) -> None:
    assert called(session).id == called(session).id
    assert len(session.exec(select(Meeting)).all()) == 1
    assert len(owed(session, "meeting.invitation")) == 7


def test_a_member_cannot_call_a_meeting_and_neither_can_the_neighbour(
    session: Session, cast: Cast
) -> None:
    for name in ("huong", "lan", "oanh"):
        with pytest.raises(NotFound):
            meetings.call(
                session,
                actor(session, name),
                plan(session),
                token="t",
                quiet=QUIET,
                now=NOON,
            )


def test_a_meeting_in_the_past_is_refused(session: Session, cast: Cast) -> None:
    with pytest.raises(Refusal, match="passed"):
        called(session, starts_at=NOON)


def test_a_form_of_another_branch_stays_out_of_reach(session: Session, cast: Cast) -> None:
    called(session, token="an's")
    with pytest.raises(NotFound):
        meetings.of_token(session, actor(session, "lan"), "an's")


def test_a_saved_draft_convenes_nobody_and_can_be_called_later(
    session: Session, cast: Cast
) -> None:
    secretary = actor(session, "an")
    draft = meetings.save(session, secretary, plan(session), token="t1", quiet=QUIET, now=NOON)
    assert draft.state == MeetingState.DRAFT
    assert seats(session, draft) == {}
    assert meetings.next_for(session, cast["huong"], NOON) is None
    meeting = called(session, place="Hội trường")
    assert (meeting.id, meeting.place, len(seats(session, meeting))) == (draft.id, "Hội trường", 7)


def test_a_call_is_undone_within_a_minute_and_nobody_is_told(session: Session, cast: Cast) -> None:
    meeting = called(session)
    late = NOON + timedelta(seconds=59)
    assert meetings.undo(session, actor(session, "binh"), meeting.id, now=late)
    assert meeting.state == MeetingState.CANCELLED
    assert owed(session, "meeting.invitation") == []
    assert schedule.claim_due(session, now=THURSDAY) == []
    assert called(session).state == MeetingState.CANCELLED  # the same form does not call it again


def test_after_a_minute_it_is_too_late_to_undo(session: Session, cast: Cast) -> None:
    meeting = called(session)
    late = NOON + timedelta(seconds=60)
    assert not meetings.undo(session, actor(session, "an"), meeting.id, now=late)
    assert meeting.state == MeetingState.CALLED
    with pytest.raises(NotFound):
        meetings.undo(session, actor(session, "lan"), meeting.id, now=NOON)


def test_in_quiet_hours_the_invitation_waits_unless_it_is_urgent(
    session: Session, cast: Cast
) -> None:
    night = datetime.fromisoformat("2026-08-03T22:00:00+07:00")
    morning = datetime.fromisoformat("2026-08-04T06:30:00+07:00")
    session.get_one(roster.Person, cast["huong"]).quiet_hours = ""
    meeting = called(session, now=night)
    due = {notice.person_id: notice.due_at for notice in owed(session, "meeting.invitation")}
    assert due.pop(cast["huong"]) == night + timedelta(seconds=60)
    assert set(due.values()) == {morning}
    assert meetings.held_until(session, meeting, quiet=QUIET, now=night) == morning
    meetings.send_now(session, actor(session, "an"), meeting.id, now=night)
    assert {notice.due_at for notice in owed(session, "meeting.invitation")} == {
        night + timedelta(seconds=60)
    }
    assert meetings.held_until(session, meeting, quiet=QUIET, now=night) is None


def test_the_group_hears_of_a_branch_meeting_not_of_a_committee_one(
    session: Session, cast: Cast
) -> None:
    group = groups.joined(session, -100)
    group.unit_id = unit_id(session, BRANCH_1)
    session.flush()
    called(session, token="committee", kind=MeetingKind.COMMITTEE)
    assert owed(session, "meeting.announcement") == []
    called(session)
    assert [notice.group_id for notice in owed(session, "meeting.announcement")] == [group.id]


# -- answering ---------------------------------------------------------------------------------


def ask_leave(session: Session, meeting: Meeting, reason: str = "illness") -> Seat:
    who = actor(session, "huong")
    return meetings.ask_leave(
        session, who, meeting.id, reason, revision=meeting.revision, quiet=QUIET, now=NOON
    )


def test_a_request_goes_to_the_committee_and_the_answer_comes_back_at_once(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    seat = ask_leave(session, meeting)
    asked = {notice.person_id for notice in owed(session, "leave.request")}
    assert asked == {cast["an"], cast["binh"], cast["chi"]}
    night = datetime.fromisoformat("2026-08-03T23:00:00+07:00")
    chi = actor(session, "chi")
    assert meetings.decide(session, chi, seat.id, 1, approve=True, now=night)
    assert seats(session, meeting)["Hương"].leave == Leave.APPROVED
    (answer,) = owed(session, "leave.decision")
    assert (answer.person_id, answer.due_at, answer.priority) == (cast["huong"], night, 0)
    assert owed(session, "leave.request") == []


def test_the_first_decision_counts(session: Session, cast: Cast) -> None:
    meeting = called(session)
    seat = ask_leave(session, meeting)
    assert meetings.decide(session, actor(session, "chi"), seat.id, 1, approve=True, now=NOON)
    assert not meetings.decide(session, actor(session, "an"), seat.id, 1, approve=False, now=NOON)
    assert seats(session, meeting)["Hương"].decided_by == cast["chi"]


def test_an_old_button_cannot_decide_about_a_new_request(session: Session, cast: Cast) -> None:
    meeting = called(session)
    seat = ask_leave(session, meeting)
    meetings.withdraw(
        session, actor(session, "huong"), meeting.id, revision=meeting.revision, now=NOON
    )
    ask_leave(session, meeting, "đám cưới con gái")
    assert not meetings.decide(session, actor(session, "an"), seat.id, 1, approve=True, now=NOON)
    assert meetings.decide(session, actor(session, "an"), seat.id, 2, approve=True, now=NOON)


def test_asking_twice_for_the_same_reason_is_asking_once(session: Session, cast: Cast) -> None:
    meeting = called(session)
    ask_leave(session, meeting)
    assert ask_leave(session, meeting).requests == 1
    assert len(owed(session, "leave.request")) == 3


def test_who_takes_a_request_back_is_expected_again(session: Session, cast: Cast) -> None:
    meeting = called(session)
    ask_leave(session, meeting)
    seat = meetings.withdraw(
        session, actor(session, "huong"), meeting.id, revision=meeting.revision, now=NOON
    )
    assert (seat.answer, seat.leave, seat.leave_reason) == (Answer.NONE, None, None)
    assert owed(session, "leave.request") == []


def test_nobody_on_a_committee_decides_on_their_own_request(session: Session, cast: Cast) -> None:
    meeting = called(session)
    an = actor(session, "an")
    seat = meetings.ask_leave(
        session, an, meeting.id, "family", revision=meeting.revision, quiet=QUIET, now=NOON
    )
    assert cast["an"] not in {notice.person_id for notice in owed(session, "leave.request")}
    with pytest.raises(Refusal, match="own request"):
        meetings.decide(session, an, seat.id, 1, approve=True, now=NOON)


def test_the_neighbours_secretary_and_members_cannot_decide(session: Session, cast: Cast) -> None:
    seat = ask_leave(session, called(session))
    for name in ("lan", "oanh", "giang"):
        with pytest.raises(NotFound):
            meetings.decide(session, actor(session, name), seat.id, 1, approve=True, now=NOON)


def test_who_is_not_convened_cannot_answer(session: Session, cast: Cast) -> None:
    meeting = called(session, kind=MeetingKind.COMMITTEE)
    for name in ("huong", "lan", "oanh"):
        with pytest.raises(NotFound):
            meetings.come(
                session, actor(session, name), meeting.id, revision=meeting.revision, now=NOON
            )


def test_once_begun_a_meeting_takes_no_answers(session: Session, cast: Cast) -> None:
    meeting = called(session)
    with pytest.raises(Refusal, match="begun"):
        meetings.come(
            session, actor(session, "huong"), meeting.id, revision=meeting.revision, now=THURSDAY
        )


def test_a_message_back_is_sent_once_however_often_it_is_pressed(
    session: Session, cast: Cast
) -> None:
    seat = ask_leave(session, called(session))
    an = actor(session, "an")
    assert meetings.write_back(session, an, seat.id, "Đồng chí gọi cho tôi.", letter=7, now=NOON)
    assert not meetings.write_back(session, an, seat.id, "Đồng chí gọi.", letter=7, now=NOON)
    (letter,) = owed(session, "leave.message")
    assert letter.facts["text"] == "Đồng chí gọi cho tôi."


# -- reminders ---------------------------------------------------------------------------------


def test_only_those_who_have_not_answered_are_reminded(session: Session, cast: Cast) -> None:
    meeting = called(session)
    settle_all(session)
    meetings.come(session, actor(session, "huong"), meeting.id, revision=meeting.revision, now=NOON)
    ask = actor(session, "giang")
    meetings.ask_leave(
        session, ask, meeting.id, "family", revision=meeting.revision, quiet=QUIET, now=NOON
    )
    assert remind(session, meeting, "3d", now=THURSDAY - timedelta(days=3)) == 5
    reminded = {notice.person_id for notice in owed(session, "meeting.reminder")}
    assert cast["huong"] not in reminded
    assert cast["giang"] not in reminded


def test_nobody_is_reminded_more_than_twice(session: Session, cast: Cast) -> None:
    meeting = called(session)
    given = []
    for slot, before in (("3d", 72), ("1d", 24), ("2h", 2)):
        settle_all(session)
        given.append(remind(session, meeting, slot, now=THURSDAY - timedelta(hours=before)))
    assert given == [7, 7, 0]


def test_a_reminder_that_quiet_hours_would_delay_past_the_start_is_not_sent(
    session: Session, cast: Cast
) -> None:
    dawn = datetime.fromisoformat("2026-08-13T06:15:00+07:00")
    meeting = called(session, starts_at=dawn)
    settle_all(session)
    assert remind(session, meeting, "2h", now=dawn - timedelta(hours=2)) == 0
    assert {seat.reminders for seat in seats(session, meeting).values()} == {0}


def test_an_unsent_reminder_is_taken_back_when_the_person_answers(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    settle_all(session)
    remind(session, meeting, "3d", now=THURSDAY - timedelta(days=3))
    meetings.come(
        session,
        actor(session, "huong"),
        meeting.id,
        revision=meeting.revision,
        now=THURSDAY - timedelta(days=3),
    )
    left = {notice.person_id for notice in owed(session, "meeting.reminder")}
    assert len(left) == 6
    assert cast["huong"] not in left
    assert seats(session, meeting)["Hương"].reminders == 0


def test_after_a_long_outage_the_last_due_slot_speaks_and_the_earlier_ones_do_not(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    settle_all(session)
    late = THURSDAY - timedelta(hours=20)
    slots = due_slots(session, late)
    assert slots == ["3d", "1d"]
    assert [remind(session, meeting, slot, now=late) for slot in slots] == [0, 7]


def test_a_slot_that_comes_after_the_meeting_says_nothing(session: Session, cast: Cast) -> None:
    meeting = called(session)
    settle_all(session)
    assert remind(session, meeting, "2h", now=THURSDAY) == 0


def test_who_joins_the_roll_later_is_invited_and_who_leaves_loses_the_seat(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    settle_all(session)
    branch = roster.unit_at(session, BRANCH_1)
    new = roster.new_person(session, branch, "Tạ Văn Phú", telegram_id=777, consented_at=NOON)
    session.get_one(roster.Person, cast["dung"]).ended = NOON.date()
    session.flush()
    assert remind(session, meeting, "3d", now=THURSDAY - timedelta(days=3)) == 6
    assert [notice.person_id for notice in owed(session, "meeting.invitation")] == [new.id]
    assert "Phú" in seats(session, meeting)
    assert "Dũng" not in seats(session, meeting)


def test_every_morning_whoever_has_a_new_account_is_invited_once(
    session: Session, cast: Cast
) -> None:
    huong = session.get_one(roster.Person, cast["huong"])
    huong.telegram_id = None
    session.flush()
    meeting = called(session)
    settle_all(session)
    huong.telegram_id = ACCOUNTS["huong"]
    session.flush()
    morning = NOON + timedelta(hours=20)
    due = schedule.claim_due(session, now=morning)
    assert sorted(each.kind for each in due) == ["meeting.roll", "papers.missing"]
    for _tick in range(2):
        meetings.welcome(session, meeting.id, quiet=QUIET, now=morning)
    assert [notice.person_id for notice in owed(session, "meeting.invitation")] == [huong.id]


# -- finding -----------------------------------------------------------------------------------


def test_the_next_meeting_is_one_that_the_person_is_expected_at(
    session: Session, cast: Cast
) -> None:
    committee = called(
        session, token="c", kind=MeetingKind.COMMITTEE, starts_at=THURSDAY - timedelta(days=2)
    )
    meeting = called(session)
    for name, expected in (("an", committee.id), ("huong", meeting.id)):
        found = meetings.next_for(session, cast[name], NOON)
        assert found is not None
        assert found.id == expected
    assert meetings.next_for(session, cast["lan"], NOON) is None


def test_a_group_finds_the_meeting_of_its_unit_within_a_day(session: Session, cast: Cast) -> None:
    meeting = called(session)
    lineage = roster.unit_lineage(session, unit_id(session, f"{BRANCH_1} / Tổ 1"))
    eve = THURSDAY - timedelta(hours=23)
    assert meetings.under_way_or_next(session, lineage, NOON) == []
    assert [each.id for each in meetings.under_way_or_next(session, lineage, eve)] == [meeting.id]
    above = roster.unit_lineage(session, unit_id(session, PARTY))
    assert meetings.under_way_or_next(session, above, eve) == []


def test_owed_notices_of_a_called_meeting_are_counted_for_its_desk(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    ask_leave(session, meeting)
    assert meetings.tally(session, meeting.id) == Tally(silent=6, pending=1)
    assert outbox.counts(session, meeting.subject, "meeting.invitation") == {State.QUEUED: 7}
    waiting = meetings.requests(session, [meeting.unit_id], NOON)
    assert [person.id for _seat, _meeting, person in waiting] == [cast["huong"]]


def test_a_meeting_closed_before_its_hour_stays_on_the_desk(session: Session, cast: Cast) -> None:
    meeting = called(session)
    early = THURSDAY - timedelta(minutes=10)
    attendance.open_roll(session, actor(session, "an"), meeting.id, now=early)
    attendance.close(session, actor(session, "an"), meeting.id, now=early)
    found = meetings.on_the_desk(session, [meeting.unit_id], early + timedelta(minutes=1))
    assert [each.id for each in found] == [meeting.id]


# -- some of the units below -------------------------------------------------------------------


def test_a_committee_above_calls_the_members_of_the_branches_it_chooses(
    session: Session, cast: Cast
) -> None:
    meeting = called_by_oanh(session, (unit_id(session, BRANCH_2),))
    assert set(seats(session, meeting)) == {"Lan", "Minh", "Oanh"}


def test_a_group_below_a_chosen_branch_is_called_with_it(session: Session, cast: Cast) -> None:
    meeting = called_by_oanh(session, (unit_id(session, BRANCH_1),))
    assert set(seats(session, meeting)) == {
        *("Oanh", "An", "Bình", "Chi", "Dũng", "Giang", "Hương", "Khánh")
    }


def test_only_the_committees_of_the_chosen_branches_are_called(
    session: Session, cast: Cast
) -> None:
    both = (unit_id(session, BRANCH_1), unit_id(session, BRANCH_2))
    meeting = called_by_oanh(session, both, kind=MeetingKind.COMMITTEE)
    assert set(seats(session, meeting)) == {"Oanh", "An", "Bình", "Chi", "Lan"}


def test_who_leaves_the_committee_before_the_day_loses_the_seat(
    session: Session, cast: Cast
) -> None:
    both = (unit_id(session, BRANCH_1), unit_id(session, BRANCH_2))
    meeting = called_by_oanh(session, both, kind=MeetingKind.COMMITTEE)
    held = session.exec(
        select(roster.RoleGrant).where(roster.RoleGrant.person_id == cast["chi"])
    ).one()
    roster.end_role(session, held, today=THURSDAY.date())
    meetings.welcome(session, meeting.id, quiet=QUIET, now=THURSDAY - timedelta(hours=5))
    assert set(seats(session, meeting)) == {"Oanh", "An", "Bình", "Lan"}


def test_who_joins_a_branch_that_is_not_called_gets_no_seat(session: Session, cast: Cast) -> None:
    meeting = called_by_oanh(session, (unit_id(session, BRANCH_2),))
    for path in (BRANCH_1, BRANCH_2):
        unit = roster.unit_at(session, path)
        new = roster.new_person(session, unit, f"Mai Văn {unit.name[-1]}")
        meetings.follow(session, [new.id], [unit.id], now=NOON)
    assert set(seats(session, meeting)) == {"Lan", "Minh", "Oanh", "2"}


@pytest.mark.parametrize("path", [BRANCH_2, PARTY, BRANCH_1])
def test_only_units_below_ones_own_can_be_called(session: Session, cast: Cast, path: str) -> None:
    with pytest.raises(NotFound):
        called(session, units=(unit_id(session, path),))


def test_the_groups_of_the_chosen_branches_hear_of_the_meeting_and_no_other(
    session: Session, cast: Cast
) -> None:
    rooms = {}
    for number, path in enumerate((PARTY, BRANCH_1, BRANCH_2), 1):
        row = groups.joined(session, -100 - number)
        row.unit_id = unit_id(session, path)
        session.flush()
        rooms[path] = row.id
    called_by_oanh(session, (unit_id(session, BRANCH_2),))
    assert [each.group_id for each in owed(session, meetings.ANNOUNCEMENT)] == [rooms[BRANCH_2]]


def test_a_draft_that_is_saved_again_calls_the_units_of_the_last_time(
    session: Session, cast: Cast
) -> None:
    one, two = unit_id(session, BRANCH_1), unit_id(session, BRANCH_2)
    oanh, top = actor(session, "oanh"), unit_id(session, PARTY)
    for units in ((one, two), (two,), (two,)):
        wanted = plan(session, unit_id=top, units=units)
        meeting = meetings.save(session, oanh, wanted, token="o", quiet=QUIET, now=NOON)
    assert [unit.id for unit in meetings.units_called(session, meeting.id)] == [two]
