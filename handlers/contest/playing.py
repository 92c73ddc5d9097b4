"""The members' side: the round, the prediction, questions in one message, the receipt.

A prediction is typed before the first question and shown back with its button; the clock of the
attempt begins when that is pressed.
"""

from __future__ import annotations

from handlers.campaigns import doors
from handlers.contest.showing import (
    HOME,
    LETTERS,
    STUDY,
    at,
    exact,
    left,
    limits,
    order_line,
    round_line,
    short,
)
from handlers.kit import Ask, Button, Say, Talk, answer, button
from handlers.text import Words, _
from storage import contest
from storage.contest import Contest, Mine, Play
from storage.errors import Refusal

FORM = "contest_prediction"
LETTERS_A_ROW = 4
SHOWN = 6
LATE = _("Time is up: this answer does not count.")


@button("contests_mine", power="study.own")
def mine(talk: Talk) -> Say:
    """[Contest]: the only one at once, else one to choose."""
    talk.close(FORM)
    found = contest.contests_of(talk.session, talk.actor)[:SHOWN]
    if len(found) == 1:
        return one(talk, found[0].id)
    return Say(
        _("<b>Contest</b>"),
        None if found else _("There is no contest for you at present."),
        buttons=[
            *[[Button(short(each.name), "contest", each.id)] for each in found],
            [STUDY, HOME],
        ],
    )


@button("contest", power="study.own")
def one(talk: Talk, contest_id: int) -> Say:
    """The round that is open, the time that is left, and [Begin]."""
    talk.close(FORM)
    found = contest.mine(talk.session, talk.actor, contest_id, now=talk.now)
    return Say(
        _("<b>{name}</b>", name=found.contest.name),
        *_state(talk, found),
        buttons=[
            [_begin(found)],
            [
                Button(_("Results"), "contest_results", found.sealed.id, 0)
                if found.sealed
                else None,
                Button(_("How it is ranked"), "contest_rules", contest_id),
            ],
            [_naming(found)],
            [STUDY, HOME],
        ],
    )


def _state(talk: Talk, found: Mine) -> list[Words | None]:
    if found.open is None:
        if found.next is None:
            return [_("All rounds are over.")]
        return [
            round_line(found.contest, found.next),
            _("Opens in {left}.", left=left(found.next.opens_at - talk.now)),
        ]
    if found.organiser:
        own: Words = _("You organise it and do not take part.")
    elif found.attempts:
        own = _(
            "Your attempts: {n} · last handed in {at}",
            n=len(found.attempts),
            at=_handed_in(found),
        )
    else:
        own = _("You have not taken part in this round yet.")
    return [
        round_line(found.contest, found.open),
        _("Closes in {left}.", left=left(found.open.closes_at - talk.now)),
        limits(found.contest),
        own,
    ]


def _handed_in(found: Mine) -> Words:
    last = found.attempts[-1].ended_at
    return "…" if last is None else exact(last, found.contest.zone)


def _begin(found: Mine) -> Button | None:
    if found.open is None or found.organiser:
        return None
    if found.running is not None:
        return Button(_("Go on with it"), "contest_play", found.running.id, 0)
    if not found.left:
        return None
    label = _("Try once more") if found.attempts else _("Begin")
    return Button(label, "contest_start", found.open.id, len(found.attempts) + 1)


def _naming(found: Mine) -> Button | None:
    if found.named is None or found.organiser:
        return None
    if found.named:
        return Button(_("Hide my name"), "contest_name", found.contest.id, "no")
    return Button(_("Show my name"), "contest_name", found.contest.id, "yes")


@button("contest_rules", power="study.own")
def rules(talk: Talk, contest_id: int) -> Say:
    """[How it is ranked]."""
    made = contest.mine(talk.session, talk.actor, contest_id, now=talk.now).contest
    return Say(
        _("<b>{name}</b>", name=made.name),
        limits(made),
        order_line(made),
        _("Of your attempts the first of the best counts, with its prediction.")
        if made.predicts
        else _("Of your attempts the best counts."),
        _("Times are the server's, to the second. Results come when the round is over."),
        _("The organisers see names; others see yours only if you agree."),
        buttons=[[Button(_("‹ Back"), "contest", contest_id), HOME]],
    )


@button("contest_name", power="study.own")
def name(talk: Talk, contest_id: int, said: str) -> Say:
    """[Show my name], [Hide my name]."""
    named = said == "yes"
    contest.let_name(talk.session, talk.actor, contest_id, named, now=talk.now)
    shown = one(talk, contest_id)
    shown.toast = _("Others may read your name.") if named else _("Others do not read your name.")
    return shown


# -- before the first question -----------------------------------------------------------------


@button("contest_start", power="study.own")
def start(talk: Talk, round_id: int, number: int) -> Say:
    """[Begin]: what is predicted is asked for first."""
    made, open_ = contest.opened(talk.session, talk.actor, round_id, now=talk.now)
    if not made.predicts:
        return begin(talk, round_id, number, 0)
    return Ask(
        FORM,
        _("How many people will answer everything correctly in this round?"),
        _("Type a whole number, such as 120. Your time begins after that."),
        data={"round": open_.id, "number": number},
        buttons=[[Button(_("‹ Back"), "contest", made.id), HOME]],
    )


