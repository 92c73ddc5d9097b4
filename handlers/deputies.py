"""Answering for an elder without a telephone: who may is named by the committee.

Whoever may, finds [Answer for…] on the meeting's screen, then the name, then the usual buttons.
Each screen names the elder, so that nobody takes it for an answer of their own.
"""

from __future__ import annotations

from typing import Any

from handlers.attendance.saying import short_name
from handlers.kit import Ask, Button, Note, Say, Talk, answer, button, notice
from handlers.meetings.excuses import excuses_of, figure
from handlers.meetings.showing import (
    HOME,
    REASON_LABELS,
    meeting_lines,
    recorded,
    state_line,
)
from handlers.paging import Page
from handlers.text import Day, Text, Words, _
from storage import attendance, deputies, meetings
from storage.deputies import Deputy
from storage.meetings import Answer, Leave, Meeting, Seat
from storage.outbox import Class
from storage.roster import Person

REASON, FIND = "deputy_reason", "deputy_find"
PAGE = 8

# -- for the elder -----------------------------------------------------------------------------


@button("for_whom", power="meeting.answer")
def for_whom(talk: Talk, meeting_id: int) -> Say:
    """[Answer for…]: for whom one may, of those who are convened."""
    found = meetings.elders_seated(talk.session, talk.actor, meeting_id)
    if len(found) == 1:
        return one(talk, found[0][0].id)
    names = [Button(short_name(person.full_name), "for_one", seat.id) for seat, person in found]
    return Say(
        _("For whom do you answer?") if found else _("There is nobody for whom you may answer."),
        buttons=[*([each] for each in names), [Button(_("‹ Back"), "meeting", meeting_id)]],
    )


@button("for_one", power="meeting.answer")
def one(talk: Talk, seat_id: int) -> Say:
    """An elder's meeting, and what can be said for them."""
    return screen(talk, *meetings.elders_seat(talk.session, talk.actor, seat_id))


def screen(talk: Talk, meeting: Meeting, seat: Seat, *, toast: Words | None = None) -> Say:
    """How an elder stands towards a meeting; whoever reads it answers for them."""
    rows: list[list[Button | None]] = []
    if seat.present_at is None and attendance.is_open(meeting, talk.now):
        rows.append([Button(_("Is here"), "for_here", seat.id)])
    takes = seat.present_at is None and meetings.takes_answers(meeting, now=talk.now)
    if takes:
        rows += _choices(meeting, seat)
    return Say(
        _("<b>ANSWERING FOR</b> comrade {name}", name=_name(talk, seat)),
        *meeting_lines(meeting),
        _stands(talk, meeting, seat),
        None if takes else state_line(meeting, talk.now),
        buttons=[*rows, [Button(_("‹ Own answer"), "meeting", meeting.id), HOME]],
        toast=toast,
    )


def _choices(meeting: Meeting, seat: Seat) -> list[list[Button | None]]:
    seen = (seat.id, meeting.revision)
    coming = Button(_("Will come"), "for_say", *seen, "yes")
    online = Button(_("Takes part online"), "for_say", *seen, "online")
    if seat.leave == Leave.PENDING:
        away: Button | None = Button(_("Take back"), "for_say", *seen, "back")
    elif seat.leave == Leave.APPROVED:
        away = None
    else:
        away = Button(_("Report absence"), "for_say", *seen, "no")
    return [[coming, away], [online if meeting.online else None]]


def _stands(talk: Talk, meeting: Meeting, seat: Seat) -> Text:
    if seat.present_at is not None:
        return recorded(meeting, seat.present_at)
    match seat.leave:
        case Leave.PENDING:
            return _("Sent to the committee. Waiting for approval.")
        case Leave.APPROVED:
            return _("Excused from this meeting.")
        case Leave.REFUSED:
            return _("The committee has not agreed to the absence.")
    if seat.answer == Answer.COMING:
        return _("Has said: COMING.")
    if seat.answer == Answer.ONLINE:
        return _("Has said: TAKING PART ONLINE.")
    if meetings.expects_everyone(talk.session, meeting):
        return _("Is counted as COMING.")
    return _("Has not answered yet.")


