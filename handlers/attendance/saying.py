"""How a roll call is put into words, in the group and for the committee."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from handlers.meetings.showing import LABEL_LIMIT, clock, closed, meeting_label, stood
from handlers.text import Text, Words, _, cut
from storage import attendance
from storage.attendance import Count, Presence, Totals
from storage.meetings import How, Meeting, MeetingState, Seat
from storage.roster import Person

PRESENCE = {
    Presence.PRESENT: _("present"),
    Presence.EXCUSED: _("absent, excused"),
    Presence.PENDING: _("absent, request undecided"),
    Presence.ABSENT: _("absent without reason"),
    Presence.EXEMPT: _("exempt"),
}
BAR = 10
GROUPS = 12  # named on a card
NAME = 40  # letters of a name on a card: thirty of them must fit a message


def bar(count: Count) -> str:
    """Ten cells; the last is filled only when nobody is missing."""
    if not count.convened:
        return "▱" * BAR
    full = round(BAR * count.present / count.convened)
    full = min(full, BAR - 1) if count.present < count.convened else BAR
    return "▰" * full + "▱" * (BAR - full)


def head(meeting: Meeting, now: datetime) -> Text:
    """What is going on, or when it ended."""
    values = {"meeting": meeting_label(meeting)}
    if meeting.state == MeetingState.CLOSED:
        time = clock(meeting, meeting.closed_at)
        return _("<b>ROLL CALL CLOSED</b> · {meeting} · at {time}", time=time, **values)
    if not attendance.is_open(meeting, now):
        return _("<b>ROLL CALL</b> · {meeting} · by the committee", **values)
    time = clock(meeting, meeting.closes_at)
    return _("<b>ROLL CALL</b> · {meeting} · until {time}", time=time, **values)


def figures(meeting: Meeting, count: Count) -> list[Words]:
    """The bar, and who is not there."""
    return [
        _(
            "{bar} {present}/{convened}",
            bar=bar(count),
            present=count.present,
            convened=count.convened,
        ),
        absences(count)
        if meeting.state == MeetingState.CLOSED
        else _("Excused {excused} · Not yet {absent}", excused=count.excused, absent=count.missing),
    ]


def absences(count: Count) -> Text:
    """Who did not come to a closed roll; what is undecided is told apart."""
    values = {"excused": count.excused, "absent": count.absent}
    if not count.pending:
        return _("Excused {excused} · Without reason {absent}", **values)
    return _(
        "Excused {excused} · Without reason {absent} · Requests undecided {pending}",
        pending=count.pending,
        **values,
    )


def unpunctual(count: Count) -> Text | None:
    """Who of those present was not there from the beginning to the end; None when all were."""
    if count.late and count.left:
        return _("Came late {late} · Left early {left}", late=count.late, left=count.left)
    if count.late:
        return _("Came late {late}", late=count.late)
    return _("Left early {left}", left=count.left) if count.left else None


def standing(meeting: Meeting, seat: Seat) -> Words:
    """How somebody stands on the roll; while it is open nobody is absent for good."""
    state = attendance.presence(seat)
    if state == Presence.PRESENT and (seat.late or seat.left_at):
        if seat.late and seat.left_at:
            return _("present, came late, left early")
        return _("present, came late") if seat.late else _("present, left early")
    if state == Presence.ABSENT and meeting.state == MeetingState.CALLED:
        return _("not here yet")
    return PRESENCE[state]


def by_deputy(session: Session, seat: Seat) -> Text | None:
    """Who said or marked it in somebody's place."""
    number = seat.marked_by if seat.how == How.DEPUTY else None
    if seat.present_at is None:
        number = seat.answered_by
    deputy = session.get(Person, number) if number else None
    return _("Told by comrade {name} for them.", name=deputy.full_name) if deputy else None


def by_group(totals: Totals) -> Text | None:
    """ "Tổ 1: 45/60 · Tổ 2: 52/70"; the first dozen of many."""
    if not totals.groups:
        return None
    named = " · ".join(
        f"{cut(name, NAME)}: {count.present}/{count.convened}"
        for name, count in totals.groups[:GROUPS]
    )
    more, direct = len(totals.groups) - GROUPS, totals.direct
    if more > 0:
        return _("{groups} and {more} more", groups=named, more=more)
    if not direct.convened:
        return _("{groups}", groups=named)
    return _(
        "{groups} · In no group: {present}/{convened}",
        groups=named,
        present=direct.present,
        convened=direct.convened,
    )


def own_line(meeting: Meeting, seat: Seat, now: datetime) -> Text:
    """How somebody stands themselves."""
    match attendance.presence(seat):
        case Presence.PRESENT:
            return stood(meeting, seat)
        case Presence.EXCUSED:
            return _("You are EXCUSED from this meeting.")
        case _other if attendance.is_open(meeting, now):
            return _("You are not checked in yet.")
        case _other if meeting.opened_at is None:
            return _("Check-in has not been opened yet.")
        case _other:
            return closed(meeting)


# -- names and pages ---------------------------------------------------------------------------


def short_name(full_name: str, limit: int = LABEL_LIMIT) -> str:
    """A name as a label: family and middle names become initials until it fits."""
    words = full_name.split()
    for place in range(len(words) - 1):
        if len(" ".join(words)) <= limit:
            break
        words[place] = f"{words[place][0]}."
    return cut(" ".join(words), limit)


def labels(people: Sequence[tuple[Seat, Person]], units: dict[int, str]) -> list[str]:
    """Labels that tell people of one name apart: by unit, else by the year of birth."""
    alike: dict[str, list[tuple[Seat, Person]]] = {}
    for seat, person in people:
        alike.setdefault(person.full_name, []).append((seat, person))
    found = []
    for seat, person in people:
        namesakes = alike[person.full_name]
        mark = ""
        if len(namesakes) > 1:
            apart = len({each.unit_id for each, _person in namesakes}) == len(namesakes)
            year = str(person.born.year) if person.born else f"#{person.id}"
            mark = f" {cut(units[seat.unit_id], 8) if apart else year}"
        found.append(short_name(person.full_name, LABEL_LIMIT - 2 - len(mark)) + mark)
    return found
