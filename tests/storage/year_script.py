"""The script of a year: twelve branches, who is on their rolls, and what everybody does when.

Plain data by plain formulae, without chance and without a word of `storage`: `test_year.py` plays
it on the product, `year_by_hand.py` counts it with a pencil. All names are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

YEAR = 2028  # a leap year; Tết is on 26 January
PARENT = "Đảng bộ Phường Bến Đò"
HOME, ABROAD = "Asia/Ho_Chi_Minh", "Europe/Berlin"
BRANCHES = range(1, 13)
BERLIN = 7  # the branch that goes by another clock
QUARTERS = (3, 6, 9, 12)
GRACE = 15  # minutes after which somebody is late

FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ")
MIDDLE = ("Văn", "Thị", "Hữu", "Minh", "Ngọc", "Quốc")
GIVEN = (
    *("An", "Bình", "Châu", "Dũng", "Giang", "Hòa"),
    *("Khánh", "Lan", "Mai", "Nam", "Phúc", "Sơn"),
)
SECRETARY, DEPUTY, SECOND, NOVICE, ELDER, GUEST, SIXTH, LEAVER, NEWCOMER = range(9)


@dataclass(frozen=True)
class Comrade:
    """Somebody on a roll, from a day to a day (not included)."""

    name: str
    slot: int
    kind: str
    account: int | None  # None: no telephone
    stays: tuple[tuple[int, date, date], ...]  # branch, from, to
    exempt_from: date = date.max


@dataclass(frozen=True)
class Act:
    """One thing that one person does, or that is done about them."""

    what: str
    reason: str = ""
    after: int = 0  # minutes after the start


@dataclass(frozen=True)
class Gathering:
    """One meeting as it was called, and what became of it."""

    branch: int
    kind: str
    planned: datetime
    number: int = 1  # tells two of one kind and month apart
    moved_to: datetime | None = None
    fate: str = "held"  # or "cancelled", or "forgotten": nobody took the roll
    locked: bool = False
    minutes: int | None = None

    @property
    def starts(self) -> datetime:
        return self.moved_to or self.planned

    @property
    def called(self) -> datetime:
        return self.planned - timedelta(days=12 if self.moved_to else 5)

    @property
    def token(self) -> str:
        return f"{self.branch}-{self.kind}-{self.planned:%Y%m%d}"


# -- who ---------------------------------------------------------------------------------------


def zone_of(branch: int) -> ZoneInfo:
    return ZoneInfo(ABROAD if branch == BERLIN else HOME)


def comrades() -> list[Comrade]:
    """Everybody who is on a roll at some time of the year."""
    return [_comrade(branch, slot) for branch in BRANCHES for slot in _slots(branch)]


def _slots(branch: int) -> range:
    return range(9 if branch % 2 else 8)  # half of the branches get somebody new


def _comrade(branch: int, slot: int) -> Comrade:
    middle = MIDDLE[(branch + slot) % len(MIDDLE)]
    kinds = {NOVICE: "probationary", ELDER: "exempt", GUEST: "temporary"}
    if slot == SIXTH and branch % 2 == 0:
        kinds[SIXTH] = "liaison"
    since, until = date(YEAR - 1, 1, 1), date.max
    stays: tuple[tuple[int, date, date], ...] = ((branch, since, until),)
    if slot == NEWCOMER:
        stays = ((branch, date(YEAR, 4, 15), until),)
    elif slot == LEAVER and branch % 2 == 0:
        stays = ((branch, since, date(YEAR, 9, 15)),)
    elif slot == LEAVER and branch == 1:
        stays = ((1, since, date(YEAR, 6, 1)), (2, date(YEAR, 6, 1), until))
    return Comrade(
        f"{FAMILY[slot]} {middle} {GIVEN[branch - 1]}",
        slot,
        kinds.get(slot, "official"),
        None if slot == SIXTH and branch % 2 else 700_000_000 + 100 * branch + slot,
        stays,
        date(YEAR, 7, 10) if (branch, slot) == (6, GUEST) else date.max,
    )


# -- when --------------------------------------------------------------------------------------

# Days that a calendar gets wrong: leap day, the morning and the night that change a month or a
# year elsewhere, the Sundays on which Berlin changes its clocks.
ODD_DAYS: dict[tuple[int, int], tuple[int, int, int]] = {
    (1, 1): (1, 6, 30),
    (5, 2): (29, 19, 30),
    (11, 2): (29, 8, 0),
    (9, 9): (1, 6, 30),
    (BERLIN, 3): (26, 10, 0),
    (BERLIN, 5): (31, 22, 30),
    (BERLIN, 10): (29, 9, 0),
    (BERLIN, 12): (31, 23, 30),
    (2, 1): (27, 19, 30),  # in Tết: moved, and into another month
    (4, 1): (26, 19, 30),  # in Tết: moved within its month
}
MOVED = {(2, 1): (2, 2), (4, 1): (1, 20)}  # to which month and day


def gatherings() -> list[Gathering]:
    """Every meeting that is called."""
    found = [_regular(branch, month) for branch in BRANCHES for month in range(1, 13)]
    found += [
        Gathering(
            branch,
            "thematic",
            _at(branch, month, 24 + branch % 4, 14, 0),
            locked=branch % 2 == 0,
            minutes=_minutes(branch, month + 1),
        )
        for branch in BRANCHES
        for month in QUARTERS
    ]
    found += [
        Gathering(8, "regular", _at(8, 4, 27, 19, 30), number=2, locked=True, minutes=95),
        Gathering(6, "thematic", _at(6, 7, 25, 19, 30), fate="cancelled"),
        Gathering(9, "thematic", _at(9, 10, 25, 19, 30), fate="forgotten"),
        # The night before the year, and the one after it, which Greenwich counts to the year.
        Gathering(1, "regular", datetime(YEAR - 1, 12, 31, 19, 30, tzinfo=zone_of(1)), locked=True),
        Gathering(12, "regular", datetime(YEAR + 1, 1, 1, 0, 30, tzinfo=zone_of(12)), locked=True),
    ]
    return found


def _regular(branch: int, month: int) -> Gathering:
    day, hour, minute = ODD_DAYS.get(
        (branch, month), (3 + (branch + 2 * month) % 20, 19 if branch % 3 else 7, 30)
    )
    moved = MOVED.get((branch, month))
    return Gathering(
        branch,
        "regular",
        _at(branch, month, day, hour, minute),
        moved_to=_at(branch, *moved, 19, 30) if moved else None,
        locked=(branch + month) % 3 != 0,
        minutes=_minutes(branch, month),
    )


def _at(branch: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(YEAR, month, day, hour, minute, tzinfo=zone_of(branch))


def _minutes(branch: int, month: int) -> int | None:
    """How long it takes; sometimes nobody notes it."""
    return None if (branch + month) % 6 == 0 else 80 + (3 * branch + 5 * month) % 45


# -- what --------------------------------------------------------------------------------------

ASK = {
    reason: Act("ask", reason) for reason in ("business", "illness", "family", "xe hỏng dọc đường")
}
TAP, LATE_TAP = Act("tap", after=3), Act("tap", after=GRACE + 2)
STORIES: dict[int, tuple[Act, ...]] = {
    0: (ASK["business"], Act("grant")),
    1: (ASK["illness"], Act("grant")),
    2: (ASK["family"], Act("refuse")),
    3: (ASK["xe hỏng dọc đường"],),
    4: (),
    5: (LATE_TAP,),
    6: (Act("mark", after=5),),
    7: (ASK["family"], Act("grant"), TAP),
    8: (Act("plead"), Act("accept")),
    9: (Act("plead"), Act("deny")),
    10: (ASK["illness"], Act("excuse")),
    11: (TAP, Act("leave")),
    12: (TAP, Act("strike")),
    13: (ASK["business"], Act("withdraw"), TAP),
    14: (ASK["family"], Act("grant")),
    15: (Act("excuse"),),
}


def story(gathering: Gathering, comrade: Comrade) -> tuple[Act, ...]:
    """What somebody does about a meeting, in order."""
    branch, month, slot = gathering.branch, gathering.planned.month, comrade.slot
    regular = gathering.kind == "regular"
    if regular and (branch, slot) == (10, DEPUTY) and month in (2, 3, 5):
        return (Act("mend"),) if month == 5 else ()  # found days later to have been there
    if regular and branch % 4 == 0 and slot == SECOND and month in (3, 6):
        return ()
    if regular and (branch, month) == (8, 4) and slot in (NOVICE, GUEST):
        return (TAP,) if gathering.number == 2 and slot == NOVICE else ()
    if slot == ELDER and (branch + month) % 4 == 0:
        return (TAP,)
    code = (7 * branch + 5 * month + 3 * slot + (0 if regular else 11)) % 26
    acts = STORIES.get(code, (TAP,))
    if slot == ELDER and code > 1:
        return ()
    if comrade.account is None:
        return tuple(
            Act("mark", after=5) if act.what == "tap" else act
            for act in acts
            if act.what not in ("ask", "grant", "refuse", "withdraw", "plead", "accept", "deny")
        )
    return acts


def moment(gathering: Gathering, act: Act) -> datetime:
    """When somebody does something about a meeting."""
    asks = gathering.called + timedelta(days=1 if gathering.moved_to else 3)
    starts = gathering.starts
    return {
        "ask": asks,
        "grant": asks + timedelta(hours=6),
        "refuse": asks + timedelta(hours=6),
        "withdraw": asks + timedelta(hours=6),
        "tap": starts + timedelta(minutes=act.after),
        "mark": starts + timedelta(minutes=act.after),
        "leave": starts + timedelta(minutes=60),
        "excuse": starts + timedelta(hours=2),
        "strike": starts + timedelta(hours=2),
        "plead": starts + timedelta(hours=24),
        "accept": starts + timedelta(hours=30),
        "deny": starts + timedelta(hours=30),
        "mend": starts + timedelta(days=6),
    }[act.what]
