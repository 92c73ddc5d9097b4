"""The question bank: what quizzes and contests draw from.

`tables` has the rows, `judging` the rules of a question and of its answer, `sheet` reads the rows
of a file, `keeping` puts questions in, retires and draws them, `halves` keeps answers that
take several taps, `figures` counts what was answered. Other floors import from here.
"""

from storage.bank.figures import CHOSEN, Answered, Figures, tally
from storage.bank.halves import forget, half, jot, pick
from storage.bank.judging import (
    Given,
    NewItem,
    check,
    complete,
    letters,
    right,
    shown,
    speaks_of_others,
    takes_several,
)
from storage.bank.keeping import (
    Plan,
    draw,
    enter,
    homes,
    of_unit,
    one,
    own,
    plan,
    put,
    retire,
    reuse,
    same,
)
from storage.bank.sheet import EXAMPLE, TRUE_FALSE, items_of, kind_called
from storage.bank.tables import Half, Item, ItemKind

__all__ = [
    "CHOSEN",
    "EXAMPLE",
    "TRUE_FALSE",
    "Answered",
    "Figures",
    "Given",
    "Half",
    "Item",
    "ItemKind",
    "NewItem",
    "Plan",
    "check",
    "complete",
    "draw",
    "enter",
    "forget",
    "half",
    "homes",
    "items_of",
    "jot",
    "kind_called",
    "letters",
    "of_unit",
    "one",
    "own",
    "pick",
    "plan",
    "put",
    "retire",
    "reuse",
    "right",
    "same",
    "shown",
    "speaks_of_others",
    "takes_several",
    "tally",
]
