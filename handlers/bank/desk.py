"""The committee's side of the bank: what there is, which questions are hard, one by one."""

from __future__ import annotations

from collections import Counter
from functools import reduce

from handlers.bank.asking import answer_words, choice_words, right_words
from handlers.bank.importing import BANK
from handlers.campaigns import doors
from handlers.kit import Button, Say, Talk, button
from handlers.paging import Page
from handlers.text import Text, Words, _, cut
from storage import bank, campaigns
from storage.bank import Figures, Item, ItemKind
from storage.powers import may, may_somewhere
from storage.roster import Unit, unit_lineage

CAMPAIGNS = Button(_("‹ Campaigns"), "campaigns")
MANAGE = Button(_("‹ Manage"), "manage")
UNITS_SHOWN, TOPICS_SHOWN = 8, 6
KINDS: dict[str, Words] = {
    ItemKind.SINGLE: _("one answer"),
    ItemKind.MULTIPLE: _("several answers"),
    ItemKind.TRUE_FALSE: _("true or false"),
    ItemKind.ORDER: _("in order"),
    ItemKind.SHORT: _("short text"),
}
SHORT = 70  # letters of a question in a list


@button("bank", power="campaign.see")
def desk(talk: Talk) -> Say:
    """[Question bank]: that of one's own unit; who has several is asked which."""
    units = bank.homes(talk.session, talk.actor, power="campaign.see")[:UNITS_SHOWN]
    if len(units) == 1:
        return of_unit(talk, units[0].id)
    return Say(
        _("<b>Question bank</b>"),
        _("Of which unit?"),
        buttons=[
            *[[Button(each.name, "bankunit", each.id)] for each in units],
            [CAMPAIGNS, MANAGE],
        ],
    )


@button("bankunit", power="campaign.see")
def of_unit(talk: Talk, unit_id: int) -> Say:
    """How many questions a unit has, on what, and what can be done with them."""
    items = bank.own(talk.session, talk.actor, unit_id)
    used = [item for item in items if item.retired_at is None]
    topics = Counter(item.topic for item in used if item.topic).most_common(TOPICS_SHOWN)
    may_add = may_somewhere(talk.actor, "campaign.manage")
    return Say(
        _("<b>Question bank</b> · {unit}", unit=talk.session.get_one(Unit, unit_id).name),
        _("In use: {used} · out of use: {left}", used=len(used), left=len(items) - len(used)),
        _("Topics: {topics}", topics=_joined([f"{name} {n}" for name, n in topics]))
        if topics
        else None,
        _("To add questions, send a file here: .xlsx, .csv, GIFT (.gift) or Aiken (.txt).")
        if may_add
        else None,
        buttons=[
            [
                Button(_("All questions"), "bankitems", unit_id, 0) if items else None,
                Button(_("Hardest ones"), "bankhard", unit_id, 0) if items else None,
            ],
            [
                Button(_("Example file"), "bankexample") if may_add else None,
                Button(_("Get the figures"), "bankfigures", unit_id) if items else None,
            ],
            [CAMPAIGNS, MANAGE],
        ],
    )


@button("bankitems", power="campaign.see")
def listed(talk: Talk, unit_id: int, page: int) -> Say:
    """[All questions]: by topic; those out of use come last."""
    found = Page.of(bank.own(talk.session, talk.actor, unit_id), page)
    return _list(
        _("<b>All questions</b>"),
        found,
        "bankitems",
        unit_id,
        [_line(each) for each in found.items],
    )


@button("bankhard", power="campaign.see")
def hardest(talk: Talk, unit_id: int, page: int) -> Say:
    """[Hardest ones]: those that fewest answer rightly come first."""
    figures = Page.of(campaigns.hardest(talk.session, talk.actor, unit_id), page)
    lines = [_hard_line(each) for each in figures.items]
    items = [each.item for each in figures.items]
    found = Page(items, figures.number, figures.pages, figures.first)
    return _list(_("<b>Hardest ones</b>"), found, "bankhard", unit_id, lines)


