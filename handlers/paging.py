"""Long lists, a page at a time: numbered lines, a button for each number, [‹] [1/3] [›]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from handlers.kit import Button

Item = TypeVar("Item")

PAGE = 5  # with the title these are the six lines of a screen, and one row of digits


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list; a page number from an old button is brought back into the list."""

    items: Sequence[Item]
    number: int
    pages: int
    first: int  # the running number of the first item, from 1

    @classmethod
    def of(cls, everything: Sequence[Item], number: int, size: int = PAGE) -> Page[Item]:
        """The page with that number, or the nearest that there is."""
        pages = max(1, -(-len(everything) // size))
        number = max(0, min(number, pages - 1))
        start = number * size
        return cls(everything[start : start + size], number, pages, start + 1)

    def digits(self, action: str, *keys: Sequence[object]) -> list[list[Button]]:
        """A button for each item, labelled with its number; `keys` are the items' addresses."""
        return [[Button(str(self.first + place), action, *key) for place, key in enumerate(keys)]]

    def turn(self, action: str, *args: object) -> list[Button | None]:
        """The row that turns pages; empty for a single page."""
        if self.pages == 1:
            return []
        back = Button("‹", action, *args, self.number - 1) if self.number else None
        here = Button(f"{self.number + 1}/{self.pages}", action, *args, self.number)
        last = self.number + 1 == self.pages
        return [back, here, None if last else Button("›", action, *args, self.number + 1)]
