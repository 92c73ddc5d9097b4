"""The committee's side: what waits, the answer that is sent, what is kept in the base."""

from __future__ import annotations

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.home import HOME
from handlers.inbox.common import form_of, quoted
from handlers.kit import Ask, Button, Note, Say, Talk, answer, button, command, notice
from handlers.text import Moment, Text, _, n_
from storage import inbox
from storage.inbox import Ticket, TicketKind
from storage.outbox import Class
from storage.powers import Role
from storage.roster import Person, Unit

INBOX = Button(_("‹ Inbox"), "inbox")
HAND_ON = {Role.DEPUTY: _("Hand to deputy"), Role.SECRETARY: _("Hand to secretary")}

# -- the committee: reading --------------------------------------------------------------------


@command(
    "inbox",
    vi="hopthu",
    power="inbox",
    label=_("Inbox"),
    help=_("Members' questions"),
)
@button("inbox", power="inbox")
def first_page(talk: Talk) -> Say:
    """The inbox: what has waited longest comes first."""
    talk.close("inbox.save")
    return _page(talk, 1)


@button("inbox-page", power="inbox")
def turn(talk: Talk, number: int) -> Say:
    """[‹] and [›]."""
    return _page(talk, number)


@button("inbox-hand", power="inbox")
def hand_on(talk: Talk, ticket_id: int) -> Say:
    """[Hand to deputy]: somebody else of the committee is asked to answer."""
    ticket = inbox.hand_on(
        talk.session,
        talk.actor,
        ticket_id,
        now=talk.now,
        zone=talk.house.zone,
        quiet_hours=talk.house.quiet_hours,
    )
    if ticket.answered:
        return _answered(talk, ticket)
    said = _page(talk, 1)
    said.toast = _("#{number} has been handed on.", number=str(ticket.id))
    return said


def _page(talk: Talk, number: int) -> Say:
    page = inbox.page(talk.session, talk.actor, number)
    if page.ticket is None or page.oldest is None:
        return Say(_("<b>INBOX</b> · nothing waits for an answer"), buttons=[[HOME]])
    ticket, before, after = page.ticket, page.number - 1, page.number + 1
    kept = ticket.kind == TicketKind.QUESTION
    return Say(
        _(
            "<b>INBOX</b> · {n} not answered, the oldest for {age}",
            n=page.count,
            age=_age(talk.now, page.oldest),
        ),
        quoted(talk.session, ticket),
        _standing(talk, ticket),
        buttons=[
            [Button(_("Answer"), "inbox-answer", ticket.id), _hand_button(talk, ticket)],
            [Button(_("Keep in base"), "inbox-save", ticket.id) if kept else None],
            [
                Button("‹", "inbox-page", before or page.count),
                Button(f"{page.number}/{page.count}", "inbox-page", page.number),
                Button("›", "inbox-page", after if after <= page.count else 1),
            ]
            if page.count > 1
            else [],
            [HOME],
        ],
    )


def _hand_button(talk: Talk, ticket: Ticket) -> Button | None:
    role = inbox.next_hand(talk.session, talk.actor, ticket, today=talk.today)
    return Button(HAND_ON[role], "inbox-hand", ticket.id) if role else None


def _standing(talk: Talk, ticket: Ticket) -> Text | None:
    """Who has it in hand, when that is somebody else."""
    if ticket.claimed_by not in (None, talk.actor.person_id) and ticket.claimed_at:
        name = talk.session.get_one(Person, ticket.claimed_by).full_name
        return _("{name} began to answer at {when}.", name=name, when=Moment(ticket.claimed_at))
    if ticket.handed_to is not None:
        deputy = ticket.handed_to == Role.DEPUTY
        return _("Handed to the deputy.") if deputy else _("Handed to the secretary.")
    return None


def _age(now: datetime, since: datetime) -> Text:
    age = now - since
    if age.days:
        return n_("{n} day", "{n} days", n=age.days)
    hours = age.seconds // 3600
    return n_("{n} hour", "{n} hours", n=hours) if hours else _("less than an hour")