@answer(FORM, power="study.own", about=_("a prediction"))
def predicted(talk: Talk) -> Say:
    """The number, shown back with its button; nothing has begun yet."""
    data = dict(talk.draft.data) if talk.draft else {}
    made, open_ = contest.opened(talk.session, talk.actor, int(data.get("round", 0)), now=talk.now)
    typed = talk.text.strip().replace(".", "").replace(" ", "")
    if not (typed.isascii() and typed.isdecimal()) or int(typed) > contest.PREDICTION_AT_MOST:
        raise Refusal("Please type a whole number, such as 120.")
    return Ask(
        FORM,
        _("Your prediction: {n} people answer everything correctly.", n=int(typed)),
        _("To change it, type another number."),
        limits(made),
        data=data,
        buttons=[
            [Button(_("Start answering"), "contest_begin", open_.id, data["number"], int(typed))],
            [Button(_("‹ Back"), "contest", made.id), HOME],
        ],
    )


@button("contest_begin", power="study.own")
def begin(talk: Talk, round_id: int, number: int, predicted: int) -> Say:
    """[Start answering]: the clock runs; pressed twice, it is one attempt."""
    talk.close(FORM)
    return present(
        contest.begin(talk.session, talk.actor, round_id, number, predicted, now=talk.now), talk
    )


# -- questions ---------------------------------------------------------------------------------


@button("contest_play", power="study.own")
def play(talk: Talk, attempt_id: int, number: int) -> Say:
    """[Go on with it], and the question of a number; 0 is the first without an answer."""
    found = contest.play(talk.session, talk.actor, attempt_id, now=talk.now)
    return present(found, talk, number)


@button("contest_give", power="study.own")
def give(talk: Talk, attempt_id: int, item_id: int, choice: int) -> Say:
    """[A] [B] [C]; may be changed until it is handed in."""
    found = contest.give(talk.session, talk.actor, attempt_id, item_id, choice, now=talk.now)
    said = present(found, talk)
    if found.late:
        said.toast, said.alert = LATE, True
    return said


@button("contest_hand_in", power="study.own")
def hand_in(talk: Talk, attempt_id: int) -> Say:
    """[Hand in]: sealed; pressed twice, the first one counts."""
    return present(contest.hand_in(talk.session, talk.actor, attempt_id, now=talk.now), talk)


def present(found: Play, talk: Talk, number: int = 0) -> Say:
    """A question, what is left to do before it is handed in, or the receipt."""
    if found.over:
        return _receipt(found, talk)
    current = found.current
    if 1 <= number <= len(found.items):
        return _question(found, talk, number - 1)
    if current is not None:
        return _question(found, talk, current)
    digits = [
        Button(str(place), "contest_play", found.attempt.id, place)
        for place in range(1, len(found.items) + 1)
    ]
    return Say(
        _("All {n} questions are answered.", n=len(found.items)),
        _clock(found, talk),
        _("To change an answer, press its number. After handing in nothing can be changed."),
        buttons=[
            [Button(_("Hand in"), "contest_hand_in", found.attempt.id)],
            *[digits[start : start + 5] for start in range(0, len(digits), 5)],
            [Button(_("‹ Back"), "contest", found.contest.id)],
        ],
    )


def _question(found: Play, talk: Talk, place: int) -> Say:
    item = found.items[place]
    order = found.shown(item)
    chosen = found.chosen.get(item.id)
    letters = [
        Button(
            _("{letter} ✓", letter=LETTERS[at_]) if choice == chosen else LETTERS[at_],
            "contest_give",
            found.attempt.id,
            item.id,
            choice,
        )
        for at_, choice in enumerate(order)
    ]
    return Say(
        _("Question {number}/{total} · {clock}", number=place + 1, total=len(found.items),
          clock=_clock(found, talk)),
        item.ask,
        *[f"{LETTERS[at_]}. {item.choices[choice]}" for at_, choice in enumerate(order)],
        buttons=[
            *[letters[at_ : at_ + LETTERS_A_ROW] for at_ in range(0, len(letters), LETTERS_A_ROW)],
            [
                Button(_("‹ Question {n}", n=place), "contest_play", found.attempt.id, place)
                if place
                else None,
                Button(_("‹ Back"), "contest", found.contest.id),
            ],
        ],
    )  # fmt: skip


def _clock(found: Play, talk: Talk) -> Words:
    """The time that is left; the limit's last second counts."""
    if not found.contest.minutes:
        return _("until {at}", at=at(found.round.closes_at, found.contest.zone))
    return _("{left} left", left=left(found.last - talk.now))


def _receipt(found: Play, talk: Talk) -> Say:
    made: Contest = found.contest
    ended = found.attempt.ended_at
    mine_ = contest.mine(talk.session, talk.actor, made.id, now=talk.now)
    ask = mine_.named is None
    return Say(
        _("Handed in at {at}.", at=exact(ended, made.zone) if ended else ""),
        _("Answered {n}/{total} questions.", n=len(found.chosen), total=len(found.items)),
        _("Your prediction: {n}.", n=found.attempt.prediction or 0) if made.predicts else None,
        _("Results come at {at}.", at=at(found.round.closes_at, made.zone)),
        _("If you win: may others read your name?") if ask else None,
        buttons=[
            [
                Button(_("Show my name"), "contest_name", made.id, "yes"),
                Button(_("Keep it hidden"), "contest_name", made.id, "no"),
            ]
            if ask
            else [],
            [_begin(mine_)],
            [Button(_("‹ Back"), "contest", made.id), HOME],
        ],
    )


def _door(talk: Talk, _campaign_id: int) -> Button | None:
    """The way to a contest, where there is one to take part in."""
    found = contest.contests_of(talk.session, talk.actor)
    return Button(_("Contest"), "contests_mine") if found else None


doors.hang(doors.STUDY, _door)
doors.hang(doors.COURSE, _door)
