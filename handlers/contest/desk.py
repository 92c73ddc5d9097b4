"""The committee's side: its contests, the turnout while a round is open, the results after it."""

from __future__ import annotations

from handlers.campaigns import doors
from handlers.contest.results import head, result_line, unit_lines
from handlers.contest.showing import MANAGE, left, limits, order_line, round_line, short
from handlers.kit import Button, File, Say, Talk, button
from handlers.paging import Page
from handlers.text import Words, _
from storage import contest
from storage.contest import Contest, Round, Turnout
from storage.errors import Refusal
from storage.powers import may_somewhere

CONTESTS = Button(_("‹ Contests"), "contests")
SHOWN, PAGE, UNITS = 6, 4, 3


@button("contests", power="campaign.see")
def contests(talk: Talk) -> Say:
    """[Contests]: those that the committee follows, and the way to a new one."""
    talk.close("contest")
    found = contest.followed(talk.session, talk.actor)[:SHOWN]
    may_add = may_somewhere(talk.actor, "campaign.manage")
    return Say(
        _("<b>Contests</b>"),
        None if found else _("There is no contest yet."),
        _("Questions are drawn from the question bank.") if may_add else None,
        buttons=[
            *[[Button(short(each.name), "contest_desk", each.id)] for each in found],
            [Button(_("New contest"), "contest_new") if may_add else None],
            [Button(_("‹ Campaigns"), "campaigns"), MANAGE],
        ],
    )


@button("contest_desk", power="campaign.see")
def one(talk: Talk, contest_id: int) -> Say:
    """One contest: how many take part now, and what came of the rounds before."""
    made, rounds = contest.watched(talk.session, talk.actor, contest_id)
    open_ = next((each for each in rounds if each.opens_at <= talk.now < each.closes_at), None)
    next_ = next((each for each in rounds if each.opens_at > talk.now), None)
    sealed = [each for each in rounds if each.sealed_at is not None]
    may_stop = contest.organises(talk.session, talk.actor, made) and made.stopped_at is None
    return Say(
        _("<b>{name}</b> · {n} rounds", name=made.name, n=len(rounds)),
        limits(made),
        *_now(talk, made, open_, next_),
        buttons=[
            *_results(sealed),
            [Button(_("Refresh"), "contest_desk", contest_id) if open_ else None],
            [Button(_("Stop contest"), "contest_stop", contest_id) if may_stop and next_ else None],
            [CONTESTS, MANAGE],
        ],
    )


def _results(sealed: list[Round]) -> list[list[Button | None]]:
    last = sealed[-4:]
    buttons: list[Button | None] = [
        Button(_("Results, round {n}", n=each.number), "contest_jury", each.id, 0) for each in last
    ]
    return [buttons[start : start + 2] for start in range(0, len(buttons), 2)]


def _now(talk: Talk, made: Contest, open_: Round | None, next_: Round | None) -> list[Words | None]:
    if open_ is not None:
        found = contest.turnout(talk.session, talk.actor, open_.id, now=talk.now)
        return [
            round_line(made, open_),
            _("Closes in {left}.", left=left(open_.closes_at - talk.now)),
            _("Took part so far: {n}/{people}", n=found.took_part, people=found.people),
            _by_unit(found),
        ]
    if next_ is not None:
        return [
            round_line(made, next_),
            _("Opens in {left}.", left=left(next_.opens_at - talk.now)),
            order_line(made),
        ]
    return [_("All rounds are over.")]


def _by_unit(found: Turnout) -> Words | None:
    """ "Chi bộ 1: 5/7 · Chi bộ 2: 2/2": totals, the fullest first."""
    said: Words | None = None
    units = sorted(found.units, key=lambda each: -each[1] / max(each[2], 1))
    for unit, came, of in units[:UNITS]:
        one_ = _("{unit}: {came}/{of}", unit=unit.name, came=came, of=of)
        said = one_ if said is None else _("{one} · {other}", one=said, other=one_)
    return said


@button("contest_jury", power="campaign.see")
def jury(talk: Talk, round_id: int, page: int) -> Say:
    """The results with all names, for those who award the prizes."""
    found = contest.results(talk.session, talk.actor, round_id, full=True)
    shown = Page.of(found.lines, page, PAGE)
    return Say(
        head(found),
        *[result_line(found.contest, each) for each in shown.items],
        _("★ has a prize. Names are for the committee only."),
        buttons=[
            shown.turn("contest_jury", round_id),
            [
                Button(_("Protocol (Excel)"), "contest_take", round_id),
                Button(_("Units"), "contest_jury_units", round_id) if found.units else None,
            ],
            [Button(_("‹ Back"), "contest_desk", found.contest.id), MANAGE],
        ],
    )


@button("contest_jury_units", power="campaign.see")
def jury_units(talk: Talk, round_id: int) -> Say:
    """[Units]: for the committee, who need not be of the contest's unit."""
    found = contest.results(talk.session, talk.actor, round_id, full=True)
    return Say(
        head(found),
        *unit_lines(found),
        buttons=[[Button(_("‹ Back"), "contest_jury", round_id, 0), MANAGE]],
    )


@button("contest_take", power="campaign.see")
def take(talk: Talk, round_id: int) -> Say:
    """[Protocol (Excel)]."""
    found = contest.results(talk.session, talk.actor, round_id, full=True)
    name = f"bien-ban-hoi-thi-{found.contest.id}-vong-{found.round.number}.xlsx"
    return Say(
        toast=_("The protocol is on its way."),
        files=[File("contest_protocol", [round_id], name)],
    )


@button("contest_stop", power="campaign.manage")
def ask_stop(talk: Talk, contest_id: int) -> Say:
    """[Stop contest]: names what will not happen and asks again."""
    made, rounds = contest.watched(talk.session, talk.actor, contest_id)
    if not contest.organises(talk.session, talk.actor, made):
        raise Refusal("This is for those who run the contest.")
    ahead = sum(each.opens_at > talk.now for each in rounds)
    return Say(
        _("<b>{name}</b>", name=made.name),
        _("{n} rounds that are not open yet will not take place.", n=ahead),
        _("A round that is open goes on to its end."),
        buttons=[
            [Button(_("Yes, stop it"), "contest_stop_yes", contest_id)],
            [Button(_("‹ Back"), "contest_desk", contest_id)],
        ],
    )


@button("contest_stop_yes", power="campaign.manage")
def stop(talk: Talk, contest_id: int) -> Say:
    """[Yes, stop it]; pressed twice, the same."""
    contest.stop(talk.session, talk.actor, contest_id, now=talk.now)
    said = one(talk, contest_id)
    said.toast = _("No further round opens.")
    return said


def _door(_talk: Talk, _campaign_id: int) -> Button:
    return Button(_("Contests"), "contests")


doors.hang(doors.CAMPAIGNS, _door)
