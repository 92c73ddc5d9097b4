"""The minutes: the same figures as the roll, confirmed as they were seen, final, then mended."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from storage import agenda, attendance, minutes, roster, tasks
from storage.attendance import Presence
from storage.errors import NotFound, Refusal
from storage.meetings import Answer, Leave, Meeting, Seat
from storage.minutes import Confirmation
from storage.outbox import Notice
from storage.quiet import Quiet
from storage.roster import Kind, Person, Unit
from tests.storage.test_attendance import AFTER, DURING, START, Cast, actor, enter, opened, seat_of
from tests.town import BRANCH_1

PROFILE = "party"
QUIET = Quiet("21:30-06:30", "Asia/Ho_Chi_Minh")


def closed(
    session: Session, cast: Cast, *, chair: str | None = "binh", writer: str = "giang"
) -> Meeting:
    """A meeting that was held: three came, Hương is excused; Bình chaired, Giang wrote."""
    meeting = opened(session)
    for name in ("an", "binh", "giang"):
        attendance.tap(session, actor(session, name), meeting.id, now=DURING)
    seat = seat_of(session, meeting, cast, "huong")
    seat.leave, seat.leave_reason = Leave.APPROVED, "illness"
    attendance.close(session, actor(session, "an"), meeting.id, now=AFTER)
    meeting.chair_id, meeting.minute_taker_id = cast[chair] if chair else None, cast[writer]
    session.flush()
    return meeting


def send(session: Session, meeting: Meeting, now: datetime = AFTER) -> int:
    an = actor(session, "an")
    return minutes.send(session, an, meeting.id, profile=PROFILE, quiet=QUIET, now=now)


def asked(session: Session, meeting: Meeting, cast: Cast, name: str) -> Confirmation:
    """The newest question to somebody."""
    found = session.exec(
        select(Confirmation)
        .where(Confirmation.meeting_id == meeting.id, Confirmation.person_id == cast[name])
        .order_by(col(Confirmation.id).desc())
    ).first()
    assert found is not None
    return found


def confirm(session: Session, meeting: Meeting, cast: Cast, name: str) -> Meeting:
    question = asked(session, meeting, cast, name)
    return minutes.confirm(session, actor(session, name), question.id, profile=PROFILE, now=AFTER)


def standing(session: Session, meeting: Meeting, now: datetime = AFTER) -> minutes.Standing:
    return minutes.standing(session, meeting, profile=PROFILE, now=now)


def owed(session: Session, kind: str) -> list[int | None]:
    return list(session.exec(select(Notice.person_id).where(Notice.kind == kind)).all())


# -- what they say -----------------------------------------------------------------------------


def test_the_figures_are_those_of_the_roll(session: Session, cast: Cast) -> None:
    """Two hundred rolls at random: kinds, answers, marks."""
    dice = random.Random(4)
    branch = roster.unit_at(session, BRANCH_1)
    for number in range(20):
        roster.new_person(session, branch, f"Lý Thị Số {number}")
    meeting = opened(session)
    seats = session.exec(select(Seat).where(Seat.meeting_id == meeting.id)).all()
    for _round in range(200):
        for seat in seats:
            seat.member_kind = dice.choice(list(Kind)[:4])
            seat.present_at = dice.choice([None, DURING])
            seat.leave = dice.choice([None, *Leave])
            seat.answer = dice.choice(list(Answer))
        session.flush()
        facts = minutes.facts_of(session, meeting)
        count = attendance.totals(session, meeting).all
        assert facts.count == count
        assert sum(facts.convened.values()) == count.convened
        assert facts.online <= count.present


def test_they_name_who_was_away_late_and_gone_early(session: Session, cast: Cast) -> None:
    meeting = closed(session, cast)
    seat_of(session, meeting, cast, "binh").late = True
    seat_of(session, meeting, cast, "an").left_at = AFTER
    seat_of(session, meeting, cast, "dung").leave = Leave.PENDING
    session.get_one(Person, cast["chi"]).full_name = "Đỗ Quốc Khánh"  # now a namesake
    session.add(
        agenda.Point(
            meeting_id=meeting.id,
            number=1,
            title="Kiểm điểm",
            content=agenda.Content.LEADERSHIP,
            begun_at=START,
            done_at=START + timedelta(minutes=25),
        )
    )
    session.add(
        tasks.Task(
            unit_id=meeting.unit_id,
            meeting_id=meeting.id,
            text="Lập danh sách",
            owner_id=cast["giang"],
            due=date(2026, 8, 20),
            given_at=AFTER,
        )
    )
    session.flush()
    facts = minutes.facts_of(session, meeting)
    assert (facts.unit, facts.above) == ("Chi bộ 1", ("Đảng bộ Sở Y tế",))
    assert (facts.chair, facts.minute_taker) == ("Trần Thanh Bình", "Vũ Hương Giang")
    assert [(each.name, each.reason) for each in facts.excused] == [("Nguyễn Thị Hương", "illness")]
    assert sorted(each.name for each in facts.absent) == [
        "Đỗ Quốc Khánh (Chi bộ 1)",
        "Đỗ Quốc Khánh (Tổ 2)",
    ]
    assert [each.name for each in facts.pending] == ["Phạm Tiến Dũng"]
    assert facts.late == ("Trần Thanh Bình",)
    assert facts.left == (("Nguyễn Văn An", AFTER),)
    assert [(each.title, each.minutes) for each in facts.agenda] == [("Kiểm điểm", 25)]
    assert [(each.text, each.owner) for each in facts.resolved] == [
        ("Lập danh sách", "Vũ Hương Giang")
    ]


def test_another_word_is_another_state_and_the_same_is_the_same(
    session: Session, cast: Cast
) -> None:
    meeting = closed(session, cast)
    facts = minutes.facts_of(session, meeting)
    session.expire_all()
    assert minutes.digest(minutes.facts_of(session, meeting)) == minutes.digest(facts)
    assert minutes.digest(replace(facts, conclusion="Nhất trí")) != minutes.digest(facts)


# -- from draft to final -----------------------------------------------------------------------


def test_with_the_second_confirmation_they_are_final(session: Session, cast: Cast) -> None:
    meeting = closed(session, cast)
    assert send(session, meeting) == 2
    assert sorted(owed(session, minutes.CONFIRM), key=str) == sorted(
        [cast["binh"], cast["giang"]], key=str
    )
    confirm(session, meeting, cast, "giang")
    assert meeting.locked_at is None
    confirm(session, meeting, cast, "binh")
    assert (meeting.locked_at, meeting.locked_by) == (AFTER, cast["binh"])
    assert owed(session, minutes.CONFIRMED) == [cast["an"]]
    confirm(session, meeting, cast, "binh")  # pressed twice
    assert standing(session, meeting).complete


def test_sending_twice_asks_once(session: Session, cast: Cast) -> None:
    meeting = closed(session, cast)
    assert (send(session, meeting), send(session, meeting)) == (2, 0)
    assert len(owed(session, minutes.CONFIRM)) == 2


def test_who_did_both_confirms_once(session: Session, cast: Cast) -> None:
    meeting = closed(session, cast, chair="giang")
    assert send(session, meeting) == 1
    confirm(session, meeting, cast, "giang")
    assert meeting.locked_at == AFTER


def test_they_confirm_what_they_saw(session: Session, cast: Cast) -> None:
    """A change before the end takes the confirmations back."""
    meeting = closed(session, cast)
    send(session, meeting)
    confirm(session, meeting, cast, "giang")
    enter(session, meeting, cast, "dung", Presence.PRESENT)
    chair, writer = standing(session, meeting).signers
    assert (writer.confirmed, writer.outdated, chair.outdated) == (False, True, True)
    with pytest.raises(Refusal, match="changed after"):
        confirm(session, meeting, cast, "binh")
    assert meeting.locked_at is None
    assert send(session, meeting) == 2
    confirm(session, meeting, cast, "binh")
    confirm(session, meeting, cast, "giang")
    assert meeting.locked_at == AFTER


def test_a_new_conclusion_is_another_state(session: Session, cast: Cast) -> None:
    meeting = closed(session, cast)
    send(session, meeting)
    confirm(session, meeting, cast, "giang")
    attendance.conclude(session, actor(session, "an"), meeting.id, "Nhất trí", now=AFTER)
    assert not any(each.confirmed for each in standing(session, meeting).signers)


def test_an_objection_reaches_who_asked_and_the_question_comes_again(
    session: Session, cast: Cast
) -> None:
    meeting = closed(session, cast)
    send(session, meeting)
    question = asked(session, meeting, cast, "giang")
    giang = actor(session, "giang")
    minutes.object_to(session, giang, question.id, "Thiếu đồng chí Dũng", now=AFTER)
    assert owed(session, minutes.OBJECTION) == [cast["an"]]
    assert question.objection == "Thiếu đồng chí Dũng"
    minutes.object_to(session, giang, question.id, "Và đồng chí Chi", now=AFTER)
    assert len(owed(session, minutes.OBJECTION)) == 2
    assert send(session, meeting) == 1  # nothing was changed: Giang is asked once more
    assert (question.objected_at, len(owed(session, minutes.CONFIRM))) == (None, 3)


def test_what_waits_is_decided_before_anybody_is_asked(session: Session, cast: Cast) -> None:
    meeting = closed(session, cast)
    seat_of(session, meeting, cast, "dung").leave = Leave.PENDING
    session.flush()
    with pytest.raises(Refusal, match="decide on the requests"):
        send(session, meeting)
    assert owed(session, minutes.CONFIRM) == []


def test_a_request_in_between_is_not_turned_down_unseen(session: Session, cast: Cast) -> None:
    meeting = closed(session, cast)
    send(session, meeting)
    attendance.ask_correction(session, actor(session, "khanh"), meeting.id, quiet=QUIET, now=AFTER)
    confirm(session, meeting, cast, "giang")
    confirm(session, meeting, cast, "binh")
    assert meeting.locked_at is None
    ((request, _seat, _person),) = attendance.waiting(session, meeting.id)
    an = actor(session, "an")
    attendance.decide_correction(session, an, request.id, granted=False, now=AFTER)
    minutes.finalise(session, an, meeting.id, profile=PROFILE, now=AFTER)
    assert meeting.locked_by == cast["an"]


# -- the secretary alone -----------------------------------------------------------------------


def test_the_secretary_waits_for_those_who_can_be_asked(session: Session, cast: Cast) -> None:
    meeting, an = closed(session, cast), actor(session, "an")
    for _try in range(2):
        with pytest.raises(Refusal, match="confirm the minutes before"):
            minutes.finalise(session, an, meeting.id, profile=PROFILE, now=AFTER)
        send(session, meeting)
    assert meeting.locked_at is None


def test_who_cannot_be_asked_holds_nothing_up(session: Session, cast: Cast) -> None:
    meeting, an = closed(session, cast), actor(session, "an")
    session.get_one(Person, cast["giang"]).telegram_id = None
    session.flush()
    assert standing(session, meeting).out_of_reach
    assert send(session, meeting) == 1  # the chair is asked all the same
    minutes.finalise(session, an, meeting.id, profile=PROFILE, now=AFTER)
    minutes.finalise(session, an, meeting.id, profile=PROFILE, now=AFTER + timedelta(hours=1))
    assert meeting.locked_at == AFTER


def test_nobody_written_down_holds_nothing_up(session: Session, cast: Cast) -> None:
    meeting = closed(session, cast, chair=None)
    an = actor(session, "an")
    assert minutes.finalise(session, an, meeting.id, profile=PROFILE, now=AFTER).locked_at


@pytest.mark.parametrize(("days", "allowed"), [(2.99, False), (3, True)])
def test_silence_is_waited_for_as_long_as_the_rule_says(
    session: Session, cast: Cast, days: float, allowed: bool
) -> None:
    meeting = closed(session, cast)
    send(session, meeting)
    assert standing(session, meeting, AFTER + timedelta(days=days)).finalisable is allowed


# -- who may -----------------------------------------------------------------------------------


def test_only_who_was_asked_confirms_and_reads(session: Session, cast: Cast) -> None:
    meeting = closed(session, cast)
    for name in ("giang", "binh", "huong", "lan"):
        if name != "binh":  # on the committee
            with pytest.raises(NotFound):
                minutes.may_read(session, actor(session, name), meeting.id)
    send(session, meeting)
    question = asked(session, meeting, cast, "giang")
    for name in ("an", "binh", "huong", "lan"):
        for act in (minutes.confirm, minutes.object_to):
            with pytest.raises(NotFound):
                if act is minutes.confirm:
                    minutes.confirm(
                        session, actor(session, name), question.id, profile=PROFILE, now=AFTER
                    )
                else:
                    minutes.object_to(session, actor(session, name), question.id, "x", now=AFTER)
    assert minutes.may_read(session, actor(session, "giang"), meeting.id) is meeting
    meeting.minute_taker_id = cast["chi"]  # it was somebody else after all
    session.flush()
    with pytest.raises(NotFound):
        minutes.may_read(session, actor(session, "giang"), meeting.id)
    with pytest.raises(NotFound):
        confirm(session, meeting, cast, "giang")


# -- after the end -----------------------------------------------------------------------------


def final(session: Session, cast: Cast) -> Meeting:
    meeting = closed(session, cast)
    send(session, meeting)
    confirm(session, meeting, cast, "giang")
    return confirm(session, meeting, cast, "binh")


def test_final_minutes_say_for_ever_what_they_said(session: Session, cast: Cast) -> None:
    meeting = final(session, cast)
    said = minutes.facts_of(session, meeting)
    session.get_one(Person, cast["huong"]).full_name = "Tên Mới"
    session.get_one(Unit, meeting.unit_id).name = "Chi bộ Khác"
    session.flush()
    assert minutes.facts_of(session, meeting) == said
    assert (said.excused[0].name, said.unit) == ("Nguyễn Thị Hương", "Chi bộ 1")


def test_a_correction_is_added_and_takes_nothing_away(session: Session, cast: Cast) -> None:
    meeting, an = final(session, cast), actor(session, "an")
    said = minutes.facts_of(session, meeting)
    for text in ("Đồng chí Dũng vắng có lý do.", " Sửa lần nữa "):
        minutes.correct(session, an, meeting.id, text, now=AFTER + timedelta(days=1))
    found = minutes.corrections(session, meeting.id)
    assert [(each.number, each.by, each.text) for each in found] == [
        (1, "Nguyễn Văn An", "Đồng chí Dũng vắng có lý do."),
        (2, "Nguyễn Văn An", "Sửa lần nữa"),
    ]
    assert minutes.facts_of(session, meeting) == said
    with pytest.raises(NotFound):
        minutes.correct(session, actor(session, "giang"), meeting.id, "x", now=AFTER)


def test_a_draft_is_corrected_directly(session: Session, cast: Cast) -> None:
    meeting = closed(session, cast)
    with pytest.raises(Refusal, match="not final yet"):
        minutes.correct(session, actor(session, "an"), meeting.id, "x", now=AFTER)


def test_final_minutes_are_confirmed_and_objected_to_no_more(session: Session, cast: Cast) -> None:
    meeting = closed(session, cast)
    send(session, meeting)
    question = asked(session, meeting, cast, "giang")
    attendance.lock(session, actor(session, "an"), meeting.id, now=AFTER)
    giang = actor(session, "giang")
    with pytest.raises(Refusal, match="final"):
        minutes.confirm(session, giang, question.id, profile=PROFILE, now=AFTER)
    with pytest.raises(Refusal, match="final"):
        minutes.object_to(session, giang, question.id, "x", now=AFTER)
