"""A day of every month as people type it: "ngày 3 hằng tháng 19h30", "thu nam dau thang".

Which day of a month is recognised here and taken out of the text; what is left is a time, read
with the grammar of `reading`. As there, what is not understood is refused and not guessed, and
the form that asked says everything back.
"""

import datetime as dt
import re
import unicodedata
from typing import NamedTuple

from handlers.dates.mistakes import NotUnderstood
from handlers.dates.reading import NUMBER_WORDS, parse_when
from storage.folding import fold

LAST = -1


class Monthly(NamedTuple):
    """A day by its number, or by weekday (Monday is 0) and order; a time; each may be missing."""

    day: int | None = None
    weekday: int | None = None
    nth: int | None = None  # 1 to 4, or LAST
    time: dt.time | None = None

    @property
    def which(self) -> bool:
        """Whether a day was said."""
        return self.day is not None or self.weekday is not None


_ORDERS = {"dau": 1, "dau tien": 1, "nhat": 1, "first": 1, "1st": 1, "1": 1}
_ORDERS |= {"hai": 2, "nhi": 2, "second": 2, "2nd": 2, "2": 2}
_ORDERS |= {"ba": 3, "third": 3, "3rd": 3, "3": 3}
_ORDERS |= {"tu": 4, "bon": 4, "fourth": 4, "4th": 4, "4": 4}
_ORDERS |= {"cuoi": LAST, "cuoi cung": LAST, "last": LAST}

_NO_HOUR = r"(?! ?(?:h|g|gio|ruoi|kem|am|pm|oclock)\b|[:.]\d)"  # "thu nam 2 gio" has no order
_DAY_VI = r"(?:thu|t) ?(?:[2-7]|hai|ba|tu|nam|sau|bay)|chu nhat|cn"
_DAY_EN = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_WORD_ORDER = "dau(?: tien)?|cuoi(?: cung)?"
_NUMBER_ORDER = rf"(?:nhat|nhi|hai|ba|tu|bon|[1-4]){_NO_HOUR}"
_OF_MONTH = r"(?: (?:cua|trong))?(?: (?:hang|moi|tung))?(?: thang)?"

_WEEKDAY = (
    re.compile(
        rf"\b(?P<day>{_DAY_VI}) (?:cua )?(?:"
        rf"(?:tuan )?(?P<word>{_WORD_ORDER})"
        rf"|(?:(?:tuan|lan)(?: thu)?|thu) (?P<number>{_NUMBER_ORDER})"
        rf"){_OF_MONTH}\b"
    ),
    re.compile(
        r"\b(?:the )?(?P<word>first|second|third|fourth|last|1st|2nd|3rd|4th)(?P<number>) "
        rf"(?P<day>{_DAY_EN})\b"
    ),
)
_WORDS = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_DAY_AFTER_TOMORROW = re.compile(r"(?<!mươi )\bmốt\b")  # without its accent it is "one"
_LAST_DAY = re.compile(rf"\b(?:ngay )?cuoi(?: cung)?{_OF_MONTH}\b|\b(?:the )?last day\b")
_DAY = (
    re.compile(
        rf"\b(?:ngay|mung|mong)(?: (?:mung|mong))? (?P<day>\d{{1,2}}|{_WORDS})\b"
        rf"{_NO_HOUR}(?! ?/){_OF_MONTH}\b"
    ),
    re.compile(r"\b(?:the )?(?P<day>\d{1,2})(?:st|nd|rd|th)\b"),
    re.compile(rf"\bday (?P<day>\d{{1,2}}){_NO_HOUR}"),
)
_EVERY = re.compile(
    r"\b(?:cua |trong )?(?:hang|moi|tung) (?:thang|quy)\b|\bmonthly\b"
    r"|\b(?:of )?(?:every|each|the) (?:month|quarter)\b"
)
_FILLER = re.compile(r"\b(?:hop|sinh hoat|dinh ky|thuong ky|vao|luc|at|on|in)\b")
_LONG_MONTH = dt.datetime(2026, 1, 1)  # a day's number is read within it


def parse_monthly(text: str) -> Monthly:
    """The day of every month, the time or both that a person typed."""
    if len(text) > 100:
        raise NotUnderstood(text)
    plain = unicodedata.normalize("NFC", text).casefold()
    if _DAY_AFTER_TOMORROW.search(plain):
        raise NotUnderstood(text)
    left = " ".join(re.sub(r"[,;!?()\"]", " ", fold(text)).split())
    which = Monthly()
    for read in (_weekday, _number, _last_day):
        which, left = read(left, text)
        if which.which:
            break
    left = " ".join(_FILLER.sub(" ", _EVERY.sub(" ", left)).split())
    if not left:
        if not which.which:
            raise NotUnderstood(text)
        return which
    found = parse_when(left, _LONG_MONTH)
    if found.date is not None:
        raise NotUnderstood(text)
    return which._replace(time=found.time)


def _weekday(left: str, _text: str) -> tuple[Monthly, str]:
    for pattern in _WEEKDAY:
        if found := pattern.search(left):
            day = parse_when(found["day"], _LONG_MONTH).date
            nth = _ORDERS[found["word"] or found["number"]]
            return Monthly(weekday=day.weekday() if day else None, nth=nth), _without(found)
    return Monthly(), left


def _number(left: str, text: str) -> tuple[Monthly, str]:
    for pattern in _DAY:
        if found := pattern.search(left):
            said = found["day"]
            day = int(said) if said.isdecimal() else NUMBER_WORDS[said]
            if not 1 <= day <= 31:
                raise NotUnderstood(text)
            return Monthly(day=day), _without(found)
    return Monthly(), left


def _last_day(left: str, _text: str) -> tuple[Monthly, str]:
    if found := _LAST_DAY.search(left):
        return Monthly(day=31), _without(found)
    return Monthly(), left


def _without(found: re.Match[str]) -> str:
    """What is left; the gap keeps the words around it apart."""
    return f"{found.string[: found.start()]} {found.string[found.end() :]}"
