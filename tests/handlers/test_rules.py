"""The screen of rules, through the pretend Telegram: every figure with its source."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session

from handlers.rules import NAMES, SAID, amount, group_of, source, why
from handlers.text import Reader
from storage import roster, rules
from storage.rules import Rule, changing
from storage.rules.changing import Measure
from tests.town import BRANCH_1, NOON, PARTY, Town, unit_id

VI, EN = Reader("vi"), Reader("en")


def value(town: Town, key: str) -> float | None:
    def look(session: Session) -> float | None:
        unit = roster.unit_at(session, BRANCH_1)
        return rules.rule(session, "party", key, unit, on=NOON.date()).value

    return town.database.run(look)


def test_every_rule_has_a_name_and_a_place_in_a_group() -> None:
    assert set(NAMES) == set(changing.MEASURES)
    assert {group_of(key) for key in NAMES} == {
        "meeting",
        "attendance",
        "quorum",
        "score",
        "rating",
    }
    assert set(SAID) == set(Measure) - {Measure.YES_NO}


@pytest.mark.parametrize(
    ("measure", "number", "vi", "en"),
    [
        (Measure.PERCENT, 66.67, "66,67%", "66.67%"),
        (Measure.PERCENT, 85.0, "85%", "85%"),
        (Measure.DAYS, 1, "1 ngày", "1 day"),
        (Measure.MINUTES, 90, "90 phút", "90 minutes"),
        (Measure.YES_NO, 0, "không", "no"),
        (Measure.PERCENT, None, "không đặt", "none set"),
    ],
)
def test_a_figure_is_said_as_people_write_it(
    measure: Measure, number: float | None, vi: str, en: str
) -> None:
    assert (VI.plain(amount(measure, number)), EN.plain(amount(measure, number))) == (vi, en)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            Rule("meeting.minutes", 90, "Hướng dẫn 42-HD/BTCTW (2025)", date(2025, 1, 1)),
            "Theo Hướng dẫn 42-HD/BTCTW (2025), từ 1/1/2025.",
        ),
        (
            Rule("attendance.bar", 85, "Hướng dẫn 12", date(2018, 7, 6), default=True),
            "Theo Hướng dẫn 12, từ 6/7/2018 (mặc định, đơn vị đổi được).",
        ),
        (
            Rule("late.after", 15, "mặc định", date(2018, 7, 6), default=True),
            "Mặc định: chưa rõ quy định nào nêu mức, đơn vị đổi được.",
        ),
        (
            Rule("late.after", 10, "", date(2026, 8, 3), default=True, own=True),
            "Do đơn vị đặt, từ 3/8/2026.",
        ),
    ],
)
def test_a_figure_says_where_it_comes_from(rule: Rule, said: str) -> None:
    assert VI.plain(source(rule)) == said


def test_why_shows_the_facts_first_and_then_the_rule() -> None:
    rule = Rule("attendance.bar", 85, "Hướng dẫn 12", date(2018, 7, 6), default=True)
    assert [VI.plain(each) for each in why(rule, "Có mặt 171", None)] == [
        "Có mặt 171",
        "Tỷ lệ dự sinh hoạt cần đạt: 85%.",
        "Theo Hướng dẫn 12, từ 6/7/2018 (mặc định, đơn vị đổi được).",
    ]


def test_a_secretary_sets_a_bar_by_typing_it(town: Town) -> None:
    town.an.send("/quanly")
    town.an.press("Quy định")
    town.an.wait_for("QUY ĐỊNH · Chi bộ 1")
    town.an.press("Biểu quyết")
    shown = town.an.wait_for("1. Họp thường kỳ: có mặt ít nhất: không đặt (mặc định)")
    assert shown.buttons == ["1", "2", "3", "4", "5", "1/2", "›", "‹ Quay lại", "‹ Quản lý"]
    town.an.press("1")
    town.an.wait_for("Họp thường kỳ: có mặt ít nhất: không đặt.")
    town.an.press("Đổi mức")
    town.an.wait_for("Mời đồng chí gõ một số từ 0 đến 100.")
    town.an.send("nhiều")
    town.an.wait_for("Chưa rõ. Đồng chí gõ một số")
    town.an.send("2/3")
    asked = town.an.wait_for("Áp dụng cho Chi bộ 1")
    assert "Họp thường kỳ: có mặt ít nhất: 66,67%." in asked.text
    assert value(town, "quorum.regular") is None  # text alone changes nothing
    town.an.press("Lưu")
    kept = town.an.wait_for("Người đặt: đ/c Nguyễn Văn An, cho Chi bộ 1.")
    assert "Do đơn vị đặt, từ 3/8/2026." in kept.text
    assert value(town, "quorum.regular") == 66.67
    town.an.press("Về mặc định")
    town.an.wait_for("Họp thường kỳ: có mặt ít nhất: không đặt.")
    assert value(town, "quorum.regular") is None


def test_a_yes_becomes_a_no_with_one_press_and_twice_is_once(town: Town) -> None:
    unit = town.database.run(lambda s: unit_id(s, BRANCH_1))
    town.an.send("/quanly")
    here = town.an.wait_for("Quản lý")
    town.an.press_data(here, f"rule:{unit}:vote.temporary")
    shown = town.an.wait_for("Đảng viên sinh hoạt tạm thời biểu quyết: không.")
    town.an.press("Đổi thành có")
    town.an.wait_for("biểu quyết: có.")
    town.an.press_data(shown, f"rule_set:{unit}:vote.temporary:1")
    town.world.settle()
    assert "biểu quyết: có." in town.an.last.text
    assert value(town, "vote.temporary") == 1


def test_a_committee_member_reads_and_changes_nothing(town: Town) -> None:
    unit = town.database.run(lambda s: unit_id(s, BRANCH_1))
    town.chi.send("/quanly")
    town.chi.press("Quy định")
    town.chi.press("Điểm danh", town.chi.wait_for("QUY ĐỊNH"))
    shown = town.chi.wait_for("Tính đến muộn sau: 15 phút (mặc định)")
    town.chi.press_data(shown, f"rule:{unit}:late.after")
    one = town.chi.wait_for("Tính đến muộn sau: 15 phút.")
    assert one.buttons == ["‹ Quay lại", "‹ Quản lý"]
    town.chi.press_data(one, f"rule_set:{unit}:late.after:5")
    town.world.settle()
    assert value(town, "late.after") == 15


def test_what_is_written_offers_no_change(town: Town) -> None:
    unit = town.database.run(lambda s: unit_id(s, BRANCH_1))
    town.an.send("/quanly")
    here = town.an.wait_for("Quản lý")
    town.an.press_data(here, f"rule:{unit}:meeting.minutes")
    shown = town.an.wait_for("Theo Hướng dẫn 42-HD/BTCTW (2025), từ 1/1/2025.")
    assert "Đổi mức" not in shown.buttons
    town.an.press_data(shown, f"rule_change:{unit}:meeting.minutes")
    town.world.settle()
    assert "Mời đồng chí gõ" not in town.an.last.text


def test_who_acts_in_two_units_says_in_which(town: Town) -> None:
    def second(session: Session) -> None:
        top = session.get_one(roster.Unit, unit_id(session, PARTY))
        an = town.person(session, "an")
        roster.give_role(session, an, top.id, roster.Role.COMMITTEE, today=NOON.date(), by=None)

    town.database.run(second)
    town.an.send("/quanly")
    town.an.press("Quy định")
    asked = town.an.wait_for("Của đơn vị nào?")
    assert asked.buttons == ["Chi bộ 1", "Đảng bộ Sở Y tế", "‹ Quản lý"]
    town.an.press("Đảng bộ Sở Y tế")
    town.an.wait_for("QUY ĐỊNH · Đảng bộ Sở Y tế")
