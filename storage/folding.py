"""One way to compare, sort and tidy Vietnamese text.

People type with accents or without, in composed or decomposed Unicode, with the tone on either
vowel ("hoà", "hòa"), and paste invisible characters. Everything that looks for text goes through
`fold`, everything that sorts people through `given_name_key`, and everything that is stored
through `clean_text` or `clean_name`.
"""

import unicodedata
from collections.abc import Callable
from functools import lru_cache

WordKey = tuple[tuple[int, ...], tuple[int, ...]]
"""Ranks of a word's letters, then of its tones: "hoà" and "hòa" are the same word."""

NameKey = tuple[WordKey, tuple[WordKey, ...], tuple[WordKey, ...]]
"""Given name, middle names, family name."""

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTER_RANK = {letter: rank for rank, letter in enumerate(_ALPHABET, start=1)}
# Dictionary order: huyền, hỏi, ngã, sắc, nặng; a word without a tone comes before them.
_TONE_RANK = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}

# Old fonts and converters write Đ as Icelandic eth or African d; on the screen they look the same.
_LOOKALIKES = (("Ð", "Đ"), ("ð", "đ"), ("Ɖ", "Đ"), ("ɖ", "đ"))


class _Letters(dict[int, str]):
    """A table for `str.translate` that asks about each character once: files have millions."""

    def __init__(self, becomes: Callable[[str], str]) -> None:
        super().__init__()
        self.becomes = becomes

    def __missing__(self, code: int) -> str:
        self[code] = self.becomes(chr(code))
        return self[code]


def fold(text: str) -> str:
    """What is left when case, accents, invisible characters and extra white space do not count."""
    letters = unicodedata.normalize("NFD", _our_letters(text).casefold())
    return " ".join(letters.translate(_FOLDED).split())


def clean_text(text: str) -> str:
    """Text as it is stored: NFC, no control or invisible characters, lines kept, ends trimmed."""
    if not text.isprintable():  # else there is nothing to drop: long files are read faster
        text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_VISIBLE)
    return unicodedata.normalize("NFC", _our_letters(text)).strip()


def clean_name(text: str) -> str:
    """A name or another one-line value as it is stored."""
    return " ".join(clean_text(" ".join(text.split())).split())


def given_name_key(full_name: str) -> NameKey:
    """Sort key for a list of people: given name (the last word), then middle, then family."""
    words = [word_key(word) for word in clean_name(full_name).split()]
    if not words:
        return ((), ()), (), ()
    return words[-1], tuple(words[1:-1]), tuple(words[:1] if len(words) > 1 else ())


def _our_letters(text: str) -> str:
    for wrong, right in _LOOKALIKES:  # not translate: it takes a hundred times as long
        text = text.replace(wrong, right)
    return text


def _visible(char: str) -> str:
    # Cc control, Cf zero-width and bidi, Cs lone surrogates (no database takes them), Co, Cn.
    return "" if char not in "\n\t" and unicodedata.category(char).startswith("C") else char


def _folded(char: str) -> str:
    if char.isspace():
        return " "
    return "" if unicodedata.category(char)[0] in "CM" else char.replace("đ", "d")


_VISIBLE, _FOLDED = _Letters(_visible), _Letters(_folded)


@lru_cache(maxsize=4096)  # few words make up all names
def word_key(word: str) -> WordKey:
    """Sort key of one word, by letters and then by tone."""
    letters: list[int] = []
    tones: list[int] = []
    for char in unicodedata.normalize("NFD", word.casefold()):
        if char in _TONE_RANK:
            tones.append(_TONE_RANK[char])
        else:
            letters.append(ord(char))
    composed = unicodedata.normalize("NFC", "".join(map(chr, letters)))
    # Foreign letters come after ours, digits and signs before.
    ranks = (
        _LETTER_RANK.get(char, ord(char) + 100 if char.isalpha() else ord(char) - 0x110000)
        for char in composed
    )
    return tuple(ranks), tuple(tones)
