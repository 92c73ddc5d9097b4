"""The first contact: a personal link, consent, and a stranger who asks to be let in.

Whoever is not let in yet gets nothing but these screens, whatever they type or press.
"""

from __future__ import annotations

from handlers import home, roomcode
from handlers.kit import Ask, Button, Note, Say, Talk, answer, button, command, event, notice
from handlers.paging import Page
from handlers.text import Text, _
from storage import groups, joining, roster, speakers
from storage.errors import Refusal
from storage.joining import JoinRequest
from storage.outbox import Class
from storage.quiet import Quiet
from storage.roomcode import read_payload
from storage.roster import Person, Unit


@command("start", power="join")
def start(talk: Talk) -> Say:
    """Home for a member; the way in for everybody else."""
    talk.leave()
    if talk.actor.person_id is None:
        return _invited(talk) if talk.text else _not_on_roll(talk)
    scanned = read_payload(talk.text)
    if scanned is not None and talk.actor.grants:
        return roomcode.scanned(talk, *scanned)
    if talk.text and scanned is None:
        invited = joining.look(talk.session, talk.actor.telegram_id, talk.text, now=talk.now)
        if invited is not None and invited.id != talk.actor.person_id:
            joining.confirm(talk.session, talk.actor.telegram_id, talk.text, now=talk.now)
    if talk.actor.grants:
        return home.screen(talk, greet=True)
    return _ask_consent(talk.person, _branch_name(talk, talk.person), greet=True)


@button("join", power="join")
def join(talk: Talk) -> Say:
    """On from the news of being let in."""
    talk.text = ""
    return start(talk)


def _invited(talk: Talk) -> Say:
    person = joining.look(talk.session, talk.actor.telegram_id, talk.text, now=talk.now)
    if person is None:
        return _no_such_link()
    return Say(
        *_greeting(_branch_name(talk, person)),
        _("Are you {name}?", name=person.full_name),
        buttons=[
            [Button(_("Yes, that is me"), "thatisme", talk.text)],
            [Button(_("That is not me"), "notme")],
        ],
    )


def _not_on_roll(talk: Talk) -> Say:
    if talk.actor.owner:
        return home.owners(talk, greet=True)
    return Ask(
        "join.unit",
        _("Welcome. This assistant serves the members of a unit; each gets a link of their own."),
        _("If you have none, ask your unit's secretary, or type the unit's name here."),
    )


def _no_such_link() -> Say:
    return Ask(
        "join.unit",
        _("This link does not work: it may be used already, too old or incomplete."),
        _("Please ask your unit's secretary for a new one, or type the unit's name here."),
    )


def _greeting(unit: str) -> list[Text]:
    return [
        _(
            "Welcome. This is the assistant of {unit}: it reminds of meetings, sends lessons,"
            " takes questions and opinions.",
            unit=unit,
        ),
        _("Please send nothing secret here. This bot replaces no official system."),
    ]


@button("notme", power="join")
def not_me(talk: Talk) -> Say:
    """The link reached somebody else; it stays good for the one it was made for."""
    return Say(
        _("Sorry. This link is for somebody else, and nothing was changed."),
        _("Please tell the secretary, who can send you a link of your own."),
    )


@button("thatisme", power="join")
def that_is_me(talk: Talk, code: str) -> Say:
    """From here on the person is whoever holds this account."""
    person = joining.confirm(talk.session, talk.actor.telegram_id, code, now=talk.now)
    if person is None:
        return _no_such_link()
    if person.consented_at is None:
        return _ask_consent(person, _branch_name(talk, person), code=code)
    return _welcome(talk)


def _ask_consent(person: Person, unit: str, *, code: str = "", greet: bool = False) -> Say:
    return Say(
        *(_greeting(unit) if greet else []),
        _("Kept: name, unit, dates, telephone, meetings, lessons, your questions and opinions."),
        _("Used for the unit's own work; seen by its committee, handed to nobody else."),
        _("You can see it under /me; for a copy, or to have it erased, ask the committee."),
        _(
            "Comrade {name}, do you agree that your unit keeps and uses these data?",
            name=person.full_name,
        ),
        buttons=[
            [Button(_("I agree"), "consent", "yes"), Button(_("I do not agree"), "noconsent", code)]
        ],
    )


@button("consent", power="join")
def consent(talk: Talk, said: str) -> Say:
    """Nothing counts before a yes; after a no, nothing of the account is kept."""
    if talk.actor.person_id is None:
        return _not_on_roll(talk)
    if said == "yes":
        quiet = Quiet(talk.house.quiet_hours, talk.house.zone)
        joining.agree(talk.session, talk.person, quiet=quiet, now=talk.now)
        return _welcome(talk)
    return no_consent(talk, "")


@button("noconsent", power="join")
def no_consent(talk: Talk, code: str) -> Say:
    """Nothing is kept, so the way back is the link, which works again; its button carries it."""
    if talk.actor.person_id is None:
        return _not_on_roll(talk)
    person = talk.person
    if not joining.decline(talk.session, person, now=talk.now):
        raise Refusal("You have agreed already. To withdraw it, please tell the committee.")
    by_link = person.telegram_id is None
    return Say(
        _("Understood. Nothing about this account is kept, and you will get no messages."),
        _("Should you change your mind, press here or open your link again.")
        if by_link and code
        else _("Should you change your mind, open your link again.")
        if by_link
        else _("Should you change your mind, press /start."),
        buttons=[[Button(_("Look again"), "thatisme", code)]] if by_link and code else [],
    )


def _welcome(talk: Talk) -> Say:
    talk.actor = speakers.who(
        talk.session, talk.actor.telegram_id, today=talk.today, owner=talk.actor.owner
    )
    said = home.screen(talk, greet=True)
    said.toast = _("Thank you. Welcome!")
    return said


