"""Formatted text as Telegram reads it: HTML to text and entities, and back for people to see.

Offsets and lengths count UTF-16 units, and the errors are worded as the Bot API server words them.
"""

import html
import re
from typing import Any

from bot.simulator.errors import ApiError, bad_request

Entity = dict[str, Any]

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_SPECIAL = re.compile(r"[<&]")
_NAMED = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
_NAMES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_START = re.compile(
    r"<([a-zA-Z0-9-]*)((?:\s+[^\s=>]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?)*)\s*>"
)
_ATTRIBUTE = re.compile(r"([^\s=>]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+)))?")
_END = re.compile(r"</([a-zA-Z0-9-]*)\s*>")
_MENTION_LINK = re.compile(r"tg://user\?id=(\d+)$")
_FOUND_IN_TEXT = re.compile(
    r"(?P<url>\bhttps?://[^\s<>\"]+|\b(?:t|telegram)\.me/[^\s<>\"]+)"
    r"|(?P<bot_command>(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?!\w))"
    r"|(?P<mention>(?<!\w)@[A-Za-z0-9_]{4,32}(?!\w))"
    r"|(?P<hashtag>(?<![\w&])#\w*[^\W\d]\w*)"
)


def units(text: str) -> int:
    """How long a text is for Telegram."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _cannot_parse(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")


def _at(source: str, position: int) -> int:
    return len(source[:position].encode())


def _unescape(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        decimal, hexadecimal, name = match.groups()
        if name:
            return _NAMES[name]
        code = int(decimal) if decimal else int(hexadecimal, 16)
        is_letter = 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
        return chr(code) if is_letter else match[0]

    return _NAMED.sub(one, text) if "&" in text else text


def _attributes(source: str) -> dict[str, str]:
    return {
        match[1].lower(): _unescape(match[2] or match[3] or match[4] or "")
        for match in _ATTRIBUTE.finditer(source)
    }


def _opened(tag: str, attributes: dict[str, str], offset: int) -> Entity:
    entity: Entity = {"type": _TAGS[tag], "offset": offset}
    if tag == "a":
        entity["url"] = attributes.get("href", "")
    elif tag == "span" and attributes.get("class") != "tg-spoiler":
        raise _cannot_parse('Tag "span" must have class "tg-spoiler"')
    elif tag == "blockquote" and "expandable" in attributes:
        entity["type"] = "expandable_blockquote"
    elif tag == "tg-emoji":
        if not attributes.get("emoji-id", "").isdigit():
            raise _cannot_parse("Invalid custom emoji identifier specified")
        entity["custom_emoji_id"] = attributes["emoji-id"]
    elif tag == "code" and attributes.get("class", "").startswith("language-"):
        entity["language"] = attributes["class"].removeprefix("language-")
    return entity


def parse_html(source: str) -> tuple[str, list[Entity]]:
    if "<" not in source:
        return _unescape(source), []
    parts: list[str] = []
    entities: list[Entity] = []
    stack: list[tuple[str, Entity]] = []
    offset = position = 0

    def keep(text: str) -> None:
        nonlocal offset
        parts.append(text)
        offset += units(text)

    while (special := _SPECIAL.search(source, position)) is not None:
        start = special.start()
        keep(source[position:start])
        if source[start] == "&":
            named = _NAMED.match(source, start)
            keep(_unescape(named[0]) if named else "&")
            position = named.end() if named else start + 1
        elif source.startswith("</", start):
            position = _close(source, start, stack, entities, offset)
        else:
            tag = _START.match(source, start)
            name = (
                tag[1].lower() if tag else re.sub(r"[\s>].*", "", source[start + 1 :], flags=re.S)
            )
            if name.lower() not in _TAGS:
                at = _at(source, start)
                raise _cannot_parse(f'Unsupported start tag "{name}" at byte offset {at}')
            if tag is None:
                raise _cannot_parse(f"Unclosed start tag at byte offset {_at(source, start)}")
            stack.append((name, _opened(name, _attributes(tag[2]), offset)))
            position = tag.end()
    keep(source[position:])
    if stack:
        raise _cannot_parse(f'Can\'t find end tag corresponding to start tag "{stack[-1][0]}"')
    text = "".join(parts)
    return text, sorted(_finished(text, entities), key=lambda e: (e["offset"], -e["length"]))


def _close(
    source: str, start: int, stack: list[tuple[str, Entity]], entities: list[Entity], offset: int
) -> int:
    end = _END.match(source, start)
    at = _at(source, start)
    if end is None:
        raise _cannot_parse(f"Unclosed end tag at byte offset {at}")
    if not stack:
        raise _cannot_parse(f"Unexpected end tag at byte offset {at}")
    expected, entity = stack.pop()
    found = end[1].lower()
    if found not in ("", expected):
        raise _cannot_parse(
            f'Unmatched end tag at byte offset {at}, expected "</{expected}>", found "</{found}>"'
        )
    entity["length"] = offset - entity["offset"]
    if entity["length"]:
        entities.append(entity)
    return end.end()


def _finished(text: str, entities: list[Entity]) -> list[Entity]:
    """Links without an address, mentions of people, and `code` inside `pre`."""
    spans = {(e["offset"], e["length"]) for e in entities if e["type"] == "pre"}
    kept = []
    for entity in entities:
        if entity["type"] == "text_link":
            url = entity["url"] or cut(text, entity)
            mention = _MENTION_LINK.match(url)
            if mention:
                entity["type"] = "text_mention"
                entity["user"] = {"id": int(mention[1]), "is_bot": False, "first_name": ""}
                entity.pop("url")
            elif "." not in url and "://" not in url:
                continue
            else:
                entity["url"] = url if "://" in url else f"http://{url}"
        if entity["type"] == "code":
            language = entity.pop("language", "")
            if (entity["offset"], entity["length"]) in spans:
                for pre in entities:
                    if pre["type"] == "pre" and pre["offset"] == entity["offset"] and language:
                        pre["language"] = language
                continue
        kept.append(entity)
    return kept


def cut(text: str, entity: Entity) -> str:
    raw = text.encode("utf-16-le", "surrogatepass")
    start = entity["offset"] * 2
    return raw[start : start + entity["length"] * 2].decode("utf-16-le", "replace")


def trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Without the white space around, as Telegram stores it."""
    stripped = text.strip(" \n\t\r\v\f\0")
    if stripped == text or not entities:
        return stripped, entities
    lead = len(text) - len(text.lstrip(" \n\t\r\v\f\0"))
    end = units(stripped)
    kept = []
    for entity in entities:
        start = max(0, entity["offset"] - lead)
        stop = min(end, entity["offset"] + entity["length"] - lead)
        if stop > start:
            kept.append({**entity, "offset": start, "length": stop - start})
    return stripped, kept


