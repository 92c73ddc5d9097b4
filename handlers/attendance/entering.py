"""Entering people for whom nobody taps: while check-in is open, and in its result.

While it is open one press enters somebody, and taking that back is asked about. Once it is
closed a press opens the person, with the three ways to stand on the roll; who is excused has a
reason, their own or one that is asked for. A part of a name, typed, finds anybody. In the mode *by
the sheet* a press says that somebody has signed on paper.
"""

from __future__ import annotations

from handlers.attendance.saying import by_deputy, labels, standing
from handlers.kit import Ask, Button, Say, Talk, answer, button
from handlers.meetings.excuses import excuses_of, figure
from handlers.meetings.showing import REASON_LABELS, meeting_label
from handlers.paging import Page
from handlers.text import Words, _
from storage import attendance
from storage.attendance import Presence
from storage.errors import NotFound
from storage.meetings import REASONS, Meeting, MeetingState, Seat, check_reason
from storage.roster import Person

FORM, REASON = "roll_name", "roll_reason"
PAGE = 8


@button("roll_for", power="attendance.take")
def enter_others(talk: Talk, meeting_id: int, number: int) -> Say:
    """[Enter others]: everybody who has not tapped."""
    return _list(talk, meeting_id, number, query="")


@button("roll_paper", power="attendance.take")
def by_the_sheet(talk: Talk, meeting_id: int, number: int) -> Say:
    """[By signed sheet]: the same list; a press says that they have signed."""
    return _list(talk, meeting_id, number, query=_query(talk, meeting_id), paper=True)


@button("roll_found", power="attendance.take")
def found(talk: Talk, meeting_id: int, number: int) -> Say:
    """Another page of those whose name fits what was typed."""
    return _list(talk, meeting_id, number, query=_query(talk, meeting_id))


@answer(FORM, power="attendance.take")
def name_typed(talk: Talk) -> Say:
    """A part of a name."""
    data = talk.draft.data if talk.draft else {}
    meeting_id, paper = int(data.get("meeting", 0)), bool(data.get("paper"))
    return _list(talk, meeting_id, 0, query=talk.text, paper=paper)


@button("roll_enter", power="attendance.take")
def enter(talk: Talk, meeting_id: int, seat_id: int, number: int) -> Say:
    """A name: they are here."""
    _seat, person = attendance.enter(
        talk.session, talk.actor, meeting_id, seat_id, Presence.PRESENT, now=talk.now
    )
    done = _("Noted as present: {name}", name=person.full_name)
    return _list(talk, meeting_id, number, query=_query(talk, meeting_id), toast=done)


@button("roll_sign", power="attendance.take")
def sign(talk: Talk, meeting_id: int, seat_id: int, number: int) -> Say:
    """A name, by the sheet: they have signed."""
    _seat, person = attendance.enter(
        talk.session, talk.actor, meeting_id, seat_id, Presence.PRESENT, paper=True, now=talk.now
    )
    done = _("Noted by the sheet: {name}", name=person.full_name)
    query = _query(talk, meeting_id)
    return _list(talk, meeting_id, number, query=query, toast=done, paper=True)


@button("roll_seat", power="attendance.take")
def one(talk: Talk, meeting_id: int, seat_id: int, number: int) -> Say:
    """One person, and how they can stand on the roll."""
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id)
    seat, person, unit = attendance.one_seat(talk.session, meeting_id, seat_id)
    state = attendance.presence(seat)
    back = [Button(_("‹ Back"), "roll_found", meeting_id, number)]
    who = _("{name} · {unit}", name=person.full_name, unit=unit.name)
    entered = _("Entered as: {state}.", state=standing(meeting, seat))
    told = by_deputy(talk.session, seat)
    if meeting.locked_at is not None:
        return Say(who, entered, told, buttons=[back])

    def choice(label: Words, became: Presence) -> Button | None:
        if state == became:
            return None
        return Button(label, "roll_set", meeting_id, seat_id, became.value, number)

    stayed = _stayed(meeting, seat, number)
    if meeting.state == MeetingState.CALLED:
        if state != Presence.PRESENT:
            here = Button(_("Present"), "roll_enter", meeting_id, seat_id, number)
            return Say(who, entered, buttons=[[here], back])
        undo = choice(_("Take back"), Presence.ABSENT)
        asks = _("Take back that this person is present?")
        return Say(who, entered, told, asks, buttons=[[undo], stayed, back])
    return Say(
        who,
        entered,
        told,
        buttons=[
            [
                choice(_("Present"), Presence.PRESENT),
                choice(_("Absent, excused"), Presence.EXCUSED),
            ],
            [choice(_("Absent, no reason"), Presence.ABSENT)],
            stayed,
            back,
        ],
    )


