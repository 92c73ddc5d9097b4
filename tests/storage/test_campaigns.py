"""Campaigns: whom a slot reaches, and what counts as done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert, update
from sqlmodel import Session, col, select

from storage import campaigns, groups, roster, schedule, speakers
from storage.campaigns import Campaign, Lesson, Progress
from storage.campaigns.rules import over_at
from storage.errors import NotFound, Refusal
from storage.outbox import Notice, State
from storage.powers import Actor
from storage.quiet import Quiet
from tests.town import ACCOUNTS, BRANCH_1, NOON

ZONE = "Asia/Ho_Chi_Minh"
QUIET = Quiet("21:30-06:30", ZONE)
DAY = timedelta(days=1)
MONDAY = NOON.date()


def campaign_toml(
    *lessons: str, remind: str | None = "19:30", ends: date = date(2026, 8, 31)
) -> str:
    head = f"""
name = "Học tập Chỉ thị 01"
citation = "Chỉ thị 01-CT/TW ngày 23/01/2026"
unit = "Chi bộ 1"
starts = 2026-08-01
ends = {ends}
"""
    return head + (f'remind = "{remind}"\n' if remind else "") + "".join(lessons)


def lesson_toml(title: str, due: str = "2026-08-08", questions: int = 0, **more: str) -> str:
    values = {"text": f"Nội dung {title}", **more}
    body = "".join(f'{key} = "{value}"\n' for key, value in values.items())
    return f'[[lesson]]\ntitle = "{title}"\nminutes = 8\ndue = {due}\n{body}' + "".join(
        f"""[[lesson.question]]
