"""The way back for who was written to about an absence: the text is shown before it is sent."""

from __future__ import annotations

import secrets

from handlers.kit import Ask, Button, Say, Talk, answer, button
from handlers.meetings.answers import screen
from handlers.text import _
from storage import meetings

FORM = "leave_reply"


@button("leave_reply", power="meeting.answer")
def begin(talk: Talk, seat_id: int, to: int) -> Say:
    """[Answer]: opens the form."""
    meetings.own_seat(talk.session, talk.actor, seat_id)
    return Ask(
        FORM,
        _("The committee is told what you type. I show it to you again before it is sent."),
        data={"seat": seat_id, "to": to},
        buttons=[[Button(_("Cancel"), "cancel", FORM)]],
    )


@answer(FORM, power="meeting.answer", about=_("an answer to the committee"))
def typed(talk: Talk) -> Say:
    """What was typed is shown back; its number makes a second press harmless."""
    data = talk.draft.data if talk.draft else {}
    seat_id, to = int(data.get("seat", 0)), int(data.get("to", 0))
    meetings.own_seat(talk.session, talk.actor, seat_id)
    text, letter = meetings.check_message(talk.text), secrets.randbelow(2**31)
    return Ask(
        FORM,
        _("To the committee:"),
        text,
        data={"seat": seat_id, "to": to, "text": text, "letter": letter},
        buttons=[
            [
                Button(_("Send reply"), "leave_replied", seat_id, letter),
                Button(_("Edit"), "leave_reply", seat_id, to),
            ],
            [Button(_("Cancel"), "cancel", FORM)],
        ],
    )


@button("leave_replied", power="meeting.answer")
def send(talk: Talk, seat_id: int, letter: int) -> Say:
    """[Send reply]: exactly the text that stands above it."""
    meeting, seat = meetings.own_seat(talk.session, talk.actor, seat_id)
    draft = talk.draft
    if draft is None or draft.form != FORM or draft.data.get("letter") != letter:
        return screen(talk, meeting, seat, _("This message was sent or dropped already."))
    meetings.reply(
        talk.session,
        talk.actor,
        seat_id,
        str(draft.data["text"]),
        to=int(draft.data["to"]),
        letter=letter,
        quiet=talk.house.quiet,
        now=talk.now,
    )
    talk.close()
    return screen(talk, meeting, seat, _("Sent to the committee."))
