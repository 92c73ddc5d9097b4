"""A round in the group: set up on one screen, asked in Telegram's own quizzes, told as totals."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlmodel import Session

from handlers.campaigns import doors
from handlers.contest.showing import MANAGE, short
from handlers.kit import Button, House, Note, Quiz, Say, Talk, button, notice
from handlers.text import Words, _, cut
from storage import contest
from storage.bank import Item
from storage.contest import live
from storage.contest.live import Score
from storage.contest.tables import LiveQuestion, LiveRound
from storage.errors import NotFound
from storage.outbox import Class
from storage.powers import may
from storage.roster import Unit, unit_lineage
from storage.schedule import Due

WHY_LIMIT = 200  # letters of an explanation, in Telegram's form
CAMPAIGNS = Button(_("‹ Campaigns"), "campaigns")


def step_due(session: Session, due: Due, house: House, now: datetime) -> None:
    """The next question is due, or the score."""
    live.step_live(session, int(due.subject.rpartition(":")[2]), slot=due.slot, now=now)


# -- the committee -----------------------------------------------------------------------------


@button("live", power="campaign.manage")
def choose(talk: Talk) -> Say:
    """[Quiz in the group]: in which one, where there are several."""
    rooms = live.rooms(talk.session, talk.actor)
    if not rooms:
        return Say(
            _("There is no group yet: add me to the group and press the button there."),
            buttons=[[CAMPAIGNS, MANAGE]],
        )
    if len(rooms) == 1:
        return set_up(talk, rooms[0][0].id, 0, 0, 0)
    return Say(
        _("In which group?"),
        buttons=[
            *[[Button(short(unit.name), "live_set", unit.id, 0, 0, 0)] for unit, _group in rooms],
            [CAMPAIGNS, MANAGE],
        ],
    )


@button("live_set", power="campaign.manage")
def set_up(talk: Talk, unit_id: int, topic: int, number: int, seconds: int) -> Say:
    """The figures, each a button that goes on to the next; they are places in their lists."""
    unit = _room(talk, unit_id)
    going = live.running_in(talk.session, unit_id)
    if going is not None:
        return follow(talk, going.id)
    topics = ["", *[name for name, _n in contest.topics(talk.session, unit_id)]]
    topic, number = topic % len(topics), number % len(live.NUMBERS)
    seconds = seconds % len(live.SECONDS)
    chosen = topics[topic]
    fit = len(live.short_enough(talk.session, unit_id, chosen))
    asked, lasts = live.NUMBERS[number], live.SECONDS[seconds]
    enough, token = fit >= asked, secrets.token_hex(4)
    return Say(
        _("<b>Quiz in the group</b> · {unit}", unit=unit.name),
        _("Questions about: {topic}", topic=cut(chosen, 40) if chosen else _("all")),
        _("{n} questions fit; {number} are asked, {seconds} s each.", n=fit, number=asked,
          seconds=lasts),
        _("Nobody sees who answers what; the group is told totals."),
        None if enough else _("Not enough questions: choose another topic, or fewer."),
        buttons=[
            [
                Button(_("Questions: {n}", n=asked), "live_set", unit_id, topic, number + 1,
                       seconds),
                Button(_("Each {n} s", n=lasts), "live_set", unit_id, topic, number, seconds + 1),
            ],
            [Button(_("Another topic"), "live_set", unit_id, topic + 1, number, seconds)]
            if len(topics) > 1
            else [],
            [Button(_("Begin in the group"), "live_start", unit_id, topic, number, seconds, token)]
            if enough
            else [],
            [CAMPAIGNS, MANAGE],
        ],
    )  # fmt: skip


@button("live_start", power="campaign.manage")
def start(talk: Talk, unit_id: int, topic: int, number: int, seconds: int, token: str) -> Say:
    """[Begin in the group]: announced at once, and asked twenty seconds later."""
    _room(talk, unit_id)
    topics = ["", *[name for name, _n in contest.topics(talk.session, unit_id)]]
    if not (topic < len(topics) and number < len(live.NUMBERS) and seconds < len(live.SECONDS)):
        raise NotFound
    made = live.start_live(
        talk.session,
        talk.actor,
        unit_id,
        topics[topic],
        number=live.NUMBERS[number],
        seconds=live.SECONDS[seconds],
        token=token,
        zone=talk.house.zone,
        now=talk.now,
    )
    return follow(talk, made.id)


@button("live_follow", power="campaign.see")
def follow(talk: Talk, live_id: int) -> Say:
    """How far a round is, and the way to stop it."""
    round_ = live.live_for(talk.session, talk.actor, live_id)
    found, on = live.score_of(talk.session, round_), round_.ended_at is None
    may_stop = on and may(talk.actor, "campaign.manage", unit_lineage(talk.session, round_.unit_id))
    return Say(
        _("<b>Quiz in the group</b> · {unit}", unit=_unit(talk.session, round_).name),
        _("Asked {n}/{total} questions.", n=len(found.tallies), total=found.questions)
        if on
        else _("It is over."),
        *_figures(found),
        buttons=[
            [Button(_("Refresh"), "live_follow", live_id) if on else None,
             Button(_("Stop the quiz"), "live_stop", live_id) if may_stop else None],
            [CAMPAIGNS, MANAGE],
        ],
    )  # fmt: skip


@button("live_stop", power="campaign.manage")
def stop(talk: Talk, live_id: int) -> Say:
    """[Stop the quiz]; pressed twice, the same."""
    live.stop_live(talk.session, talk.actor, live_id, now=talk.now)
    said = follow(talk, live_id)
    said.toast = _("No further question comes.")
    return said


def _room(talk: Talk, unit_id: int) -> Unit:
    """A unit in whose group the actor may hold a round; NotFound for any other."""
    found = (unit for unit, _group in live.rooms(talk.session, talk.actor) if unit.id == unit_id)
    unit = next(found, None)
    if unit is None:
        raise NotFound
    return unit


def _unit(session: Session, round_: LiveRound) -> Unit:
    return session.get_one(Unit, round_.unit_id)


# -- in the group ------------------------------------------------------------------------------


@notice(live.OPENING, power="study.own", klass=Class.ONCE, about=_("Quiz in the group"))
def opening(note: Note) -> Say | None:
    """What is about to begin."""
    round_ = note.session.get(LiveRound, note.subject_id)
    if round_ is None or round_.ended_at is not None:
        return None
    number = len(live.questions_of(note.session, round_.id))
    return Say(
        _("<b>Quiz for everybody</b>: {n} questions, {seconds} s each.", n=number,
          seconds=round_.seconds),
        _("The first comes in a moment. Answers are without names."),
    )  # fmt: skip


@notice(live.QUESTION, power="study.own", klass=Class.ONCE, about=_("Question of the quiz"))
def question(note: Note) -> Say | None:
    """One question, in Telegram's own form; it counts down by itself."""
    asked = note.session.get(LiveQuestion, note.subject_id)
    round_ = note.session.get(LiveRound, asked.round_id) if asked else None
    if asked is None or round_ is None or round_.ended_at is not None:
        return None
    item = note.session.get_one(Item, asked.item_id)
    total = len(live.questions_of(note.session, round_.id))
    return Say(
        quiz=Quiz(
            _("Question {place}/{total}. {ask}", place=asked.place, total=total, ask=item.ask),
            [item.choices[each] for each in asked.choices],
            asked.choices.index(item.answer[0]),
            cut(" ".join(item.why.split()), WHY_LIMIT),
            round_.seconds,
        )
    )


