"""The committee's desk: the meetings of its units, and one of them with what can be done."""

from __future__ import annotations

from collections.abc import Sequence

from handlers import doors
from handlers.kit import Button, Say, Talk, button
from handlers.meetings import hubs
from handlers.meetings.showing import (
    KINDS,
    MANAGE,
    clock,
    convened,
    day_of,
    in_zone,
    meeting_label,
    meeting_lines,
    moment,
    state_line,
    told_until,
    when,
)
from handlers.paging import Page
from handlers.roster.words import NAMES, by_reach
from handlers.text import Text, Words, _, n_
from storage import attendance, meetings, outbox
from storage.meetings import Change, Meeting, MeetingKind, MeetingState, Tally
from storage.outbox import State
from storage.powers import units_with
from storage.reach import Reach
from storage.roster import Person


@button("meetings", power="meeting.create")
def all_meetings(talk: Talk) -> Say:
    """[Meetings]: what is coming, drafts, and the latest that were."""
    units = units_with(talk.actor, "meeting.create")
    found = meetings.on_the_desk(talk.session, units, talk.now)
    several = len({each.unit_id for each in found}) > 1
    lines = [_desk_line(talk, each, named=several) for each in found]
    labels = [_desk_label(each) for each in found]
    if len({talk.reader.plain(each) for each in labels}) < len(labels):
        labels = [_numbered(number, _moment(each)) for number, each in enumerate(found, 1)]
        lines = [_numbered(number, each) for number, each in enumerate(lines, 1)]
    buttons = [
        Button(label, "meeting_desk", each.id) for label, each in zip(labels, found, strict=True)
    ]
    rows = [buttons[start : start + 2] for start in range(0, len(buttons), 2)]
    create = [Button(_("Create meeting"), "newmeeting"), Button(_("Schedules"), "series")]
    head = _("<b>Meetings</b>") if found else _("No meeting has been called yet.")
    return Say(head, *lines, buttons=[*rows, create, [MANAGE]])


@button("meeting_desk", power="meeting.create")
def one(talk: Talk, meeting_id: int) -> Say:
    """One meeting, as the committee sees it."""
    return desk(talk, meetings.managed(talk.session, talk.actor, meeting_id))


def desk(talk: Talk, meeting: Meeting, *first: Words) -> Say:
    """Where a meeting stands, and what can be done with it; a change that waits comes first."""
    change = meetings.waiting_change(talk.session, meeting)
    if change is not None:
        return waiting(talk, meeting, change, *first)
    match meeting.state:
        case MeetingState.DRAFT:
            lines: list[Words | None] = [_("Draft: nobody has been told.")]
            buttons: list[list[Button | None]] = [
                [
                    Button(_("Open draft"), "newmeeting_open", meeting.id),
                    Button(_("Delete draft"), "meeting_calloff", meeting.id),
                ]
            ]
        case MeetingState.CANCELLED:
            lines = [_("This meeting has been cancelled.")]
            buttons = [[Button(_("Write anew"), "newmeeting_open", meeting.id)]]
        case _other:
            lines, buttons = _called_desk(talk, meeting)
    back: list[Button | None] = [Button(_("‹ Meetings"), "meetings"), MANAGE]
    about = meeting_lines(meeting, meetings.unit_name(talk.session, meeting))
    return Say(*first, *about, *lines, buttons=[*buttons, back])


def waiting(talk: Talk, meeting: Meeting, change: Change, *first: Words) -> Say:
    """A move or a cancellation in its minute: what is, what will be, and the way back."""
    due = f"{in_zone(change.due_at, meeting.zone):%H:%M:%S}"
    lines = meeting_lines(meeting, meetings.unit_name(talk.session, meeting))
    if change.starts_at is None:
        lines.append(_("It is called off at {time}.", time=due))
    else:
        then, place = moment(change.starts_at, meeting.zone), change.place or ""
        lines[1:] = [
            _("Until now: {when}, {place}", when=when(meeting), place=meeting.place),
            _("From {time} on: {when}, {place}", time=due, when=then, place=place),
        ]
    quiet = talk.house.quiet
    held = meetings.held_until(talk.session, meeting, quiet=quiet, now=talk.now)
    urgent = Button(_("Send right away"), "newmeeting_urgent", meeting.id) if held else None
    return Say(
        *first,
        *lines,
        told_until(held, meeting.zone),
        buttons=[
            [Button(_("Undo"), "meeting_undo", change.id), urgent],
            [Button(_("See meeting"), "meeting_desk", meeting.id), MANAGE],
        ],
    )


