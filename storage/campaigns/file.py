"""A campaign as a TOML file: read completely, checked completely, or not taken at all.

Every problem names its place, the lesson and the question, and is a source sentence that the
floors above say in any language.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from storage.bank import NewItem
from storage.campaigns.places import LINE, CampaignError, Place, Problem, Problems
from storage.campaigns.question import question
from storage.reading import parse_toml
from storage.schedule import NeverComes, parse_remind
from storage.sheets import Problem as SheetProblem
from storage.sheets import SheetError

ATTACHMENT_LIMIT = 20 * 1024 * 1024
ATTACHMENTS_LIMIT = 100 * 1024 * 1024  # all together: they are in memory when they are written
LESSONS, QUESTIONS = 100, 100
TEXT = 100_000  # letters
LONGEST = 600  # minutes
PASSING = 0.5

CAMPAIGN_KEYS = frozenset(
    {"name", "citation", "unit", "starts", "ends", "remind", "pass", "lesson"}
)
LESSON_KEYS = frozenset(
    {"title", "minutes", "opens", "due", "text", "url", "file", "question", "draw", "topic"}
)


@dataclass(frozen=True, slots=True)
class NewLesson:
    """A lesson as the file has it; `content` is filled once its file has been read."""

    title: str
    minutes: int | None
    opens: date
    due: date
    text: str | None
    url: str | None
    file: str | None
    questions: tuple[NewItem, ...]
    draw: int | None = None
    topic: str | None = None
    content: bytes | None = None

    @property
    def digest(self) -> str | None:
        """What tells one content from another."""
        return None if self.content is None else sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class CampaignFile:
    """A campaign as the file has it."""

    name: str
    citation: str
    unit: str
    starts: date
    ends: date
    remind: str | None
    passing: float
    lessons: tuple[NewLesson, ...]


def parse_campaign(content: bytes) -> CampaignFile:
    """The campaign of a TOML file; raises CampaignError with every problem and its place."""
    try:
        return campaign_of(parse_toml(content))
    except SheetError as error:
        raise unreadable(error.problems) from None


def unreadable(problems: Iterable[SheetProblem]) -> CampaignError:
    """What keeps a file from being TOML, as an error of the campaign."""
    return CampaignError([Problem(None, None, each.message, each.values) for each in problems])


def campaign_of(table: dict[str, Any]) -> CampaignFile:
    """The campaign that a TOML file tells of, its days as text; raises CampaignError as above."""
    problems = Problems()
    at = Place(table, problems)
    at.only(CAMPAIGN_KEYS)
    starts, ends = at.day("starts", required=True), at.day("ends", required=True)
    if starts and ends and ends < starts:
        at.wrong("it ends before it starts")
    span = (starts or date.min, ends or date.max)
    found = CampaignFile(
        name=at.line("name", required=True),
        citation=at.line("citation", limit=2 * LINE),
        unit=at.line("unit", limit=5 * LINE, required=True),
        starts=span[0],
        ends=span[1],
        remind=_remind(at),
        passing=_passing(at),
        lessons=tuple(
            _lesson(entry, number, span, problems)
            for number, entry in enumerate(at.tables("lesson", LESSONS), 1)
        ),
    )
    if not found.lessons and "lesson" not in table:
        at.wrong("there is no [[lesson]]")
    problems.raise_any()
    return found


def read_attachments(campaign: CampaignFile, folder: Path) -> CampaignFile:
    """The campaign with the content of its files, which lie in the folder or below it."""
    problems = Problems()
    lessons: list[NewLesson] = []
    left = ATTACHMENTS_LIMIT
    for number, lesson in enumerate(campaign.lessons, 1):
        found = None if lesson.file is None else _content(lesson.file, number, folder, problems)
        lessons.append(replace(lesson, content=found))
        left -= len(found or b"")
        if left < 0:
            limit = ATTACHMENTS_LIMIT >> 20
            problems.add(number, None, "the files together exceed {limit} MiB", limit=limit)
            break
    problems.raise_any()
    return replace(campaign, lessons=tuple(lessons))


def without_attachments(campaign: CampaignFile) -> CampaignFile:
    """The campaign itself when it needs no files; raises CampaignError where it does."""
    problems = Problems()
    for number, lesson in enumerate(campaign.lessons, 1):
        if lesson.file is not None:
            problems.add(
                number, None, "{file} cannot come along in a chat: give it as url", file=lesson.file
            )
    problems.raise_any()
    return campaign


# -- the parts of a file -----------------------------------------------------------------------


def _lesson(
    table: dict[str, Any], number: int, span: tuple[date, date], problems: Problems
) -> NewLesson:
    at = Place(table, problems, number)
    at.only(LESSON_KEYS)
    opens, due = at.day("opens") or span[0], at.day("due") or span[1]
    for name, day in (("opens", opens), ("due", due)):
        if not span[0] <= day <= span[1]:
            at.wrong("{name} lies outside the campaign", name=name)
    if due < opens:
        at.wrong("it is due before it opens")
    if sum(key in table for key in ("text", "url", "file")) != 1:
        at.wrong("it needs exactly one of text, url and file")
    return NewLesson(
        title=at.line("title", required=True),
        minutes=at.whole("minutes", 1, LONGEST),
        opens=opens,
        due=due,
        text=at.text("text", TEXT, required=True) if "text" in table else None,
        url=_url(at) if "url" in table else None,
        file=_file(at) if "file" in table else None,
        questions=tuple(
            question(entry, Place(entry, problems, number, place))
            for place, entry in enumerate(at.tables("question", QUESTIONS), 1)
        ),
        draw=_draw(at),
        topic=at.line("topic") or None,
    )


def _draw(at: Place) -> int | None:
    number = at.whole("draw", 1, QUESTIONS)
    there = at.table.get("question", [])
    if number and "topic" not in at.table and isinstance(there, list) and number > len(there):
        at.wrong("draw asks for more questions than there are")
    return number


def _remind(at: Place) -> str | None:
    line = at.line("remind")
    if not line:
        return None
    try:
        return parse_remind(line)
    except NeverComes:
        at.wrong('remind "{line}" never comes: no month that it names has that day', line=line)
        return None
    except ValueError:
        at.wrong(
            'remind "{line}" is neither a time like 19:30 nor cron like 30 19 * * mon,thu '
            "(weekdays by name)",
            line=line,
        )
        return None


def _passing(at: Place) -> float:
    share = at.table.get("pass", PASSING)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        at.wrong("pass is a share of right answers from 0 to 1, say 0.5")
        return PASSING
    return float(share)


def _url(at: Place) -> str | None:
    url = at.line("url", limit=2000, required=True)
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if url and (not good or " " in url):
        at.wrong("url is not an address that starts with https://")
    return url or None


def _file(at: Place) -> str | None:
    name = at.line("file", limit=2 * LINE, required=True)
    parts = name.split("/")
    if name and (not all(parts) or {".", ".."} & set(parts) or "\\" in name or ":" in name):
        at.wrong("file is a name beside the campaign's own file, without ..")
    return name or None


def _content(name: str, number: int, folder: Path, problems: Problems) -> bytes | None:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        problems.add(number, None, "there is no file {file} beside the campaign's own", file=name)
        return None
    size = path.stat().st_size
    if size > ATTACHMENT_LIMIT:
        problems.add(number, None, "{file} is larger than 20 MiB", file=name)
        return None
    if not size:
        problems.add(number, None, "the file {file} is empty", file=name)
        return None
    return path.read_bytes()
