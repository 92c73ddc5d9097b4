"""The question bank: what quizzes and contests draw from.

`tables` has the rows, `judging` the rules of a question and of its answer, `keeping` puts them in,
retires and draws them. Other floors import from here.
"""

from storage.bank.judging import Given, NewItem, check, letters, right, shown
from storage.bank.keeping import draw, of_unit, put, retire
from storage.bank.tables import Item, ItemKind

__all__ = [
    "Given",
    "Item",
    "ItemKind",
    "NewItem",
    "check",
    "draw",
    "letters",
    "of_unit",
    "put",
    "retire",
    "right",
    "shown",
]
