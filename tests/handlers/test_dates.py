"""What people type as a day and a time, and how we say it back."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.dates import (
    NotUnderstood,
    When,
    format_day,
    format_document_date,
    format_number,
    format_percent,
    format_short_day,
    format_when,
    hours_meant,
    month_grid,
    parse_when,
)

# A Monday, ten in the morning.
NOW = dt.datetime(2026, 8, 10, 10, 0)

UNDERSTOOD = [
    # day and month
    ("15/8", "2026-08-15"),
    ("15-8", "2026-08-15"),
    ("15.8", "2026-08-15"),
    ("15 / 8", "2026-08-15"),
    ("15-8-2026", "2026-08-15"),
    ("15/08/2026", "2026-08-15"),
    ("15.8.26", "2026-08-15"),
    ("15/8/26", "2026-08-15"),
    ("2026-08-15", "2026-08-15"),
    ("ngày 15/8", "2026-08-15"),
    ("Ngày 15/8 nhé!", "2026-08-15"),
    ("１５/８", "2026-08-15"),
    ("15/8 năm sau", "2027-08-15"),
    ("15/8 năm nay", "2026-08-15"),
    ("15 tháng 8", "2026-08-15"),
    ("15 tháng 8 năm 2027", "2027-08-15"),
    ("ngày 04 tháng 8 năm 2015", "2015-08-04"),
    ("ngày mười lăm tháng chín", "2026-09-15"),
    ("ngày 3 tháng sáu", "2027-06-03"),
    ("mùng 2/9", "2026-09-02"),
    ("29/2/2028", "2028-02-29"),
    # without a year: the first one not more than 30 days ago
    ("9/8", "2026-08-09"),
    ("11/7", "2026-07-11"),
    ("10/7", "2027-07-10"),
    ("1/1", "2027-01-01"),
    # day and time, either way round
    ("15/8 19h30", "2026-08-15 19:30"),
    ("19h30 15/8", "2026-08-15 19:30"),
    ("15/8, 19:30", "2026-08-15 19:30"),
    ("15/8 - 19h30", "2026-08-15 19:30"),
    ("19h 15/8", "2026-08-15 19:00"),
    ("19h ngày 15/8", "2026-08-15 19:00"),
    ("19h ngày 15", "2026-08-15 19:00"),
    ("15.8 19.30", "2026-08-15 19:30"),
    ("lúc 19 giờ 30 phút ngày 15 tháng 8", "2026-08-15 19:30"),
    ("vào lúc 19g30 ngày 15-8-2026", "2026-08-15 19:30"),
    ("15/8 7h tối", "2026-08-15 19:00"),
    # near days
    ("hôm nay", "2026-08-10"),
    ("hôm nay 14h", "2026-08-10 14:00"),
    ("nay 14h", "2026-08-10 14:00"),
    ("mai", "2026-08-11"),
    ("MAI 7H30", "2026-08-11 07:30"),
    ("ngày mai", "2026-08-11"),
    ("ngay mai 7h30", "2026-08-11 07:30"),
    ("7h30 mai", "2026-08-11 07:30"),
    ("mốt", "2026-08-12"),
    ("mot", "2026-08-12"),
    ("ngày mốt 8h", "2026-08-12 08:00"),
    ("ngay mot 8h", "2026-08-12 08:00"),
    ("ngày kia", "2026-08-12"),
    ("hôm qua", "2026-08-09"),
    ("3 ngày nữa", "2026-08-13"),
    ("hai tuần nữa", "2026-08-24"),
    # parts of the day
    ("tối nay 8h", "2026-08-10 20:00"),
    ("8h tối nay", "2026-08-10 20:00"),
    ("toi nay 19h30", "2026-08-10 19:30"),
    ("chiều nay 2h", "2026-08-10 14:00"),
    ("chiều mai 14h", "2026-08-11 14:00"),
    ("chiều mai 2h", "2026-08-11 14:00"),
    ("2h chiều mai", "2026-08-11 14:00"),
    ("sáng mai", "2026-08-11"),
    ("sáng mai 7h", "2026-08-11 07:00"),
    ("trưa mai 12h", "2026-08-11 12:00"),
    ("trưa mai 1h", "2026-08-11 13:00"),
    ("11h đêm mai", "2026-08-11 23:00"),
    # weekdays
    ("thứ 2", "2026-08-17"),
    ("thứ 2 14h", "2026-08-10 14:00"),
    ("thứ 2 9h", "2026-08-17 09:00"),
    ("thứ 5", "2026-08-13"),
    ("thu 5", "2026-08-13"),
    ("t5", "2026-08-13"),
    ("T5 19h", "2026-08-13 19:00"),
    ("thứ năm", "2026-08-13"),
    ("thứ sáu", "2026-08-14"),
    ("thu sau tuan sau", "2026-08-21"),
    ("thứ tư 7h30", "2026-08-12 07:30"),
    ("thứ bảy", "2026-08-15"),
    ("thứ 5 sáu giờ tối", "2026-08-13 18:00"),
    ("thứ 5 này", "2026-08-13"),
    ("thứ 5 tới", "2026-08-13"),
    ("thứ 5 tới 8h", "2026-08-13 08:00"),
    ("thứ 5 tối 8h", "2026-08-13 20:00"),
    ("thu 5 toi 8h", "2026-08-13 20:00"),
    ("chieu thu 5 toi 2h", "2026-08-13 14:00"),
    ("thứ 5 tuần sau", "2026-08-20"),
    ("thứ 5 tuần sau 19 giờ", "2026-08-20 19:00"),
    ("thứ năm tuần sau 19 giờ", "2026-08-20 19:00"),
    ("tuần sau thứ 5 19h", "2026-08-20 19:00"),
    ("t5 tuần tới 19g30", "2026-08-20 19:30"),
    ("thu nam tuan toi 19 gio", "2026-08-20 19:00"),
    ("thứ 2 tuần này", "2026-08-10"),
    ("chủ nhật", "2026-08-16"),
    ("cn", "2026-08-16"),
    ("cn tuần này", "2026-08-16"),
    ("sáng chủ nhật tuần sau 8h", "2026-08-23 08:00"),
    ("thứ 5 ngày 13/8", "2026-08-13"),
    ("thứ Năm 13/8/2026, 19:30", "2026-08-13 19:30"),
    # weeks, months and their ends
    ("cuối tuần", "2026-08-15"),
    ("đầu tuần sau", "2026-08-17"),
    ("cuối tháng", "2026-08-31"),
    ("cuoi thang nay 19h", "2026-08-31 19:00"),
    ("đầu tháng", "2026-09-01"),
    ("đầu tháng sau?", "2026-09-01"),
    ("giữa tháng", "2026-08-15"),
    ("giữa tháng 9", "2026-09-15"),
    ("cuối tháng hai", "2027-02-28"),
    ("ngày 3", "2026-09-03"),
    ("ngày 10", "2026-08-10"),
    ("ngày 31", "2026-08-31"),
    ("ngày 3 tháng sau", "2026-09-03"),
    ("ngày 3 tháng tới 7h", "2026-09-03 07:00"),
    ("ngay 3 thang nay", "2026-08-03"),
    # times alone
    ("19h", "19:00"),
    ("19:30", "19:30"),
    ("19.30", "19:30"),
    ("19h30", "19:30"),
    ("19h30p", "19:30"),
    ("19h5", "19:05"),
    ("19 giờ 30 phút", "19:30"),
    ("１９：３０", "19:30"),
    ("0h", "00:00"),
    ("7 rưỡi tối", "19:30"),
    ("7h rưỡi", "07:30"),
    ("bảy rưỡi sáng", "07:30"),
    ("8 giờ kém 15", "07:45"),
    ("8h kém 15 tối", "19:45"),
    ("mười chín giờ ba mươi", "19:30"),
    ("bảy giờ tối", "19:00"),
    ("bay gio toi", "19:00"),
    ("1h sáng", "01:00"),
    ("12h trưa", "12:00"),
    ("12 rưỡi trưa", "12:30"),
    # English
    ("tomorrow 7:30pm", "2026-08-11 19:30"),
    ("tomorrow at 7.30 p.m.", "2026-08-11 19:30"),
    ("today at 2 pm", "2026-08-10 14:00"),
    ("tonight 8:00", "2026-08-10 20:00"),
    ("day after tomorrow", "2026-08-12"),
    ("tomorrow noon", "2026-08-11 12:00"),
    ("thursday", "2026-08-13"),
    ("thursday next week", "2026-08-20"),
    ("next thursday 7pm", "2026-08-13 19:00"),
    ("sun 8am", "2026-08-16 08:00"),
    ("15 Aug", "2026-08-15"),
    ("15th of August 2027", "2027-08-15"),
    ("Aug 15, 19:30", "2026-08-15 19:30"),
    ("Thursday 13/8/2026, 19:30", "2026-08-13 19:30"),
    ("in 3 days", "2026-08-13"),
    ("7 o'clock", "07:00"),
    ("12am", "00:00"),
]

REFUSED = [
    "",
    "   ",
    "?",
    "mốt kia",
    "31/02",
    "31/2/2026",
    "30 tháng 2",
    "29/2",
    "29/2/2027",
    "32/1",
    "15/13",
    "0/8",
    "15/8/202",
    "15/8/2026/3",
    "24h",
    "25:00",
    "19h60",
    "19:75",
    "99h",
    "sáng 19h",
    "12h đêm",
    "tối 2h",
    "chiều 9h",
    "13pm",
    "0 giờ kém 5",
    "thứ 1",
    "thứ 8",
    "thứ 6 ngày 13/8",
    "thứ 5 13/8 tuần sau",
    "15/8 hoặc 16/8",
    "15/8 16/8",
    "19h-21h",
    "19h 20h",
    "tuần sau",
    "chiều",
    "tối mai tối kia",
    "ngày 40",
    "ngày 31 tháng sau",
    "hẹn sau",
    "để tôi hỏi lại đã",
    "1900",
    "8",
    "15",
    "ten past eight",
    "<b>15/8</b>",
    "{0.__class__}",
    "=15/8",
    "1" * 5000,
]


def read(expected: str) -> When:
    *day, rest = expected.split(" ")
    if not day and "-" in rest:
        return When(dt.date.fromisoformat(rest), None)
    return When(
        dt.date.fromisoformat(day[0]) if day else None,
        dt.time.fromisoformat(rest),
    )


@pytest.mark.parametrize(("typed", "expected"), UNDERSTOOD)
def test_a_secretary_is_understood(typed: str, expected: str) -> None:
    assert parse_when(typed, NOW) == read(expected)


@pytest.mark.parametrize("typed", REFUSED)
def test_a_secretary_is_asked_again_rather_than_half_understood(typed: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        parse_when(typed, NOW)
    assert refused.value.text == typed


def test_a_secretary_planning_in_january_may_look_back_a_month_but_not_a_year() -> None:
    january = dt.datetime(2027, 1, 5, 8, 0)
    assert parse_when("28/12", january).date == dt.date(2026, 12, 28)
    assert parse_when("1/12", january).date == dt.date(2027, 12, 1)


def test_the_31st_asked_for_in_a_short_month_is_that_of_the_next_long_one() -> None:
    assert parse_when("ngày 31", dt.datetime(2027, 2, 1)).date == dt.date(2027, 3, 31)


def test_a_sunday_counts_as_the_end_of_its_week() -> None:
    sunday = dt.datetime(2026, 8, 16, 9, 0)
    assert parse_when("thứ 5 tuần này", sunday).date == dt.date(2026, 8, 13)
    assert parse_when("thứ 5 tuần sau", sunday).date == dt.date(2026, 8, 20)
    assert parse_when("thứ 5", sunday).date == dt.date(2026, 8, 20)
    assert parse_when("cuối tuần", sunday).date == dt.date(2026, 8, 22)


moments = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1))


@given(moments, moments, st.sampled_from(["vi", "en"]))
def test_what_the_bot_says_it_also_understands(
    said: dt.datetime, now: dt.datetime, lang: str
) -> None:
    said = said.replace(second=0, microsecond=0)
    assert parse_when(format_when(said, lang), now) == When(said.date(), said.time())
    assert parse_when(format_day(said.date(), lang).upper(), now) == When(said.date(), None)
    assert parse_when(format_document_date(said.date()), now) == When(said.date(), None)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(-30, 330))
def test_a_short_day_is_read_as_the_one_meant(today: dt.date, distance: int) -> None:
    meant = today + dt.timedelta(days=distance)
    now = dt.datetime.combine(today, dt.time(12))
    if (meant.month, meant.day) != (2, 29):
        assert parse_when(format_short_day(meant), now).date == meant


words = st.sampled_from(" ".join(typed for typed, _ in UNDERSTOOD).split())


@given(st.text(max_size=40) | st.lists(words, max_size=6).map(" ".join), moments)
def test_whatever_is_typed_gives_a_moment_or_a_polite_no(typed: str, now: dt.datetime) -> None:
    try:
        when = parse_when(typed, now)
    except NotUnderstood:
        return
    assert when.date or when.time


def test_a_reader_sees_the_full_day_in_the_own_language() -> None:
    moment = dt.datetime(2026, 8, 13, 19, 30)
    assert format_when(moment, "vi") == "thứ Năm 13/8/2026, 19:30"
    assert format_when(moment, "en") == "Thursday 13/8/2026, 19:30"
    assert format_day(dt.date(2026, 8, 16), "vi") == "Chủ nhật 16/8/2026"
    assert format_short_day(moment.date()) == "13/8"


@pytest.mark.parametrize(
    ("date", "written"),
    [
        (dt.date(2015, 8, 4), "ngày 04 tháng 8 năm 2015"),
        (dt.date(2026, 1, 23), "ngày 23 tháng 01 năm 2026"),
        (dt.date(2026, 2, 3), "ngày 03 tháng 02 năm 2026"),
        (dt.date(2026, 12, 10), "ngày 10 tháng 12 năm 2026"),
    ],
)
def test_a_paper_pads_days_below_ten_and_the_first_two_months(date: dt.date, written: str) -> None:
    assert format_document_date(date) == written


def test_a_reader_sees_numbers_as_they_are_written_in_the_own_language() -> None:
    assert format_number(1105) == "1.105"
    assert format_number(7.9) == "7,9"
    assert format_number(1105, "en") == "1,105"
    assert format_percent(0.935) == "93,5%"
    assert format_percent(0.85) == "85%"
    assert format_percent(0.935, "en") == "93.5%"


def test_the_month_keyboard_offers_only_days_within_bounds_monday_first() -> None:
    grid = month_grid(2026, 8, dt.date(2026, 8, 10), dt.date(2026, 8, 12))
    offered = [day for week in grid for day in week if day]
    assert offered == [dt.date(2026, 8, day) for day in (10, 11, 12)]
    assert grid[2][0] == dt.date(2026, 8, 10)
    assert all(len(week) == 7 for week in grid)


@given(st.integers(1950, 2150), st.integers(1, 12))
def test_the_month_keyboard_shows_every_day_once_under_its_weekday(year: int, month: int) -> None:
    grid = month_grid(year, month)
    days = [day for week in grid for day in week if day]
    assert days[0].day == 1
    assert (days[-1] + dt.timedelta(days=1)).month != month
    assert days == sorted(set(days))
    assert all(day.weekday() == column for week in grid for column, day in enumerate(week) if day)


HOURS = [
    ("10 giờ đêm đến 6 giờ sáng", "22:00-06:00"),
    ("từ 10 giờ tối tới 5 giờ sáng", "22:00-05:00"),
    ("10 gio toi toi 5 gio sang", "22:00-05:00"),
    ("10pm to 6am", "22:00-06:00"),
    ("from 9.30 p.m. to 6 a.m.", "21:30-06:00"),
    ("11 at night until 6", "23:00-06:00"),
    ("9 rưỡi tối - 6 rưỡi sáng", "21:30-06:30"),
    ("12 giờ đêm đến 5 giờ sáng", "00:00-05:00"),
    ("21:30-06:30", "21:30-06:30"),
    ("22h – 5h30", "22:00-05:30"),
    ("22-6", "22:00-06:00"),
    ("1 giờ trưa đến 3 giờ chiều", "13:00-15:00"),
]


@pytest.mark.parametrize(("text", "meant"), HOURS)
def test_hours_in_words_are_taken_by_morning_and_evening(text: str, meant: str) -> None:
    assert [str(each) for each in hours_meant(text)] == [meant]


def test_hours_that_would_take_most_of_the_day_come_with_what_else_they_may_mean() -> None:
    assert [str(each) for each in hours_meant("10 giờ đến 6 giờ")] == [
        *("10:00-06:00", "22:00-06:00", "10:00-18:00"),
    ]


@pytest.mark.parametrize("text", ["", "at night", "22:00", "10 tối", "mai 10h - 6h", "25h - 6h"])
def test_hours_of_which_one_end_is_unclear_are_not_guessed(text: str) -> None:
    with pytest.raises(NotUnderstood):
        hours_meant(text)
