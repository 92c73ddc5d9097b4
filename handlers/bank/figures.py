"""The figures of a bank as a workbook: a row for each question, and one for each choice."""

from __future__ import annotations

import io
from collections.abc import Callable

from handlers.bank.desk import KINDS
from handlers.kit import File, Say, Talk, button, maker
from handlers.text import _
from storage import bank, bank_files, campaigns
from storage.sheets import Cell, Percent, Sheet, write_xlsx


@button("bankfigures", power="campaign.see")
def get(talk: Talk, unit_id: int) -> Say:
    """[Get the figures]."""
    bank.own(talk.session, talk.actor, unit_id)  # who may not is told so at once
    return Say(
        toast=_("The file is on its way."),
        files=[File("bank.figures", (unit_id,), "thong-ke-cau-hoi.xlsx")],
    )


@maker("bank.figures", power="campaign.see")
def make(talk: Talk, unit_id: int) -> Callable[[], bytes]:
    """Totals only; of what few have answered, nothing but how many they are."""
    found, say = campaigns.hardest(talk.session, talk.actor, unit_id), talk.reader.plain
    questions: list[list[Cell]] = []
    choices: list[list[Cell]] = []
    for number, each in enumerate(found, 1):
        item = each.item
        kind = say(KINDS[item.kind])
        right: list[Cell] = [each.right, Percent(each.share)] if each.told else [None, None]
        used = None if item.retired_at is None else say(_("out of use"))
        questions.append([number, item.ask, kind, item.topic, each.asked, *right, used])
        if not each.told or item.kind not in bank.CHOSEN:
            continue
        for index, choice in enumerate(item.choices):
            weak = say(_("hardly anybody")) if index in each.weak else None
            told = say(_("right")) if index in item.answer else weak
            taken = each.taken[index]
            share = Percent(taken / each.asked)
            letter = bank_files.LETTERS[index]
            choices.append([number, item.ask, letter, choice, taken, share, told])
    asked = [_("No."), _("Question"), _("Kind of question"), _("Topic"), _("People who answered")]
    chosen = [_("No."), _("Question"), _("Letter"), _("Choice"), _("Taken by")]
    heads = [
        [*asked, _("Right among them"), _("Share"), _("Remark")],
        [*chosen, _("Share"), _("Remark")],
    ]
    names = [say(_("All questions")), say(_("Choices"))]
    sheets = [
        Sheet(name, [say(title) for title in head], rows)
        for name, head, rows in zip(names, heads, (questions, choices), strict=True)
    ]

    def build() -> bytes:
        book = io.BytesIO()
        write_xlsx(book, sheets)
        return book.getvalue()

    return build
