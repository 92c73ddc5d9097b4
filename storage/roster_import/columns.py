"""The columns of a roster file, and what their cells mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from storage.folding import clean_name, fold
from storage.powers import Role
from storage.roster import Kind
from storage.sheets import (
    BadValue,
    Column,
    Problems,
    Row,
    parse_date,
    parse_phone,
    parse_telegram_id,
)

NAME_LIMIT = 100  # letters
DEPTH_LIMIT = 6  # units from the root down

NAME = Column("full_name", ("Họ và tên", "full_name", "Họ tên"), required=True)
UNIT = Column("unit", ("Đơn vị", "unit"), required=True)
POSITION = Column("position", ("Chức vụ", "position"))
KIND = Column("kind", ("Loại", "kind"))
BORN = Column("born", ("Ngày sinh", "born"))
JOINED = Column("joined", ("Ngày vào Đảng", "joined", "Ngày vào Đoàn", "Ngày vào hội"))
OFFICIAL = Column("official", ("Ngày chính thức", "official"))
CARD = Column("card", ("Số thẻ", "card"))
PHONE = Column("phone", ("Điện thoại", "phone", "Số điện thoại"))
RESIDENCE = Column("residence", ("Nơi cư trú", "residence"))
TELEGRAM = Column("telegram_id", ("Telegram ID", "telegram_id"))
COLUMNS = (
    NAME,
    UNIT,
    POSITION,
    KIND,
    BORN,
    JOINED,
    OFFICIAL,
    CARD,
    PHONE,
    RESIDENCE,
    TELEGRAM,
)

# As written in the file, folded; the first of each is how an export writes it.
ROLE_WORDS: dict[Role, tuple[str, ...]] = {
    Role.SECRETARY: ("Bí thư", "Bí thư chi bộ", "secretary", "Chủ tịch", "Chi hội trưởng"),
    Role.DEPUTY: (
        "Phó bí thư",
        "Phó bí thư chi bộ",
        "deputy",
        "deputy secretary",
        "Phó chủ tịch",
        "Chi hội phó",
    ),
    Role.COMMITTEE: (
        "Chi ủy viên",
        "Cấp ủy viên",
        "Đảng ủy viên",
        "Ủy viên",
        "Ủy viên ban chấp hành",
        "committee",
        "committee member",
    ),
    Role.MEMBER: ("Đảng viên", "Không", "member", "none", "Đoàn viên", "Hội viên"),
}
KIND_WORDS: dict[Kind, tuple[str, ...]] = {
    Kind.OFFICIAL: ("Chính thức", "Đảng viên chính thức", "official"),
    Kind.PROBATIONARY: ("Dự bị", "Đảng viên dự bị", "probationary"),
    Kind.TEMPORARY: ("Sinh hoạt tạm thời", "Tạm thời", "temporary"),
    Kind.EXEMPT: ("Miễn", "Được miễn", "Miễn công tác và sinh hoạt", "Miễn sinh hoạt", "exempt"),
    Kind.LIAISON: ("213", "liaison", "residence liaison", "Đảng viên 213"),
    Kind.CANDIDATE: ("Quần chúng ưu tú", "candidate", "outstanding candidate"),
}
_ROLES = {fold(word): role for role, words in ROLE_WORDS.items() for word in words}
_KINDS = {fold(word): kind for kind, words in KIND_WORDS.items() for word in words}

Path = tuple[str, ...]


@dataclass(slots=True)
class Entry:
    """One row of the file, understood; what its cells leave empty is missing or None."""

    row: int
    full_name: str
    path: Path
    role: Role | None = None
    fields: dict[str, Any] = field(default_factory=dict)  # of Person, filled cells only

    @property
    def telegram_id(self) -> int | None:
        """The account, where the file names one."""
        value = self.fields.get("telegram_id")
        return value if isinstance(value, int) else None

    @property
    def card(self) -> str | None:
        """The card's number."""
        value = self.fields.get("card")
        return value if isinstance(value, str) else None

    @property
    def born(self) -> date | None:
        """The day of birth."""
        value = self.fields.get("born")
        return value if isinstance(value, date) else None


