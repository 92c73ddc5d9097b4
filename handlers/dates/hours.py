"""Two times of day as people type them: "10 giờ đêm đến 6 giờ sáng", "21:30-06:30", "10pm to 6am".

Each side is read with the grammar of `reading`; here is only what stands between them. An hour
without a word ("10 giờ") may be twelve hours off: where that would make the hours improbably
long, `hours_meant` offers what else may have been meant, and whoever asked asks again.
"""

import datetime as dt
import re
import unicodedata
from typing import NamedTuple

from handlers.dates.mistakes import NotUnderstood
from handlers.dates.reading import parse_when
from storage.folding import fold

LONGEST = 14 * 60  # minutes that a night's rest may take without a second question
HALF_A_DAY = 12 * 60
DAY = 24 * 60

_BETWEEN = re.compile(r"\s*(?:->|→|[-–—])\s*|\s+(?:đến|den|tới|toi|until|till|to)(?=\s)")
_MIDNIGHT = re.compile(r"\b(?:nửa đêm|nua dem|midnight|12 ?(?:giờ|gio|h|g)? ?(?:đêm|dem))\b")
_BARE_NUMBER = re.compile(r"\d{1,2}")
_SETTLED = re.compile(
    r"\b(?:sang|trua|chieu|toi|dem|noon|morning|afternoon|evening|night)\b"
    r"|\d ?[ap]\.?m\b|\b0\d"
)
_ANY_DAY = dt.datetime(2026, 1, 1)


class Hours(NamedTuple):
    """From when to when; the end may be on the next day."""

    start: dt.time
    end: dt.time

    @property
    def minutes(self) -> int:
        """How long they take."""
        return (_minutes(self.end) - _minutes(self.start)) % DAY

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


class _Side(NamedTuple):
    time: dt.time
    bare: bool  # an hour of the clock face, without a word that tells morning from evening


def hours_meant(text: str) -> list[Hours]:
    """What was typed; behind it, where it is improbably long, what else may have been meant."""
    start, end = _sides(text)
    typed = Hours(start.time, end.time)
    if typed.minutes <= LONGEST:
        return [typed]
    others = [Hours(each, end.time) for each in _other(start)]
    others += [Hours(start.time, each) for each in _other(end)]
    return [typed, *(each for each in others if each.minutes <= LONGEST)]


def _sides(text: str) -> tuple[_Side, _Side]:
    if len(text) > 100:
        raise NotUnderstood(text)
    plain = _MIDNIGHT.sub("0h", unicodedata.normalize("NFKC", text).casefold().strip())
    # The last that fits: without accents "toi" is evening, too, as in "10 gio toi toi 5 gio".
    for between in reversed(list(_BETWEEN.finditer(plain))):
        try:
            return _side(plain[: between.start()]), _side(plain[between.end() :])
        except NotUnderstood:
            continue
    raise NotUnderstood(text)


def _side(text: str) -> _Side:
    try:
        found = parse_when(text, _ANY_DAY)
    except NotUnderstood:
        found = parse_when(_BARE_NUMBER.sub(r"\g<0>h", text, count=1), _ANY_DAY)
    if found.time is None or found.date is not None:
        raise NotUnderstood(text)
    bare = found.time.hour <= 12 and not _SETTLED.search(fold(text))
    return _Side(found.time, bare)


def _other(side: _Side) -> list[dt.time]:
    """The same hour in the other half of the day, where it may have been meant."""
    if not side.bare:
        return []
    return [dt.time(*divmod((_minutes(side.time) + HALF_A_DAY) % DAY, 60))]


def _minutes(time: dt.time) -> int:
    return time.hour * 60 + time.minute
