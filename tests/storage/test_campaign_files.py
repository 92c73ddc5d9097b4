"""A campaign's file: what is wrong is named with its place, and nothing is taken by halves."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from storage import campaigns, roster, schedule
from storage.bank import Item, ItemKind
from storage.campaigns import CampaignError, Lesson, LessonFile, Problem, QuizAnswer
from storage.campaigns.importing import ImportPlan, import_campaign
from storage.campaigns.tables import Campaign
from storage.errors import NotFound
from storage.outbox import Notice
from storage.quiet import Quiet
from tests.storage.test_campaigns import (
    TWO_LESSONS,
    ZONE,
    actor,
    campaign_toml,
    from_file,
    lesson_toml,
    lessons,
    study,
    take,
)
from tests.town import BRANCH_1, NOON, PARTY

ONE = campaign_toml(lesson_toml("Bài 1", questions=1))


def problems_of(text: str | bytes) -> list[Problem]:
    with pytest.raises(CampaignError) as caught:
        campaigns.parse_campaign(text if isinstance(text, bytes) else text.encode())
    return caught.value.problems


WRONG = {
    "no TOML": (ONE + "\n= 3", (None, None), "is not valid TOML"),
    "no name": (ONE.replace('name = "Học tập Chỉ thị 01"', ""), (None, None), "name is missing"),
    "empty unit": (ONE.replace('"Chi bộ 1"', '" "'), (None, None), "unit is missing"),
    "no lesson": (campaign_toml(), (None, None), "there is no [[lesson]]"),
    "lesson as text": (campaign_toml("lesson = 3"), (None, None), "written as [[lesson]]"),
    "ends first": (ONE.replace("ends = 2026-08-31", "ends = 2026-07-31"), (None, None), "before"),
    "no such day": (ONE.replace("2026-08-31", '"31/08/2026"'), (None, None), "ends is no day"),
    "a moment": (ONE.replace("2026-08-01", "2026-08-01T10:00:00"), (None, None), "starts is no"),
    "unknown key": (ONE.replace("citation", "citaton"), (None, None), '"citaton" is not known'),
    "remind as number": (ONE.replace('"19:30"', "1930"), (None, None), "remind has to be text"),
    "weekday number": (ONE.replace("19:30", "30 19 * * 1"), (None, None), "weekdays by name"),
    "25 o'clock": (ONE.replace("19:30", "25:00"), (None, None), 'remind "25:00"'),
    "pass": (ONE.replace("[[lesson]]", "pass = 50\n[[lesson]]", 1), (None, None), "pass is a"),
    "due outside": (ONE.replace("2026-08-08", "2026-09-08"), (1, None), "due lies outside"),
    "due before opens": (
        ONE.replace("due", "opens = 2026-08-09\ndue"),
        (1, None),
        "due before it opens",
    ),
    "minutes": (ONE.replace("= 8", '= "acht"'), (1, None), "minutes is a whole number"),
    "no content": (ONE.replace('text = "Nội dung Bài 1"', ""), (1, None), "exactly one of"),
    "two contents": (ONE.replace("text =", 'url = "https://a.vn"\ntext ='), (1, None), "one of"),
    "bad url": (
        ONE.replace('text = "Nội dung Bài 1"', 'url = "javascript:alert(1)"'),
        (1, None),
        "url is not an address",
    ),
    "outside the folder": (
        ONE.replace('text = "Nội dung Bài 1"', 'file = "../../etc/passwd"'),
        (1, None),
        "file is a name beside",
    ),
    "absolute": (
        ONE.replace('text = "Nội dung Bài 1"', 'file = "/etc/passwd"'),
        (1, None),
        "file is a name beside",
    ),
    "answer": (ONE.replace('"B"', '"D"'), (1, 1), 'answer "D" has no choice'),
    "answer in words": (ONE.replace('"B"', '"hai"'), (1, 1), 'answer "hai" has no choice'),
    "no answer": (ONE.replace('answer = "B"', ""), (1, 1), "answer is missing"),
    "one choice": (ONE.replace('["một", "hai", "ba"]', '["một"]'), (1, 1), "2 to 8 choices"),
    "choice twice": (ONE.replace('"ba"', '"một"'), (1, 1), "stands there twice"),
    "choices as text": (ONE.replace('["một", "hai", "ba"]', '"một"'), (1, 1), "a list of texts"),
    "no such kind": (
        ONE.replace("why =", 'kind = "essay"\nwhy ='),
        (1, 1),
        "kind is one of",
    ),
    "two for one": (
        ONE.replace('answer = "B"', 'kind = "single"\nanswer = ["A", "B"]'),
        (1, 1),
        "Only one of the choices",
    ),
    "not all in order": (
        ONE.replace('answer = "B"', 'kind = "order"\nanswer = "A, B"'),
        (1, 1),
        "name each choice once",
    ),
    "same in other letters": (ONE.replace('"ba"', '"MỘT"'), (1, 1), "Two of the choices"),
    "answer as number": (
        ONE.replace('answer = "B"', "answer = 2"),
        (1, 1),
        "has to be text",
    ),
    "nothing accepted": (
        ONE.replace('answer = "B"', 'kind = "short"\nanswer = 90'),
        (1, 1),
        "answer has to be a list of texts",
    ),
    "draws too many": (
        ONE.replace("minutes", "draw = 2\nminutes"),
        (1, None),
        "asks for more",
    ),
    "draws none": (
        ONE.replace("minutes", "draw = 0\nminutes"),
        (1, None),
        "a whole number",
    ),
    "long question": (ONE.replace("Bài 1, câu 1", "x" * 801), (1, 1), "longer than 800"),
}


@pytest.mark.parametrize(("text", "place", "said"), WRONG.values(), ids=WRONG.keys())
def test_the_author_of_a_file_is_told_what_is_wrong_and_where(
    text: str, place: tuple[int | None, int | None], said: str
) -> None:
    found = problems_of(text)
    assert (found[0].lesson, found[0].question) == place
    assert any(said in each.message.format(**each.values) for each in found)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"PK\x03\x04", b"[" * 5000, b"x" * (1024 * 1024 + 1), b"a = \x00"],
)
def test_what_is_no_campaign_at_all_is_refused_in_words(content: bytes) -> None:
    assert problems_of(content)


def test_every_mistake_of_a_file_is_named_at_once() -> None:
    text = campaign_toml(lesson_toml("Bài 1"), lesson_toml("Bài 2", "2027-01-01", questions=1))
    found = problems_of(text.replace('"B"', '"D"').replace("19:30", "later"))
    assert [(each.lesson, each.question) for each in found] == [(None, None), (2, None), (2, 1)]


def test_a_file_says_what_it_means_and_leaves_the_rest_to_the_defaults() -> None:
    text = '\ufeffname = "A"\nunit = "B"\nstarts = 2026-08-01\nends = "2026-08-31"\n'
    found = campaigns.parse_campaign((text + '[[lesson]]\ntitle="C"\ntext="D"').encode())
    (lesson,) = found.lessons
    assert (found.remind, found.passing, found.ends) == (None, 0.5, date(2026, 8, 31))
    assert (lesson.opens, lesson.due) == (date(2026, 8, 1), date(2026, 8, 31))
    assert (lesson.minutes, lesson.questions) == (None, ())


KINDS = [
    ('answer = "C"', ItemKind.SINGLE, (2,)),
    ('answer = "C, A"', ItemKind.MULTIPLE, (0, 2)),
    ('answer = ["A", "B"]', ItemKind.MULTIPLE, (0, 1)),
    ('kind = "multiple"\nanswer = "b"', ItemKind.MULTIPLE, (1,)),
    ('kind = "order"\nanswer = "C, A, B"', ItemKind.ORDER, (2, 0, 1)),
    ('kind = "sắp xếp"\nanswer = ["C", "B", "A"]', ItemKind.ORDER, (2, 1, 0)),
    ('kind = "true_false"\nanswer = false', ItemKind.TRUE_FALSE, (1,)),
    ("answer = true", ItemKind.TRUE_FALSE, (0,)),
    ('kind = "short"\nanswer = ["90", "chín mươi"]', ItemKind.SHORT, ()),
]


@pytest.mark.parametrize(("answer", "kind", "right"), KINDS)
def test_a_question_may_be_of_any_kind(answer: str, kind: ItemKind, right: tuple[int, ...]) -> None:
    text = ONE.replace('answer = "B"', answer + '\ntopic = "Điều lệ"')
    (found,) = campaigns.parse_campaign(text.encode()).lessons[0].questions
    choices = {
        ItemKind.SHORT: ("90", "chín mươi"),
        ItemKind.TRUE_FALSE: ("Đúng", "Sai"),
    }.get(kind, ("một", "hai", "ba"))
    assert (found.kind, found.choices, found.answer) == (kind, choices, right)
    assert (found.why, found.topic, found.fixed) == ("Vì vậy.", "Điều lệ", False)


def test_choices_keep_their_order_where_one_speaks_of_the_others_or_the_author_wants_it() -> None:
    for text in (ONE.replace('"ba"', '"cả A và B"'), ONE.replace("why", "fixed = true\nwhy")):
        assert campaigns.parse_campaign(text.encode()).lessons[0].questions[0].fixed


# -- the unit ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Chi bộ 1", "chi bo 1", BRANCH_1, "Sở Y tế / Chi bộ 1"])
def test_a_unit_is_named_by_its_path_or_by_a_name_of_its_own(
    session: Session, cast: dict[str, int], tmp_path: Path, name: str
) -> None:
    text = ONE.replace('unit = "Chi bộ 1"', f'unit = "{name}"')
    if name.startswith("Sở"):  # the end of a path is made of whole names
        with pytest.raises(CampaignError, match="there is no unit"):
            take(session, tmp_path, text)
    else:
        assert take(session, tmp_path, text).unit_id == roster.unit_at(session, BRANCH_1).id


def test_two_units_of_one_name_need_the_path(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    other = roster.unit_at(session, f"{PARTY} / Chi bộ 2 / Tổ 1")
    with pytest.raises(CampaignError, match="several units"):
        take(session, tmp_path, ONE.replace('"Chi bộ 1"', '"Tổ 1"'))
    taken = take(session, tmp_path, ONE.replace('"Chi bộ 1"', '"Chi bộ 2 / Tổ 1"'))
    assert taken.unit_id == other.id


# -- a file again ------------------------------------------------------------------------------


def again(session: Session, folder: Path, text: str, *, dry_run: bool = False) -> ImportPlan:
    file = folder / "campaign.toml"
    file.write_text(text, "utf-8")
    later = NOON + timedelta(hours=1)
    return import_campaign(session, from_file(file), zone=ZONE, now=later, dry_run=dry_run)


def test_the_same_file_twice_changes_nothing(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = take(session, tmp_path, TWO_LESSONS)
    before = [schedule_row.model_dump() for schedule_row in session.exec(select(schedule.Schedule))]
    made = again(session, tmp_path, TWO_LESSONS)
    assert made.changes_nothing
    assert campaign.imported_at == NOON
    after = [schedule_row.model_dump() for schedule_row in session.exec(select(schedule.Schedule))]
    assert before == after
    assert len(session.exec(select(Campaign)).all()) == 1


def test_a_trial_run_writes_nothing(session: Session, cast: dict[str, int], tmp_path: Path) -> None:
    made = again(session, tmp_path, TWO_LESSONS, dry_run=True)
    assert (made.added, made.questions, made.people) == (2, 2, 7)
    assert session.exec(select(Campaign)).all() == []
    assert session.exec(select(schedule.Schedule)).all() == []


def test_a_corrected_lesson_keeps_what_people_have_done(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    first, second = lessons(session)
    study(session, actor(session, "huong"), first.id, now=NOON)
    swapped = campaign_toml(
        lesson_toml("Bài mở đầu"),
        lesson_toml("Bài 1", "2026-08-09", questions=2),
        lesson_toml("Bài 2 (sửa)", "2026-08-15"),
    )
    made = again(session, tmp_path, swapped)
    assert (made.added, made.changed, made.dropped) == (2, 1, (second,))
    by_title = {lesson.title: lesson for lesson in lessons(session)}
    assert by_title["Bài 1"].id == first.id
    course = campaigns.course_of(session, actor(session, "huong"), first.campaign_id)
    assert [step.done for step in course.steps] == [False, True, False]


def test_a_lesson_with_a_new_title_stays_the_same_at_its_place(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    ids = [lesson.id for lesson in lessons(session)]
    made = again(session, tmp_path, TWO_LESSONS.replace("Bài 2", "Bài thứ hai"))
    assert (made.added, made.changed) == (0, 1)
    assert [lesson.id for lesson in lessons(session)] == ids


def test_a_lesson_that_is_left_out_comes_back_with_its_progress(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    second = lessons(session)[1]
    study(session, actor(session, "huong"), second.id, now=NOON)
    without = campaign_toml(lesson_toml("Bài 1", questions=2))
    made = again(session, tmp_path, without)
    assert (made.dropped, made.studied) == ((second,), 1)
    with pytest.raises(NotFound):
        campaigns.open_lesson(session, actor(session, "huong"), second.id, now=NOON)
    again(session, tmp_path, TWO_LESSONS)
    course = campaigns.course_of(session, actor(session, "huong"), second.campaign_id)
    assert [(step.lesson.id == second.id, step.done) for step in course.steps][1] == (True, True)


def test_a_question_in_other_words_judges_no_old_button(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    huong = actor(session, "huong")
    quiz = campaigns.play(session, huong, lessons(session)[0].id, now=NOON)
    first, second = quiz.questions
    campaigns.judge(session, huong, quiz.run.id, first.id, [1], now=NOON)
    again(session, tmp_path, TWO_LESSONS.replace('"một", "hai", "ba"', '"ba", "hai"', 1))
    with pytest.raises(NotFound):
        campaigns.judge(session, huong, quiz.run.id, first.id, [1], now=NOON)
    now_asked = campaigns.play(session, huong, quiz.lesson.id, now=NOON)
    assert now_asked.current is not None and now_asked.current.choices == ["ba", "hai"]
    assert now_asked.questions[1].id == second.id
    assert session.exec(select(QuizAnswer)).all() == []


def test_a_question_put_right_is_used_no_more_and_one_left_out_stays_in_the_bank(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    again(session, tmp_path, campaign_toml(lesson_toml("Bài 1", questions=1)))
    rows = session.exec(select(Item).order_by(col(Item.id))).all()
    assert [each.retired_at for each in rows] == [None, None]
    corrected = campaign_toml(lesson_toml("Bài 1", questions=1)).replace('"B"', '"C"')
    made = again(session, tmp_path, corrected)
    rows = session.exec(select(Item).order_by(col(Item.id))).all()
    assert made.changed == 1
    assert [(each.answer, each.retired_at is None) for each in rows] == [
        ([1], False),
        ([1], True),
        ([2], True),
    ]
    assert again(session, tmp_path, corrected).changes_nothing
    again(session, tmp_path, campaign_toml(lesson_toml("Bài 1", questions=1)))  # and back
    session.expire_all()
    assert [each.retired_at is None for each in rows] == [True, True, False]


def test_another_explanation_is_the_same_question(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, ONE)
    (row,) = session.exec(select(Item)).all()
    assert again(session, tmp_path, ONE.replace("Vì vậy.", "Vì thế.")).changed == 1
    session.refresh(row)
    assert row.why == "Vì thế."
    assert len(session.exec(select(Item)).all()) == 1


def test_another_end_moves_what_is_queued(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    campaign = take(session, tmp_path, TWO_LESSONS)
    late = NOON + timedelta(hours=10)
    quiet = Quiet("21:30-06:30", ZONE)
    assert campaigns.remind(session, campaign.id, late, quiet=quiet, now=late) == 7
    again(
        session,
        tmp_path,
        TWO_LESSONS.replace("2026-08-31", "2026-08-20")
        .replace("19:30", "0 7 * * mon")
        .replace("2026-08-08", "2026-08-12"),
    )
    session.expire_all()
    until = {notice.valid_until for notice in session.exec(select(Notice)).all()}
    assert {each.date() for each in until if each} == {date(2026, 8, 12)}  # of its lesson
    slot = session.exec(
        select(schedule.Schedule).where(schedule.Schedule.kind == campaigns.REMINDER)
    ).one()
    assert (slot.cron, slot.next_at and slot.next_at.date()) == ("0 7 * * mon", date(2026, 8, 10))


def test_only_the_leaders_of_the_unit_may_import_for_it(
    session: Session, cast: dict[str, int]
) -> None:
    file = campaigns.parse_campaign(ONE.encode())
    for name in ("chi", "huong", "lan"):
        with pytest.raises(NotFound):
            campaigns.plan(session, file, zone=ZONE, actor=actor(session, name))
    for name in ("an", "binh", "oanh"):
        assert campaigns.plan(session, file, zone=ZONE, actor=actor(session, name)).added == 1


# -- lessons that are files --------------------------------------------------------------------

WITH_FILE = ONE.replace('text = "Nội dung Bài 1"', 'file = "tai-lieu/bai-1.pdf"')


def test_a_lessons_file_is_kept_with_it_and_replaced_when_it_changes(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    (tmp_path / "tai-lieu").mkdir()
    (tmp_path / "tai-lieu" / "bai-1.pdf").write_bytes(b"%PDF one")
    take(session, tmp_path, WITH_FILE)
    lesson = lessons(session)[0]
    huong = actor(session, "huong")
    assert campaigns.attachment(session, huong, lesson.id, now=NOON) == b"%PDF one"
    assert again(session, tmp_path, WITH_FILE).changes_nothing
    (tmp_path / "tai-lieu" / "bai-1.pdf").write_bytes(b"%PDF two")
    assert again(session, tmp_path, WITH_FILE).changed == 1
    session.expire_all()
    assert campaigns.attachment(session, huong, lesson.id, now=NOON) == b"%PDF two"
    again(session, tmp_path, ONE)
    assert session.exec(select(LessonFile)).all() == []


def test_a_file_that_is_missing_or_leads_elsewhere_is_named(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    folder = tmp_path / "campaign"
    (folder / "tai-lieu").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    with pytest.raises(CampaignError, match="lesson 1: there is no file"):
        take(session, folder, WITH_FILE)
    (folder / "tai-lieu" / "bai-1.pdf").symlink_to(tmp_path / "secret")
    with pytest.raises(CampaignError, match="there is no file"):
        take(session, folder, WITH_FILE)
    assert session.exec(select(Lesson).where(col(Lesson.file).is_not(None))).all() == []


def test_a_campaign_with_files_cannot_come_through_a_chat() -> None:
    file = campaigns.parse_campaign(WITH_FILE.encode())
    with pytest.raises(CampaignError, match="give it as url"):
        campaigns.without_attachments(file)