def _stayed(meeting: Meeting, seat: Seat, number: int) -> list[Button | None]:
    """From the beginning to the end, or not: for who is there."""
    if seat.present_at is None:
        return []
    about = (meeting.id, seat.id)
    late, left = ("no" if seat.late else "yes"), ("no" if seat.left_at else "yes")
    return [
        Button(_("Not late") if seat.late else _("Came late"), "roll_late", *about, late, number),
        Button(
            _("Did not leave") if seat.left_at else _("Left early"),
            "roll_left",
            *about,
            left,
            number,
        ),
    ]


@button("roll_late", power="attendance.take")
def late(talk: Talk, meeting_id: int, seat_id: int, choice: str, number: int) -> Say:
    """[Came late], [Not late]; pressed twice, the same."""
    if choice in ("yes", "no"):
        attendance.mark_late(
            talk.session, talk.actor, meeting_id, seat_id, late=choice == "yes", now=talk.now
        )
    return one(talk, meeting_id, seat_id, number)


@button("roll_left", power="attendance.take")
def left(talk: Talk, meeting_id: int, seat_id: int, choice: str, number: int) -> Say:
    """[Left early], [Did not leave]; pressed twice, the same."""
    if choice in ("yes", "no"):
        attendance.mark_left(
            talk.session, talk.actor, meeting_id, seat_id, left=choice == "yes", now=talk.now
        )
    return one(talk, meeting_id, seat_id, number)


@button("roll_set", power="attendance.take")
def set_(talk: Talk, meeting_id: int, seat_id: int, state: str, number: int) -> Say:
    """One of the ways to stand on the roll; who is excused has a reason."""
    try:
        became = Presence(state)
    except ValueError:
        raise NotFound from None
    if became == Presence.EXCUSED:
        attendance.for_committee(talk.session, talk.actor, meeting_id)
        seat, person, _unit = attendance.one_seat(talk.session, meeting_id, seat_id)
        if seat.leave_reason is None:
            return _ask_reason(talk, meeting_id, seat, person, number)
    return _set(talk, meeting_id, seat_id, became, number)


def _set(
    talk: Talk,
    meeting_id: int,
    seat_id: int,
    became: Presence,
    number: int,
    reason: str | None = None,
) -> Say:
    seat, person = attendance.enter(
        talk.session, talk.actor, meeting_id, seat_id, became, reason=reason, now=talk.now
    )
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id)
    done = _("{name}: {state}", name=person.full_name, state=standing(meeting, seat))
    return _list(talk, meeting_id, number, query=_query(talk, meeting_id), toast=done)


# -- why somebody is excused -------------------------------------------------------------------


def _ask_reason(talk: Talk, meeting_id: int, seat: Seat, person: Person, number: int) -> Say:
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id)
    address = (meeting_id, seat.id)
    choices = [
        Button(label, "roll_excuse", *address, name, number)
        for name, label in REASON_LABELS.items()
    ]
    other = Button(_("Another reason"), "roll_excuse", *address, "other", number)
    back = Button(_("‹ Back"), "roll_seat", *address, number)
    return Say(
        _("Why is comrade {name} excused?", name=person.full_name),
        figure(excuses_of(talk, meeting, seat)),
        _("Only the committee sees the reason."),
        buttons=[choices[:2], [choices[2], other], [back]],
    )