ask = "{title}, câu {number}"
choices = ["một", "hai", "ba"]
answer = "B"
why = "Vì vậy."
"""
        for number in range(1, questions + 1)
    )


TWO_LESSONS = campaign_toml(lesson_toml("Bài 1", questions=2), lesson_toml("Bài 2", "2026-08-15"))


def from_file(file: Path) -> campaigns.CampaignFile:
    return campaigns.read_attachments(campaigns.parse_campaign(file.read_bytes()), file.parent)


def take(session: Session, folder: Path, text: str, *, now: datetime = NOON) -> Campaign:
    """Imports the text as a file and gives the campaign."""
    file = folder / "campaign.toml"
    file.write_text(text, "utf-8")
    made = campaigns.import_campaign(session, from_file(file), zone=ZONE, now=now)
    return session.exec(
        select(Campaign).where(Campaign.unit_id == made.unit.id, Campaign.name == made.file.name)
    ).one()


def lessons(session: Session) -> list[Lesson]:
    found = session.exec(select(Lesson).where(col(Lesson.place).is_not(None)))
    return sorted(found, key=lambda lesson: lesson.place or 0)


def actor(session: Session, name: str) -> Actor:
    return speakers.who(session, ACCOUNTS[name], today=NOON.date(), owner=False)


def slot(session: Session, campaign: Campaign, at: datetime) -> set[int]:
    """Lets a slot fire and everything be sent; returns who was owed something."""
    campaigns.remind(session, campaign.id, at.astimezone(UTC), quiet=QUIET, now=at)
    queued = session.exec(select(Notice).where(Notice.state == State.QUEUED)).all()
    session.execute(update(Notice).values(state=State.SENT))
    return {notice.person_id or 0 for notice in queued}


def evening(day: date) -> datetime:
    return datetime.fromisoformat(f"{day}T19:30:00+07:00")


def study(session: Session, actor: Actor, lesson_id: int, *, now: datetime) -> None:
    """Opens a lesson and says that it is studied."""
    campaigns.open_lesson(session, actor, lesson_id, now=now)
    campaigns.mark_done(session, actor, lesson_id, now=now)


@pytest.fixture
def names(cast: dict[str, int]) -> Callable[[set[int]], set[str]]:
    return lambda ids: {name for name, number in cast.items() if number in ids}


# -- reminders ---------------------------------------------------------------------------------

BRANCH = {"an", "binh", "chi", "dung", "giang", "huong", "khanh"}
Names = Callable[[set[int]], set[str]]


def test_everybody_below_the_unit_is_reminded_and_nobody_beside_it(
    session: Session, cast: dict[str, int], tmp_path: Path, names: Names
) -> None:
    campaign = take(session, tmp_path, TWO_LESSONS)
    assert names(slot(session, campaign, evening(MONDAY))) == BRANCH


def test_whoever_has_finished_the_lesson_hears_nothing_of_it(
    session: Session, cast: dict[str, int], tmp_path: Path, names: Names
) -> None:
    campaign = take(session, tmp_path, TWO_LESSONS)
    first = lessons(session)[0]
    study(session, actor(session, "huong"), first.id, now=NOON)
    assert names(slot(session, campaign, evening(MONDAY))) == BRANCH - {"huong"}


def test_nobody_is_reminded_of_a_lesson_a_third_time(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = take(session, tmp_path, campaign_toml(lesson_toml("Bài 1")))
    reached = [len(slot(session, campaign, evening(MONDAY + DAY * day))) for day in range(4)]
    assert reached == [7, 7, 0, 0]


def test_those_whom_telegram_does_not_let_us_write_to_are_left_alone(
    session: Session, cast: dict[str, int], tmp_path: Path, names: Names
) -> None:
    campaign = take(session, tmp_path, TWO_LESSONS)
    people = {name: session.get_one(roster.Person, cast[name]) for name in BRANCH}
    people["an"].blocked_at = NOON
    people["binh"].started = False
    people["chi"].consented_at = None
    people["dung"].telegram_id = None
    people["giang"].ended = MONDAY
    session.flush()
    assert names(slot(session, campaign, evening(MONDAY))) == {"huong", "khanh"}


def test_a_reminder_late_in_the_evening_waits_for_the_morning(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = take(session, tmp_path, TWO_LESSONS)
    session.get_one(roster.Person, cast["khanh"]).quiet_hours = ""
    late = datetime.fromisoformat("2026-08-03T22:00:00+07:00")
    campaigns.remind(session, campaign.id, late, quiet=QUIET, now=late)
    due = {each.person_id: each.due_at for each in session.exec(select(Notice)).all()}
    assert due[cast["khanh"]] == late
    assert due[cast["huong"]] == datetime.fromisoformat("2026-08-04T06:30:00+07:00")


def test_two_slots_in_one_night_are_one_reminder_in_the_morning(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = take(session, tmp_path, TWO_LESSONS)
    for clock in ("22:00", "23:00"):
        late = datetime.fromisoformat(f"2026-08-03T{clock}:00+07:00")
        campaigns.remind(session, campaign.id, late, quiet=QUIET, now=late)
    assert len(session.exec(select(Notice)).all()) == len(BRANCH)
    assert set(session.exec(select(Progress.reminders)).all()) == {1}


def test_finishing_overnight_takes_back_what_waits_for_the_morning(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = take(session, tmp_path, TWO_LESSONS)
    late = datetime.fromisoformat("2026-08-03T22:00:00+07:00")
    campaigns.remind(session, campaign.id, late, quiet=QUIET, now=late)
    study(session, actor(session, "huong"), lessons(session)[0].id, now=late)
    states = dict(session.exec(select(Notice.person_id, Notice.state)).all())
    assert states[cast["huong"]] == State.CANCELLED
    assert states[cast["giang"]] == State.QUEUED


def test_no_slot_fires_before_the_campaign_or_after_it(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = take(session, tmp_path, TWO_LESSONS, now=NOON - 10 * DAY)
    assert slot(session, campaign, evening(date(2026, 7, 31))) == set()
    assert slot(session, campaign, evening(date(2026, 9, 1))) == set()
    assert slot(session, campaign, evening(date(2026, 8, 31))) != set()


def test_slots_before_the_import_never_fire_and_a_missed_one_fires_once(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)  # Monday noon
    assert schedule.claim_due(session, now=NOON) == []
    down = evening(MONDAY + 3 * DAY) + timedelta(hours=6)
    due = [
        each for each in schedule.claim_due(session, now=down) if each.kind == campaigns.REMINDER
    ]
    assert [each.slot for each in due] == [evening(MONDAY)]
    assert schedule.claim_due(session, now=down) == []


def test_without_remind_a_lesson_is_told_of_when_it_opens_and_on_its_last_day(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    session.get_one(roster.Person, cast["khanh"]).zone = "Asia/Tokyo"
    opened = lesson_toml("Bài 1").replace("minutes", "opens = 2026-08-05\nminutes")
    take(session, tmp_path, campaign_toml(opened, remind=None))
    rows = session.exec(select(schedule.Schedule)).all()
    assert {row.slot_name: row.next_at for row in rows if row.kind == campaigns.REMINDER} == {
        f"{zone} {day}": datetime.fromisoformat(f"{day}T08:00:00{offset}")
        for zone, offset in ((ZONE, "+07:00"), ("Asia/Tokyo", "+09:00"))
        for day in ("2026-08-05", "2026-08-08")
    }
    assert [row.kind for row in rows if row.kind != campaigns.REMINDER] == [campaigns.TOTAL]


def test_tomorrow_evening_is_a_members_own_wish_and_does_not_count(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, campaign_toml(lesson_toml("Bài 1"), remind=None))
    lesson = lessons(session)[0]
    at = campaigns.remind_tomorrow(
        session, actor(session, "huong"), lesson.id, zone="Asia/Tokyo", now=NOON
    )
    assert at == datetime.fromisoformat("2026-08-04T19:30:00+09:00")
    (due,) = schedule.claim_due(session, now=at)
    told = campaigns.remind_one(session, lesson.id, due.slot_name, due.slot, quiet=QUIET, now=at)
    assert told == 1
    assert session.exec(select(Notice.person_id)).all() == [cast["huong"]]
    assert [row.reminders for row in session.exec(select(Progress)).all()] in ([], [0])


def test_whoever_has_finished_meanwhile_is_not_reminded_tomorrow(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    lesson, huong = lessons(session)[0], actor(session, "huong")
    at = campaigns.remind_tomorrow(session, huong, lesson.id, zone=ZONE, now=NOON)
    study(session, huong, lesson.id, now=NOON)
    name = f"p{cast['huong']}"
    assert campaigns.remind_one(session, lesson.id, name, at, quiet=QUIET, now=at) == 0
    with pytest.raises(Refusal):
        campaigns.remind_tomorrow(session, huong, lesson.id, zone=ZONE, now=NOON)


def test_there_is_no_tomorrow_on_the_last_day(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    last = datetime.fromisoformat("2026-08-31T09:00:00+07:00")
    with pytest.raises(Refusal, match="over by tomorrow"):
        campaigns.remind_tomorrow(
            session, actor(session, "an"), lessons(session)[0].id, zone=ZONE, now=last
        )


@contextmanager
def undone(session: Session) -> Iterator[None]:
    """Whatever the block writes is taken back."""
    point = session.begin_nested()
    try:
        yield
    finally:
        point.rollback()
        session.expire_all()


PLANS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 8)).map(lambda pair: (pair[0], sum(pair))),
    min_size=1,
    max_size=4,
)
HABITS = st.dictionaries(
    st.tuples(st.sampled_from(["an", "giang", "huong"]), st.integers(0, 3)),
    st.integers(0, 21),
    max_size=8,
)


def expected(
    plan: list[tuple[int, int]], habits: dict[tuple[str, int], int], who: str
) -> list[tuple[int, int]]:
    """The written policy for one person, day by day: (day, lesson)."""
    told: list[tuple[int, int]] = []
    for day in range(21):
        opened = [number for number, (opens, _due) in enumerate(plan) if opens <= day]
        ahead = [plan[number][1] for number in opened if plan[number][1] >= day]
        asked = [n for n in opened if plan[n][1] == min(ahead)] if ahead else opened
        left = [n for n in asked if habits.get((who, n), 99) > day]
        if left and Counter(lesson for _day, lesson in told)[left[0]] < 2:
            told.append((day, left[0]))
    return told


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(plan=PLANS, habits=HABITS)
def test_everybody_gets_exactly_what_the_written_policy_gives(
    session: Session,
    cast: dict[str, int],
    tmp_path: Path,
    plan: list[tuple[int, int]],
    habits: dict[tuple[str, int], int],
) -> None:
    with undone(session):
        first = date(2026, 8, 1)
        text = campaign_toml(
            *[
                lesson_toml(f"Bài {number}", str(first + DAY * due)).replace(
                    "minutes = 8", f"minutes = 8\nopens = {first + DAY * opens}"
                )
                for number, (opens, due) in enumerate(plan)
            ],
            ends=first + DAY * 20,
        )
        campaign = take(session, tmp_path, text, now=NOON - 10 * DAY)
        known = lessons(session)
        told: dict[str, list[tuple[int, int]]] = {"an": [], "giang": [], "huong": []}
        for day in range(22):
            now = evening(first + DAY * day)
            for (name, number), when in habits.items():
                if when == day and number < len(plan):
                    campaigns.studying.finish(session, cast[name], known[number], now=now)
            campaigns.remind(session, campaign.id, now, quiet=QUIET, now=now)
            for notice in session.exec(select(Notice).where(Notice.state == State.QUEUED)).all():
                number = [lesson.subject for lesson in known].index(notice.subject)
                for name in told:
                    if cast[name] == notice.person_id:
                        told[name].append((day, number))
            session.execute(update(Notice).values(state=State.SENT))
        assert told == {name: expected(plan, habits, name) for name in told}


def test_ten_thousand_people_are_owed_their_reminder_in_batches_not_one_by_one(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    """How long that takes is for `make bench` to say."""
    campaign = take(session, tmp_path, TWO_LESSONS)
    unit = roster.unit_at(session, BRANCH_1)
    session.execute(
        insert(roster.Person),
        [
            {
                "unit_id": unit.id,
                "full_name": f"Người {number}",
                "folded": f"nguoi {number}",
                "sort_key": "",
                "kind": "official",
                "telegram_id": 600_000_000 + number,
                "consented_at": NOON,
                "started": True,
            }
            for number in range(10_000)
        ],
    )
    asked: list[str] = []
    event.listen(
        session.connection(), "before_cursor_execute", lambda *told: asked.append(str(told[2]))
    )
    now = evening(MONDAY)
    assert campaigns.remind(session, campaign.id, now, quiet=QUIET, now=now) == 10_007
    assert 3 < len(asked) < 20, f"{len(asked)} statements"


# -- totals ------------------------------------------------------------------------------------


def test_the_linked_group_is_told_totals_on_monday_and_once_after_the_end(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = take(session, tmp_path, TWO_LESSONS)
    monday = datetime.fromisoformat("2026-08-10T08:00:00+07:00")
    assert campaigns.tell_total(session, campaign.id, monday, now=monday) == 0  # no group
    group = groups.joined(session, -100)
    group.unit_id = campaign.unit_id
    session.flush()
    study(session, actor(session, "huong"), lessons(session)[0].id, now=NOON)
    assert campaigns.tell_total(session, campaign.id, monday, now=monday) == 1
    total = campaigns.total_of(session, campaign.id, now=monday)
    assert total is not None
    assert (total.people, [each.done for each in total.lessons]) == (7, [1, 0])
    row = session.exec(
        select(schedule.Schedule).where(schedule.Schedule.kind == campaigns.TOTAL)
    ).one()
    assert row.until == over_at(campaign) + timedelta(days=7)


# -- studying ----------------------------------------------------------------------------------


def test_what_is_left_to_do_comes_by_its_day_and_goes_when_done(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    first, second = lessons(session)
    left = campaigns.todo(session, cast["huong"], MONDAY)
    assert [(each.number, each.total) for each in left] == [(1, 2), (2, 2)]
    study(session, actor(session, "huong"), first.id, now=NOON)
    assert [each.lesson.id for each in campaigns.todo(session, cast["huong"], MONDAY)] == [
        second.id
    ]
    assert campaigns.todo(session, cast["huong"], date(2026, 9, 1)) == []
    assert campaigns.todo(session, cast["lan"], MONDAY) == []


def test_a_lesson_of_another_branch_is_not_there(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    lesson = lessons(session)[0]
    for act in (campaigns.open_lesson, campaigns.mark_done, campaigns.play):
        with pytest.raises(NotFound):
            act(session, actor(session, "lan"), lesson.id, now=NOON)
    with pytest.raises(NotFound):
        campaigns.open_lesson(session, actor(session, "huong"), 4711, now=NOON)


def test_a_lesson_cannot_be_read_before_it_opens(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    text = campaign_toml(lesson_toml("Bài 1").replace("minutes", "opens = 2026-08-05\nminutes"))
    take(session, tmp_path, text)
    lesson, huong = lessons(session)[0], actor(session, "huong")
    with pytest.raises(Refusal, match="opens on"):
        campaigns.open_lesson(session, huong, lesson.id, now=NOON)
    course, first_time = campaigns.open_lesson(session, huong, lesson.id, now=NOON + 2 * DAY)
    assert first_time and course.step(lesson.id).opened and not course.step(lesson.id).done
    assert campaigns.open_lesson(session, huong, lesson.id, now=NOON + 3 * DAY)[1] is False


def test_a_lesson_is_done_only_by_who_has_opened_it(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    lesson, huong = lessons(session)[0], actor(session, "huong")
    with pytest.raises(Refusal, match="open the lesson first"):
        campaigns.mark_done(session, huong, lesson.id, now=NOON)
    study(session, huong, lesson.id, now=NOON)
    done = session.exec(select(Progress)).one().done_at
    study(session, huong, lesson.id, now=NOON + DAY)
    assert session.exec(select(Progress)).one().done_at == done


def test_a_lesson_is_overdue_from_the_day_after_its_last(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    first = lessons(session)[0]
    assert not campaigns.overdue(first, date(2026, 8, 8))
    assert campaigns.overdue(first, date(2026, 8, 9))


# -- the committee -----------------------------------------------------------------------------


def test_the_committee_sees_who_is_where_and_a_member_does_not(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = take(session, tmp_path, TWO_LESSONS)
    first, second = lessons(session)
    for lesson in (first, second):
        study(session, actor(session, "huong"), lesson.id, now=NOON)
    campaigns.open_lesson(session, actor(session, "giang"), first.id, now=NOON)
    session.get_one(roster.Person, cast["khanh"]).blocked_at = NOON
    session.flush()
    for name in ("an", "chi", "oanh"):
        seen = campaigns.overview(session, actor(session, name), campaign.id, now=NOON)
        assert (len(seen.people), len(seen.unfinished), seen.started) == (7, 6, 1)
        assert seen.unreachable == 1
        assert [each.done for each in seen.lessons] == [1, 1]
        assert [each.id for each in campaigns.followed(session, actor(session, name))]
    for name in ("huong", "lan"):
        with pytest.raises(NotFound):
            campaigns.overview(session, actor(session, name), campaign.id, now=NOON)
        assert campaigns.followed(session, actor(session, name)) == []


# -- stopping, pausing, Monday -------------------------------------------------------------------


def test_whoever_stops_reminders_gets_none_and_the_secretary_sees_only_that(
    session: Session, cast: dict[str, int], tmp_path: Path, names: Names
) -> None:
    campaign = take(session, tmp_path, TWO_LESSONS)
    campaigns.stop(session, actor(session, "huong"), campaign.id, now=NOON)
    campaigns.stop(session, actor(session, "giang"), None, now=NOON)
    assert names(slot(session, campaign, evening(MONDAY))) == BRANCH - {"huong", "giang"}
    seen = campaigns.overview(session, actor(session, "an"), campaign.id, now=NOON)
    silent = {each.person.id for each in seen.people if each.silent}
    assert names(silent) == names({each.person.id for each in seen.to_call}) == {"huong", "giang"}
    campaigns.allow(session, actor(session, "giang"), campaign.id, now=NOON)
    assert names(slot(session, campaign, evening(MONDAY + DAY))) == BRANCH - {"huong"}


def test_stopping_takes_back_what_waits_and_a_later_wish_is_granted(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    lesson, huong = lessons(session)[0], actor(session, "huong")
    campaigns.remind_tomorrow(session, huong, lesson.id, zone=ZONE, now=NOON)
    campaigns.stop(session, huong, None, now=NOON)
    kinds = set(session.exec(select(schedule.Schedule.kind)).all())
    assert kinds == {campaigns.REMINDER, campaigns.TOTAL}
    at = campaigns.remind_tomorrow(session, huong, lesson.id, zone=ZONE, now=NOON)
    name = f"p{cast['huong']}"
    assert campaigns.remind_one(session, lesson.id, name, at, quiet=QUIET, now=at) == 1


def test_a_paused_campaign_sends_nothing_and_stays_readable(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = take(session, tmp_path, TWO_LESSONS)
    late = datetime.fromisoformat("2026-08-03T22:00:00+07:00")
    campaigns.remind(session, campaign.id, late, quiet=QUIET, now=late)
    campaigns.pause(session, actor(session, "an"), campaign.id, now=late)
    session.expire_all()
    assert set(session.exec(select(Notice.state)).all()) == {State.CANCELLED}
    assert set(session.exec(select(Progress.reminders)).all()) == {0}
    assert session.exec(select(schedule.Schedule)).all() == []
    assert slot(session, campaign, evening(MONDAY + DAY)) == set()
    first = lessons(session)[0]
    assert campaigns.open_lesson(session, actor(session, "huong"), first.id, now=late)[1]
    with pytest.raises(NotFound):
        campaigns.go_on(session, actor(session, "huong"), campaign.id, now=late)
    campaigns.go_on(session, actor(session, "an"), campaign.id, now=evening(MONDAY + DAY))
    rows = session.exec(select(schedule.Schedule).order_by(col(schedule.Schedule.kind))).all()
    assert [row.next_at for row in rows if row.kind == campaigns.REMINDER] == [
        evening(MONDAY + 2 * DAY)
    ]


def test_another_last_day_of_a_lesson_moves_its_reminder(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, campaign_toml(lesson_toml("Bài 1"), remind=None))
    lesson, an = lessons(session)[0], actor(session, "an")
    campaigns.move_lesson(session, an, lesson.id, "due", date(2026, 8, 20), now=NOON)
    rows = session.exec(select(schedule.Schedule)).all()
    ahead = {row.slot_name for row in rows if row.kind == campaigns.REMINDER and row.next_at}
    assert ahead == {f"{ZONE} 2026-08-20"}
    with pytest.raises(Refusal, match="outside"):
        campaigns.move_lesson(session, an, lesson.id, "due", date(2026, 9, 20), now=NOON)


def test_a_campaign_that_is_ended_early_reminds_nobody_any_more(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = take(session, tmp_path, TWO_LESSONS)
    campaigns.end(session, actor(session, "an"), campaign.id, now=NOON)
    assert (campaign.ends, campaigns.standing(campaign, NOON)) == (MONDAY, "over")
    assert slot(session, campaign, evening(MONDAY)) == set()
    assert campaigns.todo(session, cast["huong"], MONDAY) == []
    assert session.exec(select(schedule.Schedule.kind)).all() == [campaigns.TOTAL]


def test_the_secretary_hears_on_monday_who_needs_a_call(
    session: Session, cast: dict[str, int], tmp_path: Path, names: Names
) -> None:
    campaign = take(session, tmp_path, TWO_LESSONS)
    monday = datetime.fromisoformat("2026-08-10T08:00:00+07:00")
    told = campaigns.tell_secretary(session, campaign.id, monday, quiet=QUIET, now=monday)
    assert (told, session.exec(select(Notice.person_id)).all()) == (1, [cast["an"]])
    session.get_one(roster.Person, cast["khanh"]).blocked_at = NOON
    for day in range(2):
        slot(session, campaign, evening(MONDAY + DAY * day))
    campaigns.studying.finish(session, cast["chi"], lessons(session)[0], now=monday)
    seen = campaigns.overview(session, actor(session, "an"), campaign.id, now=monday)
    assert names({each.person.id for each in seen.to_call}) == BRANCH - {"chi"}