def understand(row: Row, today: date, problems: Problems) -> Entry | None:
    """What a row says; None, with the problems noted, when a cell of it is wrong."""
    before = len(problems)
    day = partial(parse_date, today=today)
    parsers: dict[Column, Callable[[str], object]] = {
        KIND: parse_kind,
        BORN: day,
        JOINED: day,
        OFFICIAL: partial(parse_date, today=today, future=True),
        CARD: parse_card,
        PHONE: parse_phone,
        RESIDENCE: partial(parse_line, limit=200),
        TELEGRAM: parse_telegram_id,
    }
    name = problems.read(row.number, NAME.title, parse_name, row[NAME.name])
    path = problems.read(row.number, UNIT.title, parse_path, row[UNIT.name])
    role = problems.read(row.number, POSITION.title, parse_role, row[POSITION.name])
    fields: dict[str, object] = {}
    for column, parse in parsers.items():
        value = problems.read(row.number, column.title, parse, row[column.name])
        if value is not None:
            fields[column.name] = value
    if len(problems) > before or name is None or path is None:
        return None
    return Entry(row.number, name, path, role, fields)


def check_order(born: date | None, joined: date | None, official: date | None) -> None:
    """Days of one person must follow each other; raises BadValue."""
    if born is not None and joined is not None and joined <= born:
        raise BadValue("Joined before being born.")
    if joined is not None and official is not None and official < joined:
        raise BadValue("Official before having joined.")


def parse_name(text: str) -> str:
    """A person's full name."""
    name = clean_name(text)
    if not any(char.isalpha() for char in name):
        raise BadValue("{value} is not a name.", value=name[:40])
    if len(name) > NAME_LIMIT:
        raise BadValue("The name is longer than {limit} letters.", limit=NAME_LIMIT)
    return name


def parse_line(text: str, limit: int) -> str:
    """Any line of text, of a bearable length."""
    line = clean_name(text)
    if len(line) > limit:
        raise BadValue("The text is longer than {limit} letters.", limit=limit)
    return line


def parse_path(text: str) -> Path:
    """The names of units from the root down."""
    path = tuple(name for part in text.split("/") if (name := clean_name(part)))
    if not path:
        raise BadValue("{value} names no unit.", value=text[:40])
    if len(path) > DEPTH_LIMIT:
        raise BadValue("More than {limit} units below each other.", limit=DEPTH_LIMIT)
    if len({fold(name) for name in path}) < len(path):
        raise BadValue("{value} goes in a circle: a unit cannot be below itself.", value=text[:80])
    if any(len(name) > NAME_LIMIT for name in path):
        raise BadValue("The name is longer than {limit} letters.", limit=NAME_LIMIT)
    return path


def parse_role(text: str) -> Role:
    """A position; MEMBER means that none is held."""
    if (role := _ROLES.get(fold(text))) is None:
        raise BadValue(
            "{value} is not a position. Write {words}.",
            value=text[:40],
            words=", ".join(words[0] for words in ROLE_WORDS.values()),
        )
    return role


def parse_kind(text: str) -> Kind:
    """A kind of membership."""
    if (kind := _KINDS.get(fold(text))) is None:
        raise BadValue(
            "{value} is not a kind of member. Write {words}.",
            value=text[:40],
            words=", ".join(words[0] for words in KIND_WORDS.values()),
        )
    return kind


def parse_card(text: str) -> str:
    """A card's number, spaces left out."""
    card = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    if re.fullmatch(r"\d([.,]\d+)?E\+?\d+", card):
        raise BadValue(
            "{value} was rounded by the spreadsheet. Format the column as text and write it again.",
            value=text,
        )
    if not re.fullmatch(r"[\w./-]{1,32}", card):
        raise BadValue("{value} is not a card number.", value=text[:40])
    return card
