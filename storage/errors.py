"""How storage says no.

A rule that does not hold raises `Refusal` with an English source sentence; the transaction is
rolled back and the floor above says the sentence in the reader's language.
"""


class Refusal(Exception):
    """A rule said no. `sentence` is a source string with named places, `values` fill them."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.values = values


class NotFound(Refusal):
    """Not there, or not for the one who asks: the two must look the same."""

    def __init__(self) -> None:
        super().__init__("This is not available to you.")
