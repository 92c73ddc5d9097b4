"""A notice that is a picture, with its lines and buttons below: the square code of a text, or one
that its feature draws.
"""

from __future__ import annotations

import asyncio
import io
from functools import partial
from typing import Any

import segno
from telegram import InlineKeyboardMarkup, InputFile, InputMediaPhoto
from telegram.error import BadRequest

from bot.line import Line
from bot.speaking import HTML, Gone, gone, inline
from handlers.acts import Act

SCALE = 10  # pixels of a cell: it is read from a phone held up in a room


async def show(bot: Line, act: Act, *, rate_limit_args: str | None = None) -> int | None:
    """Sends the picture, or edits the one that stands there; raises Gone.

    Returns its number; None where nothing had to be changed.
    """
    new = act["do"] == "send"
    drawn = await asyncio.to_thread(
        act["picture"] if "picture" in act else partial(draw, act["qr"])
    )
    picture = InputFile(drawn, filename="ma.png", attach=not new)
    below: dict[str, Any] = {"caption": act["text"], "parse_mode": HTML}
    buttons = InlineKeyboardMarkup.de_json(inline(act["buttons"]) or {"inline_keyboard": []}, bot)
    if new:
        sent = await bot.send_photo(
            act["chat"], picture, reply_markup=buttons, rate_limit_args=rate_limit_args, **below
        )
        return sent.message_id
    try:
        await bot.edit_message_media(
            InputMediaPhoto(picture, **below),
            chat_id=act["chat"],
            message_id=act["message"],
            reply_markup=buttons,
            rate_limit_args=rate_limit_args,
        )
    except BadRequest as error:
        if "message is not modified" in error.message.lower():
            return None
        if not gone(error):
            raise
        raise Gone from None
    return int(act["message"])


def draw(text: str) -> bytes:
    """The square code of a text as a PNG."""
    picture = io.BytesIO()
    segno.make(text, micro=False).save(picture, kind="png", scale=SCALE)
    return picture.getvalue()
