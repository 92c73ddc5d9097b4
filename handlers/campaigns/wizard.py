"""A new campaign in the chat: name, citation, days, reminders, lessons one after the other; shown
back, and begun with a press.
"""

from __future__ import annotations

import secrets
from datetime import date

from handlers.campaigns.form import (
    DAYS,
    FORM,
    NIGHTLY,
    TWICE,
    Form,
    add_parts,
    after,
    of_token,
    opened,
    set_end,
    take_days,
)
from handlers.campaigns.marking import pieces
from handlers.campaigns.showing import shortened
from handlers.kit import Ask, Button, Say, Talk, answer, button, document, media
from handlers.text import Day, Text, Words, _, cut, n_, unmarked
from storage import campaigns, roster
from storage.campaigns import NewPart
from storage.errors import Refusal
from storage.folding import clean_name
from storage.powers import units_with

LENGTHS = (30, 60, 90)
TITLE = 80  # letters of a first line that become a title
REMINDS: dict[str, Text] = {
    NIGHTLY: _("every evening at 19:30"),
    TWICE: _("Monday and Thursday at 19:30"),
    DAYS: _("when a lesson opens and on its last day"),
}


@button("campaign_new", power="campaign.manage")
def begin(talk: Talk) -> Say:
    """[New campaign]; whose it is, is asked only of who leads several units."""
    units = units_with(talk.actor, "campaign.manage")
    form = Form(secrets.token_hex(6), unit=units[0] if len(units) == 1 else None)
    return _proceed(talk, form)


@answer(FORM, power="campaign.manage", about=_("a new campaign"))
def typed(talk: Talk) -> Say:
    """An answer to what was asked; where that are lessons, another lesson."""
    form, problem = opened(talk), None
    match form.missing:
        case "name":
            form.name, form.again = campaigns.check_name(talk.text), None
        case "citation":
            form.citation, form.again = cut(clean_name(talk.text), 200), None
        case "starts" | "ends":
            problem = take_days(talk, form, talk.text)
        case "remind":
            form.remind, form.again = campaigns.check_remind(talk.text), None
        case "lessons":
            message = talk.update.message if talk.update else None
            said = pieces(talk.text, message.entities if message else ())
            title = cut(clean_name(talk.text.strip().partition("\n")[0]), TITLE)
            add_parts(form, title, [NewPart(each) for each in said])
        case _other:
            pass
    return _proceed(talk, form, problem)


@document(power="campaign.manage", form=FORM)
@media(FORM, power="campaign.manage")
def sent(talk: Talk) -> Say:
    """A file, a picture, a voice or a film, with what stands below it: a lesson, or more of one."""
    form, file = opened(talk), talk.document
    if form.missing != "lessons" or file is None:
        return _proceed(talk, form)
    message = talk.update.message if talk.update else None
    said = pieces(talk.text, message.caption_entities if message else ())
    kind = "photo" if file.photo else file.kind
    part = NewPart("", kind, file.file_id, cut(file.name, TITLE), file.seconds)
    first = clean_name(talk.text.strip().partition("\n")[0]) or file.name
    number = _("Lesson {n}", n=len(form.lessons) + 1)
    title = cut(first, TITLE) or talk.house.reader().plain(number)
    add_parts(form, title, [*(NewPart(each) for each in said), part])
    return _proceed(talk, form)


# -- presses -----------------------------------------------------------------------------------


@button("campaign_set", power="campaign.manage")
def choose(talk: Talk, token: str, field: str, value: str) -> Say:
    """An answer that is offered."""
    form = of_token(talk, token)
    match field:
        case "citation":
            form.citation = ""
        case "unit" if value.isdecimal() and int(value) in units_with(
            talk.actor, "campaign.manage"
        ):
            form.unit = int(value)
        case "starts":
            form.starts = talk.today.isoformat()
        case "ends" if value.isdecimal() and int(value) in LENGTHS and form.starts:
            set_end(talk, form, after(form, int(value)))
        case "remind" if value in ("0", "1", "2"):
            form.remind = (NIGHTLY, TWICE, DAYS)[int(value)]
        case "joins":
            form.joins = not form.joins
        case "undo":
            form.lessons, form.joins = form.lessons[:-1], False
        case "ready":
            form.ready = True
        case _other:
            return _proceed(talk, form)
    form.again = None
    return _proceed(talk, form)


