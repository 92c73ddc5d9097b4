"""Where Telegram is strict, so is the pretend one."""

import asyncio
from typing import Any

import httpx
import pytest
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaAudio,
    InputMediaVideo,
    ReplyKeyboardMarkup,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken

from bot.simulator.client import Person, World
from tests.simulator.conftest import OpenBot


def call(world: World, method: str, **params: Any) -> dict[str, Any]:
    url = f"{world.api_url}/bot{world.token}/{method}"
    told: dict[str, Any] = httpx.post(url, json=params, trust_env=False).json()
    return told


def send(world: World, person: Person, text: str, **more: Any) -> dict[str, Any]:
    return call(world, "sendMessage", chat_id=person.id, text=text, **more)


def buttons(*data: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "Bấm", "callback_data": one} for one in data]]}


def test_a_formatted_text_arrives_as_text_and_entities(world: World, an: Person) -> None:
    text = (
        'Chào <b>đồng chí 😀 <i>An</i></b> &lt;3 <a href="https://example.org/?a=1&amp;b=2">xem</a>'
    )
    result = send(world, an, text, parse_mode="HTML")["result"]
    assert result["text"] == "Chào đồng chí 😀 An <3 xem"
    assert [(e["type"], e["offset"], e["length"]) for e in result["entities"]] == [
        ("bold", 5, 14),
        ("italic", 17, 2),
        ("text_link", 23, 3),
    ]
    assert an.last.html == (
        'Chào <b>đồng chí 😀 <i>An</i></b> &lt;3 <a href="https://example.org/?a=1&amp;b=2">xem</a>'
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("<h1>A</h1>", 'Unsupported start tag "h1" at byte offset 0'),
        ("ốm < 5", 'Unsupported start tag "" at byte offset 5'),
        ("<b>A", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>A</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("A</b>", "Unexpected end tag at byte offset 1"),
        ("<span>A</span>", 'Tag "span" must have class "tg-spoiler"'),
    ],
)
def test_a_broken_tag_is_refused_with_telegrams_words(
    world: World, an: Person, text: str, complaint: str
) -> None:
    told = send(world, an, text, parse_mode="HTML")
    assert told["error_code"] == 400
    assert told["description"] == f"Bad Request: can't parse entities: {complaint}"


def test_a_text_may_have_4096_units_and_no_more(world: World, an: Person) -> None:
    assert send(world, an, "ố" * 4096)["ok"]
    assert send(world, an, "😀" * 2049)["description"] == "Bad Request: message is too long"
    assert send(world, an, " \n ")["description"] == "Bad Request: message text is empty"
    assert send(world, an, "<b></b>", parse_mode="HTML")["error_code"] == 400


def test_a_button_carries_64_bytes_and_no_more(world: World, an: Person) -> None:
    assert send(world, an, "a", reply_markup=buttons("x" * 64))["ok"]
    for data in ("x" * 65, "ố" * 22, ""):
        told = send(world, an, "a", reply_markup=buttons(data))
        assert told["description"] == "Bad Request: BUTTON_DATA_INVALID"
    told = send(world, an, "a", reply_markup={"inline_keyboard": [[{"text": "only"}]]})
    assert "Text buttons are unallowed" in told["description"]


async def _edit_twice(bot: OpenBot, chat_id: int) -> None:
    async with bot() as telegram:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Bấm", callback_data="a:1")]])
        sent = await telegram.send_message(chat_id, "một", reply_markup=keyboard)
        with pytest.raises(BadRequest, match="Message is not modified"):
            await telegram.edit_message_text("một", chat_id, sent.message_id, reply_markup=keyboard)
        await telegram.edit_message_text("hai", chat_id, sent.message_id)
        with pytest.raises(BadRequest, match="Message to edit not found"):
            await telegram.edit_message_text("ba", chat_id, 999)
        assert await telegram.delete_message(chat_id, sent.message_id)
        with pytest.raises(BadRequest, match="Message to delete not found"):
            await telegram.delete_message(chat_id, sent.message_id)


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("https://t.me/chibo_bot?start=a", True),
        ("tg://user?id=1", True),
        ("t.me/chibo_bot", True),
        ("http://127.0.0.1:8080/w/1", True),
        ("notaurl", False),
        ("https://", False),
        ("javascript:alert(1)", False),
        ("https://một câu", False),
    ],
)
def test_a_button_leads_to_an_address_or_nowhere(
    world: World, an: Person, url: str, right: bool
) -> None:
    markup = {"inline_keyboard": [[{"text": "Mở", "url": url}]]}
    told = send(world, an, "a", reply_markup=markup)
    assert told["ok"] is right
    assert right or "is invalid: Wrong HTTP URL" in told["description"]