def detect(text: str, entities: list[Entity]) -> list[Entity]:
    """The entities given, and the commands, mentions, links and hashtags that text itself shows."""
    if not ("/" in text or "@" in text or "#" in text):
        return entities
    taken = [
        (e["offset"], e["offset"] + e["length"])
        for e in entities
        if e["type"] in ("code", "pre", "text_link", "text_mention")
    ]
    found = list(entities)
    for match in _FOUND_IN_TEXT.finditer(text):
        kind = match.lastgroup or ""
        shown = match[0].rstrip(".,;:!?)'\"") if kind == "url" else match[0]
        start = units(text[: match.start()])
        stop = start + units(shown)
        if not any(start < end and begin < stop for begin, end in taken):
            found.append({"type": kind, "offset": start, "length": stop - start})
    return sorted(found, key=lambda e: (e["offset"], -e["length"]))


_OPEN = {
    "bold": "<b>",
    "italic": "<i>",
    "underline": "<u>",
    "strikethrough": "<s>",
    "code": "<code>",
    "pre": "<pre>",
    "spoiler": '<span class="tg-spoiler">',
    "blockquote": "<blockquote>",
    "expandable_blockquote": "<blockquote expandable>",
}


def _open_tag(text: str, entity: Entity) -> str:
    kind = entity["type"]
    if kind in _OPEN:
        return _OPEN[kind]
    if kind in ("text_link", "url"):
        url = entity.get("url") or cut(text, entity)
        url = url if "://" in url else f"http://{url}"
        return f'<a href="{html.escape(url)}">'
    if kind == "text_mention":
        return f'<a href="tg://user?id={entity["user"]["id"]}">'
    return ""


def _close_tag(opened: str) -> str:
    return "</" + opened[1:].rstrip(">").split()[0] + ">"


def to_html(text: str, entities: list[Entity]) -> str:
    """Safe HTML: what people typed is escaped, and crossing entities are closed and reopened."""
    if not entities:
        return html.escape(text)
    raw = text.encode("utf-16-le", "surrogatepass")
    marks = {0, len(raw) // 2}
    for entity in entities:
        marks |= {entity["offset"], entity["offset"] + entity["length"]}
    points = sorted(marks)
    out: list[str] = []
    stack: list[tuple[int, str]] = []  # (where it ends, opening tag)
    for start, stop in zip(points, points[1:] + points[-1:], strict=True):
        again: list[tuple[int, str]] = []
        while any(end <= start for end, _ in stack):
            end, tag = stack.pop()
            out.append(_close_tag(tag))
            if end > start:
                again.append((end, tag))
        for end, tag in reversed(again):
            out.append(tag)
            stack.append((end, tag))
        for entity in entities:
            tag = _open_tag(text, entity) if entity["offset"] == start else ""
            if tag and entity["length"]:
                out.append(tag)
                stack.append((start + entity["length"], tag))
        out.append(html.escape(raw[start * 2 : stop * 2].decode("utf-16-le", "replace")))
    return "".join(out)