def _list(head: Text, found: Page[Item], action: str, unit_id: int, lines: list[Words]) -> Say:
    numbered = [
        _("{number}. {line}", number=found.first + place, line=line)
        for place, line in enumerate(lines)
    ]
    return Say(
        head,
        *numbered,
        buttons=[
            *found.digits("bankitem", *[[item.id] for item in found.items]),
            found.turn(action, unit_id),
            [BANK, MANAGE],
        ],
    )


def _line(item: Item) -> Words:
    ask = cut(item.ask.replace("\n", " "), SHORT)
    return ask if item.retired_at is None else _("{ask} (out of use)", ask=ask)


def _hard_line(figures: Figures) -> Words:
    ask = cut(figures.item.ask.replace("\n", " "), SHORT)
    if not figures.told:
        return _("{ask} · answered by {n}", ask=ask, n=figures.asked)
    share = round(figures.share * 100)
    return _("{ask} · right: {share}% of {n}", ask=ask, share=share, n=figures.asked)


# -- one question ------------------------------------------------------------------------------


@button("bankitem", power="campaign.see")
def one(talk: Talk, item_id: int) -> Say:
    """A question with its answer and its figures."""
    found = campaigns.figures_of(talk.session, talk.actor, item_id)
    item, order = found.item, list(range(len(found.item.choices)))
    in_use = item.retired_at is None
    mine = may(talk.actor, "campaign.manage", unit_lineage(talk.session, item.unit_id))
    is_list = item.kind != ItemKind.SHORT
    return Say(
        item.ask if in_use else _("{ask} (out of use)", ask=item.ask),
        *([_choice_line(found, index) for index in order] if is_list else []),
        _("Right answer: {answer}", answer=right_words(item, order))
        if is_list
        else _("Accepted: {answers}", answers=_joined(item.choices)),
        item.why or None,
        _figures_line(found),
        buttons=[
            [
                (
                    Button(_("Take out of use"), "bankretire", item_id)
                    if in_use
                    else Button(_("Use it again"), "bankreuse", item_id)
                )
                if mine
                else None
            ],
            [Button(_("‹ Back"), "bankitems", item.unit_id, 0), BANK],
        ],
    )


def _choice_line(found: Figures, index: int) -> Words:
    words = choice_words(found.item, range(len(found.item.choices)), index)
    if not found.told or found.item.kind not in bank.CHOSEN:
        return words
    return _("{choice} · {n}", choice=words, n=found.taken[index])


def _figures_line(found: Figures) -> Text:
    if not found.told:
        return _("Answered by {n}: too few to tell more.", n=found.asked)
    told = _("Answered by {n}, right: {share}%.", n=found.asked, share=round(found.share * 100))
    if not found.weak:
        return told
    order = range(len(found.item.choices))
    return _(
        "{told} Hardly anybody takes: {choices}",
        told=told,
        choices=answer_words(found.item, order, found.weak),
    )


def _joined(parts: list[str]) -> Words:
    return reduce(lambda row, part: f"{row} · {part}", parts)


@button("bankretire", power="campaign.manage")
def retire(talk: Talk, item_id: int) -> Say:
    """[Take out of use]: it is asked no more; the answers to it are kept."""
    bank.retire(talk.session, talk.actor, item_id, now=talk.now)
    return _done(talk, item_id)


@button("bankreuse", power="campaign.manage")
def reuse(talk: Talk, item_id: int) -> Say:
    """[Use it again]."""
    bank.reuse(talk.session, talk.actor, item_id, now=talk.now)
    return _done(talk, item_id)


def _done(talk: Talk, item_id: int) -> Say:
    said = one(talk, item_id)
    said.toast = _("Noted.")
    return said


def _door(_talk: Talk, _campaign_id: int) -> Button | None:
    return Button(_("Question bank"), "bank")


doors.hang(doors.CAMPAIGNS, _door)
