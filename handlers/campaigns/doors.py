"""Doors of study: what other features hang on its screens.

A contest, a commitment, an essay each hang their button here, in their own file; the screens of
study show what has been hung.

    hang(STUDY, lambda talk, campaign_id: Button(_("Commitment"), "pledge", …))
"""

from __future__ import annotations

from collections.abc import Callable

from handlers.kit import Button, Talk

STUDY = "study"  # a member's campaigns, all of them
COURSE = "course"  # a member's screen of one campaign
CAMPAIGNS = "campaigns"  # the committee's list
CAMPAIGN = "campaign"  # the committee's screen of one
PLACES = (STUDY, COURSE, CAMPAIGNS, CAMPAIGN)

Door = Callable[[Talk, int], Button | None]  # of a campaign, 0 for none; None hides it

_DOORS: dict[str, list[Door]] = {place: [] for place in PLACES}


def hang(place: str, door: Door) -> None:
    """Hangs a door on the screen of that place."""
    if door not in _DOORS[place]:
        _DOORS[place].append(door)


def rows(place: str, talk: Talk, campaign_id: int = 0) -> list[list[Button | None]]:
    """The buttons of a place, two in a row."""
    found = [each for door in _DOORS[place] if (each := door(talk, campaign_id)) is not None]
    return [[*found[start : start + 2]] for start in range(0, len(found), 2)]