def _called_desk(
    talk: Talk, meeting: Meeting
) -> tuple[list[Words | None], list[list[Button | None]]]:
    said = meetings.tally(talk.session, meeting.id)
    everyone = meetings.expects_everyone(talk.session, meeting)
    waiting = meetings.requests(talk.session, [meeting.unit_id], talk.now, meeting_id=meeting.id)
    quiet = talk.house.quiet
    held = meetings.held_until(talk.session, meeting, quiet=quiet, now=talk.now)
    missing = meetings.out_of_reach(talk.session, meeting.id)
    lines: list[Words | None] = [
        _answers_line(said, expected=everyone and meeting.state == MeetingState.CALLED),
        _(
            "Leave: granted {granted} · undecided {pending} · refused {refused}",
            granted=said.granted,
            pending=said.pending,
            refused=said.refused,
        )
        if said.granted or said.pending or said.refused
        else None,
        _("Of these online: {n}", n=said.online) if said.online else None,
        *([told_until(held, meeting.zone)] if held else _sent_lines(talk, meeting, missing)),
    ]
    absences = n_("{n} request", "{n} requests", n=len(waiting)) if waiting else _("Absences")
    closed = meeting.state == MeetingState.CLOSED
    ahead = meetings.movable(meeting, now=talk.now)
    far = talk.now < meeting.starts_at - attendance.AHEAD
    buttons: list[list[Button | None]] = [
        [
            Button(absences, "absences") if ahead or waiting else None,
            Button(_("Result") if closed else _("Roll call"), "roll", meeting.id),
        ]
    ]
    before = hubs.way(doors.BEFORE, talk.session, meeting, now=talk.now) if ahead else None
    near = not closed and not far
    during = hubs.way(doors.DURING, talk.session, meeting, now=talk.now) if near else None
    after = hubs.way(doors.AFTER, talk.session, meeting, now=talk.now) if closed else None
    buttons.append([before, during or after])
    if missing and not closed:
        buttons.append([Button(_("To be called"), "meeting_call", meeting.id, 0)])
    if held:
        buttons.insert(0, [Button(_("Send right away"), "newmeeting_urgent", meeting.id)])
    if ahead:
        move = Button(_("Move meeting"), "newmeeting_move", meeting.id)
        buttons.append([move, Button(_("Call off meeting"), "meeting_calloff", meeting.id)])
    else:
        lines.append(state_line(meeting, talk.now))
    return lines, buttons


def _answers_line(said: Tally, *, expected: bool) -> Text:
    """Who comes; where the unit expects everybody, who says nothing is counted as coming."""
    called = convened(said.convened, said.exempt)
    if expected:
        return _(
            "{convened} · counted as coming {expected} ({coming} have said so)",
            convened=called,
            expected=said.coming + said.silent,
            coming=said.coming,
        )
    return _(
        "{convened} · coming {coming} · no answer {none}",
        convened=called,
        coming=said.coming,
        none=said.silent,
    )


@button("meeting_call", power="meeting.create")
def to_call(talk: Talk, meeting_id: int, number: int) -> Say:
    """[To be called]: whom of those convened no message reaches."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    found = meetings.out_of_reach(talk.session, meeting_id)
    page = Page.of(found, number, NAMES)
    return Say(
        meeting_label(meeting),
        n_("<b>TO BE CALLED</b> · {n} person", "<b>TO BE CALLED</b> · {n} people", n=len(found)),
        *by_reach(page.items),
        buttons=[
            page.turn("meeting_call", meeting_id),
            [Button(_("‹ Back"), "meeting_desk", meeting_id), MANAGE],
        ],
    )


def _sent_lines(
    talk: Talk, meeting: Meeting, missing: Sequence[tuple[Reach, Person]]
) -> list[Text | None]:
    """How the invitation fared, each person once: whom no message reaches is counted as such."""
    found = meetings.fared(talk.session, meeting, {person.id for _how, person in missing})
    waiting = sum(found[each] for each in (*outbox.UNSENT, State.SENDING))
    unsure = found[State.UNKNOWN]
    failed = sum(found[each] for each in (State.DEAD, State.BLOCKED, State.EXPIRED))
    blocked = [how for how, _person in missing].count(Reach.BLOCKED)
    return [
        _(
            "Received {sent} · not opened the bot {closed} · blocked it {blocked}",
            sent=found[State.SENT],
            closed=len(missing) - blocked,
            blocked=blocked,
        ),
        _(
            "Waiting to be sent {waiting} · perhaps not arrived {unsure}",
            waiting=waiting,
            unsure=unsure,
        )
        if waiting or unsure
        else None,
        _("Did not arrive {failed}", failed=failed) if failed else None,
    ]


def _moment(meeting: Meeting) -> Text:
    return _("{day} {time}", day=day_of(meeting), time=clock(meeting, meeting.starts_at))


def _desk_label(meeting: Meeting) -> Text:
    begins = _moment(meeting)
    if meeting.state == MeetingState.DRAFT:
        return _("Draft {begins}", begins=begins)
    return _("On {begins}", begins=begins)


def _desk_line(talk: Talk, meeting: Meeting, *, named: bool) -> Text:
    """ "27/11 19:30 · Họp thường kỳ · đã họp": what tells one meeting from another."""
    if meeting.state == MeetingState.DRAFT:
        state = _("draft")
    elif meeting.ahead(talk.now):
        state = _("coming up")
    elif meeting.over(talk.now):
        state = _("held")
    else:
        state = _("under way")
    kind: Text = KINDS[MeetingKind(meeting.kind)]
    if named:
        kind = _("{kind} of {unit}", kind=kind, unit=meetings.unit_name(talk.session, meeting))
    return _("{begins} · {kind} · {state}", begins=_moment(meeting), kind=kind, state=state)


def _numbered(number: int, words: Text) -> Text:
    return _("{number}. {words}", number=number, words=words)
