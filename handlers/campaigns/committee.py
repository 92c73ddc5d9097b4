"""The committee's side: who is where, who is not done and how to reach them, a new campaign."""

from __future__ import annotations

from functools import reduce
from typing import Any

from handlers.campaigns import doors
from handlers.campaigns.showing import MANAGE, problem_words, shortened, span
from handlers.kit import Ask, Button, Say, Talk, button, command, upload
from handlers.paging import Page
from handlers.roster.words import dialled
from handlers.text import Text, Words, _, n_
from storage import campaigns
from storage.campaigns import (
    Campaign,
    CampaignError,
    ImportPlan,
    LessonTally,
    Overview,
    Problem,
    Standing,
)
from storage.errors import Refusal
from storage.powers import may, may_somewhere
from storage.reach import Reach, reach
from storage.reading import Read
from storage.roster import unit_lineage

CAMPAIGNS_SHOWN = 8
LESSONS_SHOWN = 12
LINES = 3  # that they take
PROBLEMS_SHOWN = 5
FORM = "campaign_import"
CAMPAIGNS = Button(_("‹ Campaigns"), "campaigns")
REACH = {
    Reach.LINKED: _("linked"),
    Reach.NOT_STARTED: _("not started"),
    Reach.BLOCKED: _("blocked the bot"),
    Reach.PAPER: _("on paper"),
}


@command(
    "campaigns",
    vi="chiendich",
    power="campaign.see",
    help=_("Study campaigns: who is where"),
)
@button("campaigns", power="campaign.see")
def overview(talk: Talk) -> Say:
    """/chiendich: the campaigns that the committee follows."""
    found = campaigns.followed(talk.session, talk.actor)[:CAMPAIGNS_SHOWN]
    may_add = may_somewhere(talk.actor, "campaign.manage")
    return Say(
        _("<b>Study campaigns</b>"),
        None if found else _("There is none yet."),
        _("A new one: with the button below, or send me its .toml file.") if may_add else None,
        buttons=[
            *[[Button(shortened(each.name), "campaign", each.id)] for each in found],
            [Button(_("New campaign"), "campaign_new") if may_add else None],
            *doors.rows(doors.CAMPAIGNS, talk),
            [MANAGE],
        ],
    )


@button("campaign", power="campaign.see")
def one(talk: Talk, campaign_id: int) -> Say:
    """How many are where in one campaign."""
    found = campaigns.overview(talk.session, talk.actor, campaign_id, now=talk.now)
    total, left = len(found.learners), len(found.unfinished)
    done = sum(1 for each in found.learners if each.finished)
    return Say(
        _("<b>{name}</b> · {span}", name=found.campaign.name, span=span(found.campaign)),
        _(
            "Done {done} · started {started} · not started {fresh}",
            done=done,
            started=found.started,
            fresh=total - done - found.started,
        ),
        _("Cannot study here, not counted: {n}", n=found.unreachable),
        *_lesson_lines(talk, found),
        buttons=[
            [
                Button(_("Not done ({n})", n=left), "unfinished", campaign_id, 0) if left else None,
                _adjust(talk, found.campaign),
            ],
            *doors.rows(doors.CAMPAIGN, talk, campaign_id),
            [CAMPAIGNS, MANAGE],
        ],
    )


def _adjust(talk: Talk, campaign: Campaign) -> Button | None:
    """[Adjust], for who may."""
    lineage = unit_lineage(talk.session, campaign.unit_id)
    may_change = may(talk.actor, "campaign.manage", lineage)
    return Button(_("Adjust"), "campaign_manage", campaign.id) if may_change else None


