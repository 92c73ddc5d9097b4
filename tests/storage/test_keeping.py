"""The ledger of excuses, and whether people come as they have said."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from storage import attendance, audit, keeping, meetings, roster, rules, speakers
from storage.attendance import Presence
from storage.errors import NotFound
from storage.keeping import Kept
from storage.meetings import Answer, Leave, Meeting, MeetingKind, Plan, Seat
from storage.powers import Actor
from storage.quiet import Quiet
from storage.roster import Kind
from tests.town import ACCOUNTS, BRANCH_1, NOON, unit_id

QUIET = Quiet("21:30-06:30", "Asia/Ho_Chi_Minh")
FIRST = datetime.fromisoformat("2026-08-03T19:30:00+07:00")
Cast = dict[str, int]


def actor(session: Session, name: str) -> Actor:
    return speakers.who(session, ACCOUNTS[name], today=NOON.date(), owner=False)


def called(session: Session, at: datetime) -> Meeting:
    plan = Plan(unit_id(session, BRANCH_1), MeetingKind.REGULAR, at, "Nhà văn hóa")
    now = at - timedelta(hours=7)
    return meetings.call(session, actor(session, "an"), plan, token=f"t{at}", quiet=QUIET, now=now)


def seat_of(session: Session, meeting: Meeting, person_id: int) -> Seat:
    return session.exec(
        select(Seat).where(Seat.meeting_id == meeting.id, Seat.person_id == person_id)
    ).one()


def held(session: Session, cast: Cast, at: datetime, became: Presence | None) -> Meeting:
    """A meeting at which Hương stood like that on the closed roll."""
    meeting, an = called(session, at), actor(session, "an")
    attendance.open_roll(session, an, meeting.id, now=at)
    if became is not None:
        seat = seat_of(session, meeting, cast["huong"])
        attendance.enter(session, an, meeting.id, seat.id, became, now=at)
    return attendance.close(session, an, meeting.id, now=at + timedelta(hours=1))


def year(session: Session, cast: Cast, *stood: Presence | None) -> Meeting:
    """Weekly meetings at which Hương stood like that, and one more that is called."""
    for number, became in enumerate(stood):
        held(session, cast, FIRST + timedelta(weeks=number), became)
    return called(session, FIRST + timedelta(weeks=len(stood)))


def times(session: Session, cast: Cast, before: Meeting) -> int:
    return len(keeping.running_excuses(session, cast["huong"], before=before))


E, P, A = Presence.EXCUSED, Presence.PRESENT, Presence.ABSENT


@pytest.mark.parametrize(
    ("stood", "running"),
    [
        ((), 0),
        ((E,), 1),
        ((E, E, E), 3),
        ((E, P, E), 1),
        ((E, E, P), 0),
        ((E, A, E, E), 2),  # without reason is no excuse: the row begins anew
        ((E, E, None), 0),
    ],
)
def test_excuses_are_counted_in_a_row(
    session: Session, cast: Cast, stood: tuple[Presence | None, ...], running: int
) -> None:
    assert times(session, cast, year(session, cast, *stood)) == running


def test_a_new_year_begins_a_new_row(session: Session, cast: Cast) -> None:
    """By the clocks of the place: 23:30 on New Year's Eve is another day in Greenwich."""
    eve = datetime.fromisoformat("2026-12-31T19:30:00+07:00")
    held(session, cast, eve, E)
    new = called(session, datetime.fromisoformat("2027-01-01T05:00:00+07:00"))
    assert times(session, cast, new) == 0
    held(session, cast, eve - timedelta(weeks=1), E)
    last = called(session, eve + timedelta(hours=4))
    assert times(session, cast, last) == 2


def test_only_what_was_before_counts(session: Session, cast: Cast) -> None:
    first = held(session, cast, FIRST, E)
    second = held(session, cast, FIRST + timedelta(weeks=1), E)
    assert times(session, cast, first) == 0
    assert times(session, cast, second) == 1


def test_a_meeting_that_never_took_place_breaks_no_row(session: Session, cast: Cast) -> None:
    held(session, cast, FIRST, E)
    off = called(session, FIRST + timedelta(weeks=1))
    off.state = meetings.MeetingState.CANCELLED
    called(session, FIRST + timedelta(weeks=2))  # nobody has taken its roll
    assert times(session, cast, called(session, FIRST + timedelta(weeks=3))) == 1


def test_leave_that_is_granted_ahead_counts_already(session: Session, cast: Cast) -> None:
    ahead = called(session, FIRST)
    seat_of(session, ahead, cast["huong"]).leave = Leave.APPROVED
    session.flush()
    assert times(session, cast, called(session, FIRST + timedelta(weeks=1))) == 1


def test_an_undecided_request_neither_counts_nor_breaks(session: Session, cast: Cast) -> None:
    held(session, cast, FIRST, E)
    asked = held(session, cast, FIRST + timedelta(weeks=1), None)
    seat_of(session, asked, cast["huong"]).leave = Leave.PENDING
    session.flush()
    assert times(session, cast, called(session, FIRST + timedelta(weeks=2))) == 1


