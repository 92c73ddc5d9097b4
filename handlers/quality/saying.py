"""How the score of a session is put into words."""

from __future__ import annotations

from handlers.meetings.showing import meeting_label
from handlers.text import Text, Words, _
from storage.quality import Criterion, Given, Grade, Heard, Scored, SheetState

CRITERIA: dict[Criterion, Text] = {
    Criterion.PREPARATION: _("Preparation"),
    Criterion.ATTENDANCE: _("Turnout"),
    Criterion.CONDUCT: _("Conduct"),
    Criterion.CLOSING: _("Closing"),
}
GRADES: dict[Grade, Text] = {
    Grade.GOOD: _("good"),
    Grade.FAIR: _("fair"),
    Grade.AVERAGE: _("average"),
    Grade.POOR: _("poor"),
}
STATES: dict[SheetState, Text] = {
    SheetState.PROPOSED: _("being proposed"),
    SheetState.ASKED: _("members are asked"),
    SheetState.AGREED: _("waits for the committee above"),
    SheetState.CONFIRMED: _("confirmed"),
}


def lines(found: Scored) -> list[Words]:
    """The sheet: where it stands, the points, what they make."""
    given = [_points(each) for each in found.given]
    return [
        _(
            "<b>SCORE</b> · {meeting} · {state}",
            meeting=meeting_label(found.meeting),
            state=STATES[found.state],
        ),
        *(
            _("{one} · {other}", one=one, other=other)
            for one, other in zip(given[::2], given[1::2], strict=True)
        ),
        total(found),
    ]


def total(found: Scored) -> Text:
    """ "Tổng 92/100: tốt"."""
    if found.total is None or found.grade is None:
        return _("Total: points are still missing.")
    return _(
        "Total {total}/{most}: {grade}",
        total=found.total,
        most=found.most,
        grade=GRADES[found.grade],
    )


def heard_line(heard: Heard) -> Text:
    """What members have said, in numbers."""
    return _(
        "Members: agreed {agreed} · comments {comments} · silent {silent}",
        agreed=heard.agreed,
        comments=heard.comments,
        silent=heard.silent,
    )


def _points(given: Given) -> Text:
    values = {"criterion": CRITERIA[given.criterion], "most": given.most}
    if given.points is None:
        return _("{criterion} …/{most}", **values)
    if given.counted:
        return _("{criterion} {points}/{most} (counted)", points=given.points, **values)
    return _("{criterion} {points}/{most}", points=given.points, **values)