def _lesson_lines(talk: Talk, found: Overview) -> list[Text]:
    """Every lesson in three lines; where there are too many, those first that wait for somebody."""
    total = len(found.learners)
    today = campaigns.day_of(talk.now, found.campaign.zone)
    first = sorted(found.lessons, key=lambda each: each.done >= total)[:LESSONS_SHOWN]
    shown = [each for each in found.lessons if each in first]
    brief = len(shown) > LINES
    parts = [
        tally_line(each, total, late=campaigns.overdue(each.lesson, today), brief=brief)
        for each in shown
    ]
    if more := len(found.lessons) - len(shown):
        parts.append(n_("… and {n} lesson more", "… and {n} lessons more", n=more))
    if ahead := found.closed:
        parts.append(n_("{n} lesson not open yet", "{n} lessons not open yet", n=ahead))
    width = -(-len(parts) // LINES)
    rows = [parts[start : start + width] for start in range(0, len(parts), width or 1)]
    return [reduce(lambda row, part: _("{row} · {part}", row=row, part=part), row) for row in rows]


def tally_line(tally: LessonTally, total: int, *, late: bool = False, brief: bool = False) -> Text:
    """ "Bài 2: 12/40 đã xong"; what is late and not done by all says so."""
    values = {"number": tally.lesson.place or 0, "done": tally.done, "total": total}
    if late and tally.done < total:
        if brief:
            return _("Lesson {number}: {done}/{total} overdue", **values)
        return _("Lesson {number}: {done}/{total} done, overdue", **values)
    if brief:
        return _("Lesson {number}: {done}/{total}", **values)
    return _("Lesson {number}: {done}/{total} done", **values)


@button("unfinished", power="campaign.see")
def unfinished(talk: Talk, campaign_id: int, page: int) -> Say:
    """[Not done]: name by name, with how to reach them."""
    found = campaigns.overview(talk.session, talk.actor, campaign_id, now=talk.now)
    people = found.unfinished
    title = _("<b>{name}</b> · not done: {n}", name=found.campaign.name, n=len(people))
    return _people(title, people, "unfinished", campaign_id, page)


@button("campaign_call", power="campaign.see")
def to_call(talk: Talk, campaign_id: int, page: int) -> Say:
    """[Call]: those of them whom the bot cannot remind, or has reminded in vain."""
    found = campaigns.overview(talk.session, talk.actor, campaign_id, now=talk.now)
    people = found.to_call
    title = _("<b>{name}</b> · to be called: {n}", name=found.campaign.name, n=len(people))
    return _people(title, people, "campaign_call", campaign_id, page, calling=True)


def _people(
    title: Text,
    people: list[Standing],
    action: str,
    campaign_id: int,
    page: int,
    *,
    calling: bool = False,
) -> Say:
    shown = Page.of(people, page)
    return Say(
        title,
        *[_person(each, calling=calling) for each in shown.items],
        buttons=[
            shown.turn(action, campaign_id),
            [Button(_("‹ Back"), "campaign", campaign_id), MANAGE],
        ],
    )


def _person(standing: Standing, *, calling: bool = False) -> Text:
    person, way = standing.person, reach(standing.person)
    phone = dialled(person.phone or "")
    by_phone = way is Reach.PHONE or (calling and phone)
    how: Words = _("phone {phone}", phone=phone) if by_phone else REACH[way]
    if standing.silent and not calling:
        how = _("wants no reminders")
    return _(
        "{name} · {done}/{of} · {how}",
        name=person.full_name,
        done=standing.done,
        of=standing.of,
        how=how,
    )


# -- a campaign's file -------------------------------------------------------------------------


@upload(FORM, power="campaign.manage")
def preview(talk: Talk, found: Read) -> Say:
    """What the file would do; nothing is written before the yes."""
    try:
        if found.problems:
            raise campaigns.unreadable(found.problems)
        plan = _plan(talk, found.settings)
    except CampaignError as error:
        return _refused(error.problems)
    if plan.changes_nothing:
        return Say(
            _("All of this is here already. Nothing to write."), buttons=[[CAMPAIGNS, MANAGE]]
        )
    return Ask(
        FORM,
        *plan_lines(plan),
        _("NOTHING IS WRITTEN YET."),
        data={"settings": found.settings},
        buttons=[
            [Button(_("Write it"), "campaignwrite"), Button(_("Cancel"), "cancel", FORM)],
            [MANAGE],
        ],
    )


@button("campaignwrite", power="campaign.manage")
def write(talk: Talk) -> Say:
    """[Write it]."""
    if talk.draft is None or talk.draft.form != FORM:
        raise Refusal("This file has been dealt with. Send it again to change something.")
    try:
        plan = _plan(talk, talk.draft.data["settings"])
    except CampaignError as error:
        return _refused(error.problems)
    campaign = campaigns.apply(
        talk.session, plan, actor=talk.actor, zone=talk.house.zone, now=talk.now
    )
    talk.close()
    show = [Button(_("Who is where"), "campaign", campaign.id)] if campaign else []
    return Say(
        _("Written: <b>{name}</b>, {n} lessons.", name=plan.file.name, n=len(plan.matches)),
        buttons=[show, [CAMPAIGNS, MANAGE]],
    )


def plan_lines(plan: ImportPlan) -> list[Words]:
    """What an import does, in a few lines."""
    lines: list[Words] = [
        _(
            "<b>{name}</b> · {unit} · {people} people",
            name=plan.file.name,
            unit=plan.unit.name,
            people=plan.people,
        ),
        _(
            "Lessons: {added} new, {changed} changed, {dropped} left out · {questions} questions",
            added=plan.added,
            changed=plan.changed,
            dropped=len(plan.dropped),
            questions=plan.questions,
        ),
    ]
    if plan.studied:
        lines.append(
            _("{n} people have already studied what is left out; it is kept.", n=plan.studied)
        )
    return lines


def _plan(talk: Talk, settings: dict[str, Any]) -> ImportPlan:
    file = campaigns.without_attachments(campaigns.campaign_of(settings))
    return campaigns.plan(talk.session, file, zone=talk.house.zone, actor=talk.actor)


def _refused(problems: list[Problem]) -> Say:
    more = len(problems) - PROBLEMS_SHOWN
    return Say(
        _("The file has not been taken. Nothing was written."),
        *[problem_words(each) for each in problems[:PROBLEMS_SHOWN]],
        _("… and {n} more", n=more) if more > 0 else None,
        buttons=[[CAMPAIGNS, MANAGE]],
    )
