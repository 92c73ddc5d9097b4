"""The study essay of a campaign: asked for, handed in with a receipt, read by the committee.

`tables` has the rows, `asking` is what the committee sets going, `handing` what members do,
`reading` what the committee makes of it. Other floors import from here.
"""

from storage.essays.asking import ASKED, ask, call_for, change, undo, undoable, waits_for
from storage.essays.handing import OwnEssay, call_of, hand_in, mine, own, take_back
from storage.essays.reading import (
    SEEN,
    Heap,
    Read,
    asks,
    heap,
    mark_seen,
    open_essay,
    sees,
    tally,
    told_of,
)
from storage.essays.tables import (
    FILES,
    TEXT_LIMIT,
    TOPIC_LIMIT,
    Attached,
    Essay,
    EssayCall,
    EssayFile,
    check,
    check_topic,
    check_word,
    joined,
)

__all__ = [
    "ASKED",
    "FILES",
    "SEEN",
    "TEXT_LIMIT",
    "TOPIC_LIMIT",
    "Attached",
    "Essay",
    "EssayCall",
    "EssayFile",
    "Heap",
    "OwnEssay",
    "Read",
    "ask",
    "asks",
    "call_for",
    "call_of",
    "change",
    "check",
    "check_topic",
    "check_word",
    "hand_in",
    "heap",
    "joined",
    "mark_seen",
    "mine",
    "open_essay",
    "own",
    "sees",
    "take_back",
    "tally",
    "told_of",
    "undo",
    "undoable",
    "waits_for",
]