# -- the committee: answering ------------------------------------------------------------------


@button("inbox-answer", power="inbox")
def begin(talk: Talk, ticket_id: int) -> Say:
    """[Answer]: asks for the text."""
    return _write(talk, ticket_id, save=False)


@answer("inbox.answer", power="inbox", about=_("an answer to a question"))
def typed_answer(talk: Talk) -> Say:
    """The typed answer, shown back."""
    form = form_of(talk, "inbox.answer")
    ticket = inbox.ticket_for(talk.session, talk.actor, form["ticket"])
    if ticket.answered:
        return _answered(talk, ticket)
    return _confirm_answer(talk, ticket, inbox.checked_answer(talk.text), form["save"])


@button("inbox-send", power="inbox")
def send_answer(talk: Talk, ticket_id: int, token: str) -> Say:
    """[Send answer]: the first answer counts, whoever comes later is told."""
    form = form_of(talk, "inbox.answer")
    ticket = inbox.ticket_for(talk.session, talk.actor, ticket_id)
    if form.get("token") == token and form["ticket"] == ticket_id:
        sent = inbox.answer(talk.session, talk.actor, ticket_id, form["text"], now=talk.now)
        talk.close()
        if sent and form["save"]:
            return _confirm_save(talk, ticket, ticket.text)
        return _answered(talk, ticket)
    if ticket.answered:
        return _answered(talk, ticket)
    if form.get("ticket") == ticket_id and "text" in form:
        return _confirm_answer(talk, ticket, form["text"], form["save"], form["token"])
    return _write(talk, ticket_id, save=False)


@button("inbox-drop", power="inbox")
def drop(talk: Talk, ticket_id: int) -> Say:
    """[Cancel]: no answer for now; others see that the ticket is free."""
    inbox.release(talk.session, talk.actor, ticket_id)
    if form_of(talk, "inbox.answer").get("ticket") == ticket_id:
        talk.close()
    return _page(talk, 1)


def _write(talk: Talk, ticket_id: int, *, save: bool) -> Say:
    ticket = inbox.claim(talk.session, talk.actor, ticket_id, now=talk.now)
    if ticket.answered:
        return _answered(talk, ticket)
    return Ask(
        "inbox.answer",
        quoted(talk.session, ticket),
        _standing(talk, ticket),
        _("Type the answer. I show it to you again before it is sent."),
        _("After that it can be kept in the base for the next who asks.") if save else None,
        data={"ticket": ticket_id, "save": save},
        buttons=[[Button(_("Cancel"), "inbox-drop", ticket_id)]],
    )


def _confirm_answer(talk: Talk, ticket: Ticket, text: str, save: bool, token: str = "") -> Say:
    """Shows the answer back with its buttons. New text has a new token."""
    token = token or secrets.token_urlsafe(6)
    again = "inbox-save" if save else "inbox-answer"
    return Ask(
        "inbox.answer",
        quoted(talk.session, ticket),
        _("Send this answer?"),
        _("“{text}”", text=text),
        data={"ticket": ticket.id, "save": save, "text": text, "token": token},
        buttons=[
            [Button(_("Send answer"), "inbox-send", ticket.id, token)],
            [Button(_("Edit"), again, ticket.id), Button(_("Cancel"), "inbox-drop", ticket.id)],
        ],
    )


def _answered(talk: Talk, ticket: Ticket) -> Say:
    """How the ticket was answered, to the one who did and to whoever came later."""
    mine = ticket.answered_by == talk.actor.person_id
    keep = ticket.kind == TicketKind.QUESTION and ticket.entry_id is None
    number = str(ticket.id)
    if mine or ticket.answered_by is None or ticket.answered_at is None:
        head = _("The answer to #{number} is on its way.", number=number)
    else:
        name = talk.session.get_one(Person, ticket.answered_by).full_name
        when = Moment(ticket.answered_at)
        head = _(
            "{name} answered #{number} already, at {when}:", name=name, number=number, when=when
        )
    return Say(
        head,
        _("“{text}”", text=ticket.answer or ""),
        buttons=[[Button(_("Keep in base"), "inbox-save", ticket.id) if keep else None], [INBOX]],
    )