@button("roll_excuse", power="attendance.take")
def excuse(talk: Talk, meeting_id: int, seat_id: int, reason: str, number: int) -> Say:
    """One of the usual reasons, [Another reason] to type, or the one that was typed."""
    attendance.for_committee(talk.session, talk.actor, meeting_id)
    _seat, person, _unit = attendance.one_seat(talk.session, meeting_id, seat_id)
    if reason in REASONS:
        return _set(talk, meeting_id, seat_id, Presence.EXCUSED, number, reason)
    data = talk.draft.data if talk.draft is not None and talk.draft.form == REASON else {}
    if reason == "typed" and data.get("seat") == seat_id and "reason" in data:
        talk.close()
        return _set(talk, meeting_id, seat_id, Presence.EXCUSED, number, str(data["reason"]))
    back = Button(_("‹ Back"), "roll_set", meeting_id, seat_id, Presence.EXCUSED.value, number)
    return Ask(
        REASON,
        _("Why is comrade {name} excused?", name=person.full_name),
        _("Please type the reason in a few words."),
        data={"meeting": meeting_id, "seat": seat_id, "number": number},
        buttons=[[back, Button(_("Cancel"), "cancel", REASON)]],
    )


@answer(REASON, power="attendance.take", about=_("the reason of an absence"))
def reason_typed(talk: Talk) -> Say:
    """A reason in own words is shown back before it is written down."""
    data = talk.draft.data if talk.draft else {}
    meeting_id, seat_id = int(data.get("meeting", 0)), int(data.get("seat", 0))
    number = int(data.get("number", 0))
    reason = check_reason(talk.text)
    attendance.for_committee(talk.session, talk.actor, meeting_id)
    _seat, person, _unit = attendance.one_seat(talk.session, meeting_id, seat_id)
    address = (meeting_id, seat_id)
    return Ask(
        REASON,
        _("Excused: {name}", name=person.full_name),
        _("Reason: {reason}", reason=reason),
        data={**data, "reason": reason},
        buttons=[
            [
                Button(_("Write down"), "roll_excuse", *address, "typed", number),
                Button(_("Edit"), "roll_excuse", *address, "other", number),
            ],
            [Button(_("‹ Back"), "roll_seat", *address, number)],
        ],
    )


def _query(talk: Talk, meeting_id: int) -> str:
    draft = talk.draft
    if draft is None or draft.form != FORM or draft.data.get("meeting") != meeting_id:
        return ""
    return str(draft.data.get("query", ""))


def _list(
    talk: Talk,
    meeting_id: int,
    number: int,
    *,
    query: str,
    toast: Words | None = None,
    paper: bool = False,
) -> Say:
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id)
    closed = meeting.state == MeetingState.CLOSED
    people = attendance.to_enter(talk.session, meeting_id, query=query, everybody=closed)
    if closed:  # those to be corrected are mostly those who are not there
        people.sort(key=lambda pair: pair[0].present_at is not None)
    names = labels(people, attendance.unit_names(talk.session, meeting_id))
    page = Page.of(list(zip(people, names, strict=True)), number, PAGE)
    buttons = []
    for (seat, _person), name in page.items:
        here = seat.present_at is not None
        action = "roll_seat" if here or (closed and not paper) else "roll_enter"
        if action == "roll_enter" and paper:
            action = "roll_sign"
        label = f"✓ {name}" if here else name
        buttons.append(Button(label, action, meeting_id, seat.id, page.number))
    rows: list[list[Button | None]] = [
        [*buttons[start : start + 2]] for start in range(0, len(buttons), 2)
    ]
    everybody = Button(_("Everybody"), "roll_for", meeting_id, 0) if query else None
    changeable = meeting.locked_at is None
    sheet = Button(_("By signed sheet"), "roll_paper", meeting_id, 0) if changeable else None
    mode = Button(_("Without the sheet"), "roll_for", meeting_id, 0) if paper else sheet
    return Ask(
        FORM,
        _head(meeting, closed=closed, paper=paper),
        _("Nobody is found for '{query}'.", query=query) if query and not people else None,
        _("Press a name, or type a part of it. ✓ means present."),
        data={"meeting": meeting_id, "query": query, "paper": paper},
        buttons=[
            *rows,
            page.turn("roll_paper" if paper else "roll_found", meeting_id),
            [mode, everybody],
            [Button(_("‹ Back"), "roll", meeting_id)],
        ],
        toast=toast,
    )


def _head(meeting: Meeting, *, closed: bool, paper: bool) -> Words:
    label = meeting_label(meeting)
    if paper:
        return _("<b>Enter by the signed sheet</b> · {meeting}", meeting=label)
    if closed:
        return _("<b>Correct the roll</b> · {meeting}", meeting=label)
    return _("<b>Enter others</b> · {meeting}", meeting=label)
