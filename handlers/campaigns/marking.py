"""What people format in Telegram, kept as safe HTML.

Telegram hands over a text and its marks ("entities"), which count in UTF-16. Only marks that are
known here come out as tags, links only to the web, and whatever was typed is escaped; so what is
stored is safe by the way it is made. A long text becomes several pieces, each closed in itself.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from urllib.parse import urlsplit

from telegram import MessageEntity

from handlers.campaigns.showing import TEXT_PAGE, pages_of

TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
}


def pieces(text: str, entities: Sequence[MessageEntity]) -> list[str]:
    """The text as safe HTML, in pieces that a screen holds."""
    found, at = [], 0
    for page in pages_of(text, TEXT_PAGE):
        if page:
            start = text.index(page, at)
            at = start + len(page)
            found.append(_html(text, entities, start, at))
    return found


def _html(text: str, entities: Sequence[MessageEntity], start: int, end: int) -> str:
    """The part of the text between two letters."""
    marks = []
    for each in entities:
        tags = _tags(each)
        first, last = (
            max(_letter(text, each.offset), start),
            _letter(text, each.offset + each.length),
        )
        if tags is not None and first < min(last, end):
            marks.append((first, min(last, end), *tags))
    marks.sort(key=lambda mark: (mark[0], -mark[1]))
    said: list[str] = []
    open_: list[tuple[int, str]] = []  # where the open tags end, the innermost last
    for place in range(start, end + 1):
        while open_ and open_[-1][0] <= place:
            said.append(open_.pop()[1])
        for first, last, opens, closes in marks:
            if first == place < end:
                until = min([last, *(each[0] for each in open_)])  # within what is open already
                said.append(opens)
                open_.append((until, closes))
        if place < end:
            said.append(html.escape(text[place], quote=False))
    return "".join(said)


def _tags(entity: MessageEntity) -> tuple[str, str] | None:
    """How a mark opens and closes; None for one that is not kept."""
    if entity.type == "text_link":
        url = entity.url or ""
        return (f'<a href="{html.escape(url)}">', "</a>") if _on_the_web(url) else None
    tag = TAGS.get(entity.type)
    return None if tag is None else (f"<{tag}>", f"</{tag}>")


def _on_the_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _letter(text: str, units: int) -> int:
    """Which letter so many UTF-16 units lead to."""
    return len(text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore"))
