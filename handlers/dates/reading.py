"""Days and times as people type them.

No library reads "chiều mai 14h", "t5 tuần tới 19g30" or "8 giờ kém 15", so this small grammar
does. It works on folded text: phrases are recognised one after the other and taken out of the
text, and whatever is left must be filler, so that a half-understood answer is refused and not
guessed. The form that asked echoes the full date and has it confirmed.

Choices, where the language leaves them open:
- A day without a year is the first such day that is not more than 30 days ago. So "15/8" typed on
  20/8 is five days past, which the caller can say, and not a day almost a year ahead.
- A weekday alone is the next one; today counts when a later time was given with it. "Thứ 5 tới"
  and "next Thursday" mean the same; "thứ 5 tuần sau" is in the week after this Monday to Sunday.
- An hour without "sáng", "chiều" or "tối" is on the 24-hour clock.
- A time alone has no day, a day alone no time. Whether they are past is the caller's question.
"""

import calendar
import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

from handlers.dates.mistakes import NoSuchDay, NotUnderstood, OtherWeekday
from storage.folding import fold


class When(NamedTuple):
    date: dt.date | None
    time: dt.time | None


def parse_when(text: str, now_local: dt.datetime) -> When:
    """The day, the time or both that a person typed, seen from `now_local`."""
    if len(text) > 100:
        raise NotUnderstood(text)
    phrase = _Phrase(text)
    # The order matters: "thứ 5 này" is no "nay", "19h 15/8" no quarter past seven.
    weekday = phrase.take(_WEEKDAY)
    day = phrase.take_first(_DAYS)
    week = phrase.take(_WEEK)
    clock = phrase.take_first(_CLOCKS)
    if not (weekday or day or clock):
        raise NotUnderstood(text)
    try:
        words = phrase.rest()
        time = _time(clock[0](clock[1]), words) if clock else None
        date = _date(day, now_local.date()) if day else None
        if weekday:
            date = _on_weekday(_WEEKDAYS[weekday[1] or weekday[2]], week, date, time, now_local)
        elif week:
            raise ValueError("a week is no day")
    except NotUnderstood as wrong:  # a day that is not, or on another weekday
        wrong.text = text
        raise
    except (ValueError, OverflowError):
        raise NotUnderstood(text) from None
    return When(date, time)


# --- words --------------------------------------------------------------------------------------

_ONES = ("mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin")


def _number_words() -> dict[str, int]:
    words = {word: n for n, word in enumerate(_ONES, start=1)}
    for tens, prefix in enumerate(("muoi", *(f"{word} muoi" for word in _ONES[1:5])), start=1):
        words[prefix] = tens * 10
        for n, word in enumerate(_ONES, start=1):
            words[f"{prefix} {word}"] = tens * 10 + n
        words |= {f"{prefix} tu": tens * 10 + 4, f"{prefix} lam": tens * 10 + 5}
    return words


NUMBER_WORDS = _number_words()
_AFTER_THU = {str(n + 2): n for n in range(6)}
_AFTER_THU |= {word: n for n, word in enumerate(("hai", "ba", "tu", "nam", "sau", "bay"))}
_ENGLISH_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_NAMES = {name: n for n, name in enumerate(_ENGLISH_DAYS)}
# "Thu" alone is how people without accents begin "thứ".
_DAY_NAMES |= {name[:3]: n for name, n in _DAY_NAMES.items() if name != "thursday"}
_DAY_NAMES |= {"chu nhat": 6, "cn": 6, "tues": 1, "thur": 3, "thurs": 3}
_WEEKDAYS = _AFTER_THU | _DAY_NAMES
_ENGLISH_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTHS = {name: n for n, name in enumerate(_ENGLISH_MONTHS, start=1)}
_MONTHS |= {name[:3]: n for name, n in _MONTHS.items()} | {"sept": 9}
# What an hour on the clock face becomes; an hour that does not fit the word is refused.
_PERIODS = {
    "sang": {hour: hour for hour in range(12)},
    "trua": {10: 10, 11: 11, 12: 12, 1: 13, 2: 14},
    "chieu": {12: 12, **{hour: hour + 12 for hour in range(1, 8)}},
    "toi": {hour: hour + 12 for hour in range(5, 12)},
    "dem": {**{hour: hour for hour in range(5)}, **{hour: hour + 12 for hour in range(8, 12)}},
}
_FILLER = frozenset(_PERIODS) | {
    *("ngay", "hom", "bua", "mung", "mong", "luc", "vao", "tu", "dung", "nhe", "nha", "a"),
    *("at", "on", "in", "the", "from", "-", "–", "."),
}
# Told apart by their accents only, so settled before folding.
_ACCENTED = (
    (r"\btháng sáu\b", "tháng 6"),
    (r"\b(?:sắp )?tới\b", "sau"),
    (r"(?<!mươi )\bmốt\b", "kia"),
)
_ENGLISH = (
    (r"\btonight\b", "toi nay"),
    (r"\bthis (?=morning|afternoon|evening)(\w+)", r"\1 nay"),
    (r"\bmorning\b", "sang"),
    (r"\bafternoon\b", "chieu"),
    (r"\bevening\b", "toi"),
    (r"\bnight\b", "dem"),
    (r"\bnoon\b", "12h"),
    (r"\b([ap])\.m\b\.?", r"\1m"),
)


