"""Contests (hội thi): weekly rounds drawn from the question bank, ranked when they are over.

`rules` has the figures and what counts of an attempt, `ranking` who is before whom; `tables` the
rows; `playing` is what members do, `running` what the committee does, `sealing` computes and keeps
the results; `finding` asks what all of them need. Other floors import from here.
"""

from storage.contest.finding import PLAY, organises, topics
from storage.contest.playing import (
    Mine,
    Play,
    begin,
    contests_of,
    give,
    hand_in,
    let_name,
    mine,
    play,
    result_of,
)
from storage.contest.ranking import Placed, Try, UnitFacts, by_gain, by_share, standings
from storage.contest.rules import BOUNDS, Figures, Order, RuleSet, first_day, sets, times
from storage.contest.running import (
    CLOSING,
    OPENING,
    Line,
    NewContest,
    Results,
    Turnout,
    followed,
    of_form,
    open_round,
    results,
    start,
    stop,
    turnout,
    watched,
)
from storage.contest.sealing import RESULT, seal, verify
from storage.contest.tables import Answer, Attempt, Contest, Naming, Result, Round, UnitResult

__all__ = [
    "BOUNDS",
    "CLOSING",
    "OPENING",
    "PLAY",
    "RESULT",
    "Answer",
    "Attempt",
    "Contest",
    "Figures",
    "Line",
    "Mine",
    "Naming",
    "NewContest",
    "Order",
    "Placed",
    "Play",
    "Result",
    "Results",
    "Round",
    "RuleSet",
    "Try",
    "Turnout",
    "UnitFacts",
    "UnitResult",
    "begin",
    "by_gain",
    "by_share",
    "contests_of",
    "first_day",
    "followed",
    "give",
    "hand_in",
    "let_name",
    "mine",
    "of_form",
    "open_round",
    "organises",
    "play",
    "result_of",
    "results",
    "seal",
    "sets",
    "standings",
    "start",
    "stop",
    "times",
    "topics",
    "turnout",
    "verify",
    "watched",
]
