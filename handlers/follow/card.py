"""The card for the group: a picture with totals, looked at first, posted by a press."""

from __future__ import annotations

from collections.abc import Callable

from handlers.campaigns.showing import MANAGE
from handlers.follow import files, saying
from handlers.follow.screens import asked, screen
from handlers.kit import Button, File, Note, Say, Talk, button, maker, notice
from handlers.report import charts
from handlers.text import Reader, _
from storage import follow
from storage.errors import NotFound
from storage.follow import Outcome
from storage.outbox import Class


def drawing(found: Outcome, reader: Reader) -> charts.Picture:
    """The picture: totals, and nobody's name."""
    unit = _("{unit}: {n} people", unit=found.unit.name, n=found.whole.people)
    return charts.Picture(
        title=found.campaign.name,
        unit=reader.plain(unit),
        months=files.rows(found, reader),
        bar=0,
        bar_name="",
        below_name="",
        content_title="",
        content=[],
        comma="," if reader.language == "vi" else ".",
    )


@button("follow_card", power="campaign.people")
def preview(talk: Talk, campaign_id: int) -> Say:
    """[Card for the group]: as the group would see it."""
    found = asked(talk, campaign_id)
    if not found.leads:
        raise NotFound
    file = File("follow_card", [campaign_id], "the-hoc-tap.png", shown=True)
    return Say(
        saying.head(found),
        _("The card below has totals only. Post it in the group?"),
        buttons=[
            [Button(_("Post in the group"), "follow_post", campaign_id)],
            [saying.back(campaign_id), MANAGE],
        ],
        files=[file],
    )


@maker("follow_card", power="campaign.people")
def card(talk: Talk, campaign_id: int) -> Callable[[], bytes]:
    """The card, to be looked at."""
    found = asked(talk, campaign_id)
    if not found.leads:
        raise NotFound
    picture = drawing(found, talk.reader)
    return lambda: charts.draw(picture)


@button("follow_post", power="campaign.people")
def post(talk: Talk, campaign_id: int) -> Say:
    """[Post in the group]; pressed twice, once a day."""
    owed = follow.post(talk.session, talk.actor, campaign_id, quiet=talk.house.quiet, now=talk.now)
    toast = _("The card goes to the group.") if owed else _("The group has today's card already.")
    return screen(talk, asked(talk, campaign_id), toast=toast)


@notice(follow.CARD, power="study.own", klass=Class.ONCE, about=_("Card of a campaign"))
def posted(note: Note) -> Say | None:
    """To the group: totals only, as they are when it is sent."""
    found = follow.total(note.session, note.subject_id, now=note.now)
    if found is None or not found.whole.people:
        return None
    picture = drawing(found, note.reader)
    return Say(
        *saying.bars(found.whole),
        buttons=[[Button(_("Open private chat"), url=note.house.link(""))]],
        picture=lambda: charts.draw(picture),
    )
