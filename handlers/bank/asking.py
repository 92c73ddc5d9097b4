"""A question of any kind in one message that is edited: what is asked, the letters, the answer.

Whoever asks (a lesson's quiz, what is gone over again) makes an `Asked` and has two buttons of its
own: `pick`, a tap on a letter, and `give`, [That's it]; and a form for what is typed. The state of
a half-given answer is storage's (`storage/bank/halves.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.kit import Ask, Button, Say, Talk
from handlers.text import Text, Words, _
from storage import bank
from storage.bank import Given, Item, ItemKind

A_ROW = 4  # letters


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as one person is asked it.

    `order` is how the choices are shown, `given` what has been chosen or typed so far. The
    addresses of the buttons begin with `about`: `pick:<about>:<item>:<choice>:<mark>`,
    `give:<about>:<item>`.
    """

    item: Item
    order: Sequence[int]
    given: Given
    about: Sequence[int]
    pick: str
    give: str
    form: str

    def say(self, talk: Talk, *head: Words | None, below: Sequence[Sequence[Button | None]]) -> Say:
        """The screen; where an answer is typed, it opens the form."""
        lines = [*head, *self._lines()]
        buttons = [*self._buttons(), *below]
        if self.item.kind != ItemKind.SHORT:
            talk.close(self.form)
            return Say(*lines, buttons=buttons)
        data = {"about": [*self.about], "item": self.item.id}
        return Ask(self.form, *lines, data=data, buttons=buttons)

    def _lines(self) -> list[Words]:
        item = self.item
        lines: list[Words] = [item.ask]
        if item.kind != ItemKind.SHORT:
            lines += [choice_words(item, self.order, index) for index in self.order]
        chosen = answer_words(item, self.order, self.given) if self.given else ""
        if item.kind == ItemKind.MULTIPLE:
            lines.append(
                _("Chosen: {letters}", letters=letters_of(item, self.order, self.given))
                if chosen
                else _("Choose all that are right.")
            )
        elif item.kind == ItemKind.ORDER:
            lines.append(
                _("Your order: {letters}", letters=letters_of(item, self.order, self.given))
                if chosen
                else _("Press the letters in the right order.")
            )
        elif item.kind == ItemKind.SHORT:
            lines.append(
                _("You have typed: {answer}", answer=chosen)
                if chosen
                else _("Type your answer and send it.")
            )
        return lines

    def _buttons(self) -> list[list[Button | None]]:
        item, rows = self.item, list[list[Button | None]]()
        if item.kind != ItemKind.SHORT:
            letters = [self._letter(*each) for each in bank.letters(self.order).items()]
            shown = [each for each in letters if each is not None]
            rows = [[*shown[at : at + A_ROW]] for at in range(0, len(shown), A_ROW)]
        anew = item.kind == ItemKind.ORDER and self.given
        done = bank.takes_several(item) and bank.complete(item, self.given)
        last = [
            Button(_("That's it"), self.give, *self.about, item.id) if done else None,
            Button(_("Start over"), self.pick, *self.about, item.id, -1, 0) if anew else None,
        ]
        return [*rows, last]

    def _letter(self, letter: str, index: int) -> Button | None:
        """The letter of a choice; in an order, only of those that have no place yet."""
        taken, mark, label = index in self.given, 1, letter
        if self.item.kind == ItemKind.ORDER:
            if taken:
                return None
            mark = len(self.given)
        elif self.item.kind == ItemKind.MULTIPLE and taken:
            mark, label = 0, f"{letter} ✓"
        return Button(label, self.pick, *self.about, self.item.id, index, mark)


def judgement(item: Item, order: Sequence[int], given: Given) -> list[Words | None]:
    """Whether an answer is right, what would have been, and why."""
    solution = right_words(item, order)
    verdict = (
        _("Right. {answer}", answer=solution)
        if bank.right(item, given)
        else _("Not right. Answer: {answer}", answer=solution)
    )
    return [verdict, item.why or None]


def right_words(item: Item, order: Sequence[int]) -> Words:
    """The right answer, as this person was shown it."""
    if item.kind == ItemKind.SHORT:
        return item.choices[0]
    return answer_words(item, order, item.answer)


def answer_words(item: Item, order: Sequence[int], given: Given) -> Words:
    """An answer: "B. hai", "A. một; C. ba", or in order "C. ba → A. một"."""
    if isinstance(given, str):
        return given
    places = given if item.kind == ItemKind.ORDER else sorted(given, key=[*order].index)
    return _joined(item, [choice_words(item, order, index) for index in places])


def bare_words(item: Item) -> Words:
    """The right answer without letters, for whoever has seen none: "hai", "một; ba"."""
    if item.kind == ItemKind.SHORT:
        return item.choices[0]
    return _joined(item, [_bare(item, index) for index in item.answer])


def letters_of(item: Item, order: Sequence[int], given: Given) -> str:
    """ "A, C", or "C → A" where they are put in order."""
    of = {index: letter for letter, index in bank.letters(order).items()}
    chosen = [of[each] for each in given if isinstance(each, int)]
    return " → ".join(chosen) if item.kind == ItemKind.ORDER else ", ".join(sorted(chosen))


def _joined(item: Item, said: Sequence[Words]) -> Words:
    joined: Words = said[0] if said else ""
    for each in said[1:]:
        joined = (
            _("{first} → {next}", first=joined, next=each)
            if item.kind == ItemKind.ORDER
            else _("{first}; {next}", first=joined, next=each)
        )
    return joined


def choice_words(item: Item, order: Sequence[int], index: int) -> Text:
    """ "B. hai": a choice with the letter that this person sees."""
    letter = next(each for each, at in bank.letters(order).items() if at == index)
    return _("{letter}. {choice}", letter=letter, choice=_bare(item, index))


def _bare(item: Item, index: int) -> Words:
    if item.choices == [*bank.TRUE_FALSE]:
        return (_("True"), _("False"))[index]
    return item.choices[index]
