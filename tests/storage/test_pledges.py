"""Commitments: whom they are for, what a signature keeps, who is reminded, what is compared."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text as sql
from sqlmodel import Session, select

from storage import pledges, roster, schedule, speakers
from storage.db import Database
from storage.errors import NotFound, Refusal
from storage.outbox import Notice, State
from storage.pledges import Own, PledgeYear, Signed
from storage.powers import Actor, Role
from storage.quiet import Quiet
from storage.roster import Kind, Person, Standing
from tests.town import ACCOUNTS, BRANCH_1, BRANCH_2, NOON, PARTY, settle, unit_id

QUIET = Quiet("21:30-06:30", "Asia/Ho_Chi_Minh")
HEADINGS = ["Tư tưởng", "Đạo đức", "Nhiệm vụ"]
DUE = date(2026, 8, 31)
LAST_SECOND = datetime.fromisoformat("2026-08-31T23:59:59+07:00")
BRANCH = ("an", "binh", "chi", "dung", "giang", "huong", "khanh")


def actor(session: Session, name: str) -> Actor:
    return speakers.who(session, ACCOUNTS[name], today=NOON.date(), owner=False)


def started(session: Session, path: str = BRANCH_1, *, by: str = "an") -> PledgeYear:
    unit = unit_id(session, path)
    return pledges.start(
        session, actor(session, by), unit, 2026, HEADINGS, DUE, quiet=QUIET, now=NOON
    )


def written(session: Session, year: PledgeYear, name: str, words: str = "làm") -> Own:
    who = actor(session, name)
    for part in year.parts:
        pledges.write(session, who, year.id, part.key, f"{words} {part.key}", now=NOON)
    return pledges.own(session, who, year.id)


def signed(
    session: Session, year: PledgeYear, name: str, words: str = "làm", *, now: datetime = NOON
) -> Signed:
    found = written(session, year, name, words)
    pledges.sign(session, actor(session, name), year.id, found.stamp, now=now)
    return pledges.own_signed(session, actor(session, name), year.id)[1]


def person(session: Session, cast: dict[str, int], name: str) -> Person:
    return session.get_one(Person, cast[name])


def told(session: Session, cast: dict[str, int], kind: str) -> set[str]:
    """Who is owed a notice of this kind that has not been taken back."""
    found = session.exec(
        select(Notice.person_id).where(Notice.kind == kind, Notice.state == State.QUEUED)
    ).all()
    return {name for name, number in cast.items() if number in found}


def names(people: list[Person]) -> list[str]:
    return [each.full_name.split()[-1] for each in people]


# -- starting ------------------------------------------------------------------------------------


def test_everybody_of_the_branch_is_told_after_a_minute_and_nobody_beside_it(
    session: Session, cast: dict[str, int]
) -> None:
    started(session)
    assert told(session, cast, pledges.STARTED) == set(BRANCH)
    due = session.exec(select(Notice.due_at).where(Notice.kind == pledges.STARTED)).all()
    assert set(due) == {NOON + timedelta(seconds=60)}


def test_the_same_year_is_started_once(session: Session, cast: dict[str, int]) -> None:
    assert started(session).id == started(session, by="binh").id
    assert len(session.exec(select(PledgeYear)).all()) == 1


def test_a_neighbour_and_a_member_start_nothing(session: Session, cast: dict[str, int]) -> None:
    for name in ("lan", "huong", "oanh"):
        with pytest.raises(NotFound):
            started(session, by=name)
    assert session.exec(select(PledgeYear)).all() == []


def test_what_the_committee_above_has_started_is_not_started_again(
    session: Session, cast: dict[str, int]
) -> None:
    started(session, PARTY, by="oanh")
    with pytest.raises(Refusal, match="above has started"):
        started(session)


def test_of_two_committees_the_nearer_ones_commitment_is_for_a_member(
    session: Session, cast: dict[str, int]
) -> None:
    near = started(session)
    far = started(session, PARTY, by="oanh")
    assert {each.id for each in pledges.covered(session, near)} == {cast[name] for name in BRANCH}
    assert names(pledges.covered(session, far)) == ["Lan", "Minh", "Oanh"]
    assert [each.id for each in pledges.mine(session, actor(session, "huong"))] == [near.id]
    with pytest.raises(NotFound):
        pledges.own(session, actor(session, "huong"), far.id)


def test_within_its_minute_a_start_is_taken_back_and_after_it_no_more(
    session: Session, cast: dict[str, int]
) -> None:
    an = actor(session, "an")
    year = started(session)
    written(session, year, "huong")
    assert pledges.undo(session, an, year.id, now=NOON + timedelta(seconds=59))
    assert session.exec(select(PledgeYear)).all() == []
    assert told(session, cast, pledges.STARTED) == set()
    assert session.exec(select(schedule.Schedule.next_at)).all() == []
    again = started(session)
    assert not pledges.undo(session, an, again.id, now=NOON + timedelta(seconds=60))
    assert session.get(PledgeYear, again.id) is not None


def test_a_start_that_somebody_has_signed_is_not_taken_back(
    session: Session, cast: dict[str, int]
) -> None:
    year = started(session)
    signed(session, year, "huong")
    assert not pledges.undo(session, actor(session, "an"), year.id, now=NOON)


@pytest.mark.parametrize(
    "lines",
    [[], [" "], ["a"] * 9, ["x" * 121], ["Một", "Một "]],
    ids=["none", "blank", "9", "long", "twice"],
)
def test_headings_that_make_no_sense_are_refused(
    session: Session, cast: dict[str, int], lines: list[str]
) -> None:
    unit = unit_id(session, BRANCH_1)
    lines = [f"{each}{place}" if len(lines) == 9 else each for place, each in enumerate(lines)]
    with pytest.raises(Refusal):
        pledges.start(session, actor(session, "an"), unit, 2026, lines, DUE, quiet=QUIET, now=NOON)


def test_a_heading_that_stays_keeps_what_was_written_under_it(
    session: Session, cast: dict[str, int]
) -> None:
    year = started(session)
    written(session, year, "huong")
    an = actor(session, "an")
    pledges.set_headings(session, an, year.id, ["Nhiệm vụ", "Nêu gương", "tư tưởng"], now=NOON)
    found = pledges.own(session, actor(session, "huong"), year.id)
    assert [(each.heading, each.text) for each in found.parts] == [
        ("Nhiệm vụ", "làm 3"),
        ("Nêu gương", ""),
        ("tư tưởng", "làm 1"),
    ]
    assert found.missing == [2]


def test_headings_stay_once_somebody_has_signed(session: Session, cast: dict[str, int]) -> None:
    year = started(session)
    signed(session, year, "huong")
    with pytest.raises(Refusal, match="signed already"):
        pledges.set_headings(session, actor(session, "an"), year.id, ["Khác"], now=NOON)


# -- signing -------------------------------------------------------------------------------------


def test_nothing_is_signed_while_a_heading_is_empty(session: Session, cast: dict[str, int]) -> None:
    year, huong = started(session), actor(session, "huong")
    found = pledges.write(session, huong, year.id, 1, "làm", now=NOON)
    with pytest.raises(Refusal, match="heading"):
        pledges.sign(session, huong, year.id, found.stamp, now=NOON)


def test_what_is_signed_is_what_was_shown(session: Session, cast: dict[str, int]) -> None:
    year, huong = started(session), actor(session, "huong")
    shown = written(session, year, "huong").stamp
    pledges.write(session, huong, year.id, 2, "khác", now=NOON)
    with pytest.raises(Refusal, match="changed meanwhile"):
        pledges.sign(session, huong, year.id, shown, now=NOON)
    assert pledges.own(session, huong, year.id).signed is None


def test_a_double_press_signs_once(session: Session, cast: dict[str, int]) -> None:
    year, huong = started(session), actor(session, "huong")
    shown = written(session, year, "huong").stamp
    for _press in range(2):
        pledges.sign(session, huong, year.id, shown, now=NOON)
    assert [each.number for each in session.exec(select(Signed)).all()] == [1]


def test_two_phones_sign_at_once_and_it_is_one_signature(database: Database) -> None:
    database.run(settle)
    year_id, stamp = database.run(
        lambda s: ((year := started(s)).id, written(s, year, "huong").stamp)
    )

    def press(session: Session) -> None:
        pledges.sign(session, actor(session, "huong"), year_id, stamp, now=NOON)

    for each in [database.submit(press) for _phone in range(4)]:
        each.result(20)
    assert database.run(lambda s: len(s.exec(select(Signed)).all())) == 1


def test_a_change_afterwards_is_a_new_version_and_the_old_one_stays(
    session: Session, cast: dict[str, int]
) -> None:
    year = started(session)
    first = signed(session, year, "huong")
    later = NOON + timedelta(days=1)
    second = signed(session, year, "huong", "sửa", now=later)
    _year, _person, found = pledges.versions(session, actor(session, "an"), year.id, cast["huong"])
    assert [(each.number, each.written[0].text, each.signed_at) for each in found] == [
        (1, "làm 1", NOON),
        (2, "sửa 1", later),
    ]
    assert first.seal != second.seal
    assert all(pledges.intact(session, each) for each in found)


def test_the_same_words_are_not_signed_a_second_time(
    session: Session, cast: dict[str, int]
) -> None:
    year = started(session)
    signed(session, year, "huong")
    assert signed(session, year, "huong", now=NOON + timedelta(days=1)).number == 1


@pytest.mark.parametrize(
    "change",
    [
        'UPDATE pledge_version SET parts = \'[[1,"Tư tưởng","khác"]]\'',
        "UPDATE pledge_version SET signed_at = '2026-01-01 00:00:00+00:00'",
        "UPDATE pledge_version SET number = 7",
    ],
)
def test_whoever_changes_a_signed_commitment_is_found_out(
    session: Session, cast: dict[str, int], change: str
) -> None:
    year = started(session)
    version = signed(session, year, "huong")
    assert pledges.intact(session, version)
    session.execute(sql(change))
    session.expire_all()
    assert not pledges.intact(session, session.get_one(Signed, version.id))


def test_the_last_second_is_in_time_and_the_next_is_late(
    session: Session, cast: dict[str, int]
) -> None:
    year = started(session)
    assert not year.late(signed(session, year, "huong", now=LAST_SECOND).signed_at)
    after = LAST_SECOND + timedelta(seconds=1)
    assert year.late(signed(session, year, "giang", now=after).signed_at)
    assert pledges.state(session, actor(session, "an"), year.id).late == 1


def test_a_neighbour_has_nothing_of_it(session: Session, cast: dict[str, int]) -> None:
    year = started(session)
    stamp = written(session, year, "huong").stamp
    signed(session, year, "giang")
    for name in ("lan", "minh"):
        who = actor(session, name)
        for act in (
            lambda who=who: pledges.own(session, who, year.id),
            lambda who=who: pledges.write(session, who, year.id, 1, "x", now=NOON),
            lambda who=who: pledges.sign(session, who, year.id, stamp, now=NOON),
            lambda who=who: pledges.state(session, who, year.id),
            lambda who=who: pledges.versions(session, who, year.id, cast["giang"]),
            lambda who=who: pledges.set_due(session, who, year.id, DUE, now=NOON),
            lambda who=who: pledges.compare(session, who, year.id, quiet=QUIET, now=NOON),
            lambda who=who: pledges.undo(session, who, year.id, now=NOON),
        ):
            with pytest.raises(NotFound):
                act()


def test_a_member_reads_nobody_elses(session: Session, cast: dict[str, int]) -> None:
    year = started(session)
    signed(session, year, "giang")
    with pytest.raises(NotFound):
        pledges.versions(session, actor(session, "huong"), year.id, cast["giang"])


def test_who_was_secretary_until_yesterday_reads_nothing(
    session: Session, cast: dict[str, int]
) -> None:
    year = started(session)
    signed(session, year, "giang")
    unit = unit_id(session, BRANCH_1)
    held = session.exec(
        select(roster.RoleGrant).where(
            roster.RoleGrant.person_id == cast["an"], roster.RoleGrant.unit_id == unit
        )
    ).one()
    roster.end_role(session, held, today=NOON.date())
    with pytest.raises(NotFound):
        pledges.state(session, actor(session, "an"), year.id)


# -- who is counted ------------------------------------------------------------------------------


def test_the_exempt_are_invited_and_count_nowhere(session: Session, cast: dict[str, int]) -> None:
    person(session, cast, "khanh").kind = Kind.EXEMPT
    person(session, cast, "dung").kind = Kind.LIAISON
    person(session, cast, "giang").standing = Standing.ELSEWHERE
    session.flush()
    year = started(session)
    assert told(session, cast, pledges.STARTED) == {"an", "binh", "chi", "huong", "khanh"}
    signed(session, year, "huong")
    signed(session, year, "khanh")
    found = pledges.state(session, actor(session, "an"), year.id)
    assert (len(found.signed), found.expected) == (1, 4)
    assert names(found.unsigned) == ["An", "Bình", "Chi"]
    assert names([each for each, _version in found.invited]) == ["Khánh"]
    assert names([each for each, _version in found.all_signed]) == ["Hương", "Khánh"]


def test_who_moves_away_after_signing_still_has_signed(
    session: Session, cast: dict[str, int]
) -> None:
    year = started(session)
    signed(session, year, "huong")
    person(session, cast, "huong").standing = Standing.ELSEWHERE
    session.flush()
    found = pledges.state(session, actor(session, "an"), year.id)
    assert (len(found.signed), found.expected) == (1, 7)
    assert [each.id for each in pledges.mine(session, actor(session, "huong"))] == [year.id]


# -- reminders -----------------------------------------------------------------------------------


def at(day: int, clock: str = "08:00") -> datetime:
    return datetime.fromisoformat(f"2026-08-{day:02}T{clock}:00+07:00")


def fire(session: Session, now: datetime) -> int:
    """Lets the reminders fire that are due by then; returns how many people were owed one."""
    due = [each for each in schedule.claim_due(session, now=now) if each.kind == pledges.REMINDER]
    return sum(
        pledges.remind(session, int(each.subject[7:]), each.slot_name, quiet=QUIET, now=now)
        for each in due
    )


def test_only_those_who_have_not_signed_are_reminded_and_at_most_twice(
    session: Session, cast: dict[str, int]
) -> None:
    person(session, cast, "khanh").kind = Kind.EXEMPT
    person(session, cast, "chi").telegram_id = None
    session.flush()
    year = started(session)
    signed(session, year, "huong")
    assert fire(session, at(23)) == 0
    assert fire(session, at(24)) == 4  # An, Bình, Dũng, Giang
    assert fire(session, at(29)) == 0
    signed(session, year, "giang")
    assert fire(session, at(30)) == 3
    assert fire(session, at(31, "23:59")) == 0


def test_another_last_day_gives_nobody_a_third_reminder(
    session: Session, cast: dict[str, int]
) -> None:
    year, an = started(session), actor(session, "an")
    assert fire(session, at(24)) == 7
    pledges.set_due(session, an, year.id, date(2026, 9, 30), now=at(25))
    assert fire(session, at(30)) == 0
    assert fire(session, datetime.fromisoformat("2026-09-23T08:00:00+07:00")) == 7
    assert fire(session, datetime.fromisoformat("2026-09-29T08:00:00+07:00")) == 0


def test_after_an_outage_over_both_mornings_there_is_one_reminder(
    session: Session, cast: dict[str, int]
) -> None:
    started(session)
    assert fire(session, at(30, "10:00")) == 7
    assert fire(session, at(31)) == 0


def test_after_the_last_day_nobody_is_reminded(session: Session, cast: dict[str, int]) -> None:
    started(session)
    assert fire(session, LAST_SECOND + timedelta(seconds=1)) == 0


def test_at_night_a_reminder_waits_for_the_morning_and_what_comes_too_late_is_none(
    session: Session, cast: dict[str, int]
) -> None:
    started(session)
    assert fire(session, at(24, "23:00")) == 7
    due = session.exec(select(Notice.due_at).where(Notice.kind == pledges.REMINDER)).all()
    assert {each.isoformat() for each in due} == {
        at(25, "06:30").astimezone(due[0].tzinfo).isoformat()
    }
    assert fire(session, at(31, "22:00")) == 0  # the morning after is the day after the last


def test_a_signature_takes_the_queued_reminder_back(session: Session, cast: dict[str, int]) -> None:
    year = started(session)
    fire(session, at(24))
    signed(session, year, "huong", now=at(24))
    assert told(session, cast, pledges.REMINDER) == set(BRANCH) - {"huong"}
    assert pledges.waits_for(session, year.id, cast["huong"]) is None
    assert pledges.waits_for(session, year.id, cast["giang"]) == (year, False)


# -- comparing -----------------------------------------------------------------------------------


def test_the_year_is_compared_heading_by_heading(session: Session, cast: dict[str, int]) -> None:
    year, an, huong = started(session), actor(session, "an"), actor(session, "huong")
    signed(session, year, "huong")
    pledges.compare(session, an, year.id, quiet=QUIET, now=NOON)
    assert told(session, cast, pledges.COMPARE) == {"huong"}
    pledges.judge(session, huong, year.id, 1, "done", now=NOON)
    pledges.judge(session, huong, year.id, 2, "not", now=NOON)
    pledges.judge(session, huong, year.id, 2, "partly", now=NOON)
    _own, found = pledges.remark(session, huong, year.id, 2, "còn thiếu", now=NOON)
    assert found.open == [3]
    assert pledges.asked_to_compare(session, year.id, cast["huong"]) is not None
    pledges.judge(session, huong, year.id, 3, "not", now=NOON)
    seen = pledges.comparisons(session, year)[cast["huong"]]
    assert seen.complete
    assert {key: (each.verdict, each.word) for key, each in seen.marks.items()} == {
        1: ("done", ""),
        2: ("partly", "còn thiếu"),
        3: ("not", ""),
    }
    assert pledges.asked_to_compare(session, year.id, cast["huong"]) is None


def test_what_is_compared_is_not_signed_anew(session: Session, cast: dict[str, int]) -> None:
    year, huong = started(session), actor(session, "huong")
    signed(session, year, "huong")
    stamp = pledges.write(session, huong, year.id, 1, "dễ hơn", now=NOON).stamp
    pledges.compare(session, actor(session, "an"), year.id, quiet=QUIET, now=NOON)
    for act in (
        lambda: pledges.sign(session, huong, year.id, stamp, now=NOON),
        lambda: pledges.write(session, huong, year.id, 1, "x", now=NOON),
    ):
        with pytest.raises(Refusal, match="compared"):
            act()
    assert pledges.own_signed(session, huong, year.id)[1].number == 1


def test_nothing_is_compared_before_the_committee_asks(
    session: Session, cast: dict[str, int]
) -> None:
    year, huong = started(session), actor(session, "huong")
    with pytest.raises(Refusal, match="nothing to compare"):
        pledges.compare(session, actor(session, "an"), year.id, quiet=QUIET, now=NOON)
    signed(session, year, "huong")
    with pytest.raises(Refusal, match="not asked"):
        pledges.judge(session, huong, year.id, 1, "done", now=NOON)


def test_a_forged_verdict_and_a_forged_heading_are_not_there(
    session: Session, cast: dict[str, int]
) -> None:
    year, huong = started(session), actor(session, "huong")
    signed(session, year, "huong")
    pledges.compare(session, actor(session, "an"), year.id, quiet=QUIET, now=NOON)
    for key, verdict in ((9, "done"), (1, "perfect")):
        with pytest.raises(NotFound):
            pledges.judge(session, huong, year.id, key, verdict, now=NOON)
    with pytest.raises(NotFound):
        pledges.judge(session, actor(session, "giang"), year.id, 1, "done", now=NOON)


def test_two_branches_have_nothing_in_common(session: Session, cast: dict[str, int]) -> None:
    started(session)
    other = started(session, BRANCH_2, by="lan")
    assert names(pledges.covered(session, other)) == ["Lan", "Minh"]
    assert [unit.name for unit, _years in pledges.led(session, actor(session, "lan"))] == [
        "Chi bộ 2"
    ]


def test_a_new_role_of_the_committee_sees_it_at_once(
    session: Session, cast: dict[str, int]
) -> None:
    year = started(session)
    unit = unit_id(session, BRANCH_1)
    who = person(session, cast, "dung")
    roster.give_role(session, who, unit, Role.COMMITTEE, today=NOON.date(), by=None)
    assert pledges.state(session, actor(session, "dung"), year.id).expected == 7