@button("for_say", power="meeting.answer")
def say(talk: Talk, seat_id: int, revision: int, answer: str) -> Say:
    """[Will come], [Takes part online], [Report absence], [Take back], for the elder."""
    talk.close(REASON)
    meeting, seat = meetings.elders_seat(talk.session, talk.actor, seat_id)
    if not meetings.takes_answers(meeting, now=talk.now) or revision != meeting.revision:
        return screen(talk, meeting, seat)
    how: dict[str, Any] = {"revision": revision, "elder": seat.person_id, "now": talk.now}
    match answer:
        case "yes" | "online":
            online = answer == "online"
            seat = meetings.come(talk.session, talk.actor, meeting.id, online=online, **how)
        case "back":
            seat = meetings.withdraw(talk.session, talk.actor, meeting.id, **how)
        case _other:
            return _ask_reason(talk, meeting, seat)
    return screen(talk, meeting, seat, toast=_("Noted for comrade {name}.", name=_name(talk, seat)))


def _ask_reason(talk: Talk, meeting: Meeting, seat: Seat) -> Say:
    seen = (seat.id, meeting.revision)
    choices = [Button(label, "for_absent", *seen, name) for name, label in REASON_LABELS.items()]
    other = Button(_("Another reason"), "for_absent", *seen, "other")
    return Say(
        _("<b>ANSWERING FOR</b> comrade {name}", name=_name(talk, seat)),
        figure(excuses_of(talk, meeting, seat)),
        _("Why can they not come? Only the committee sees the reason."),
        buttons=[choices[:2], [choices[2], other], [Button(_("‹ Back"), "for_one", seat.id)]],
    )


@button("for_absent", power="meeting.answer")
def absent(talk: Talk, seat_id: int, revision: int, reason: str) -> Say:
    """One of the usual reasons, [Another reason] to type, or the one that was typed."""
    meeting, seat = meetings.elders_seat(talk.session, talk.actor, seat_id)
    if not meetings.takes_answers(meeting, now=talk.now) or revision != meeting.revision:
        return screen(talk, meeting, seat)
    data = talk.draft.data if talk.draft is not None and talk.draft.form == REASON else {}
    if reason == "typed" and data.get("seat") == seat_id and "reason" in data:
        talk.close()
        return _send(talk, meeting, seat, str(data["reason"]))
    if reason in meetings.REASONS:
        return _send(talk, meeting, seat, reason)
    return Ask(
        REASON,
        _("Please type the reason in a few words."),
        data={"seat": seat_id, "revision": revision},
        buttons=[
            [
                Button(_("‹ Back"), "for_say", seat_id, revision, "no"),
                Button(_("Cancel"), "cancel", REASON),
            ]
        ],
    )


@answer(REASON, power="meeting.answer", about=_("a request for leave"))
def reason_typed(talk: Talk) -> Say:
    """A reason in own words is shown back before it is sent."""
    data = talk.draft.data if talk.draft else {}
    seat_id, revision = int(data.get("seat", 0)), int(data.get("revision", 0))
    _meeting, seat = meetings.elders_seat(talk.session, talk.actor, seat_id)
    reason = meetings.check_reason(talk.text)
    return Ask(
        REASON,
        _("<b>ANSWERING FOR</b> comrade {name}", name=_name(talk, seat)),
        _("Reason: {reason}", reason=reason),
        _("Send this to the committee?"),
        data={**data, "reason": reason},
        buttons=[
            [
                Button(_("Send request"), "for_absent", seat_id, revision, "typed"),
                Button(_("Edit"), "for_absent", seat_id, revision, "other"),
            ],
            [Button(_("Cancel"), "cancel", REASON)],
        ],
    )


def _send(talk: Talk, meeting: Meeting, seat: Seat, reason: str) -> Say:
    seat = meetings.ask_leave(
        talk.session,
        talk.actor,
        meeting.id,
        reason,
        revision=meeting.revision,
        elder=seat.person_id,
        quiet=talk.house.quiet,
        now=talk.now,
    )
    return screen(talk, meeting, seat, toast=_("Sent to the committee. Waiting for approval."))