@pytest.mark.parametrize("secret", ["x" * 257, "có dấu", "a b"])
def test_a_webhook_takes_no_strange_secret(world: World, secret: str) -> None:
    told = call(world, "setWebhook", url="http://127.0.0.1:1/t", secret_token=secret)
    assert told["error_code"] == 400
    assert call(world, "getWebhookInfo")["result"]["url"] == ""


def test_an_edit_that_changes_nothing_is_refused(bot: OpenBot, an: Person) -> None:
    asyncio.run(_edit_twice(bot, an.id))


def test_a_message_with_a_reply_keyboard_cannot_be_edited(bot: OpenBot, an: Person) -> None:
    async def run() -> None:
        async with bot() as telegram:
            keyboard = ReplyKeyboardMarkup([["Lịch họp", "Học tập"]])
            sent = await telegram.send_message(an.id, "một", reply_markup=keyboard)
            with pytest.raises(BadRequest, match="can't be edited"):
                await sent.edit_text("hai")

    asyncio.run(run())
    assert an.keyboard == [["Lịch họp", "Học tập"]]


def test_who_cannot_be_written_to_is_told_apart(world: World, bot: OpenBot, an: Person) -> None:
    binh = world.person("Bình")

    async def run() -> None:
        async with bot() as telegram:
            with pytest.raises(Forbidden, match="initiate conversation"):
                await telegram.send_message(binh.id, "chào")
            with pytest.raises(BadRequest, match="Chat not found"):
                await telegram.send_message(4, "chào")
            an.block()
            with pytest.raises(Forbidden, match="blocked by the user"):
                await telegram.send_message(an.id, "chào")
            an.start()
            assert await telegram.send_message(an.id, "chào")
            an.deactivate()
            with pytest.raises(Forbidden, match="deactivated"):
                await telegram.send_message(an.id, "chào")

    asyncio.run(run())


def test_a_group_says_why_the_bot_may_not_write(world: World, bot: OpenBot, an: Person) -> None:
    group = world.group("Chi bộ 1", [an])

    async def run() -> None:
        async with bot() as telegram:
            group.add_bot(an)
            with pytest.raises(BadRequest, match="thread not found"):
                await telegram.send_message(group.id, "chào", message_thread_id=1)
            assert await telegram.send_message(group.id, "chào")
            group.silence_bot(an)
            with pytest.raises(BadRequest, match="Not enough rights"):
                await telegram.send_message(group.id, "chào")
            group.let_bot_speak(an)
            new = group.migrate()
            with pytest.raises(ChatMigrated) as moved:
                await telegram.send_message(group.id, "chào")
            assert moved.value.new_chat_id == new.id
            assert await telegram.send_message(new.id, "chào")
            new.kick_bot(an)
            with pytest.raises(Forbidden, match="kicked"):
                await telegram.send_message(new.id, "chào")

    asyncio.run(run())


def test_a_wrong_token_is_refused(world: World) -> None:
    from telegram import Bot

    async def run() -> None:
        with pytest.raises(InvalidToken):
            await Bot("123:wrong", base_url=f"{world.api_url}/bot").get_me()

    asyncio.run(run())


def test_an_unknown_method_is_refused_by_name(world: World) -> None:
    told = call(world, "sendDice", chat_id=1)
    assert told["error_code"] == 400
    assert told["description"] == "Bad Request: method sendDice is not known to the simulator"


