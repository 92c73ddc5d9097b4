"""Bytes of a CSV file → Unicode text → records.

Spreadsheets in Vietnam still save UTF-16, Windows-1258 and text typed in old fonts (TCVN3, VNI),
which no program can tell apart with certainty. What is certain is read; old fonts are refused with
advice, because names half right are worse than none.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator

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
# Certain to be Vietnamese: letters that old fonts, being 8-bit, cannot produce.
_MODERN = re.compile(r"[\u1ea0-\u1ef9ăđơưĂĐƠƯ]")
# What TCVN3 and VNI look like where the font is missing: "NguyÔn V¨n Thµnh", "Nguyeãn Vaên".
_OLD_FONT = re.compile(
    r"[A-Za-zÀ-ÿ][¨©ª«¬®µ¶·¸¹»¼½¾×÷ÇÞßçþäåæëîïñöøûü]|[©ª«¬®¨¶·¸¹»¼½¾ÑñÖö][A-Za-zÀ-ÿ]"
    r"|[aA][âêáàãäåéèúüë]|[eE][âáàãäå]|[oO][âáàãäå]"
)


def decode(data: bytes, file: str) -> str:
    """The text of a file in any encoding that is certain."""
    text = _decode_unicode(data)
    if text is None:
        windows = unicodedata.normalize("NFC", data.decode("cp1258", errors="replace"))
        if all(c.isascii() or c in _VIETNAMESE or c in _TYPOGRAPHY for c in windows):
            return windows
        text = data.decode("latin-1")
        if not looks_like_old_font(text):
            raise whole_file(
                "{file} is in an unknown encoding. Save it as “CSV UTF-8” or as .xlsx.", file=file
            )
    refuse_old_font(text, file)
    return text


def refuse_old_font(text: str, file: str) -> None:
    if looks_like_old_font(text):
        raise whole_file(
            "{file} is typed in an old font (TCVN3 or VNI). Convert it to Unicode first.",
            file=file,
        )


def looks_like_old_font(text: str) -> bool:
    words = text.split()
    old = sum(bool(_OLD_FONT.search(word)) for word in words)
    # A single Müller among Vietnamese names, or in a short list without accents, is a person.
    return old > 1 and old > sum(bool(_MODERN.search(word)) for word in words)


def records(text: str, delimiter: str, file: str) -> Iterator[list[str]]:
    """The records of a CSV text; blank lines are empty records, so numbers match the sheet."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            record = next(reader)
        except StopIteration:
            return
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
