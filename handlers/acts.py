"""What is said, as plain data: the calls that answer an update or carry a notice.

An act is a dictionary that JSON can hold, because it waits in the database until it has been
carried out. `do` is one of `answer` (a press), `edit`, `send`, `file`, `stored`,
`fetch`, `commands` (a notice only).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handlers.kit import Button, Commands, File, Note, Say, Stored, Talk
from handlers.text import Reader, Words, _

Act = dict[str, Any]

AGAIN = _("Sent again – if you have it already, please ignore this.")
_KEYS = _("The keys below lead everywhere.")

TEXT_LIMIT = 4096  # characters of one message
TOAST_LIMIT = 200


def render(talk: Talk, said: Say | None, query_id: str | None) -> list[Act]:
    """The acts of a handler's answer; a press is answered even when there is nothing to say."""
    reader = talk.reader
    found: list[Act] = []
    if query_id is not None:
        toast = reader.plain(said.toast)[:TOAST_LIMIT] if said and said.toast else ""
        found.append(
            {"do": "answer", "id": query_id, "text": toast, "alert": bool(said and said.alert)}
        )
    if said is None:
        return found
    if said.keyboard is not None and said.buttons:  # one message cannot carry both
        found.append(_screen(talk, Say(_KEYS, keyboard=said.keyboard, new=True)))
    if said.lines:
        found.append(_screen(talk, said))
    found += [_file(talk, file) for file in said.files]
    if said.fetch is not None:
        found.append(
            {
                "do": "fetch",
                "chat": talk.chat_id,
                "person": talk.actor.telegram_id,
                "file_id": said.fetch.file_id,
                "name": said.fetch.name,
                "then": said.fetch.then,
            }
        )
    if not said.kept:
        for act in found:
            act["kept"] = False
    return found


def notice(note: Note, said: Say, chat_id: int) -> Act:
    """The act that sends a notice, or edits a standing one where it stands."""
    if isinstance(said, Commands):
        language = note.reader.language
        return {"do": "commands", "chat": chat_id, "language": language, "names": list(said.names)}
    lines = list(said.lines)
    if note.notice.unknowns and note.notice.message_id is None:
        lines.insert(0, AGAIN)
    act: Act = {
        "do": "send" if note.notice.message_id is None else "edit",
        "chat": chat_id,
        "text": _text(note.reader, lines),
        "buttons": _buttons(note.reader, said.buttons),
    }
    if said.quiz is not None:
        act["quiz"] = {
            "question": note.reader.plain(said.quiz.ask),
            "options": [{"text": each} for each in said.quiz.choices],
            "correct_option_ids": [said.quiz.right],
            "explanation": said.quiz.why or None,
            "open_period": said.quiz.seconds,
        }
    if said.qr:
        act["qr"] = said.qr
    if said.picture is not None:  # not plain, but the act of a notice is never stored
        act["picture"] = said.picture
    if note.notice.message_id is not None:
        act["message"] = note.notice.message_id
    elif said.keyboard is not None and not said.buttons:
        act["keyboard"] = _keyboard(note.reader, said.keyboard)
    return act


def storable(found: list[Act]) -> list[Act]:
    """The acts that may wait in the database."""
    return [act for act in found if act.get("kept", True)]


def _lost(file: Stored) -> Words:
    """What is said instead of a file that Telegram does not give any more."""
    if not file.caption:
        return _("Telegram no longer has this file. Who sent it can send it once more.")
    return _(
        "Telegram no longer has “{name}”. Who sent it can send it once more.", name=file.caption
    )


def _file(talk: Talk, file: File | Stored) -> Act:
    act: Act = {"do": "stored", "chat": talk.chat_id, "language": talk.reader.language}
    act["caption"] = talk.reader.html(file.caption) if file.caption else None
    if isinstance(file, Stored):
        lost = talk.reader.html(_lost(file))
        act |= {"kind": file.kind} if file.kind else {}
        return {**act, "file_id": file.file_id, "photo": file.photo, "else": lost}
    return {
        **act,
        "do": "file",
        "else": talk.reader.html(
            _("The file could not be made. Nothing is lost; those who run the bot can see it.")
        ),
        "person": talk.actor.telegram_id,
        "make": file.make,
        "args": list(file.args),
        "name": file.name,
        "shown": file.shown,
    }


def _screen(talk: Talk, said: Say) -> Act:
    act: Act = {
        "do": "send",
        "chat": talk.chat_id,
        "language": talk.reader.language,
        "text": _text(talk.reader, said.lines),
        "buttons": _buttons(talk.reader, said.buttons),
    }
    if talk.message_id is not None and not said.new:
        act["do"], act["message"] = "edit", talk.message_id
    if said.keyboard is not None and not said.buttons:
        act["keyboard"] = _keyboard(talk.reader, said.keyboard)
    if said.reply_to is True:
        if talk.update is not None and talk.update.effective_message is not None:
            act["reply_to"] = talk.update.effective_message.message_id
    elif said.reply_to:
        act["reply_to"] = said.reply_to
    return act


def _text(reader: Reader, lines: list[Words]) -> str:
    return "\n".join(reader.html(line) for line in lines)


def _keyboard(reader: Reader, rows: Sequence[Sequence[Words]]) -> list[list[str]]:
    return [[reader.plain(label) for label in row] for row in rows]


def _buttons(reader: Reader, rows: list[list[Button]]) -> list[list[dict[str, str]]]:
    return [[_button(reader, each) for each in row] for row in rows]


def _button(reader: Reader, button: Button) -> dict[str, str]:
    target = {"url": button.url} if button.url else {"data": button.data}
    return {"text": reader.plain(button.label), **target}