@button("for_here", power="meeting.answer")
def here(talk: Talk, seat_id: int) -> Say:
    """[Is here]: the elder is in the room."""
    meeting, seat = meetings.elders_seat(talk.session, talk.actor, seat_id)
    meeting, seat = attendance.mark_for(
        talk.session, talk.actor, meeting.id, seat.person_id, now=talk.now
    )
    return screen(talk, meeting, seat, toast=recorded(meeting, seat.present_at))


def _name(talk: Talk, seat: Seat) -> str:
    return talk.session.get_one(Person, seat.person_id).full_name


# -- seen and ended by both --------------------------------------------------------------------


@button("my_deputies", power="meeting.answer")
def mine(talk: Talk) -> Say:
    """Who may answer for one, and for whom one may."""
    for_me = deputies.deputies(talk.session, talk.person.id)
    by_me = deputies.elders(talk.session, talk.actor.person_id)
    return Say(
        _("<b>Answering for somebody</b>"),
        *[
            _("Comrade {name} answers for you, since {day}.", name=each.full_name, day=_since(on))
            for on, each in for_me
        ],
        *[
            _("You answer for comrade {name}, since {day}.", name=each.full_name, day=_since(on))
            for on, each in by_me
        ],
        _("Nobody answers for you, nor you for anybody.") if not for_me and not by_me else None,
        buttons=[*([_ender(on, each)] for on, each in [*for_me, *by_me]), [HOME]],
    )


def _since(deputy: Deputy) -> Day:
    return Day(deputy.named_at.date(), dated=True)


def _ender(deputy: Deputy, person: Person) -> Button:
    return Button(_("End: {name}", name=short_name(person.full_name, 12)), "deputy_end", deputy.id)


@button("deputy_end", power="meeting.answer")
def end(talk: Talk, deputy_id: int) -> Say:
    """Ended: by the committee, or by one of the two; pressed twice, the same."""
    ended = deputies.end(talk.session, talk.actor, deputy_id, now=talk.now)
    own = talk.actor.person_id in (ended.elder_id, ended.person_id)
    return mine(talk) if own else of_person(talk, ended.elder_id)


@notice(
    deputies.NAMED, power="meeting.answer", klass=Class.ONCE, about=_("Who answers for somebody")
)
def named(note: Note) -> Say | None:
    """To both: that it begins, or that it has ended."""
    deputy = note.session.get(Deputy, note.subject_id)
    if deputy is None or note.person is None or (deputy.ended_at is None) == note.notice.revision:
        return None
    elder = note.session.get_one(Person, deputy.elder_id)
    person = note.session.get_one(Person, deputy.person_id)
    names = {"name": person.full_name, "elder": elder.full_name}
    if deputy.ended_at is not None:
        return Say(
            _("Comrade {name} no longer answers for comrade {elder}.", **names), buttons=[[HOME]]
        )
    return Say(
        _("From now on comrade {name} may answer for comrade {elder} about meetings.", **names),
        _("Each answer for somebody is written down as such. Both can end it."),
        buttons=[[Button(_("Who answers"), "my_deputies"), HOME]],
    )


@notice(
    deputies.ANSWERED, power="meeting.answer", klass=Class.ONCE, about=_("Answered for somebody")
)
def answered(note: Note) -> Say | None:
    """To the elder: what was said or marked for them."""
    seat = note.session.get(Seat, note.subject_id)
    meeting = note.session.get(Meeting, seat.meeting_id) if seat is not None else None
    if seat is None or meeting is None:
        return None
    number = seat.marked_by if seat.present_at is not None else seat.answered_by
    deputy = note.session.get(Person, number) if number else None
    if deputy is None:  # they have said otherwise themselves
        return None
    told = {
        Answer.COMING: _("will come"),
        Answer.ONLINE: _("will take part online"),
        Answer.LEAVE: _("asked leave"),
        Answer.NONE: _("nothing said"),
    }[Answer(seat.answer)]
    said: Words = told if seat.present_at is None else recorded(meeting, seat.present_at)
    return Say(
        _("Comrade {name} has answered for you: {said}", name=deputy.full_name, said=said),
        *meeting_lines(meeting),
        buttons=[
            [Button(_("See meeting"), "meeting", meeting.id)],
            [Button(_("Who answers"), "my_deputies"), HOME],
        ],
    )


