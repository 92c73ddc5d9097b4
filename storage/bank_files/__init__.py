"""Files of questions: a table of our own, or text in GIFT or Aiken, as other programs write it.

All three come to the same rows, which `storage/bank/sheet.py` turns into questions. They are read
apart from the bank, because the process that reads a file waits for all that it imports.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from storage.bank_files import aiken, gift
from storage.bank_files.columns import COLUMNS, LETTERS, MOST, NAME, TITLES
from storage.sheets import Table, check_size, whole_file
from storage.sheets.text import decode, refuse_old_font

__all__ = ["COLUMNS", "LETTERS", "MOST", "NAME", "TITLES", "read_text"]

LARGEST = 2 * 2**20  # letters of a text: more than anybody writes
_AIKEN = re.compile(aiken.ANSWER, re.MULTILINE | re.IGNORECASE)
_GIFT = re.compile(r"\{\s*(?:[=~#}]|T(?:RUE)?\b|F(?:ALSE)?\b)|^\s*(?:::|\$CATEGORY:)", re.MULTILINE)


def read_text(content: bytes, name: str) -> Table | None:
    """The questions of a text, as rows of the table; None for what is no such text.

    Raises SheetError with every problem and its line.
    """
    suffix = PurePath(name).suffix.casefold()
    if suffix not in (".gift", ".txt") or content.startswith(b"PK"):
        return None
    check_size(len(content), name)
    if not content.strip(b" \t\r\n\xef\xbb\xbf\x00\xff\xfe"):
        raise whole_file("{file} is empty.", file=name)
    text = decode(content, name)
    is_aiken = suffix == ".txt" and _AIKEN.search(text) is not None
    if not is_aiken and suffix == ".txt" and _GIFT.search(text) is None:
        return None
    if len(text) > LARGEST:
        raise whole_file("{file} is too long: at most {n} letters.", file=name, n=LARGEST)
    refuse_old_font(text.splitlines(), name)
    table = aiken.read(text, name) if is_aiken else gift.read(text, name)
    if len(table) > MOST:
        raise whole_file("{file} has more than {n} questions.", file=name, n=MOST)
    return table
