"""Every way in which this bot says no, and what it says of a form that stays open.

A no tells what to do next. Who is on a roll and asks for the committee's work hears who does it;
about a particular thing nobody hears more than "not available", be it another unit's or none.
"""

from __future__ import annotations

from handlers.kit import Button, Say, Talk
from handlers.routing import Route
from handlers.text import Text, _
from storage import roster
from storage.errors import NotFound, Refusal
from storage.powers import POWERS, Role

# What a form is about, where it is about something: two of one kind may be about different ones.
ABOUT = ("seat", "ticket", "meeting", "person")


def no(talk: Talk, words: Text) -> Say:
    """A no and the way on; of a press in a group only the one who pressed hears it."""
    pressed = talk.update is not None and talk.update.callback_query is not None
    if pressed and not talk.private:
        return Say(toast=words, alert=True)
    way_on = [[Button(_("‹ Home"), "home")]] if talk.private else []
    return Say(words, toast=words, new=True, buttons=way_on)


def stale(talk: Talk) -> Say:
    """A button of a time before this one, or a forged one."""
    return no(talk, _("This button no longer works; here is the way on."))


def unknown_command(talk: Talk, name: str) -> Say:
    """It is never taken as the answer to an open form."""
    return no(talk, _("There is no command /{name}. /help tells what there is.", name=name))


def refused(talk: Talk, refusal: Refusal) -> Say:
    """A rule of storage said no."""
    return no(talk, _(refusal.sentence, **refusal.values))


def retype(talk: Talk, refusal: Refusal) -> Say:
    """A no to what was typed; the form stays open for another try, unless its thing is gone."""
    said = refused(talk, refusal)
    if not isinstance(refusal, NotFound):
        said.lines.append(_("Nothing is lost. Please type it again, or leave with /cancel."))
        if talk.draft is not None:
            said.buttons.insert(0, [Button(_("Cancel"), "cancel", talk.draft.form)])
    return said


def private_first() -> Say:
    """What is personal is shown to nobody else."""
    return Say(toast=_("Please open the private chat with me first."), alert=True)


def not_yours(talk: Talk, route: Route) -> Say:
    """Somebody known, who holds the power over no unit at all: who does this, as far as it is told.

    It depends on the speaker's own unit alone, so it tells nothing of what there is elsewhere.
    """
    if talk.private and talk.actor.person_id and Role.SECRETARY in POWERS[route.power].roles:
        secretary = roster.nearest_secretary(talk.session, talk.person.unit_id, today=talk.today)
        if secretary is not None and secretary.id != talk.person.id:
            name = secretary.full_name.split()[-1]
            return no(talk, _("This is done by the secretary (comrade {name}).", name=name))
    return no(talk, _("This is not available to you."))


# -- a form that stays open ----------------------------------------------------------------------


def still_open(talk: Talk, said: Say | None) -> Say | None:
    """What was asked for in the middle of a form, and a line that says that the form waits."""
    if said is not None and said.lines and said.draft is None and talk.unfinished is not None:
        said.lines.append(
            _(
                "Unfinished: {form}. Go on by typing or with its buttons above; /cancel leaves it.",
                form=talk.unfinished,
            )
        )
    return said


def note_replaced(talk: Talk, said: Say) -> None:
    """There is one open form for each account: a new one says what it takes the place of."""
    if said.draft is None or talk.draft is None or talk.unfinished is None:
        return
    old, new = talk.draft, said.draft
    if old.form != new.form or any(old.data.get(each) != new.data.get(each) for each in ABOUT):
        said.lines.append(
            _(
                "Unfinished before: {form}. It gave way to this and was not sent.",
                form=talk.unfinished,
            )
        )