# -- named by the committee --------------------------------------------------------------------


@button("deputies", power="deputy.name")
def of_person(talk: Talk, person_id: int) -> Say:
    """Who answers for somebody."""
    talk.close(FIND)
    elder, _unit = deputies.elder_of(talk.session, talk.actor, person_id)
    found = deputies.deputies(talk.session, elder.id)
    return Say(
        _("<b>Who answers for {name}</b>", name=elder.full_name),
        *[
            _("{name}, since {day}", name=each.full_name, day=_since(deputy))
            for deputy, each in found
        ],
        _("Nobody. Name somebody for an elder without a telephone.") if not found else None,
        buttons=[
            *([_ender(deputy, each)] for deputy, each in found),
            [
                Button(_("Name somebody"), "deputy_find", elder.id, 0),
                Button(_("‹ Back"), "member", elder.id),
            ],
        ],
    )


@button("deputy_find", power="deputy.name")
def find(talk: Talk, person_id: int, number: int) -> Say:
    """[Name somebody]: those who can be named."""
    data = talk.draft.data if talk.draft is not None and talk.draft.form == FIND else {}
    query = str(data.get("query", "")) if data.get("person") == person_id else ""
    return _list(talk, person_id, number, query)


@answer(FIND, power="deputy.name")
def find_typed(talk: Talk) -> Say:
    """A part of a name."""
    person_id = int(talk.draft.data.get("person", 0)) if talk.draft else 0
    return _list(talk, person_id, 0, talk.text)


def _list(talk: Talk, person_id: int, number: int, query: str) -> Say:
    found = deputies.candidates(talk.session, talk.actor, person_id, query=query)
    elder, _unit = deputies.elder_of(talk.session, talk.actor, person_id)
    page = Page.of(found, number, PAGE)
    names = [
        Button(short_name(each.full_name), "deputy_ask", elder.id, each.id) for each in page.items
    ]
    return Ask(
        FIND,
        _("Who may answer for {name}?", name=elder.full_name),
        _("Nobody is found for '{query}'.", query=query) if query and not found else None,
        _("Press a name, or type a part of it. Only who has opened the bot can be named."),
        data={"person": elder.id, "query": query},
        buttons=[
            *(names[start : start + 2] for start in range(0, len(names), 2)),
            page.turn("deputy_find", elder.id),
            [Button(_("‹ Back"), "deputies", elder.id)],
        ],
    )


@button("deputy_ask", power="deputy.name")
def ask(talk: Talk, person_id: int, deputy_person: int) -> Say:
    """A name: asked once more."""
    elder, _unit = deputies.elder_of(talk.session, talk.actor, person_id)
    able = {each.id: each for each in deputies.candidates(talk.session, talk.actor, person_id)}
    person = able.get(deputy_person)
    if person is None:
        return of_person(talk, person_id)
    return Say(
        _(
            "May comrade {name} answer for comrade {elder}, and mark them as present?",
            name=person.full_name,
            elder=elder.full_name,
        ),
        _("Both are told. It ends at a press, or when one of them leaves the roll."),
        buttons=[
            [Button(_("Yes"), "deputy_name", elder.id, person.id)],
            [Button(_("‹ Back"), "deputies", elder.id)],
        ],
    )


@button("deputy_name", power="deputy.name")
def name(talk: Talk, person_id: int, deputy_person: int) -> Say:
    """[Yes]; pressed twice, the same."""
    deputies.name(talk.session, talk.actor, person_id, deputy_person, now=talk.now)
    return of_person(talk, person_id)
