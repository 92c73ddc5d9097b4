"""The committee's screens: the figures, by unit, by person, who has not begun, what is hard."""

from __future__ import annotations

from handlers.campaigns import doors
from handlers.campaigns.committee import CAMPAIGNS
from handlers.campaigns.showing import MANAGE, shortened
from handlers.follow import saying
from handlers.kit import Button, File, Say, Talk, button
from handlers.paging import Page
from handlers.roster.words import NAMES, by_reach
from handlers.text import Text, Words, _, cut, n_
from storage import follow
from storage.follow import Learner, Outcome
from storage.reach import Reach, reach

FILES = {"word": "docx", "excel": "xlsx"}
SHOWN = 8


def asked(talk: Talk, campaign_id: int) -> Outcome:
    """The figures as they stand."""
    return follow.outcome(talk.session, talk.actor, campaign_id, now=talk.now)


@button("follow", power="campaign.see")
def show(talk: Talk, campaign_id: int) -> Say:
    """[Outcome and files]: the campaign in six lines."""
    return screen(talk, asked(talk, campaign_id))


def screen(talk: Talk, found: Outcome, *, toast: Words | None = None) -> Say:
    """The summary and the ways on."""
    number, hardest = found.campaign.id, found.hardest
    both = _("{one} · {other}", one=saying.scores(found), other=saying.essays(found) or "")
    waiting = len(found.unstarted)
    return Say(
        saying.head(found),
        saying.when(found),
        *saying.bars(found.whole),
        both if found.essays else saying.scores(found),
        _("Hardest: {point}", point=saying.hard(hardest[0])) if hardest else None,
        buttons=[
            [
                Button(_("Not begun ({n})", n=waiting), "follow_unstarted", number, 0)
                if waiting
                else None,
                Button(_("By person"), "follow_people", number, 0) if found.people else None,
            ],
            [
                Button(_("By unit"), "follow_units", number, 0) if len(found.units) > 1 else None,
                Button(_("Hardest points"), "follow_hard", number) if hardest else None,
            ],
            [
                Button(_("Chart"), "follow_chart", number),
                Button(_("Card for the group"), "follow_card", number) if found.leads else None,
            ],
            [
                Button(_("Download Word"), "follow_file", number, "word"),
                Button(_("Download Excel"), "follow_file", number, "excel"),
            ],
            [
                Button(_("Print lessons"), "follow_lessons", number, 0),
                Button(_("Why?"), "follow_why", number),
            ],
            [_essays(talk, found)],
            [CAMPAIGNS, MANAGE],
        ],
        toast=toast,
    )


def _essays(talk: Talk, found: Outcome) -> Button | None:
    """A branch has no other way to the essays that the committee above has asked for."""
    if found.essays is None or not found.people or found.leads:
        return None
    return Button(_("Essays"), "essays", found.campaign.id)


@button("follow_why", power="campaign.see")
def why(talk: Talk, campaign_id: int) -> Say:
    """[Why?]: what was counted."""
    found = asked(talk, campaign_id)
    return Say(saying.head(found), *saying.why(found), buttons=[_back(campaign_id)])


@button("follow_hard", power="campaign.see")
def hard(talk: Talk, campaign_id: int) -> Say:
    """[Hardest points]: the questions, and what is right."""
    found = asked(talk, campaign_id)
    return Say(
        saying.head(found),
        *[
            _("{n}. {question} – {point}", n=place, question=saying.asked(each), point=_hard(each))
            for place, each in enumerate(found.hardest, 1)
        ],
        None if found.hardest else _("No question stands out."),
        buttons=[_back(campaign_id)],
    )


def _hard(point: follow.HardPoint) -> Text:
    return _("{share} of {n}", share=saying.hard(point), n=point.answers)