def test_a_press_is_answered_once_and_not_too_late(world: World, an: Person) -> None:
    send(world, an, "a", reply_markup=buttons("a:1"))
    press = an.press("Bấm", wait=False)
    assert not press.answered
    long = call(world, "answerCallbackQuery", callback_query_id=press.query_id, text="x" * 201)
    assert long["error_code"] == 400
    assert call(world, "answerCallbackQuery", callback_query_id=press.query_id, text="Đã ghi")["ok"]
    assert world.answer(press).text == "Đã ghi"
    again = call(world, "answerCallbackQuery", callback_query_id=press.query_id)
    assert "query is too old" in again["description"]
    late = an.press("Bấm", wait=False)
    world.advance(seconds=151)
    told = call(world, "answerCallbackQuery", callback_query_id=late.query_id)
    assert "query is too old" in told["description"]


def test_a_file_goes_both_ways_and_again_by_its_id(world: World, bot: OpenBot, an: Person) -> None:
    async def run() -> None:
        async with bot() as telegram:
            sent = await telegram.send_document(an.id, b"hello", filename="báo cáo.txt")
            assert sent.document is not None
            again = await telegram.send_document(an.id, sent.document.file_id, caption="lại")
            assert again.document is not None
            assert again.document.file_name == "báo cáo.txt"
            an.send_document("danh sách.csv", b"a;b", caption="đây")
            updates = await telegram.get_updates()
            document = updates[-1].message.document
            assert bytes(await (await document.get_file()).download_as_bytearray()) == b"a;b"
            an.send_document("to.xlsx", b"x", size=21 * 1024 * 1024)
            big = (await telegram.get_updates())[-1].message.document
            with pytest.raises(BadRequest, match="File is too big"):
                await big.get_file()

    asyncio.run(run())
    received = next(m.document for m in reversed(an.messages()) if m.from_bot)
    assert received is not None
    assert received.read() == b"hello"


def test_a_photo_is_sent_again_as_a_photo_and_as_nothing_else(
    world: World, bot: OpenBot, an: Person
) -> None:
    async def run() -> None:
        async with bot() as telegram:
            an.send_photo(b"\x89PNG\r\n\x1a\n", caption="sơ đồ")
            message = (await telegram.get_updates())[-1].message
            assert message.document is None and message.caption == "sơ đồ"
            photo = message.photo[-1].file_id
            again = await telegram.send_photo(an.id, photo)
            assert again.photo[-1].file_id == photo
            with pytest.raises(BadRequest, match="Type of file mismatch"):
                await telegram.send_document(an.id, photo)
            an.send_document("a.txt", b"a")
            document = (await telegram.get_updates())[-1].message.document
            with pytest.raises(BadRequest, match="Type of file mismatch"):
                await telegram.send_photo(an.id, document.file_id)

    asyncio.run(run())


def test_commands_are_kept_per_scope_and_language(world: World, an: Person) -> None:
    menu = [{"command": "lich", "description": "Lịch họp"}]
    own = [{"command": "quanly", "description": "Quản lý"}]
    assert call(world, "setMyCommands", commands=menu, scope={"type": "all_private_chats"})["ok"]
    assert an.menu == ["lich"]
    scope = {"type": "chat", "chat_id": an.id}
    assert call(world, "setMyCommands", commands=own, scope=scope, language_code="vi")["ok"]
    assert an.menu == ["quanly"]
    bad = [{"command": "Lịch", "description": "x"}]
    assert call(world, "setMyCommands", commands=bad)["description"].endswith("COMMAND_INVALID")
    assert call(world, "deleteMyCommands", scope=scope, language_code="vi")["ok"]
    assert an.menu == ["lich"]


def test_the_bot_learns_what_telegram_knows_of_chats_and_members(
    world: World, bot: OpenBot, an: Person
) -> None:
    binh = world.person("Bình")
    group = world.group("Chi bộ 1", [an, binh])
    group.add_bot(an, admin=True)

    async def run() -> None:
        async with bot() as telegram:
            me = await telegram.get_me()
            assert me.username == "chibo_demo_bot"
            assert (await telegram.get_chat(group.id)).title == "Chi bộ 1"
            assert (await telegram.get_chat_member(group.id, binh.id)).status == "member"
            assert (await telegram.get_chat_member(group.id, me.id)).status == "administrator"
            chiefs = await telegram.get_chat_administrators(group.id)
            assert [chief.user.id for chief in chiefs] == [an.id]
            assert await telegram.get_chat_member_count(group.id) == 3
            card = await telegram.send_message(group.id, "thẻ")
            assert await card.pin()
            assert (await telegram.get_chat(group.id)).pinned_message == card
            assert await card.unpin()
            assert await card.set_reaction("👍")
            assert await telegram.leave_chat(group.id)

    asyncio.run(run())
    assert group.bot_status == "left"
    assert group.last.service == "pinned_message"