@notice(live.SCORE, power="study.own", klass=Class.ONCE, about=_("Score of the quiz"))
def score(note: Note) -> Say | None:
    """How the evening went: totals, and what was hard."""
    round_ = note.session.get(LiveRound, note.subject_id)
    if round_ is None:
        return None
    found = live.score_of(note.session, round_)
    before = live.score_before(note.session, round_)
    return Say(
        _("<b>The quiz is over.</b> Questions asked: {n}.", n=len(found.tallies)),
        *_figures(found),
        _("Last time: {share}% right.", share=round(100 * before.share))
        if before is not None and before.share is not None
        else None,
    )


def _figures(found: Score) -> list[Words | None]:
    """Totals of what has been answered; a question of which nothing was heard is not counted."""
    if found.share is None:
        return [_("Nobody has answered.") if found.tallies else None]
    hard = found.hardest
    unheard = sum(each.answers is None for each in found.tallies)
    return [
        _("{n} answers, {share}% right.", n=found.answers, share=round(100 * found.share)),
        _("Hardest: question {place}, {right}/{n} right: {ask}", place=hard.place,
          right=hard.right, n=hard.answers or 0, ask=cut(hard.ask, 80))
        if hard
        else _("Everybody was right."),
        _("Not counted, for want of an answer from Telegram: {n}.", n=unheard)
        if unheard
        else None,
    ]  # fmt: skip


def _door(talk: Talk, _campaign_id: int) -> Button | None:
    """The way to a round, where there is a group to hold it in."""
    found = live.rooms(talk.session, talk.actor)
    return Button(_("Quiz in the group"), "live") if found else None


doors.hang(doors.CAMPAIGNS, _door)
