"""Bytes of a CSV file → Unicode text → records.

Spreadsheets in Vietnam still save UTF-16, Windows-1258 and text typed in old fonts (TCVN3, VNI),
which no program can tell apart with certainty. What is certain is read; old fonts are refused with
advice, because names half right are worse than none.
"""

import codecs
import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator

from storage.sheets.problems import SheetError, whole_file

_VOWELS = "aăâeêioôơuưy"
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_VIETNAMESE = frozenset(
    letter
    for lower in [
        *(unicodedata.normalize("NFC", v + t) for v in _VOWELS for t in _TONES),
        *"ăâđêôơư",
    ]
    for letter in (lower, lower.upper())
)
_TYPOGRAPHY = frozenset("\u00a0“”‘’–—…°§€₫•")


def _word_with(sign: str) -> re.Pattern[str]:
    """Words that hold the sign: one expression, because a file may have millions of words."""
    return re.compile(rf"(?<!\S)\S*?(?:{sign})\S*")


# Certain to be Vietnamese: letters that old fonts, being 8-bit, cannot produce.
_MODERN = _word_with(r"[\u1ea0-\u1ef9ăđơưĂĐƠƯ]")
# What TCVN3 and VNI look like where the font is missing: "NguyÔn V¨n Thµnh", "Nguyeãn Vaên".
# Nothing else puts signs after letters, capitals into words, or â after a vowel.
_SURELY_OLD = r"[A-Za-z][¨©«¬®µ¶·¸¹»¼½¾]|[a-zà-öø-ÿ][Ç-Ö×ØÜ-Þ]|[aAeEoO]â|[aA][êáàãä]"
_SURELY_OLD_FONT = _word_with(_SURELY_OLD)
_OLD_FONT = _word_with(
    rf"{_SURELY_OLD}|[A-Za-zÀ-ÿ][¨©ª«¬®µ¶·¸¹»¼½¾×÷ÇÞßçþäåæëîïñöøûü]"
    r"|[©ª«¬®¨¶·¸¹»¼½¾ÑñÖö][A-Za-zÀ-ÿ]|[aA][åéèúüë]|[eE][áàãäå]|[oO][áàãäå]"
)
_LINE = re.compile(r"[^\r\n]++(?:\r\n?|\n)?|\r\n?|\n")
MAX_LINE = 2**20
_SAMPLE = 2**18


def decode(data: bytes, file: str) -> str:
    """The text of a file in any encoding that is certain."""
    text = _decode_unicode(data)
    if text is None:
        windows = unicodedata.normalize("NFC", data.decode("cp1258", errors="replace"))
        if all(c.isascii() or c in _VIETNAMESE or c in _TYPOGRAPHY for c in set(windows)):
            return windows
        _refuse_broken(data, file)
        refuse_old_font(data[:_SAMPLE].decode("latin-1").split("\n"), file)
        raise whole_file(
            "{file} is in an unknown encoding. Save it as “CSV UTF-8” or as .xlsx.", file=file
        )
    return text


def _refuse_broken(data: bytes, file: str) -> None:
    """Raises SheetError for UTF-8 with a letter that was cut or spoiled."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        if _MODERN.search(data.decode(errors="ignore")):  # what old fonts never come to
            raise whole_file(
                "{file}, row {row}: a letter is broken. Save it as “CSV UTF-8” or as .xlsx.",
                file=file,
                row=len(data[: error.start].splitlines()),
            ) from None


def refuse_old_font(cells: Iterable[str], file: str) -> None:
    """Raises SheetError where most of what can be told apart is typed in an old font."""
    cells = list(cells)
    old = sum(len(_OLD_FONT.findall(cell)) for cell in cells)
    # A single Müller among Vietnamese names, or in a short list without accents, is a person.
    if old > 1 and old > sum(len(_MODERN.findall(cell)) for cell in cells):
        raise whole_file(
            "{file} is typed in an old font (TCVN3 or VNI). Convert it to Unicode first.",
            file=file,
        )


def is_old_font(cell: str) -> bool:
    """Whether this one cell, say one pasted into a newer list, is surely in an old font."""
    surely = len(_SURELY_OLD_FONT.findall(cell))
    return surely > 0 and surely > len(_MODERN.findall(cell))


def lines(text: str) -> Iterator[str]:
    """One line after the other: a list of them all may take more memory than the file."""
    return (found[0] for found in _LINE.finditer(text))


class _LongLine(Exception):
    """Longer than any row can be."""


def _bounded(found: Iterator[str]) -> Iterator[str]:
    for line in found:
        if len(line) > MAX_LINE:
            raise _LongLine
        yield line


def records(text: str, delimiter: str, file: str) -> Iterator[list[str]]:
    """The records of a CSV text; blank lines are empty records, so numbers match the sheet."""
    reader = csv.reader(_bounded(lines(text)), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except _LongLine:
            raise whole_file(
                "{file}, row {row}: the line is too long (more than {limit} letters).",
                file=file,
                row=number,
                limit=MAX_LINE,
            ) from None
        except csv.Error as error:
            raise _broken_record(error, number, file) from None
        yield record


def _broken_record(error: csv.Error, number: int, file: str) -> SheetError:
    if "field limit" in str(error):
        return whole_file(
            "{file}, row {row}: a cell is too long. Is a quotation mark left open?",
            file=file,
            row=number,
        )
    return whole_file(
        "{file}, row {row}: a quotation mark is left open or stands in the wrong place.",
        file=file,
        row=number,
    )


def _decode_unicode(data: bytes) -> str | None:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _try(data, encoding)
    sample = data[:4096]
    # UTF-16 without its mark: every other byte of ASCII letters is NUL.
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = sample[offset::2]
        if half and half.count(0) > len(half) // 3 and sample.count(0) < len(sample):
            return _try(data, encoding)
    return _try(data, "utf-8")


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
