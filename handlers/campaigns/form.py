"""What the form of a new campaign knows so far, as the draft keeps it, and how typing is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from handlers.kit import Ask, Button, Talk
from handlers.tasks.reading import read_day
from handlers.text import Text, Words
from storage import campaigns
from storage.campaigns import Made, NewPart, Outline
from storage.errors import Refusal

FORM = "campaign"
NIGHTLY, TWICE, DAYS = "30 19 * * *", "30 19 * * mon,thu", ""
_BETWEEN = re.compile(r"\s+(?:-|–|đến|den|to)\s+|\s*–\s*", re.IGNORECASE)


@dataclass(slots=True)
class Form:
    """The answers so far; None is what has not been asked yet."""

    token: str
    name: str | None = None
    citation: str | None = None
    unit: int | None = None
    starts: str | None = None  # "2026-08-01"
    ends: str | None = None
    remind: str | None = None  # "": when a lesson opens and on its last day
    lessons: list[dict[str, Any]] = field(default_factory=list)
    joins: bool = False  # the next message belongs to the lesson before
    ready: bool = False  # no lesson follows
    again: str | None = None  # what is asked once more though it is known

    @property
    def missing(self) -> str | None:
        """What is asked next."""
        if self.again is not None:
            return self.again
        known = {name: getattr(self, name) for name in STEPS}
        found = next((name for name, value in known.items() if value is None), None)
        return found or (None if self.ready and self.lessons else "lessons")

    @property
    def made(self) -> list[Made]:
        """The lessons so far."""
        return [
            Made(each["title"], [NewPart(**part) for part in each["parts"]])
            for each in self.lessons
        ]

    def ask(self, *lines: Words | None, buttons: Sequence[Sequence[Button | None]]) -> Ask:
        """A screen of this form, which takes typed text as well."""
        return Ask(FORM, *lines, data=asdict(self), buttons=buttons)

    def outline(self) -> Outline:
        """The campaign, once everything is known."""
        return Outline(
            self.unit or 0,
            self.name or "",
            self.citation or "",
            date.fromisoformat(self.starts or ""),
            date.fromisoformat(self.ends or ""),
            self.remind or None,
            self.made,
        )


STEPS = ("name", "citation", "unit", "starts", "ends", "remind")


def opened(talk: Talk) -> Form:
    """The form that a typed answer is for."""
    return Form(**(talk.draft.data if talk.draft else {}))


def of_token(talk: Talk, token: str) -> Form:
    """The open form, if it is the pressed button's; raises Refusal for one that is over."""
    draft = talk.draft
    if draft is None or draft.form != FORM or draft.data.get("token") != token:
        raise Refusal("This campaign was begun or dropped already.")
    return Form(**draft.data)


def take_days(talk: Talk, form: Form, typed: str) -> Text | None:
    """ "1/8 - 31/8", or one of the two days."""
    first, *rest = _BETWEEN.split(typed.strip(), maxsplit=1)
    found = read_day(first, talk.local)
    if not isinstance(found, date):
        return found
    if rest:
        last = read_day(rest[0], talk.local)
        if not isinstance(last, date):
            return last
        campaigns.check_days(found, last, today=talk.today)
        form.starts, form.ends = found.isoformat(), last.isoformat()
    elif form.missing == "ends":
        set_end(talk, form, found)
    else:
        form.starts = found.isoformat()
    form.again = None
    return None


def set_end(talk: Talk, form: Form, last: date) -> None:
    """Its last day, checked against the first."""
    campaigns.check_days(date.fromisoformat(form.starts or ""), last, today=talk.today)
    form.ends, form.again = last.isoformat(), None


def after(form: Form, days: int) -> date:
    """The last of so many days."""
    return date.fromisoformat(form.starts or "") + timedelta(days=days - 1)


def add_parts(form: Form, title: str, parts: Sequence[NewPart]) -> None:
    """Another lesson, or more of the one before."""
    found = [asdict(part) for part in parts]
    if form.joins and form.lessons:
        form.lessons[-1]["parts"] += found
    else:
        form.lessons.append({"title": title, "parts": found})