@button("campaign_again", power="campaign.manage")
def again(talk: Talk, token: str, what: str) -> Say:
    """[Edit]: the name, the days, the reminders, the lessons once more."""
    form = of_token(talk, token)
    if what == "lessons":
        form.ready = False
    elif what == "days":
        form.starts = form.ends = None
    elif what in ("name", "remind"):
        form.again = what
    return _proceed(talk, form)


@button("campaign_edit", power="campaign.manage")
def edit(talk: Talk, token: str) -> Say:
    """[Edit]: which part."""
    form = of_token(talk, token)
    return form.ask(
        _("What shall be changed?"),
        buttons=[
            [
                Button(_("Name"), "campaign_again", token, "name"),
                Button(_("Days"), "campaign_again", token, "days"),
            ],
            [
                Button(_("Reminders"), "campaign_again", token, "remind"),
                Button(_("Lessons"), "campaign_again", token, "lessons"),
            ],
            [Button(_("‹ Back"), "campaign_again", token, "-")],
        ],
    )


@button("campaign_begin", power="campaign.manage")
def start(talk: Talk, token: str) -> Say:
    """[Begin]; pressed twice, it begins once."""
    made = campaigns.of_form(talk.session, token)
    if made is None:
        form = of_token(talk, token)
        if form.missing is not None:
            return _proceed(talk, form)
        made = campaigns.begin(
            talk.session,
            talk.actor,
            form.outline(),
            token=token,
            zone=talk.house.zone,
            now=talk.now,
        )
        talk.close()
    campaigns.managed(talk.session, talk.actor, made.id)
    return Say(
        _("<b>{name}</b> has begun.", name=made.name),
        buttons=[[Button(_("Who is where"), "campaign", made.id)], [BACK]],
        toast=_("The campaign has begun."),
    )


# -- what is asked -----------------------------------------------------------------------------

BACK = Button(_("‹ Campaigns"), "campaigns")


def _proceed(talk: Talk, form: Form, problem: Words | None = None) -> Ask:
    token, out = form.token, Button(_("Cancel"), "cancel", FORM)
    match form.missing:
        case "name":
            return form.ask(
                _("<b>New campaign</b> · step 1 of 5"),
                _("What is it called? Type it, such as: Study of Directive 01"),
                problem,
                buttons=[[out]],
            )
        case "citation":
            skip = Button(_("Without"), "campaign_set", token, "citation", "-")
            return form.ask(
                _("<b>{name}</b> · step 2 of 5", name=form.name or ""),
                _("Which document is it about? Type its number and day."),
                problem,
                buttons=[[skip, out]],
            )
        case "unit":
            return _ask_unit(talk, form)
        case "starts":
            today = Button(_("From today"), "campaign_set", token, "starts", "-")
            return form.ask(
                _("<b>{name}</b> · step 3 of 5", name=form.name or ""),
                _("From when to when? Type it, such as: 1/8 - 31/8"),
                problem,
                buttons=[[today, out]],
            )
        case "ends":
            return _ask_end(form, problem, out)
        case "remind":
            return _ask_remind(form, problem, out)
        case "lessons":
            return _ask_lessons(form, problem, out)
    return _preview(talk, form, problem, out)


