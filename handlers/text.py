"""Words that are said later, in the reader's language.

Code writes English source sentences: `_("Meeting on {day}", day=…)` is a `Text`, not a string. It
becomes a string only when the reader is known: translated (`handlers/words/<language>/*.po`), put
into the words of the organisation's profile, filled with values, and escaped. Values are escaped
here and nowhere else; markup stands in the source sentence alone.
"""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from handlers.dates import format_day, format_when

LANGUAGES = ("vi", "en")
PROFILES = ("party", "union", "youth", "association")
WORDS = Path(__file__).parent / "words"


@dataclass(frozen=True, slots=True)
class Text:
    """A source sentence and the values that fill it; `plural` is chosen by the value `n`."""

    source: str
    values: Mapping[str, object] = field(default_factory=dict)
    plural: str | None = None


class Marked(str):
    """Safe HTML that somebody else has written, said as it is (`handlers/campaigns/marking.py`)."""

    __slots__ = ()


Words = Text | str


def _(source: str, **values: object) -> Text:
    """A sentence to be said in the reader's language."""
    return Text(source, values)


def n_(one: str, many: str, **values: object) -> Text:
    """A sentence that depends on the number `n`: "{n} person", "{n} people"."""
    return Text(one, values, many)


def cut(text: str, limit: int) -> str:
    """A text of at most so many letters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def squeezed(text: str, limit: int) -> str:
    """A text of at most so many letters: its beginning and its end, as in "Nhà văn…Khu phố 2"."""
    if len(text) <= limit:
        return text
    end = limit // 2
    return f"{text[: limit - 1 - end].rstrip()}…{text[-end:].lstrip()}"


def unmarked(markup: str) -> str:
    """Telegram's HTML as the plain text that people see."""
    return html.unescape(_TAG.sub("", markup))


@dataclass(frozen=True, slots=True)
class Day:
    """A day that is written as the reader writes days.

    `short` leaves out weekday and year; `dated` the weekday alone, for days that are long past.
    """

    day: date
    short: bool = False
    dated: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment that is written in the reader's zone; `clock` gives the time of day alone."""

    at: datetime
    clock: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom words are for: language, zone, profile of the organisation."""

    language: str = "vi"
    zone: str = "Asia/Ho_Chi_Minh"
    profile: str = "party"

    def html(self, words: Words) -> str:
        """The words as Telegram's HTML."""
        return self._say(words, html.escape)

    def plain(self, words: Words) -> str:
        """The words without markup: for button labels, toasts and files."""
        return unmarked(self._say(words, html.escape))

    def _say(self, words: Words, escape: Callable[[str], str]) -> str:
        if isinstance(words, Marked):
            return str(words)
        if isinstance(words, str):
            return escape(words)
        values = {name: self._value(value, escape) for name, value in words.values.items()}
        source = words.source
        if words.plural is not None and self.language != "vi" and words.values.get("n") != 1:
            source = words.plural
        # Never str.format: a translation must not be able to reach into a value.
        return _PLACE.sub(
            lambda place: values.get(place[1], place[0]),
            sentence(source, self.language, self.profile),
        )

    def _value(self, value: object, escape: Callable[[str], str]) -> str:
        match value:
            case Text():
                return self._say(value, escape)
            case Day(day, short=True):
                return f"{day.day}/{day.month}"
            case Day(day, dated=True):
                return f"{day.day}/{day.month}/{day.year}"
            case Day(day):
                return format_day(day, self.language)
            case Moment(at, clock):
                local = at.astimezone(ZoneInfo(self.zone))
                return f"{local:%H:%M}" if clock else format_when(local, self.language)
            case bool() | None:
                raise TypeError(f"{value!r} is no word")
            case int() | float():
                return format_decimal(value, locale=self.language)
            case _:
                return escape(str(value))


@cache
def sentence(source: str, language: str, profile: str) -> str:
    """The source sentence in a language and in the words of a profile."""
    said = source
    if language != "en":
        message = _catalog(language).get(source)
        if message is not None and message.string:
            said = message.string if isinstance(message.string, str) else message.string[0]
    return _profiled(said, _terms(profile, language))


@cache
def _catalog(language: str) -> Catalog:
    """All words of a language: a file for each feature."""
    merged = Catalog(locale=language)
    for path in sorted((WORDS / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    merged.add(message.id, message.string)
    return merged


@cache
def _terms(profile: str, language: str) -> tuple[tuple[str, str], ...]:
    """The words that a profile has in place of the party's, longest first."""
    tables = tomllib.loads((WORDS / "profiles.toml").read_text("utf-8"))
    terms: dict[str, str] = tables.get(profile, {}).get(language, {})
    return tuple(sorted(terms.items(), key=lambda pair: -len(pair[0])))


def _profiled(said: str, terms: tuple[tuple[str, str], ...]) -> str:
    if not terms:
        return said
    table = dict(terms)
    pattern = re.compile("|".join(rf"\b{re.escape(term)}\b" for term, _ in terms), re.IGNORECASE)

    def swap(found: re.Match[str]) -> str:
        word = table[found[0].lower()]
        if found[0].isupper() and len(found[0]) > 1:
            return word.upper()
        return word[0].upper() + word[1:] if found[0][0].isupper() else word

    # Places such as {branch} are names in code, not words.
    return "".join(
        part if part.startswith("{") else pattern.sub(swap, part)
        for part in _PLACE_KEPT.split(said)
    )


_TAG = re.compile(r"<[^>]+>")
_PLACE = re.compile(r"\{(\w+)\}")
_PLACE_KEPT = re.compile(r"(\{\w+\})")