@button("follow_units", power="campaign.see")
def units(talk: Talk, campaign_id: int, number: int) -> Say:
    """[By unit]: a bar for each."""
    found = asked(talk, campaign_id)
    page = Page.of(found.units, number)
    return Say(
        saying.head(found),
        *[
            _(
                "{bar} {unit}: taken part {n}/{all}, finished {finished}",
                bar=saying.barred(tally.started, tally.people),
                unit=unit.name,
                n=tally.started,
                all=tally.people,
                finished=tally.finished,
            )
            for unit, tally in page.items
        ],
        buttons=[page.turn("follow_units", campaign_id), _back(campaign_id)],
    )


# -- people --------------------------------------------------------------------------------------


@button("follow_people", power="campaign.people")
def people(talk: Talk, campaign_id: int, number: int) -> Say:
    """[By person]: a bar for each, for their own committee alone."""
    found = asked(talk, campaign_id)
    page = Page.of(found.people, number)
    return Say(
        saying.head(found),
        *[_person(each) for each in page.items],
        buttons=[page.turn("follow_people", campaign_id), _back(campaign_id)],
    )


def _person(learner: Learner) -> Text:
    values = {
        "bar": saying.barred(learner.done, learner.of),
        "name": cut(learner.person.full_name, saying.NAME),
        "done": learner.done,
        "of": learner.of,
    }
    if learner.average is None:
        return _("{bar} {name}: {done}/{of}", **values)
    average = round(learner.average, 1)
    return _("{bar} {name}: {done}/{of}, average {average}", average=average, **values)


@button("follow_unstarted", power="campaign.people")
def unstarted(talk: Talk, campaign_id: int, number: int) -> Say:
    """[Not begun]: by how each can be reached."""
    found = asked(talk, campaign_id)
    waiting = [(reach(each), each) for each in found.unstarted]
    page = Page.of(sorted(waiting, key=lambda pair: list(Reach).index(pair[0])), number, NAMES)
    return Say(
        saying.head(found),
        n_("Not begun: {n} person", "Not begun: {n} people", n=len(waiting)),
        *by_reach(page.items),
        buttons=[page.turn("follow_unstarted", campaign_id), _back(campaign_id)],
    )


# -- files ---------------------------------------------------------------------------------------


@button("follow_chart", power="campaign.see")
def chart(talk: Talk, campaign_id: int) -> Say:
    """[Chart]: the picture, in the chat."""
    asked(talk, campaign_id)
    file = File("follow_chart", [campaign_id], "ket-qua-hoc-tap.png", shown=True)
    return Say(toast=_("The picture is being made."), files=[file])


@button("follow_file", power="campaign.see")
def take(talk: Talk, campaign_id: int, what: str) -> Say:
    """[Download Word], [Download Excel]."""
    asked(talk, campaign_id)
    kind = what if what in FILES else "word"
    file = File(f"follow_{kind}", [campaign_id], f"ket-qua-hoc-tap.{FILES[kind]}")
    return Say(toast=_("The file is being made."), files=[file])


# -- what was set going above ----------------------------------------------------------------------


@button("follow_above", power="campaign.people")
def above(talk: Talk) -> Say:
    """[From above]: campaigns of the committee above, followed for one's own people."""
    found = follow.from_above(talk.session, talk.actor)[:SHOWN]
    return Say(
        _("<b>Campaigns from above</b>"),
        _("You see your own people's part of them."),
        buttons=[
            *[[Button(shortened(each.name), "follow", each.id)] for each in found],
            [CAMPAIGNS, MANAGE],
        ],
    )


def _back(campaign_id: int) -> list[Button | None]:
    return [saying.back(campaign_id), MANAGE]


def _door(_talk: Talk, campaign_id: int) -> Button | None:
    return Button(_("Outcome and files"), "follow", campaign_id)


def _door_above(talk: Talk, _campaign_id: int) -> Button | None:
    found = follow.from_above(talk.session, talk.actor)
    return Button(_("From above"), "follow_above") if found else None


doors.hang(doors.CAMPAIGN, _door)
doors.hang(doors.CAMPAIGNS, _door_above)