# -- the committee: keeping --------------------------------------------------------------------


@button("inbox-save", power="inbox")
def save(talk: Talk, ticket_id: int) -> Say:
    """[Keep in base]: an answered question is shown once more; another is answered first."""
    ticket = inbox.ticket_for(talk.session, talk.actor, ticket_id)
    if not ticket.answered:
        return _write(talk, ticket_id, save=True)
    return _confirm_save(talk, ticket, ticket.text)


@answer("inbox.save", power="inbox")
def typed_question(talk: Talk) -> Say:
    """Typed while the form is open: the question in words that fit everybody."""
    ticket = inbox.ticket_for(talk.session, talk.actor, form_of(talk, "inbox.save")["ticket"])
    return _confirm_save(talk, ticket, talk.text)


@button("inbox-reword", power="inbox")
def reword(talk: Talk, ticket_id: int) -> Say:
    """[Edit]: the question is typed again."""
    inbox.ticket_for(talk.session, talk.actor, ticket_id)
    return Ask(
        "inbox.save",
        _("Type the question as others would ask it."),
        data={"ticket": ticket_id},
        buttons=[[Button(_("‹ Back"), "inbox-save", ticket_id)]],
    )


@button("inbox-keep", power="inbox")
def keep(talk: Talk, ticket_id: int, token: str) -> Say:
    """[Keep]: the next who asks finds it."""
    form = form_of(talk, "inbox.save")
    ticket = inbox.ticket_for(talk.session, talk.actor, ticket_id)
    if form.get("token") == token and form["ticket"] == ticket_id:
        unit = talk.session.get_one(Unit, ticket.unit_id)
        source = talk.reader.plain(_("Committee of {unit}", unit=unit.name))
        inbox.save(
            talk.session,
            talk.actor,
            ticket_id,
            form["question"],
            source=source,
            now=talk.local,
        )
        talk.close()
    elif ticket.entry_id is None:
        return save(talk, ticket_id)
    return Say(_("Kept. Whoever asks this from now on finds the answer."), buttons=[[INBOX]])


def _confirm_save(talk: Talk, ticket: Ticket, question: str) -> Say:
    clean, token = inbox.checked_question(question), secrets.token_urlsafe(6)
    unit = talk.session.get_one(Unit, ticket.unit_id)
    return Ask(
        "inbox.save",
        _("Keep this in the base for everybody in {unit}?", unit=unit.name),
        _("Please leave out what tells who asked."),
        _("<b>{question}</b>", question=clean),
        ticket.answer or "",
        data={"ticket": ticket.id, "question": clean, "token": token},
        buttons=[
            [Button(_("Keep"), "inbox-keep", ticket.id, token)],
            [Button(_("Edit"), "inbox-reword", ticket.id), INBOX],
        ],
    )


# -- what is told later ------------------------------------------------------------------------


@notice("ticket.new", power="inbox", klass=Class.ONCE, about=_("New question"))
def new_ticket(note: Note) -> Say | None:
    """To the committee: something has come in."""
    return _told(note, _("New in the inbox:"))


@notice("ticket.handed", power="inbox", klass=Class.ONCE, about=_("Question handed on"))
def handed_ticket(note: Note) -> Say | None:
    """To the deputy, or the secretary: please answer this."""
    return _told(note, _("Handed to you, please answer:"))


def _told(note: Note, head: Text) -> Say | None:
    ticket = note.session.get_one(Ticket, note.subject_id)
    today = note.now.astimezone(ZoneInfo(note.house.zone)).date()
    seated = note.person and inbox.answers_for(note.session, note.person, ticket, today=today)
    if ticket.answered or not seated:
        return None
    return Say(
        head,
        quoted(note.session, ticket),
        buttons=[[Button(_("Answer"), "inbox-answer", ticket.id), Button(_("Inbox"), "inbox")]],
    )
