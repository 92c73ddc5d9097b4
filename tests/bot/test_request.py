"""What a failed request tells: surely not sent, or no way to know; and never the token."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest
from telegram.error import Forbidden, NetworkError, TelegramError, TimedOut

from bot.request import NotSent, Request

TOKEN = "123456:a-token-that-nobody-may-see"
HEAD = "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def reply(status: str, body: str, kind: str = "application/json") -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        head = HEAD.format(status=status, kind=kind, length=len(body))
        writer.write((head + body).encode())
        await writer.drain()

    return answer


async def cut(writer: asyncio.StreamWriter) -> None:
    """Nothing is answered, the connection ends."""


async def hang(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)


def error_of(answer: Answer | None) -> TelegramError:
    """What the caller of a method hears when the server (None: nobody listens) does this."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert answer is not None
        await reader.readuntil(b"\r\n\r\n")
        await answer(writer)
        writer.close()

    async def call() -> TelegramError:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            if answer is None:
                listening.close()
            else:
                await asyncio.start_server(serve, sock=listening)
            request = Request(timeout=0.3)
            await request.initialize()
            try:
                await request.post(f"http://127.0.0.1:{port}/bot{TOKEN}/sendMessage")
            except TelegramError as error:
                return error
            finally:
                await request.shutdown()
        raise AssertionError("it went well")

    return asyncio.run(call())


def test_where_nobody_listens_it_was_surely_not_sent() -> None:
    assert type(error_of(None)) is NotSent


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (cut, NetworkError),
        (hang, TimedOut),
        (reply("200 OK", '{"ok": tr'), NetworkError),
        (reply("200 OK", "[]"), NetworkError),
        (reply("502 Bad Gateway", "<html>", "text/html"), NetworkError),
        (reply("500 Internal Server Error", "{}"), NetworkError),
        (reply("403 Forbidden", "<html>", "text/html"), NetworkError),
        (reply("404 Not Found", "<html>", "text/html"), NetworkError),
        (reply("403 Forbidden", '{"ok": false, "description": "Forbidden: x"}'), Forbidden),
    ],
)
def test_an_answer_is_taken_for_what_it_is_and_shows_no_token(
    answer: Answer, wanted: type[TelegramError]
) -> None:
    error = error_of(answer)
    assert type(error) is wanted
    assert TOKEN not in repr(error) + str(error.__cause__) + str(error.__context__)