@pytest.mark.parametrize("kind", ["voice", "audio", "video"])
def test_what_is_heard_or_seen_is_sent_anew_and_again_as_what_it_is(
    world: World, bot: OpenBot, an: Person, kind: str
) -> None:
    async def run() -> None:
        async with bot() as telegram:
            send_it = getattr(telegram, f"send_{kind}")
            sent = await send_it(
                an.id, b"sound", caption="<b>Bài</b> 1", parse_mode="HTML", duration=42
            )
            first = getattr(sent, kind)
            assert first.duration == 42
            assert sent.document is None and sent.caption == "Bài 1"
            again = getattr(await send_it(an.id, first.file_id), kind)
            assert (again.file_id, again.duration) == (first.file_id, first.duration)
            assert bytes(await (await again.get_file()).download_as_bytearray()) == b"sound"
            with pytest.raises(BadRequest, match="Type of file mismatch"):
                await telegram.send_document(an.id, first.file_id)
            document = (await telegram.send_document(an.id, b"a", filename="a.txt")).document
            assert document is not None
            with pytest.raises(BadRequest, match="Type of file mismatch"):
                await send_it(an.id, document.file_id)
            with pytest.raises(BadRequest, match="caption is too long"):
                await send_it(an.id, first.file_id, caption="ố" * 1025)

    asyncio.run(run())
    received = [m.document for m in an.messages() if m.document and m.document.kind == kind]
    assert [(one.duration, one.read()) for one in received] == [(42, b"sound")] * 2


def test_people_speak_and_film_and_the_bot_gets_what_it_is(
    world: World, bot: OpenBot, an: Person
) -> None:
    async def run() -> None:
        async with bot() as telegram:
            an.send_voice(b"OggS", duration=7, caption="câu hỏi")
            an.send_audio("hát.mp3", b"ID3", duration=180, title="Quê hương", performer="Tổ 1")
            an.send_video("lễ.mp4", b"film", duration=30, size=21 * 1024 * 1024)
            *_, voice, audio, video = [u.message for u in await telegram.get_updates()]
            assert voice is not None and voice.voice is not None and voice.caption == "câu hỏi"
            assert voice.voice.mime_type == "audio/ogg"
            heard = await (await voice.voice.get_file()).download_as_bytearray()
            assert bytes(heard) == b"OggS"
            assert audio is not None and audio.audio is not None
            assert (audio.audio.file_name, audio.audio.title) == ("hát.mp3", "Quê hương")
            assert video is not None and video.video is not None
            assert video.video.mime_type == "video/mp4"
            with pytest.raises(BadRequest, match="File is too big"):
                await video.video.get_file()

    asyncio.run(run())


def test_a_silenced_bot_is_told_what_it_may_not_send(world: World, an: Person) -> None:
    group = world.group("Chi bộ 1", [an])
    group.add_bot(an)
    group.silence_bot(an)
    for method, what in (("Voice", "voice notes"), ("Audio", "music"), ("Video", "videos")):
        told = call(world, f"send{method}", chat_id=group.id, **{method.lower(): "x"})
        reason = f"not enough rights to send {what} to the chat"
        assert told["description"] == f"Bad Request: {reason}"


def test_an_album_holds_films_and_music_but_no_voices(
    world: World, bot: OpenBot, an: Person
) -> None:
    async def run() -> None:
        async with bot() as telegram:
            film, song = InputMediaVideo(b"film"), InputMediaAudio(b"song", title="Hát")
            one, two = await telegram.send_media_group(an.id, [film, song])
            assert one.video is not None and two.audio is not None and two.audio.title == "Hát"

    asyncio.run(run())
    media = [{"type": "voice", "media": "x"}] * 2
    told = call(world, "sendMediaGroup", chat_id=an.id, media=media)
    assert told["description"] == "Bad Request: wrong media type"
