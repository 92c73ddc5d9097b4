"""Paths of units as people write them: from the root down, or from a unit that the sender manages.

Every screen calls a unit "Chi bộ 1", so its secretary writes "Chi bộ 1 / Tổ 1". That is taken for
the one unit of that name that they manage. Whoever manages everything, as the command line does,
writes paths in full: a name that is new makes a new root.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from storage.folding import fold
from storage.powers import Actor, may
from storage.roster import Unit, lineage_ids
from storage.roster_import.columns import Path, parse_path
from storage.sheets import BadValue


class Paths:
    """What a sender's paths mean."""

    def __init__(self, actor: Actor, units: Mapping[int, Unit]) -> None:
        self._actor, self._units = actor, units
        self._roots = {each.folded for each in units.values() if each.parent_id is None}
        self._managed: defaultdict[str, list[Unit]] = defaultdict(list)
        self._topmost: Unit | None = None
        if actor.owner:
            return
        for unit in sorted(units.values(), key=lambda each: (len(each.lineage), each.id)):
            if may(actor, "roster.import", lineage_ids(unit.lineage)):
                self._managed[unit.folded].append(unit)
                self._topmost = self._topmost or unit

    def in_full(self, path: Path) -> Path:
        """The path from the root down; raises BadValue where it is not plain which is meant."""
        found = self._managed.get(fold(path[0]), [])
        if self._topmost is None or (fold(path[0]) in self._roots and not found):
            return path
        if any(unit.parent_id is None for unit in found):
            return path
        if not found:
            raise BadValue(
                "You may not change the roll of {unit}. Write the path in full, as in {example}.",
                unit=" / ".join(path),
                example=" / ".join(self._names(self._topmost)),
            )
        begun = " / ".join((*self._names(found[0]), *path[1:]))
        if len(found) > 1 or fold(path[0]) in self._roots:
            raise BadValue(
                "Several units are called {unit}. Write the path in full, as in {example}.",
                unit=path[0],
                example=begun,
            )
        return parse_path(begun)

    def _names(self, unit: Unit) -> Path:
        return tuple(self._units[number].name for number in lineage_ids(unit.lineage))