T = TypeVar("T")
_Found = tuple[T, re.Match[str]]


class _Phrase:
    """Folded text from which the phrases that were understood are taken out."""

    def __init__(self, text: str) -> None:
        plain = unicodedata.normalize("NFKC", text).casefold()
        for pattern, word in _ACCENTED:
            plain = re.sub(pattern, word, plain)
        folded = re.sub("['’]", "", fold(plain))
        for pattern, word in _ENGLISH:
            folded = re.sub(pattern, word, folded)
        folded = re.sub(r"(?<=\d) ?/ ?(?=\d)", "/", folded)
        self.text = " ".join(re.sub(r"[,;!?()\"]", " ", folded).split())

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.search(self.text)
        if found:
            # NUL stays behind: the words around the gap must not join into a new phrase.
            self.text = f"{self.text[: found.start()]} \0 {self.text[found.end() :]}"
        return found

    def take_first(self, rules: Iterable[tuple[re.Pattern[str], T]]) -> _Found[T] | None:
        return next(((rule, m) for pattern, rule in rules if (m := self.take(pattern))), None)

    def rest(self) -> list[str]:
        """The words left over, all of them harmless."""
        words = self.text.replace("\0", "").split()
        if not _FILLER.issuperset(words):
            raise ValueError("something was not understood")
        return words


# --- days ---------------------------------------------------------------------------------------


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_NUM = rf"(\d{{1,2}}|{_any_of(NUMBER_WORDS)})"
_WHICH = r"(nay|sau|toi)"
_OF_YEAR = rf"(?: nam (?:(\d{{4}})|{_WHICH}))?"
_MONTH = f"({_any_of(_MONTHS)})"
_DAY = r"(?:the )?(\d{1,2})(?:st|nd|rd|th)?"

DayRule = Callable[[re.Match[str], dt.date], dt.date]


def _pattern(body: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w/.:])(?:{body})(?![\w/:])")


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else NUMBER_WORDS[word]


