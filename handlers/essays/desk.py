"""The committee's side: asking for the essay, who has handed in, and who has not."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.campaigns import doors
from handlers.campaigns.showing import MANAGE
from handlers.essays.saying import asked, head
from handlers.kit import Ask, Button, Say, Talk, answer, button
from handlers.paging import Page
from handlers.roster.words import NAMES, by_reach
from handlers.tasks.reading import read_day
from handlers.tasks.showing import day_buttons, fitting_days
from handlers.text import Day, Moment, Text, Words, _, cut, n_
from storage import essays
from storage.campaigns import Campaign
from storage.errors import NotFound, Refusal
from storage.essays import Essay, EssayCall, Heap
from storage.powers import require
from storage.reach import Reach, reach
from storage.roster import Person, unit_lineage

FORM = "essay_call"
NAME = 40  # letters of a name in a list


@button("essays", power="essay.see")
def show(talk: Talk, campaign_id: int) -> Say:
    """[Essays]: how many, or the question what to ask for."""
    talk.close(FORM)
    if essays.call_for(talk.session, campaign_id) is None:
        return _ask_topic(_led(talk, campaign_id), {"campaign": campaign_id})
    return screen(talk, essays.heap(talk.session, talk.actor, campaign_id))


def screen(
    talk: Talk, found: Heap, *, first: Words | None = None, toast: Words | None = None
) -> Say:
    """The figures, and what the committee can do."""
    number, handed, missing = found.campaign.id, len(found.counted), len(found.missing)
    exempt = len(found.handed) - handed
    values = {"n": handed, "all": found.expected, "late": found.late}
    undo = found.leads and essays.undoable(found.call, now=talk.now) and not found.handed
    return Say(
        first,
        head(found.campaign),
        *asked(found.call),
        _(
            "Handed in {n}/{all}, of these late {late} · not seen {unseen}",
            unseen=found.unseen,
            **values,
        ),
        _("Beside them {n} of the exempt, invited only.", n=exempt) if exempt else None,
        buttons=[
            [
                Button(_("Handed in ({n})", n=len(found.handed)), "essay_list", number, 0)
                if found.handed
                else None,
                Button(n_("{n} missing", "{n} missing", n=missing), "essay_missing", number, 0)
                if missing
                else None,
            ],
            [
                Button(_("Change topic"), "essay_change", number, "topic") if found.leads else None,
                Button(_("Move last day"), "essay_change", number, "due") if found.leads else None,
            ],
            [Button(_("Undo"), "essay_undo", found.call.id) if undo else None],
            [Button(_("‹ Back"), "campaign", number), MANAGE],
        ],
        toast=toast,
    )


# -- asking --------------------------------------------------------------------------------------


def _ask_topic(campaign: Campaign, data: dict[str, Any]) -> Ask:
    return Ask(
        FORM,
        head(campaign),
        _("What is the essay to be about? Please type it in a line or two."),
        data={**data, "asks": "topic"},
        buttons=[[Button(_("‹ Back"), "campaign", campaign.id), MANAGE]],
    )


def _ask_due(talk: Talk, campaign: Campaign, data: dict[str, Any]) -> Ask:
    days = fitting_days(_local(talk, campaign).date())
    return Ask(
        FORM,
        head(campaign),
        _("Topic: {topic}", topic=data["topic"]) if "topic" in data else None,
        _("By when is it to be handed in? Press a day, or type it like: 15/9, next Friday."),
        data={**data, "asks": "due"},
        buttons=[
            *day_buttons(days, "essay_day", campaign.id),
            [Button(_("‹ Back"), "campaign", campaign.id), MANAGE],
        ],
    )


def _shown_back(talk: Talk, campaign: Campaign, data: dict[str, Any]) -> Ask:
    new = essays.call_for(talk.session, campaign.id) is None
    return Ask(
        FORM,
        head(campaign),
        _("Topic: {topic}", topic=data["topic"]),
        _("To be handed in by: {day}", day=Day(date.fromisoformat(data["due"]))),
        _("Everybody is told a minute later; the exempt are invited.") if new else None,
        data={**data, "asks": ""},
        buttons=[
            [Button(_("Ask for it") if new else _("Keep it"), "essay_call", campaign.id)],
            [Button(_("Cancel"), "cancel", FORM)],
        ],
    )


@answer(FORM, power="essay.see", about=_("what an essay is asked about"))
def typed(talk: Talk) -> Say:
    """A topic, or a day."""
    data = dict(talk.draft.data) if talk.draft else {}
    campaign = _led(talk, int(data.get("campaign", 0)))
    if data.get("asks") == "due":
        found = read_day(talk.text, _local(talk, campaign))
        if isinstance(found, Text):
            raise Refusal(found.source, **found.values)
        if found < _local(talk, campaign).date():
            raise Refusal("That day has passed. Please choose a later one.")
        data["due"] = found.isoformat()
    else:
        data["topic"] = essays.check_topic(talk.text)
    return _next(talk, campaign, data)


def _next(talk: Talk, campaign: Campaign, data: dict[str, Any]) -> Ask:
    if "due" not in data:
        return _ask_due(talk, campaign, data)
    return _shown_back(talk, campaign, data)


@button("essay_day", power="essay.see")
def day_pressed(talk: Talk, campaign_id: int, day: str) -> Say:
    """A day."""
    campaign, data = _led(talk, campaign_id), _open(talk, campaign_id)
    try:
        due = date.fromisoformat(day)
    except ValueError:
        raise NotFound from None
    if "topic" not in data:
        return _ask_topic(campaign, {**data, "due": due.isoformat()})
    return _next(talk, campaign, {**data, "due": due.isoformat()})


@button("essay_change", power="essay.see")
def change(talk: Talk, campaign_id: int, what: str) -> Say:
    """[Change topic], [Move last day]."""
    campaign = _led(talk, campaign_id)
    call = essays.call_for(talk.session, campaign_id)
    if call is None:
        return show(talk, campaign_id)
    data = {"campaign": campaign_id, "topic": call.topic, "due": call.due.isoformat()}
    if what == "topic":
        return _ask_topic(campaign, data)
    return _ask_due(talk, campaign, data)


@button("essay_call", power="essay.see")
def keep(talk: Talk, campaign_id: int) -> Say:
    """[Ask for it], or [Keep it] of a change; pressed twice, once."""
    campaign = _led(talk, campaign_id)
    held = essays.call_for(talk.session, campaign_id)
    draft = talk.draft
    if draft is None or draft.form != FORM or draft.data.get("campaign") != campaign_id:
        return show(talk, campaign_id)
    data = draft.data
    if "topic" not in data or "due" not in data:
        return _next(talk, campaign, dict(data))
    topic, due = str(data["topic"]), date.fromisoformat(data["due"])
    _keep(talk, campaign, held, topic, due)
    talk.close(FORM)
    found = essays.heap(talk.session, talk.actor, campaign_id)
    first = _("Asked for. Everybody is told in 60 seconds.") if held is None else None
    return screen(talk, found, first=first, toast=None if held is None else _("Noted."))


def _keep(
    talk: Talk, campaign: Campaign, held: EssayCall | None, topic: str, due: date
) -> EssayCall:
    if held is not None:
        return essays.change(talk.session, talk.actor, held.id, topic=topic, due=due, now=talk.now)
    return essays.ask(
        talk.session,
        talk.actor,
        campaign.id,
        topic,
        due,
        quiet=talk.house.quiet,
        now=talk.now,
    )


@button("essay_undo", power="essay.see")
def undo(talk: Talk, call_id: int) -> Say:
    """[Undo], within the minute."""
    undone = essays.undo(talk.session, talk.actor, call_id, now=talk.now)
    said = (
        _("Undone. Nobody was told.") if undone else _("Too late to undo: people have been told.")
    )
    return Say(said, buttons=[[Button(_("‹ Campaigns"), "campaigns"), MANAGE]])


# -- who -----------------------------------------------------------------------------------------


@button("essay_list", power="essay.see")
def handed(talk: Talk, campaign_id: int, number: int) -> Say:
    """[Handed in]: those that nobody has seen first; a number opens one."""
    found = essays.heap(talk.session, talk.actor, campaign_id)
    ordered = sorted(found.handed, key=lambda pair: pair[1].seen_at is not None)
    page = Page.of(ordered, number)
    return Say(
        head(found.campaign),
        *[
            _("{number}. {words}", number=place, words=_line(found, *pair))
            for place, pair in enumerate(page.items, page.first)
        ],
        buttons=[
            *page.digits("essay_read", *[(essay.id, 0) for _person, essay in page.items]),
            page.turn("essay_list", campaign_id),
            [Button(_("‹ Back"), "essays", campaign_id), MANAGE],
        ],
    )


def _line(found: Heap, person: Person, essay: Essay) -> Text:
    state = _("seen") if essay.seen_at else _("opened") if essay.opened_at else _("new")
    values = {"name": cut(person.full_name, NAME), "at": Moment(essay.sent_at), "state": state}
    if found.call.late(essay.sent_at):
        return _("{name}: {at}, late · {state}", **values)
    return _("{name}: {at} · {state}", **values)


@button("essay_missing", power="essay.see")
def missing(talk: Talk, campaign_id: int, number: int) -> Say:
    """[5 missing]: by how each can be reached."""
    found = essays.heap(talk.session, talk.actor, campaign_id)
    people = [(reach(each), each) for each in found.missing]
    page = Page.of(sorted(people, key=lambda pair: list(Reach).index(pair[0])), number, NAMES)
    return Say(
        head(found.campaign),
        n_("Not handed in: {n} person", "Not handed in: {n} people", n=len(people)),
        *by_reach(page.items),
        buttons=[
            page.turn("essay_missing", campaign_id),
            [Button(_("‹ Back"), "essays", campaign_id), MANAGE],
        ],
    )


# -- parts ---------------------------------------------------------------------------------------


def _led(talk: Talk, campaign_id: int) -> Campaign:
    """A campaign of the actor's own committee."""
    campaign = talk.session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound
    require(talk.actor, "essay.see", unit_lineage(talk.session, campaign.unit_id))
    return campaign


def _local(talk: Talk, campaign: Campaign) -> datetime:
    return talk.now.astimezone(ZoneInfo(campaign.zone))


def _open(talk: Talk, campaign_id: int) -> dict[str, Any]:
    draft = talk.draft
    if draft is None or draft.form != FORM or draft.data.get("campaign") != campaign_id:
        raise Refusal("This was started or dropped already.")
    return dict(draft.data)


def _door(talk: Talk, campaign_id: int) -> Button | None:
    """Shown to those who may ask for essays, or read some."""
    campaign = talk.session.get(Campaign, campaign_id)
    if campaign is None:
        return None
    try:
        if essays.call_for(talk.session, campaign_id) is None:
            _led(talk, campaign_id)
        else:
            essays.heap(talk.session, talk.actor, campaign_id)
    except NotFound:
        return None
    return Button(_("Essays"), "essays", campaign_id)


doors.hang(doors.CAMPAIGN, _door)
