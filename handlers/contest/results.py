"""What came of a round, once it is over: one's own, who has a prize, the units, the answers."""

from __future__ import annotations

from handlers.contest.showing import HOME, placed, round_line, scored, who
from handlers.kit import Button, File, Say, Talk, button
from handlers.paging import Page
from handlers.text import Text, Words, _
from storage import contest
from storage.contest import Contest, Line, Result, Results, UnitResult
from storage.errors import Refusal
from storage.roster import Unit

PAGE = 4  # with the head and one's own line these are six


@button("contest_results", power="study.own")
def results(talk: Talk, round_id: int, page: int) -> Say:
    """[Results]: one's own line, then those in their order; names by consent."""
    found = contest.results(talk.session, talk.actor, round_id)
    mine = contest.result_of(talk.session, talk.actor, round_id)
    shown = Page.of(found.lines, page, PAGE)
    prize = mine is not None and has_prize(found.contest, mine)
    return Say(
        head(found),
        own_line(found, mine) if mine is not None else None,
        *[result_line(found.contest, each) for each in shown.items],
        buttons=[
            shown.turn("contest_results", round_id),
            [
                Button(_("Units"), "contest_units", round_id) if found.units else None,
                Button(_("Certificate"), "contest_award", round_id) if prize else None,
            ],
            [
                Button(_("Right answers"), "contest_answers", round_id, 0)
                if mine is not None
                else None
            ],
            [Button(_("‹ Back"), "contest", found.contest.id), HOME],
        ],
    )


def head(found: Results) -> Text:
    """ "Hội thi … · vòng 1: 120 người dự, 34 người đúng hết"."""
    return _(
        "<b>{name}</b> · round {number}: {n} took part, {perfect} all correct",
        name=found.contest.name,
        number=found.round.number,
        n=found.round.took_part or 0,
        perfect=found.round.perfect or 0,
    )


def own_line(found: Results, mine: Result) -> Text:
    """One's own place."""
    return _(
        "You: {place} of {n} · {scored}",
        place=placed(mine),
        n=found.round.took_part or 0,
        scored=scored(found.contest, mine),
    )


def result_line(made: Contest, line: Line) -> Words:
    """ "2. Nguyễn Thị Hương · 5/5 · …", with a mark for a prize."""
    mark = "★ " if has_prize(made, line.result) else ""
    number = "–" if line.result.place is None else f"{line.result.place}."
    return _(
        "{number} {mark}{who} · {scored}",
        number=number,
        mark=mark,
        who=who(line),
        scored=scored(made, line.result),
    )


def has_prize(made: Contest, result: Result) -> bool:
    """Whether the place is among those that are given a prize; who is level shares it."""
    return result.place is not None and result.place <= made.places


@button("contest_units", power="study.own")
def units(talk: Talk, round_id: int) -> Say:
    """[Units]: by the share who took part, and by what they know more than before."""
    found = contest.results(talk.session, talk.actor, round_id)
    return Say(
        head(found),
        *unit_lines(found),
        buttons=[[Button(_("‹ Back"), "contest_results", round_id, 0), HOME]],
    )


def unit_lines(found: Results, shown: int = 5) -> list[Words | None]:
    """The first units by share, and those that have improved most."""
    rows = [each for each in found.units if each[1].place is not None][: shown - 1]
    risen = sorted(
        (each for each in found.units if each[1].gain_place),
        key=lambda each: each[1].gain_place or 0,
    )
    said: list[Words | None] = [unit_line(unit, row) for unit, row in rows]
    if risen:
        most: Words = ""
        for unit, row in risen[:3]:
            one = _("{n}. {unit}", n=row.gain_place or 0, unit=unit.name)
            most = one if most == "" else _("{one} · {other}", one=most, other=one)
        said.append(_("Improved most: {units}", units=most))
    return said


def unit_line(unit: Unit, row: UnitResult) -> Text:
    """ "1. Chi bộ 2: 9/10 người dự (90%)"."""
    percent = round(100 * row.took_part / row.members, 1) if row.members else 0
    return _(
        "{n}. {unit}: {came}/{members} took part ({percent}%)",
        n=row.place or 0,
        unit=unit.name,
        came=row.took_part,
        members=row.members,
        percent=percent,
    )


@button("contest_award", power="study.own")
def award(talk: Talk, round_id: int) -> Say:
    """[Certificate]: as a picture, for who has a prize."""
    found = contest.results(talk.session, talk.actor, round_id)
    mine = contest.result_of(talk.session, talk.actor, round_id)
    if mine is None or not has_prize(found.contest, mine):
        raise Refusal("There is no certificate without a prize.")
    name = f"giay-chung-nhan-{found.round.number}.png"
    return Say(
        toast=_("The certificate is on its way."),
        files=[File("contest_certificate", [round_id], name, shown=True)],
    )


@button("contest_answers", power="study.own")
def answers(talk: Talk, round_id: int, page: int) -> Say:
    """[Right answers]: one question after the other, of one's own attempt that counts."""
    found = contest.results(talk.session, talk.actor, round_id)
    mine = contest.result_of(talk.session, talk.actor, round_id)
    if mine is None:
        raise Refusal("You did not take part in this round.")
    play = contest.play(talk.session, talk.actor, mine.attempt_id, now=talk.now)
    shown = Page.of(play.items, page, 1)
    (item,) = shown.items
    chosen = play.chosen.get(item.id)
    return Say(
        round_line(found.contest, found.round),
        _("{n}. {ask}", n=shown.first, ask=item.ask),
        _("Your answer: {answer}", answer=item.choices[chosen])
        if chosen is not None
        else _("You gave no answer."),
        _("Right answer: {answer}", answer=item.choices[item.answer[0]]),
        item.why or None,
        buttons=[
            shown.turn("contest_answers", round_id),
            [Button(_("‹ Back"), "contest_results", round_id, 0), HOME],
        ],
    )