def _ask_unit(talk: Talk, form: Form) -> Ask:
    ids = units_with(talk.actor, "campaign.manage")
    if not ids:
        raise Refusal("You lead no unit for which a campaign could be begun.")
    units = [talk.session.get_one(roster.Unit, each) for each in ids[:8]]
    rows = [
        [Button(shortened(each.name), "campaign_set", form.token, "unit", each.id)]
        for each in units
    ]
    return form.ask(
        _("<b>{name}</b> · step 3 of 5", name=form.name or ""),
        _("For which unit? All units below it take part."),
        buttons=[*rows, [Button(_("Cancel"), "cancel", FORM)]],
    )


def _ask_end(form: Form, problem: Words | None, out: Button) -> Ask:
    lengths = [
        Button(_("For {n} days", n=days), "campaign_set", form.token, "ends", days)
        for days in LENGTHS
    ]
    return form.ask(
        _("<b>{name}</b> · step 3 of 5", name=form.name or ""),
        _("From {day}. Until when? Type the last day.", day=_day(form.starts)),
        problem,
        buttons=[lengths[:2], [lengths[2], out]],
    )


def _ask_remind(form: Form, problem: Words | None, out: Button) -> Ask:
    token = form.token
    return form.ask(
        _("<b>{name}</b> · step 4 of 5", name=form.name or ""),
        _("When shall I remind those who are not done? Twice for a lesson at most."),
        _("Type a time, such as 19:30, or choose."),
        problem,
        buttons=[
            [
                Button(_("Every evening"), "campaign_set", token, "remind", 0),
                Button(_("Mondays, Thursdays"), "campaign_set", token, "remind", 1),
            ],
            [Button(_("First and last day"), "campaign_set", token, "remind", 2), out],
        ],
    )


def _ask_lessons(form: Form, problem: Words | None, out: Button) -> Ask:
    token, made = form.token, form.made
    if not made:
        return form.ask(
            _("<b>{name}</b> · step 5 of 5", name=form.name or ""),
            _("Type or forward the lessons, one message each: text, files, voice or films."),
            _("Links and formatting are kept. Nothing secret, please."),
            problem,
            buttons=[[out]],
        )
    last = made[-1]
    join, apart = _("More of this lesson"), _("Next lesson")
    return form.ask(
        _("Lesson {n}: {title}", n=len(made), title=last.title),
        n_(
            "{n} part, about {minutes} minutes.",
            "{n} parts, about {minutes} minutes.",
            n=len(last.parts),
            minutes=last.minutes,
        ),
        _("What you send now belongs to this lesson.")
        if form.joins
        else _("What you send now is the next lesson."),
        problem,
        buttons=[
            [
                Button(_("No more lessons"), "campaign_set", token, "ready", "-"),
                Button(apart if form.joins else join, "campaign_set", token, "joins", "-"),
            ],
            [Button(_("Remove the last"), "campaign_set", token, "undo", "-"), out],
        ],
    )


def _preview(talk: Talk, form: Form, problem: Words | None, out: Button) -> Ask:
    plan = form.outline()
    unit = talk.session.get_one(roster.Unit, plan.unit_id)
    people = len(roster.members(talk.session, unit))
    line = form.remind or DAYS
    return form.ask(
        _(
            "<b>{name}</b> · {unit} · {people} people",
            name=plan.name,
            unit=unit.name,
            people=people,
        ),
        plan.citation or None,
        _("{first} – {last}", first=_day(form.starts), last=_day(form.ends)),
        _("Reminders: {when}", when=REMINDS.get(line, line)),
        n_(
            "{n} lesson, spread over these days: {titles}",
            "{n} lessons, spread over these days: {titles}",
            n=len(plan.lessons),
            titles=cut(" · ".join(unmarked(each.title) for each in plan.lessons), 120),
        ),
        problem,
        buttons=[
            [
                Button(_("Begin"), "campaign_begin", form.token),
                Button(_("Edit"), "campaign_edit", form.token),
            ],
            [out],
        ],
    )


def _day(iso: str | None) -> Day:
    return Day(date.fromisoformat(iso or ""), dated=True)
