"""Doors of a meeting: what other features hang on its screens.

A meeting is one thing to those who run it, and many features: its agenda, its documents, the code
of the room, tasks, the minutes. Each hangs its door here, in its own file; the screens of a
meeting (`handlers/meetings/hubs.py`, `handlers/meetings/answers.py`) show what has been hung.

    hang(BEFORE, "agenda", _("Agenda"), line=summary)

What a committee should mend before the meeting is a `warning`: it may ask for the house's rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from handlers.kit import Button, House
from handlers.text import Text, Words
from storage.meetings import Meeting

MEMBER = "member"  # the screen of somebody who is convened
BEFORE = "before"  # the committee prepares
DURING = "during"  # the committee, in the room
AFTER = "after"  # the committee, when the roll is closed
PLACES = (MEMBER, BEFORE, DURING, AFTER)

Label = Text | Callable[[Session, Meeting], Text | None]
Line = Callable[[Session, Meeting], Words | None]
Ruled = Callable[[Session, Meeting, House], Words | None]
While = Callable[[Meeting, datetime], bool]


@dataclass(frozen=True, slots=True)
class Door:
    """A button with the meeting's number, and a line that tells what is behind it."""

    action: str
    label: Label  # a function's None hides the door
    line: Line | None = None
    ruled: Ruled | None = None  # a line that asks a rule, and so the house for its profile
    rank: int = 5
    open: While | None = None  # when it may be gone through; None: always


_DOORS: dict[str, dict[str, Door]] = {place: {} for place in PLACES}


def hang(
    place: str,
    action: str,
    label: Label,
    *,
    line: Line | None = None,
    ruled: Ruled | None = None,
    rank: int = 5,
    open: While | None = None,
) -> None:
    """Hangs a door: the button `action:<meeting>` on a meeting's screen of that place.

    Those of a lower rank come first; of the same, whichever was hung first.
    """
    doors = [*_DOORS[place].values(), Door(action, label, line, ruled, rank, open)]
    _DOORS[place] = {each.action: each for each in sorted(doors, key=lambda each: each.rank)}


def rows(
    place: str, session: Session, meeting: Meeting, *, now: datetime
) -> list[list[Button | None]]:
    """The buttons of a place, two in a row."""
    found = []
    for door in _DOORS[place].values():
        if door.open is not None and not door.open(meeting, now):
            continue
        label = door.label if isinstance(door.label, Text) else door.label(session, meeting)
        if label is not None:
            found.append(Button(label, door.action, meeting.id))
    return [[*found[start : start + 2]] for start in range(0, len(found), 2)]


def lines(
    place: str, session: Session, meeting: Meeting, *, house: House | None = None
) -> list[Words | None]:
    """What stands behind the doors of a place, a line each; with the house, rules are asked."""
    told: list[Words | None] = []
    for door in _DOORS[place].values():
        if door.line is not None:
            told.append(door.line(session, meeting))
        if door.ruled is not None and house is not None:
            told.append(door.ruled(session, meeting, house))
    return told