def _month_after(day: dt.date, months: int) -> dt.date:
    """The first day of the month so many months after that of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return dt.date(index // 12, index % 12 + 1, 1)


def _last_of(month: dt.date) -> dt.date:
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def _day_month(
    day: int, month: int, digits: str | None, which: str | None, today: dt.date
) -> dt.date:
    if digits:
        return dt.date(int(digits) + (2000 if len(digits) == 2 else 0), month, day)
    if which:
        return dt.date(today.year + (which != "nay"), month, day)
    for year in (today.year - 1, today.year, today.year + 1):
        if day <= calendar.monthrange(year, month)[1]:
            date = dt.date(year, month, day)
            if date >= today - dt.timedelta(days=30):
                return date
    raise ValueError("no such day within a year")


def _date(day: "_Found[DayRule]", today: dt.date) -> dt.date:
    rule, found = day
    try:
        return rule(found, today)
    except (ValueError, OverflowError):
        raise NoSuchDay(found.string) from None


def _numeric(m: re.Match[str], today: dt.date) -> dt.date:
    day, _, month, year, said_year, which = m.groups()
    return _day_month(int(day), int(month), year or said_year, which, today)


def _spoken(m: re.Match[str], today: dt.date) -> dt.date:
    day, month, plain_year, year, which = m.groups()
    return _day_month(_number(day), _number(month), plain_year or year, which, today)


def _day_of_month_said(m: re.Match[str], today: dt.date) -> dt.date:
    return _month_after(today, int(m[2] != "nay")).replace(day=_number(m[1]))


def _next_such_day(m: re.Match[str], today: dt.date) -> dt.date:
    day = _number(m[1])
    for months in range(int(day < today.day), 3):
        month = _month_after(today, months)
        if day <= _last_of(month).day:
            return month.replace(day=day)
    raise ValueError("no month has that day")


def _part_of_month(m: re.Match[str], today: dt.date) -> dt.date:
    part, which, number = m.groups()
    if number:
        month = _day_month(28, _number(number), None, None, today).replace(day=1)
    else:
        month = _month_after(today, int(which in ("sau", "toi")))
    date = _in_month(part, month)
    # "Đầu tháng" said on the 20th is the next one.
    return date if which or number or date >= today else _in_month(part, _month_after(today, 1))


def _in_month(part: str, month: dt.date) -> dt.date:
    return _last_of(month) if part == "cuoi" else month.replace(day=1 if part == "dau" else 15)


def _part_of_week(m: re.Match[str], today: dt.date) -> dt.date:
    weekday = 0 if m[1] == "dau" else 5
    if m[2]:
        return _in_week(weekday, m[2], today)
    return today + dt.timedelta(days=(weekday - today.weekday()) % 7)


def _in_week(weekday: int, which: str, today: dt.date) -> dt.date:
    weeks = 0 if which in ("nay", "this") else 1
    return today + dt.timedelta(days=weekday - today.weekday() + 7 * weeks)


def _in_days(days: int) -> DayRule:
    return lambda _, today: today + dt.timedelta(days=days)


def _days_from_now(m: re.Match[str], today: dt.date) -> dt.date:
    return today + dt.timedelta(days=_number(m[1]) * (1 if m[2].startswith(("ng", "d")) else 7))


_DAYS: tuple[tuple[re.Pattern[str], DayRule], ...] = (
    (
        _pattern(r"(\d{4})-(\d{1,2})-(\d{1,2})"),
        lambda m, _: dt.date(int(m[1]), int(m[2]), int(m[3])),
    ),
    (
        # With a dot only a possible month makes it a day: "19.30" is a time.
        _pattern(
            r"(\d{1,2})(/|-|\.(?=(?:0?[1-9]|1[0-2])(?!\d)))(\d{1,2})(?:[/.-](\d{4}|\d{2}))?"
            + _OF_YEAR
        ),
        _numeric,
    ),
    (_pattern(rf"ngay {_NUM} thang {_WHICH}"), _day_of_month_said),
    (_pattern(rf"{_NUM} thang {_NUM}(?: (\d{{4}}))?{_OF_YEAR}"), _spoken),
    (
        _pattern(rf"{_DAY}(?: of)? {_MONTH}(?: (\d{{4}}))?"),
        lambda m, today: _day_month(int(m[1]), _MONTHS[m[2]], m[3], None, today),
    ),
    (
        _pattern(rf"{_MONTH} {_DAY}(?: (\d{{4}}))?"),
        lambda m, today: _day_month(int(m[2]), _MONTHS[m[1]], m[3], None, today),
    ),
    (_pattern(rf"{_NUM} (ngay|tuan) nua"), _days_from_now),
    (_pattern(rf"in {_NUM} (days?|weeks?)"), _days_from_now),
    (_pattern(rf"(dau|giua|cuoi) thang(?: (?:{_WHICH}|{_NUM}))?"), _part_of_month),
    (_pattern(rf"(dau|cuoi) tuan(?: {_WHICH})?"), _part_of_week),
    (_pattern("day after tomorrow"), _in_days(2)),
    (_pattern("(?:(?:hom|ngay) )?mai|tomorrow"), _in_days(1)),
    (_pattern("hom kia"), _in_days(-2)),
    (_pattern("hom qua|yesterday"), _in_days(-1)),
    # "Mot" without accents is "mốt" (the day after tomorrow) or "một" (one).
    (_pattern("(?:ngay )?(?:kia|(?<!muoi )mot(?! (?:h|g|gio|ruoi|kem)))"), _in_days(2)),
    (_pattern(rf"(?:ngay|mung|mong) {_NUM}(?! (?:h|g|gio|ruoi|kem))"), _next_such_day),
    (_pattern("(?:(?:hom|ngay|bua) )?(?<!tuan )nay|today"), _in_days(0)),
)
_WEEK = _pattern(r"(?:tuan (nay|sau|toi)|(this|next) week)")
_WEEKDAY = _pattern(
    rf"(?:(?:thu|t) ?({'|'.join(_AFTER_THU)})|(?:(?:this|next|coming) )?({_any_of(_DAY_NAMES)}))"
    # "Sau" may begin "sáu giờ".
    r"(?: (?:nay|sau(?! ?(?:h|g|gio|ruoi|kem)\b)))?"
)


def _on_weekday(
    weekday: int,
    week: re.Match[str] | None,
    date: dt.date | None,
    time: dt.time | None,
    now: dt.datetime,
) -> dt.date:
    """The day that the weekday means, or the day already known if it falls on that weekday."""
    if date:
        if week:
            raise ValueError("a week is no day")
        if date.weekday() != weekday:
            raise OtherWeekday("", date)
        return date
    if week:
        return _in_week(weekday, week[1] or week[2], now.date())
    ahead = (weekday - now.weekday()) % 7
    if ahead == 0 and (time is None or time <= now.time()):
        ahead = 7
    return now.date() + dt.timedelta(days=ahead)


# --- times --------------------------------------------------------------------------------------

ClockRule = Callable[[re.Match[str]], "Clock"]


class Clock(NamedTuple):
    hour: int
    minutes: int  # beyond the hour, below zero for "kém"
    half: str | None = None  # am, pm


def _clock(m: re.Match[str]) -> Clock:
    return Clock(_number(m[1]), _number(m[2] or "0"))


_GIO = r" ?(?:gio|h|g|oclock)"
_PHUT = r"(?: ?(?:phut|ph|p))?"
_MINUTE = rf"(\d{{1,2}}|{_any_of(word for word, n in NUMBER_WORDS.items() if n > 9)})"
_CLOCKS: tuple[tuple[re.Pattern[str], ClockRule], ...] = (
    (
        _pattern(rf"{_NUM}(?:{_GIO})? ?kem {_NUM}{_PHUT}"),
        lambda m: Clock(_number(m[1]), -_number(m[2])),
    ),
    (_pattern(rf"{_NUM}(?:{_GIO})? ?ruoi"), lambda m: Clock(_number(m[1]), 30)),
    (
        _pattern(r"(\d{1,2})(?:[:.](\d{2}))? ?(am|pm)"),
        lambda m: Clock(int(m[1]), int(m[2] or 0), m[3]),
    ),
    (_pattern(rf"{_NUM}{_GIO}(?: ?{_MINUTE}{_PHUT})?"), _clock),
    (_pattern(r"(\d{1,2})[:.](\d{2})(?::\d{2})?(?: ?h)?"), _clock),
)


def _time(clock: Clock, words: Sequence[str]) -> dt.time:
    """The time on the 24-hour clock; a contradiction such as "sáng 19h" is refused."""
    hour, minutes, half = clock
    if abs(minutes) > 59:
        raise ValueError("no hour has that minute")
    periods = [word for word in words if word in _PERIODS]
    if len(periods) > 1:
        periods.remove("toi")  # "chiều thứ 5 tới 2h" typed without accents
    if half:
        if not 1 <= hour <= 12:
            raise ValueError("no such hour on the 12-hour clock")
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif periods and not (hour > 12 and "sang" not in periods):
        (period,) = periods
        hour = _PERIODS[period].get(hour, -1)
    total = hour * 60 + minutes
    return dt.time(*divmod(total, 60))
