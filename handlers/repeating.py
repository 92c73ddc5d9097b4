"""What somebody has missed comes back in the evening, if they want it to; nobody else knows."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from handlers.bank.asking import Asked, judgement
from handlers.campaigns import doors
from handlers.kit import Button, House, Note, Say, Talk, answer, button, notice
from handlers.text import Day, _
from storage import campaigns, repeating
from storage.outbox import Class
from storage.repeating import Turn
from storage.schedule import Due

FORM = "repeat.typed"
HOME = Button(_("‹ Home"), "home")
STUDY = Button(_("‹ Study"), "study")
NOW = Button(_("Go over them now"), "repeatnow")
OFF = Button(_("Stop this"), "repeatoff")


@button("repeat", power="study.own")
def switch(talk: Talk) -> Say:
    """[Go over misses]: what it is, and the switch."""
    person = talk.person
    if not repeating.wants(talk.session, person.id):
        return Say(
            _("<b>Go over misses</b>"),
            _("Questions that you got wrong come back in the evening, until you know them."),
            _("At most one message a day, to you alone. You can stop any time."),
            buttons=[[Button(_("Switch it on"), "repeaton")], [STUDY, HOME]],
        )
    due = repeating.due_today(talk.session, person.id, now=talk.now)
    return Say(
        _("<b>Go over misses</b>"),
        _(
            "Switched on. Questions kept for you: {n}, due today: {due}.",
            n=repeating.kept(talk.session, person.id),
            due=due,
        ),
        buttons=[[NOW if due else None, OFF], [STUDY, HOME]],
    )


@button("repeaton", power="study.own")
def switch_on(talk: Talk) -> Say:
    """[Switch it on]."""
    repeating.begin(
        talk.session,
        talk.actor,
        campaigns.missed_items(talk.session, talk.actor),
        zone=talk.reader.zone,
        now=talk.now,
    )
    return switch(talk)


@button("repeatoff", power="study.own")
def switch_off(talk: Talk) -> Say:
    """[Stop this]: at once, and nothing is kept."""
    talk.close(FORM)
    repeating.stop(talk.session, talk.actor)
    return Say(
        _("Stopped. No question comes back any more, and nothing of it is kept."),
        buttons=[[STUDY, HOME]],
    )


# -- question by question ----------------------------------------------------------------------


@button("repeatnow", power="study.own")
def go_on(talk: Talk) -> Say:
    """[Go over them now], [Next question ›]."""
    return _present(talk, repeating.turn(talk.session, talk.actor, now=talk.now))


@button("repeatpick", power="study.own")
def pick(talk: Talk, number: int, item_id: int, index: int, mark: int) -> Say:
    """[A] [B] [C]: the answer, or a part of it; `number` is how often it was answered before."""
    return _present(
        talk,
        repeating.pick(talk.session, talk.actor, number, item_id, index, mark, now=talk.now),
    )


@button("repeatgive", power="study.own")
def give(talk: Talk, number: int, item_id: int) -> Say:
    """[That's it]."""
    return _present(talk, repeating.submit(talk.session, talk.actor, number, item_id, now=talk.now))


@answer(FORM, power="study.own")
def typed(talk: Talk) -> Say:
    """An answer in words, shown back before it counts."""
    data = talk.draft.data if talk.draft else {}
    (number,), item_id = data["about"], data["item"]
    return _present(
        talk, repeating.jot(talk.session, talk.actor, number, item_id, talk.text, now=talk.now)
    )


def _present(talk: Talk, found: Turn) -> Say:
    row, item = found.row, found.item
    if row is None or item is None:
        talk.close(FORM)
        return Say(
            _("Nothing is left to go over today. Well done."),
            buttons=[[OFF, STUDY], [HOME]],
        )
    if found.just is None:
        asked = Asked(
            item,
            found.order,
            found.half,
            about=[row.times],
            pick="repeatpick",
            give="repeatgive",
            form=FORM,
        )
        return asked.say(talk, _("To go over: {n}", n=found.left), below=[[OFF, HOME]])
    talk.close(FORM)
    following = Button(_("Next question ›"), "repeatnow") if found.left else None
    return Say(
        *judgement(item, found.order, found.just),
        _("It comes back on {day}.", day=Day(repeating.day_of(row, talk.reader.zone), short=True)),
        buttons=[[following], [STUDY, HOME]],
    )


# -- what happens by itself --------------------------------------------------------------------


def remind(session: Session, due: Due, house: House, now: datetime) -> None:
    """It is evening for somebody who goes over what they have missed."""
    person_id = int(due.subject.rpartition(":")[2])
    repeating.remind(session, person_id, quiet=house.quiet, now=now)


@notice(
    repeating.DUE,
    power="study.own",
    klass=Class.REMINDER,
    about=_("Questions to go over"),
    named=False,
)
def evening(note: Note) -> Say | None:
    """To who wants it and still has some due."""
    due = repeating.due_today(note.session, note.notice.person_id or 0, now=note.now)
    if not due:
        return None
    return Say(
        _("To go over today: {n} of the questions that you missed.", n=due),
        buttons=[[NOW], [OFF]],
    )


# -- where it hangs ----------------------------------------------------------------------------


def _door(_talk: Talk, _campaign_id: int) -> Button | None:
    return Button(_("Go over misses"), "repeat")


doors.hang(doors.STUDY, _door)
doors.hang(doors.COURSE, _door)
