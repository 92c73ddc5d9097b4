"""The member's side: a question or suggestion is typed, shown back, and sent once."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

from sqlmodel import Session

from handlers.home import HOME
from handlers.inbox.common import form_of
from handlers.kit import Ask, Button, House, Note, Say, Talk, answer, button, command, notice
from handlers.text import _
from storage import inbox
from storage.inbox import Ticket, TicketKind
from storage.outbox import Class
from storage.roster import Unit
from storage.schedule import Due


@button("ask-send", power="question.ask")
def ask_committee(talk: Talk) -> Say:
    """[Send to committee]: the question is the message that the results reply to."""
    question = re.sub(r"^/\S+\s*", "", talk.replied_text or "")
    if not question:
        return _type(talk, TicketKind.QUESTION)
    return _confirm(TicketKind.QUESTION, question)


@command("suggest", vi="gopy", power="question.ask", help=_("Suggest"))
def suggest_command(talk: Talk) -> Say:
    """/suggest, with the text or alone."""
    return _confirm(TicketKind.SUGGESTION, talk.text) if talk.text else suggest(talk)


@button("suggest", power="question.ask")
def suggest(talk: Talk) -> Say:
    """[Suggest]: asks for the text."""
    return _type(talk, TicketKind.SUGGESTION)


@answer("ask.send", power="question.ask", about=_("a question or suggestion"))
def typed_to_send(talk: Talk) -> Say:
    """Typed while the form is open: this is what is to be sent."""
    return _confirm(TicketKind(form_of(talk, "ask.send")["kind"]), talk.text)


@button("ask-edit", power="question.ask")
def edit(talk: Talk) -> Say:
    """[Edit]: the text is typed again."""
    return _type(talk, TicketKind(form_of(talk, "ask.send").get("kind", TicketKind.QUESTION)))


@button("ask-as", power="question.ask")
def send(talk: Talk, token: str, how: str) -> Say:
    """[Send with name] or [Send anonymously]; pressed twice, it is sent once."""
    form = form_of(talk, "ask.send")
    ticket = inbox.sent_with(talk.session, token)
    if ticket is None and form.get("token") != token:
        if "text" in form:
            return _confirm(TicketKind(form["kind"]), form["text"], form["token"])
        return Say(_("This form is closed; nothing was sent."), buttons=[[HOME]])
    if ticket is None:
        ticket = inbox.send(
            talk.session,
            talk.actor,
            TicketKind(form["kind"]),
            form["text"],
            anonymous=how == "anonymous",
            form=token,
            now=talk.now,
            zone=talk.house.zone,
            quiet_hours=talk.house.quiet_hours,
        )
        talk.close()
    unit = talk.session.get_one(Unit, ticket.unit_id)
    return Say(
        _(
            "Sent to the committee of {unit}. Number: #{number}",
            unit=unit.name,
            number=str(ticket.id),
        ),
        _("The answer will come here, in this chat."),
        buttons=[[HOME]],
    )


def _type(talk: Talk, kind: TicketKind) -> Say:
    question = kind is TicketKind.QUESTION
    return Ask(
        "ask.send",
        _("Type the question for the committee.")
        if question
        else _("Type your suggestion for the committee."),
        _("I show it to you again before it is sent."),
        data={"kind": kind.value},
        buttons=[[Button(_("Cancel"), "cancel", "ask.send")]],
    )


def _confirm(kind: TicketKind, text: str, token: str = "") -> Say:
    """Shows the text back with its buttons; a suggestion is signed. New text has a new token."""
    clean, token = inbox.checked_message(kind, text), token or secrets.token_urlsafe(6)
    question = kind is TicketKind.QUESTION
    return Ask(
        "ask.send",
        _("Send this question?") if question else _("Send this suggestion?"),
        _("“{text}”", text=clean),
        _(
            "Anonymous: the committee does not see your name. The system keeps where to send the"
            " answer, and forgets it within a day or so after the answer."
        )
        if question
        else None,
        data={"kind": kind.value, "text": clean, "token": token},
        buttons=[
            [
                Button(_("Send with name"), "ask-as", token, "named"),
                Button(_("Send anonymously"), "ask-as", token, "anonymous") if question else None,
            ],
            [Button(_("Edit"), "ask-edit"), Button(_("Cancel"), "cancel", "ask.send")],
        ],
    )


@notice(
    "ticket.answered",
    power="question.ask",
    klass=Class.ONCE,
    about=_("Answer to a question"),
    named=False,
)
def answered_ticket(note: Note) -> Say | None:
    """To the one who asked: the answer, with the question quoted."""
    ticket = note.session.get_one(Ticket, note.subject_id)
    unit = note.session.get_one(Unit, ticket.unit_id)
    return Say(
        _("The committee of {unit} answers #{number}:", unit=unit.name, number=str(ticket.id)),
        _("You asked: <blockquote>{text}</blockquote>", text=ticket.text)
        if ticket.kind == TicketKind.QUESTION
        else _("You suggested: <blockquote>{text}</blockquote>", text=ticket.text),
        _("The answer: {text}", text=ticket.answer or ""),
        buttons=[[HOME]],
    )


def forget(session: Session, due: Due, _house: House, now: datetime) -> None:
    """A day after the answer: whom an anonymous question was answered."""
    inbox.forget(session, int(due.subject.rpartition(":")[2]), now=now)
