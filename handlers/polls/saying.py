"""How a poll is put into words. Its first line always says that it is no vote."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.kit import Button
from handlers.meetings.showing import clock
from handlers.text import Text, Words, _
from storage import polls
from storage.meetings import Meeting
from storage.polls import Poll, Result, Standing

HEAD = _("<b>SHOW OF HANDS · not a vote</b>")
USUAL: dict[str, Text] = {
    "yes": _("Agreed"),
    "no": _("Not agreed"),
    "other": _("Another opinion"),
}


def options(given: Sequence[str]) -> list[Words]:
    """What can be answered, as it is said; none given means the usual answers."""
    return list(given) or [USUAL[each] for each in polls.USUAL]


def totals(given: Sequence[str], counted: Sequence[int]) -> Text:
    """ "Đồng ý 20 · Không đồng ý 3 · Ý kiến khác 1"."""
    said: Words = ""
    for option, number in zip(options(given), counted, strict=True):
        one = _("{option} {number}", option=option, number=number)
        said = one if said == "" else _("{one} · {other}", one=said, other=one)
    return said if isinstance(said, Text) else _("{one}", one=said)


def result_line(result: Result) -> Text:
    """A closed poll in one line, for the minutes."""
    return _(
        "{question}: {totals} (answered {answered}/{asked})",
        question=result.question,
        totals=totals(result.options, result.totals),
        answered=sum(result.totals),
        asked=result.asked,
    )


def card_lines(poll: Poll, meeting: Meeting, stands: Standing) -> list[Words | None]:
    """The question, how many have answered, and the totals once they may be seen."""
    closed = poll.closed_at is not None
    seen = closed or poll.live
    return [
        HEAD,
        poll.question,
        _("Answered {n}/{asked}", n=stands.answered, asked=stands.asked),
        totals(poll.options, stands.totals) if seen else _("Totals are shown when it is closed."),
        _("Closed at {time}.", time=clock(meeting, poll.closed_at))
        if closed
        else _("Until {time}. Nobody sees who chose what.", time=clock(meeting, poll.closes_at)),
    ]


def answer_buttons(poll: Poll) -> list[list[Button | None]]:
    """A button for each answer, two in a row."""
    buttons = [
        Button(option, "poll_answer", poll.id, place)
        for place, option in enumerate(options(poll.options))
    ]
    return [[*buttons[start : start + 2]] for start in range(0, len(buttons), 2)]