def test_who_is_exempt_has_no_row(session: Session, cast: Cast) -> None:
    session.get_one(roster.Person, cast["huong"]).kind = Kind.EXEMPT
    session.flush()
    meeting = held(session, cast, FIRST, None)
    seat_of(session, meeting, cast["huong"]).leave = Leave.APPROVED
    session.flush()
    assert times(session, cast, called(session, FIRST + timedelta(weeks=1))) == 0


def test_a_correction_of_an_old_roll_corrects_the_row(session: Session, cast: Cast) -> None:
    first = held(session, cast, FIRST, E)
    ahead = called(session, FIRST + timedelta(weeks=1))
    assert times(session, cast, ahead) == 1
    seat = seat_of(session, first, cast["huong"])
    attendance.enter(session, actor(session, "an"), first.id, seat.id, P, now=FIRST)
    assert times(session, cast, ahead) == 0


# -- the decision ------------------------------------------------------------------------------


def asks(session: Session, meeting: Meeting) -> Seat:
    now = meeting.starts_at - timedelta(hours=6)
    return meetings.ask_leave(
        session, actor(session, "huong"), meeting.id, "illness", revision=0, quiet=QUIET, now=now
    )


def decides(
    session: Session, seat: Seat, *, approve: bool = True, despite: bool = False, by: str = "an"
) -> keeping.Excuses | None:
    return keeping.decide_leave(
        session,
        actor(session, by),
        seat.id,
        seat.requests,
        approve=approve,
        despite=despite,
        profile="party",
        now=FIRST,
    )


def test_a_fourth_excuse_in_a_row_takes_a_second_press(session: Session, cast: Cast) -> None:
    seat = asks(session, year(session, cast, E, E, E))
    row = decides(session, seat)
    assert row is not None
    assert (row.times, row.rule.value) == (3, 3)
    assert [each.starts_at.day for each in row.meetings] == [3, 10, 17]
    assert seat.leave == Leave.PENDING
    assert decides(session, seat, despite=True) is None
    assert seat.leave == Leave.APPROVED
    deed = audit.latest(session, limit=1)[0]
    assert deed.details == {"became": "approved", "running": 3}


def test_a_third_excuse_takes_one_press(session: Session, cast: Cast) -> None:
    seat = asks(session, year(session, cast, E, E))
    assert decides(session, seat) is None
    assert seat.leave == Leave.APPROVED
    assert audit.latest(session, limit=1)[0].details == {"became": "approved"}


def test_a_fourth_one_is_refused_with_one_press(session: Session, cast: Cast) -> None:
    seat = asks(session, year(session, cast, E, E, E))
    assert decides(session, seat, approve=False) is None
    assert seat.leave == Leave.REFUSED


def test_a_decision_that_was_made_is_not_asked_about_again(session: Session, cast: Cast) -> None:
    seat = asks(session, year(session, cast, E, E, E))
    decides(session, seat, despite=True)
    assert decides(session, seat, by="binh") is None
    assert seat.decided_by == cast["an"]


def test_a_unit_with_a_figure_of_its_own_is_measured_by_it(session: Session, cast: Cast) -> None:
    branch = roster.unit_at(session, BRANCH_1)
    rules.set_own(session, "party", keeping.RUNNING, branch, 1, by=None, now=NOON)
    seat = asks(session, year(session, cast, E))
    row = decides(session, seat)
    assert row is not None and row.rule.own and row.times == 1
    rules.set_own(session, "party", keeping.RUNNING, branch, None, by=None, now=NOON)
    assert decides(session, seat) is None  # no such rule here


def test_a_member_sees_nothing_of_a_row_by_deciding(session: Session, cast: Cast) -> None:
    seat = asks(session, year(session, cast, E, E, E))
    for name in ("huong", "dung", "lan"):
        with pytest.raises(NotFound):
            decides(session, seat, by=name)


# -- rates -------------------------------------------------------------------------------------


def test_a_year_tells_attendance_and_kept_words_apart(session: Session, cast: Cast) -> None:
    year(session, cast, P, P, A, E)
    seats = session.exec(
        select(Seat).where(Seat.person_id == cast["huong"]).order_by(Seat.id)  # type: ignore[arg-type]
    ).all()
    for seat, said in zip(
        seats, (Answer.COMING, Answer.NONE, Answer.ONLINE, Answer.LEAVE), strict=False
    ):
        seat.answer = said
    session.flush()
    kept = keeping.kept(session, cast["huong"], 2026)
    assert kept == Kept(held=4, present=2, said=2, came=1, asked=1, granted=1)
    assert (kept.attendance, kept.word) == (50.0, 50.0)
    assert keeping.kept(session, cast["huong"], 2025).attendance is None


def test_a_temporary_member_is_measured_and_an_exempt_one_only_when_there(
    session: Session, cast: Cast
) -> None:
    session.get_one(roster.Person, cast["huong"]).kind = Kind.TEMPORARY
    session.get_one(roster.Person, cast["dung"]).kind = Kind.EXEMPT
    session.flush()
    held(session, cast, FIRST, None)
    came = held(session, cast, FIRST + timedelta(weeks=1), None)
    assert keeping.kept(session, cast["huong"], 2026).attendance == 0.0
    assert keeping.kept(session, cast["dung"], 2026).attendance is None
    seat = seat_of(session, came, cast["dung"])
    attendance.enter(session, actor(session, "an"), came.id, seat.id, P, now=FIRST)
    assert keeping.kept(session, cast["dung"], 2026).attendance == 100.0
