"""The roll call: who counts, who taps once, who may enter whom, and what stands at the end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from storage import attendance, groups, meetings, outbox, roster, schedule, speakers
from storage.attendance import Count, Outcome, Presence
from storage.db import Database
from storage.errors import NotFound, Refusal
from storage.meetings import How, Leave, Meeting, MeetingKind, MeetingState, Plan, Seat
from storage.outbox import Arrived, Notice, State
from storage.powers import Actor
from storage.quiet import Quiet
from storage.reach import Reach
from storage.roster import Kind, Person, Unit
from tests.town import ACCOUNTS, BRANCH_1, NOON, settle, unit_id

QUIET = Quiet("21:30-06:30", "Asia/Ho_Chi_Minh")
START = datetime.fromisoformat("2026-08-03T19:30:00+07:00")
DURING = START + timedelta(minutes=4)
AFTER = START + timedelta(hours=1)
Cast = dict[str, int]


def actor(session: Session, name: str) -> Actor:
    return speakers.who(session, ACCOUNTS[name], today=NOON.date(), owner=False)


def called(session: Session, **other: Any) -> Meeting:
    values: dict[str, Any] = {
        "unit_id": unit_id(session, BRANCH_1),
        "kind": MeetingKind.REGULAR,
        "starts_at": START,
        "place": "Nhà văn hóa",
    }
    return meetings.call(
        session,
        actor(session, "an"),
        Plan(**{**values, **other}),
        token=f"t{other}",
        quiet=QUIET,
        now=NOON,
    )


def opened(session: Session, *, at: datetime = START, **other: Any) -> Meeting:
    meeting = called(session, **other)
    return attendance.open_roll(session, actor(session, "an"), meeting.id, now=at)


def linked_group(session: Session) -> groups.Group:
    group = groups.joined(session, -100)
    group.unit_id = unit_id(session, BRANCH_1)
    session.flush()
    return group


def seat_of(session: Session, meeting: Meeting, cast: Cast, name: str) -> Seat:
    return session.exec(
        select(Seat)
        .where(Seat.meeting_id == meeting.id, Seat.person_id == cast[name])
        .execution_options(populate_existing=True)
    ).one()


def tap(session: Session, meeting: Meeting, name: str, at: datetime = DURING) -> Outcome:
    return attendance.tap(session, actor(session, name), meeting.id, now=at).outcome


def enter(
    session: Session, meeting: Meeting, cast: Cast, name: str, became: Presence, by: str = "an"
) -> None:
    seat = seat_of(session, meeting, cast, name)
    attendance.enter(session, actor(session, by), meeting.id, seat.id, became, now=DURING)


def excuse(session: Session, meeting: Meeting, cast: Cast, name: str) -> None:
    seat_of(session, meeting, cast, name).leave = Leave.APPROVED
    session.flush()


def cards(session: Session, kind: str = attendance.CARD) -> list[Notice]:
    return list(
        session.exec(
            select(Notice)
            .where(Notice.kind == kind)
            .order_by(col(Notice.id))
            .execution_options(populate_existing=True)
        ).all()
    )


def claimed_kinds(database: Database) -> list[str]:
    """The kinds of what is due, looked at and given back."""
    with Session(database.engine) as session:
        return [each.notice.kind for each in outbox.claim(session, now=DURING, limit=50)]


def send_all(session: Session, now: datetime, first_id: int) -> None:
    """Claims and sends whatever is due."""
    for number, claimed in enumerate(outbox.claim(session, now=now, limit=50), start=first_id):
        outbox.begin(session, [claimed.notice.id], now=now)
        notice = claimed.notice
        message_id = notice.message_id or number
        arrived = Arrived(
            notice.id, notice.version, notice.standing, message_id, claimed.chat_id or 0
        )
        outbox.settle_sent(session, [arrived], now=now)


# -- the figures -------------------------------------------------------------------------------


def test_everybody_convened_is_present_excused_or_absent(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    tap(session, meeting, "giang")
    tap(session, meeting, "an")
    excuse(session, meeting, cast, "huong")
    totals = attendance.totals(session, meeting)
    assert totals.all == Count(present=2, excused=1, absent=4)
    assert (totals.all.convened, totals.all.percent) == (7, 28.6)
    assert totals.groups == [("Tổ 1", Count(1, 1, 0)), ("Tổ 2", Count(0, 0, 1))]
    assert totals.direct == Count(1, 0, 3)


def test_who_is_exempt_counts_only_when_they_come(session: Session, cast: Cast) -> None:
    branch = roster.unit_at(session, BRANCH_1)
    for name, account in (("Lý Văn Quỳ", 601), ("Lý Văn Sửu", 602)):
        roster.new_person(
            session,
            branch,
            name,
            kind=Kind.EXEMPT,
            telegram_id=account,
            consented_at=NOON,
            started=True,
        )
    meeting = opened(session)
    assert attendance.totals(session, meeting).all.convened == 7
    quy = speakers.who(session, 601, today=NOON.date(), owner=False)
    assert attendance.tap(session, quy, meeting.id, now=DURING).outcome == Outcome.RECORDED
    totals = attendance.totals(session, meeting).all
    assert (totals.present, totals.convened) == (1, 8)


def test_an_exempt_member_on_leave_is_no_excused_absence(session: Session, cast: Cast) -> None:
    session.get_one(Person, cast["dung"]).kind = Kind.EXEMPT
    meeting = opened(session)
    excuse(session, meeting, cast, "dung")
    assert attendance.totals(session, meeting).all == Count(0, 0, 6, exempt=1)


def test_who_is_here_for_a_while_is_expected_like_everybody(session: Session, cast: Cast) -> None:
    session.get_one(Person, cast["dung"]).kind = Kind.TEMPORARY
    meeting = opened(session)
    assert attendance.totals(session, meeting).all.convened == 7
    tap(session, meeting, "dung")
    assert attendance.totals(session, meeting).all.present == 1


def test_an_excused_member_who_comes_all_the_same_is_present(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    excuse(session, meeting, cast, "huong")
    assert tap(session, meeting, "huong") == Outcome.RECORDED
    assert attendance.totals(session, meeting).all == Count(1, 0, 6)


def test_a_request_for_leave_that_nobody_granted_excuses_nobody(
    session: Session, cast: Cast
) -> None:
    meeting = opened(session)
    seat_of(session, meeting, cast, "huong").leave = Leave.PENDING
    session.flush()
    assert attendance.totals(session, meeting).all.excused == 0


def test_groups_are_listed_as_people_count(session: Session, cast: Cast) -> None:
    for number in (10, 3):
        group = roster.unit_at(session, f"{BRANCH_1} / Tổ {number}")
        roster.new_person(session, group, "Lý Văn Quỳ")
    names = [name for name, _count in attendance.totals(session, opened(session)).groups]
    assert names == ["Tổ 1", "Tổ 2", "Tổ 3", "Tổ 10"]


# -- opening and closing -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        (START - timedelta(minutes=20), START + timedelta(minutes=20)),
        (START + timedelta(minutes=15), START + timedelta(minutes=35)),
    ],
)
def test_check_in_lasts_twenty_minutes_from_the_start_or_from_opening(
    session: Session, cast: Cast, at: datetime, ends: datetime
) -> None:
    meeting = opened(session, at=at)
    assert meeting.closes_at == ends
    (due,) = schedule.claim_due(session, now=ends)[-1:]
    assert (due.kind, due.subject) == (attendance.CLOSING, f"attendance:{meeting.id}")


def test_opening_twice_opens_once_and_posts_one_card(session: Session, cast: Cast) -> None:
    linked_group(session)
    meeting = opened(session)
    again = attendance.open_roll(session, actor(session, "binh"), meeting.id, now=DURING)
    assert (again.opened_at, again.opened_by) == (START, cast["an"])
    assert len(cards(session)) == 1


def test_check_in_cannot_be_opened_days_ahead(session: Session, cast: Cast) -> None:
    meeting = called(session, starts_at=START + timedelta(days=3))
    with pytest.raises(Refusal):
        attendance.open_roll(session, actor(session, "an"), meeting.id, now=NOON)


@pytest.mark.parametrize("name", ["dung", "lan", "oanh"])
def test_nobody_but_the_units_own_committee_opens_check_in(
    session: Session, cast: Cast, name: str
) -> None:
    meeting = called(session)
    with pytest.raises(NotFound):
        attendance.open_roll(session, actor(session, name), meeting.id, now=START)


def test_a_roll_taken_days_later_is_for_the_committee_alone(session: Session, cast: Cast) -> None:
    linked_group(session)
    meeting = opened(session, at=START + timedelta(days=2))
    assert cards(session) == []
    late = START + timedelta(days=2, minutes=1)
    assert tap(session, meeting, "giang", late) == Outcome.CLOSED
    enter(session, meeting, cast, "giang", Presence.PRESENT)
    assert attendance.close(session, actor(session, "an"), meeting.id, now=late).closed_at == late


def test_a_committees_own_meeting_shows_no_card_in_the_branchs_group(
    session: Session, cast: Cast
) -> None:
    linked_group(session)
    meeting = opened(session, kind=MeetingKind.COMMITTEE)
    assert meeting.opened_at == START
    assert cards(session) == []


def test_it_closes_by_itself_at_its_time_however_late_that_is_noticed(
    session: Session, cast: Cast
) -> None:
    meeting = opened(session)
    attendance.close_due(session, meeting.id, now=START + timedelta(minutes=19))
    assert meeting.state == MeetingState.CALLED
    attendance.close_due(session, meeting.id, now=AFTER)
    assert (meeting.state, meeting.closed_at) == (
        MeetingState.CLOSED,
        START + timedelta(minutes=20),
    )
    assert [notice.person_id for notice in cards(session, attendance.RESULT)] == [cast["an"]]


def test_closing_twice_is_closing_once(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    attendance.close(session, actor(session, "an"), meeting.id, now=DURING)
    attendance.close(session, actor(session, "binh"), meeting.id, now=AFTER)
    attendance.close_due(session, meeting.id, now=AFTER)
    assert (meeting.closed_at, meeting.closed_by) == (DURING, cast["an"])
    assert cards(session, attendance.RESULT) == []


# -- tapping -----------------------------------------------------------------------------------


def test_a_second_tap_tells_the_time_of_the_first(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    first = attendance.tap(session, actor(session, "giang"), meeting.id, now=DURING)
    later = DURING + timedelta(minutes=2)
    second = attendance.tap(session, actor(session, "giang"), meeting.id, now=later)
    assert (first.outcome, second.outcome) == (Outcome.RECORDED, Outcome.ALREADY)
    assert second.at == first.at == DURING


def test_a_tap_before_or_after_the_window_records_nothing(session: Session, cast: Cast) -> None:
    meeting = called(session)
    assert tap(session, meeting, "giang") == Outcome.NOT_OPEN
    attendance.open_roll(session, actor(session, "an"), meeting.id, now=START)
    ended = START + timedelta(minutes=20)
    late = attendance.tap(session, actor(session, "giang"), meeting.id, now=ended)
    assert (late.outcome, late.at) == (Outcome.CLOSED, ended)
    assert seat_of(session, meeting, cast, "giang").present_at is None


@pytest.mark.parametrize("name", ["lan", "oanh"])
def test_who_is_not_convened_learns_only_that(session: Session, cast: Cast, name: str) -> None:
    meeting = opened(session)
    assert tap(session, meeting, name) == Outcome.NOT_CONVENED
    assert (
        attendance.tap(session, actor(session, name), 999_999, now=DURING).outcome
        == Outcome.NOT_CONVENED
    )


def test_a_tap_in_private_is_told_apart_from_one_in_the_group(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    tap(session, meeting, "giang")
    attendance.tap(session, actor(session, "huong"), meeting.id, private=True, now=DURING)
    session.get_one(Unit, meeting.unit_id).names_in_group = True
    assert seat_of(session, meeting, cast, "huong").how == How.PRIVATE
    assert attendance.names_for_card(session, meeting) == ["Vũ Hương Giang"]


def test_names_are_shown_only_where_the_unit_wants_them(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    tap(session, meeting, "giang")
    assert attendance.names_for_card(session, meeting) == []


def test_a_unit_of_more_than_thirty_shows_no_names(session: Session, cast: Cast) -> None:
    branch = roster.unit_at(session, BRANCH_1)
    branch.names_in_group = True
    for number in range(24):
        roster.new_person(session, branch, f"Lý Văn Quỳ {number}")
    meeting = opened(session)
    tap(session, meeting, "giang")
    assert attendance.names_for_card(session, meeting) == []


def test_of_many_taps_at_once_one_is_recorded(database: Database) -> None:
    cast = database.run(settle)
    meeting_id = database.run(lambda session: opened(session).id)
    giang = database.run(lambda session: actor(session, "giang"))

    def press(number: int) -> Outcome:
        at = DURING + timedelta(seconds=number)
        return database.submit(
            lambda session: attendance.tap(session, giang, meeting_id, now=at)
        ).result(30)

    with ThreadPoolExecutor(8) as pool:
        outcomes = [tap.outcome for tap in pool.map(press, range(16))]
    assert outcomes.count(Outcome.RECORDED) == 1
    assert outcomes.count(Outcome.ALREADY) == 15
    assert cast["giang"] in database.run(
        lambda session: session.exec(
            select(Seat.person_id).where(col(Seat.present_at).is_not(None))
        ).all()
    )


# -- the card ----------------------------------------------------------------------------------


def test_a_tap_marks_the_card_as_out_of_date(session: Session, cast: Cast) -> None:
    linked_group(session)
    meeting = opened(session)
    send_all(session, START, 11)
    tap(session, meeting, "giang")
    (card,) = cards(session)
    assert (card.state, card.message_id) == (State.QUEUED, 11)
    assert card.due_at == START + outbox.STANDING_PACE


def test_leave_granted_during_check_in_is_counted_on_the_card(session: Session, cast: Cast) -> None:
    linked_group(session)
    meeting = called(session)
    seat = meetings.ask_leave(
        session, actor(session, "giang"), meeting.id, "illness", revision=0, quiet=QUIET, now=NOON
    )
    attendance.open_roll(session, actor(session, "an"), meeting.id, now=START)
    send_all(session, START, 11)
    meetings.decide(session, actor(session, "an"), seat.id, seat.requests, approve=True, now=DURING)
    assert [card.state for card in cards(session)] == [State.QUEUED]
    assert attendance.totals(session, meeting).all.excused == 1


def test_a_tap_that_commits_while_the_card_is_worded_is_shown_after_all(
    database: Database,
) -> None:
    """The claim must not read the roll between a tap and its commit; SQLite has one writer."""
    database.run(settle)
    meeting_id = database.run(lambda session: (linked_group(session), opened(session))[1].id)
    with Session(database.engine) as tapping:
        attendance.tap(tapping, actor(tapping, "giang"), meeting_id, now=DURING)
        if database.dialect == "postgresql":
            assert attendance.CARD not in claimed_kinds(database)
        tapping.commit()
    assert attendance.CARD in claimed_kinds(database)


def test_posted_anew_the_older_card_is_edited_once_more_and_then_left_alone(
    session: Session, cast: Cast
) -> None:
    linked_group(session)
    meeting = opened(session)
    send_all(session, START, 11)
    attendance.post_card(session, actor(session, "an"), meeting.id, now=DURING)
    (old,), (new,) = cards(session, attendance.RETIRED), cards(session)
    assert (old.message_id, old.state, old.revision) == (11, State.QUEUED, 0)
    assert (new.message_id, new.state, new.revision) == (None, State.QUEUED, 1)
    send_all(session, DURING, 21)
    tap(session, meeting, "giang", DURING + timedelta(seconds=9))
    (old,), (new,) = cards(session, attendance.RETIRED), cards(session)
    assert (old.state, new.state) == (State.SENT, State.QUEUED)
    found = attendance.live_card(session, meeting.id)
    assert found is not None
    assert found.id == new.id


def test_a_card_retired_while_it_is_being_sent_is_edited_after(
    session: Session, cast: Cast
) -> None:
    linked_group(session)
    meeting = opened(session)
    (claimed,) = [c for c in outbox.claim(session, now=START, limit=9) if c.notice.standing]
    card, version = claimed.notice.id, claimed.notice.version
    outbox.begin(session, [card], now=START)
    attendance.post_card(session, actor(session, "an"), meeting.id, now=START)
    outbox.settle_sent(session, [Arrived(card, version, True, 11, -100)], now=START)
    (old,) = cards(session, attendance.RETIRED)
    assert (old.id, old.message_id, old.state) == (card, 11, State.QUEUED)


def test_nothing_is_posted_anew_once_check_in_is_closed(session: Session, cast: Cast) -> None:
    linked_group(session)
    meeting = opened(session)
    attendance.post_card(session, actor(session, "an"), meeting.id, now=AFTER)
    assert [card.revision for card in cards(session)] == [0]


# -- entering others ---------------------------------------------------------------------------


def test_who_entered_whom_is_kept_even_when_it_is_taken_back(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    enter(session, meeting, cast, "giang", Presence.PRESENT)
    seat = seat_of(session, meeting, cast, "giang")
    assert (seat.how, seat.marked_by) == (How.COMMITTEE, cast["an"])
    enter(session, meeting, cast, "giang", Presence.PRESENT, by="binh")
    assert seat_of(session, meeting, cast, "giang").marked_by == cast["an"]
    enter(session, meeting, cast, "giang", Presence.ABSENT, by="binh")
    kept = [
        (mark.was, mark.became, name, by)
        for mark, name, by in attendance.changes(session, meeting.id)
    ]
    assert kept == [
        ("absent", "present", "Vũ Hương Giang", "Nguyễn Văn An"),
        ("present", "absent", "Vũ Hương Giang", "Trần Thanh Bình"),
    ]


def test_the_committee_excuses_somebody_and_thinks_better_of_it(
    session: Session, cast: Cast
) -> None:
    meeting = opened(session)
    enter(session, meeting, cast, "giang", Presence.EXCUSED)
    assert seat_of(session, meeting, cast, "giang").leave == Leave.APPROVED
    enter(session, meeting, cast, "giang", Presence.ABSENT)
    assert attendance.totals(session, meeting).all == Count(0, 0, 7)


def test_nobody_is_entered_by_the_committee_beside(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    with pytest.raises(NotFound):
        enter(session, meeting, cast, "giang", Presence.PRESENT, by="lan")


def test_a_seat_of_another_meeting_cannot_be_slipped_in(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    other = opened(session, kind=MeetingKind.COMMITTEE)
    seat = seat_of(session, other, cast, "chi")
    with pytest.raises(NotFound):
        attendance.enter(
            session, actor(session, "an"), meeting.id, seat.id, Presence.PRESENT, now=DURING
        )


def test_whom_the_committee_entered_stays_on_its_list(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    tap(session, meeting, "an")
    enter(session, meeting, cast, "giang", Presence.PRESENT)
    names = [person.full_name.split()[-1] for _, person in attendance.to_enter(session, meeting.id)]
    assert names == ["Bình", "Chi", "Dũng", "Giang", "Hương", "Khánh"]
    found = attendance.to_enter(session, meeting.id, query="huong")
    assert [person.full_name for _, person in found] == ["Vũ Hương Giang", "Nguyễn Thị Hương"]


def test_the_missing_are_listed_with_the_way_to_reach_them(session: Session, cast: Cast) -> None:
    people = {name: session.get_one(Person, number) for name, number in cast.items()}
    people["binh"].started = False
    people["chi"].blocked_at = NOON
    people["dung"].telegram_id, people["dung"].phone = None, "0912345678"
    people["giang"].telegram_id = None
    meeting = opened(session)
    tap(session, meeting, "an")
    excuse(session, meeting, cast, "khanh")
    found = {
        person.full_name.split()[-1]: how for how, person in attendance.missing(session, meeting.id)
    }
    assert found == {
        "Bình": Reach.NOT_STARTED,
        "Chi": Reach.BLOCKED,
        "Dũng": Reach.PHONE,
        "Giang": Reach.PAPER,
        "Hương": Reach.LINKED,
    }


# -- afterwards --------------------------------------------------------------------------------


def closed(session: Session, **other: Any) -> Meeting:
    meeting = opened(session, **other)
    return attendance.close(session, actor(session, "an"), meeting.id, now=AFTER)


def test_a_late_request_goes_to_the_committee_once(session: Session, cast: Cast) -> None:
    meeting = closed(session)
    first, again = (
        attendance.ask_correction(
            session, actor(session, "giang"), meeting.id, quiet=QUIET, now=AFTER
        )
        for _ in range(2)
    )
    assert first.id == again.id
    asked = cards(session, attendance.REQUEST)
    assert sorted(notice.person_id or 0 for notice in asked) == sorted(
        cast[name] for name in ("an", "binh", "chi")
    )


def test_the_first_decision_about_a_late_request_counts(session: Session, cast: Cast) -> None:
    meeting = closed(session)
    asked = attendance.ask_correction(
        session, actor(session, "giang"), meeting.id, quiet=QUIET, now=AFTER
    )
    assert attendance.decide_correction(
        session, actor(session, "chi"), asked.id, granted=True, now=AFTER
    )
    assert not attendance.decide_correction(
        session, actor(session, "an"), asked.id, granted=False, now=AFTER
    )
    seat = seat_of(session, meeting, cast, "giang")
    assert (seat.present_at, seat.how, seat.marked_by) == (AFTER, How.COMMITTEE, cast["chi"])
    assert [notice.person_id for notice in cards(session, attendance.DECISION)] == [cast["giang"]]


def test_nobody_decides_on_their_own_late_request(session: Session, cast: Cast) -> None:
    meeting = closed(session)
    asked = attendance.ask_correction(
        session, actor(session, "chi"), meeting.id, quiet=QUIET, now=AFTER
    )
    with pytest.raises(Refusal, match="Somebody else"):
        attendance.decide_correction(
            session, actor(session, "chi"), asked.id, granted=True, now=AFTER
        )


def test_a_late_request_of_another_branch_is_not_there(session: Session, cast: Cast) -> None:
    meeting = closed(session)
    asked = attendance.ask_correction(
        session, actor(session, "giang"), meeting.id, quiet=QUIET, now=AFTER
    )
    with pytest.raises(NotFound):
        attendance.decide_correction(
            session, actor(session, "lan"), asked.id, granted=True, now=AFTER
        )
    with pytest.raises(NotFound):
        attendance.ask_correction(
            session, actor(session, "minh"), meeting.id, quiet=QUIET, now=AFTER
        )


def test_final_minutes_change_no_more(session: Session, cast: Cast) -> None:
    meeting = closed(session)
    asked = attendance.ask_correction(
        session, actor(session, "giang"), meeting.id, quiet=QUIET, now=AFTER
    )
    attendance.conclude(session, actor(session, "an"), meeting.id, "Nhất trí.", now=AFTER)
    attendance.lock(session, actor(session, "an"), meeting.id, now=AFTER)
    assert asked.granted is False
    for change in (
        lambda: enter(session, meeting, cast, "giang", Presence.PRESENT),
        lambda: attendance.conclude(session, actor(session, "an"), meeting.id, "Khác.", now=AFTER),
        lambda: attendance.ask_correction(
            session, actor(session, "huong"), meeting.id, quiet=QUIET, now=AFTER
        ),
    ):
        with pytest.raises(Refusal, match="final"):
            change()
    assert meeting.conclusion == "Nhất trí."


def test_minutes_of_an_open_roll_cannot_be_final(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    with pytest.raises(Refusal, match="close check-in"):
        attendance.lock(session, actor(session, "an"), meeting.id, now=DURING)


def test_a_year_tells_how_often_somebody_came(session: Session, cast: Cast) -> None:
    first = opened(session)
    tap(session, first, "giang")
    attendance.close(session, actor(session, "an"), first.id, now=AFTER)
    second = closed(session, place="Phòng 2")
    excuse(session, second, cast, "giang")
    closed(session, place="Phòng 3")
    opened(session, place="Phòng 4")  # still open: not yet held
    assert attendance.record_of(session, cast["giang"], 2026) == (3, 1, 1, 1)
    assert attendance.record_of(session, cast["giang"], 2025) == (0, 0, 0, 0)


def test_an_exempt_members_absences_are_no_part_of_the_year(session: Session, cast: Cast) -> None:
    session.get_one(Person, cast["giang"]).kind = Kind.EXEMPT
    closed(session)
    assert attendance.record_of(session, cast["giang"], 2026) == (0, 0, 0, 0)


def test_the_file_tells_reasons_only_to_the_committee(session: Session, cast: Cast) -> None:
    meeting = closed(session)
    seat = seat_of(session, meeting, cast, "giang")
    seat.leave, seat.leave_reason = Leave.APPROVED, "illness"
    session.flush()
    unit = roster.unit_at(session, BRANCH_1)
    zone = QUIET.zone
    plain = attendance.attendance_rows(session, unit, zone=zone)
    assert [row.person.split()[-1] for row in plain] == [
        "An",
        "Bình",
        "Chi",
        "Dũng",
        "Giang",
        "Hương",
        "Khánh",
    ]
    assert {row.reason for row in plain} == {None}
    told = attendance.attendance_rows(session, unit, zone=zone, reasons=True)
    assert [row.reason for row in told if row.reason] == ["illness"]
    day = START.date()
    assert len(attendance.attendance_rows(session, unit, day, day, zone=zone)) == 7
    assert attendance.attendance_rows(session, unit, day + timedelta(days=1), zone=zone) == []


def test_check_in_is_found_by_those_whom_it_concerns(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    giang, lan = (session.get_one(Person, cast[name]) for name in ("giang", "lan"))
    found = attendance.open_for(session, giang, now=DURING)
    assert found is not None
    assert (found.meeting.id, found.present_at) == (meeting.id, None)
    assert attendance.open_for(session, lan, now=DURING) is None
    assert attendance.open_for(session, giang, now=AFTER) is None