def _branch_name(talk: Talk, person: Person) -> str:
    return groups.branch_of(talk.session, person.unit_id, today=talk.today).name


def _unit_name(talk: Talk, person: Person) -> str:
    return talk.session.get_one(Unit, person.unit_id).name


# -- a stranger names a unit -------------------------------------------------------------------


@answer("join.unit", power="join")
def unit_named(talk: Talk) -> Say:
    """The same answer whether there is such a unit or not."""
    if talk.actor.known or talk.actor.person_id is not None:
        talk.text = ""
        return start(talk)
    user = talk.update.effective_user if talk.update else None
    joining.ask(
        talk.session,
        talk.actor.telegram_id,
        user.full_name if user else "",
        talk.text,
        owner_id=talk.house.owner_id,
        quiet_hours=talk.house.quiet_hours,
        zone=talk.house.zone,
        today=talk.today,
        now=talk.now,
    )
    return Ask(
        "join.unit",
        _("Thank you. If such a unit uses this assistant, its committee will see your request."),
        _("You will hear from it here. Units are not listed."),
    )


@notice("join.request", power="join.decide", klass=Class.ONCE, about=_("Request to join"))
def request_notice(note: Note) -> Say | None:
    """A committee member hears of the stranger."""
    request = note.session.get(JoinRequest, note.subject_id)
    if request is None or request.decided_at is not None:
        return None
    if not note.may("join.decide", request.decider_id):
        return None
    return _request_screen(request, note.session.get_one(Unit, request.unit_id).name)


def _request_screen(request: JoinRequest, unit: str) -> Say:
    return Say(
        _("Somebody asks to be let into {unit}.", unit=unit),
        _("On Telegram they are called: {name}", name=request.name or "?"),
        _("Anybody may take any name there: please make sure before you let them in."),
        buttons=[
            [
                Button(_("Let in…"), "letin", request.id, 0),
                Button(_("Turn down"), "turndown", request.id),
            ],
            [Button(_("‹ Home"), "home")],
        ],
    )


@button("joinrequest", power="join.decide")
def request_again(talk: Talk, request_id: int) -> Say:
    """Back to the request."""
    request = joining.undecided(talk.session, talk.actor, request_id)
    return _request_screen(request, talk.session.get_one(Unit, request.unit_id).name)


@button("letin", power="join.decide")
def let_in(talk: Talk, request_id: int, page: int) -> Say:
    """Who on the roll is the stranger? Only people not linked yet."""
    request = joining.undecided(talk.session, talk.actor, request_id)
    people = joining.not_linked(talk.session, request)
    if not people:
        return Say(
            _("Everybody on this roll is linked. Add the person under Roster first."),
            buttons=[[Button(_("‹ Back"), "joinrequest", request.id)]],
        )
    shown = Page.of(people, page)
    return Say(
        _("Who on the roll is “{name}”?", name=request.name or "?"),
        *(
            _("{n}. {name} · {unit}", n=number, name=each.full_name, unit=_unit_name(talk, each))
            for number, each in enumerate(shown.items, shown.first)
        ),
        buttons=[
            *shown.digits("letinas", *((request.id, each.id) for each in shown.items)),
            shown.turn("letin", request.id),
            [Button(_("‹ Back"), "joinrequest", request.id)],
        ],
    )


@button("letinas", power="join.decide")
def let_in_as(talk: Talk, request_id: int, person_id: int) -> Say:
    """Asks again: a wrong yes lets somebody in under another's name."""
    request = joining.undecided(talk.session, talk.actor, request_id)
    person = next(
        (each for each in joining.not_linked(talk.session, request) if each.id == person_id), None
    )
    if person is None:
        raise Refusal("This is not available to you.")
    return Say(
        _(
            "Let “{stranger}” in as {name}? They will act and be written to as this person.",
            stranger=request.name or "?",
            name=person.full_name,
        ),
        buttons=[
            [Button(_("Yes"), "letinyes", request.id, person.id)],
            [Button(_("‹ Back"), "letin", request.id, 0)],
        ],
    )


@button("letinyes", power="join.decide")
def let_in_yes(talk: Talk, request_id: int, person_id: int) -> Say:
    """Linked; they are asked for consent and told so."""
    person = joining.let_in(talk.session, talk.actor, request_id, person_id, now=talk.now)
    return Say(
        _("{name} is let in and is now asked for consent.", name=person.full_name),
        buttons=[[Button(_("‹ Home"), "home")]],
    )


@button("turndown", power="join.decide")
def turn_down(talk: Talk, request_id: int) -> Say:
    """Not let in."""
    joining.turn_down(talk.session, talk.actor, request_id, now=talk.now)
    return Say(_("Turned down. They are told so."), buttons=[[Button(_("‹ Home"), "home")]])


@notice("join.answer", power="join", klass=Class.ONCE, about=_("Answer to a request to join"))
def answer_notice(note: Note) -> Say | None:
    """The stranger hears the answer."""
    request = note.session.get(JoinRequest, note.subject_id)
    if request is None:
        return None
    if request.accepted:
        return Say(
            _("Your request has been accepted."),
            buttons=[[Button(_("Continue"), "join")]],
        )
    return Say(
        _("Your request has not been accepted. Please speak to your unit's secretary in person.")
    )


# -- what happens to the chat ------------------------------------------------------------------


@event("blocked")
def blocked(talk: Talk) -> None:
    """They blocked the bot: listed so, until they come back."""
    if talk.actor.person_id is not None:
        talk.person.blocked_at = talk.now
        talk.session.add(talk.person)


@event("unblocked")
def unblocked(talk: Talk) -> None:
    """They are back; that they wrote has been noted already."""
    if talk.actor.person_id is not None:
        roster.reached(talk.person)
