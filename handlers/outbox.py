"""What needs somebody: notices that may not have arrived, and people whom no message reaches.

For the committee, in private. A notice is shown with what it is about and for whom; its words are
not shown, and where the recipient is confidential (an answer to a question) no name is either.
"""

from __future__ import annotations

from collections.abc import Callable

from handlers.kit import Button, Say, Talk, button
from handlers.meetings.showing import MANAGE
from handlers.paging import Page
from handlers.roster.words import NAMES, by_reach
from handlers.routing import TITLES
from handlers.text import Moment, Text, _, n_
from storage import groups, outbox, reach, roster
from storage.errors import Refusal
from storage.outbox import Notice

ANOTHER = _("Notice")


@button("unsure", power="notice.attend")
def unsure(talk: Talk, number: int) -> Say:
    """[Unsure]: what may not have arrived, one notice at a time, the oldest first."""
    page = Page.of(outbox.uncertain(talk.session, talk.actor), number, 1)
    if not page.items:
        return Say(_("There is no notice of which we are unsure."), buttons=[[MANAGE]])
    notice = page.items[0]
    return Say(
        n_("<b>UNSURE</b> · {n} notice", "<b>UNSURE</b> · {n} notices", n=page.pages),
        _("{what} · {whom}", what=_about(notice), whom=_whom(talk, notice)),
        _(
            "The connection to Telegram broke off, {when}: it may have arrived or not.",
            when=Moment(notice.settled_at or notice.created_at),
        ),
        buttons=[
            [
                Button(_("Send again"), "unsure_again", notice.id),
                Button(_("Ignore"), "unsure_close", notice.id),
            ],
            page.turn("unsure"),
            [Button(_("Resend all"), "unsure_all") if page.pages > 1 else None, MANAGE],
        ],
    )


@button("unsure_again", power="notice.attend")
def again(talk: Talk, notice_id: int) -> Say:
    """[Send again]: once more, and it says so in its first line."""
    done = _("It is sent again, after quiet hours, and says so in its first line.")
    return _decide(talk, notice_id, outbox.resend, done)


@button("unsure_all", power="notice.attend")
def all_again(talk: Talk) -> Say:
    """[Resend all]: asks first, for what has arrived comes twice."""
    found = outbox.uncertain(talk.session, talk.actor)
    again = [each.id for each in found if outbox.in_time(each, talk.now)]
    if not again:
        return _next(talk, _("Nothing is left to be sent again."))
    late = len(found) - len(again)
    return Say(
        n_("<b>SEND AGAIN</b> · {n} notice", "<b>SEND AGAIN</b> · {n} notices", n=len(again)),
        _("Some may get it twice; its first line says that it is sent again."),
        n_(
            "{n} stays on the list: its time has passed.",
            "{n} stay on the list: their time has passed.",
            n=late,
        )
        if late
        else None,
        buttons=[
            [Button(n_("Resend {n}", "Resend {n}", n=len(again)), "unsure_all_yes", max(again))],
            [Button(_("‹ Back"), "unsure", 0), MANAGE],
        ],
    )


@button("unsure_all_yes", power="notice.attend")
def all_again_yes(talk: Talk, last: int) -> Say:
    """The second tap: all that were there at the first."""
    sent = outbox.resend_all(talk.session, talk.actor, last=last, now=talk.now)
    if not sent:
        return _next(talk, _("Nothing is left to be sent again."))
    return _next(
        talk,
        n_(
            "{n} is sent again, after quiet hours, and says so in its first line.",
            "{n} are sent again, after quiet hours, and say so in their first line.",
            n=sent,
        ),
    )


@button("unsure_close", power="notice.attend")
def ignore(talk: Talk, notice_id: int) -> Say:
    """[Ignore]: it is listed no more."""
    return _decide(talk, notice_id, outbox.close, _("It is off the list."))


@button("to_call", power="notice.attend")
def to_call(talk: Talk, number: int) -> Say:
    """[To be called]: whom no message reaches, by the way to reach them."""
    found = reach.to_call(talk.session, talk.actor, "notice.attend")
    page = Page.of(found, number, NAMES)
    if not found:
        return Say(_("Messages reach everybody on your roll."), buttons=[[MANAGE]])
    return Say(
        n_("<b>TO BE CALLED</b> · {n} person", "<b>TO BE CALLED</b> · {n} people", n=len(found)),
        *by_reach(page.items),
        buttons=[page.turn("to_call"), [MANAGE]],
    )


def _decide(talk: Talk, notice_id: int, decision: Callable[..., Notice], done: Text) -> Say:
    """Decides, unless somebody else has: then that is said; either way the next one is shown."""
    outbox.attended(talk.session, talk.actor, notice_id)
    try:
        decision(talk.session, talk.actor, notice_id, now=talk.now)
    except Refusal as refusal:
        done = _(refusal.sentence, **refusal.values)
    return _next(talk, done)


def _next(talk: Talk, done: Text) -> Say:
    said = unsure(talk, 0)
    said.toast = done
    return said


def _about(notice: Notice) -> Text:
    title = TITLES.get(notice.kind)
    return title.about if title else ANOTHER


def _whom(talk: Talk, notice: Notice) -> Text | str:
    title = TITLES.get(notice.kind)
    if notice.person_id is not None:
        if title is None or not title.named:
            return _("confidential")
        return talk.session.get_one(roster.Person, notice.person_id).full_name
    group = talk.session.get_one(groups.Group, notice.group_id)
    unit = talk.session.get(roster.Unit, group.unit_id) if group.unit_id else None
    return _("group of {unit}", unit=unit.name if unit else "?")
