"""Sending, editing and deleting texts, and answering presses."""

from bot.simulator import rules
from bot.simulator.entities import units
from bot.simulator.errors import bad_request
from bot.simulator.methods.registry import method
from bot.simulator.params import Params
from bot.simulator.state import Chat, Json, Message
from bot.simulator.updates import PRESS_LIFETIME
from bot.simulator.world import World

TWO_DAYS = 172_800
ANSWER_LIMIT = 200
CONTENT = ("text", "entities", "caption", "caption_entities", "reply_markup", "photo")
ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


def send(world: World, params: Params, chat: Chat, content: Json) -> Json:
    """What all sending has in common: the reply, the keyboard, the new message."""
    inline, keyboard = rules.markup(params)
    replied = rules.reply_target(world, chat, params)
    fields = dict(content)
    if replied is not None:
        fields["reply_to_message"] = replied
    if params.flag("protect_content"):
        fields["has_protected_content"] = True
    if inline is not None:
        fields["reply_markup"] = inline
    message = world.post(chat, world.bot, fields, by_bot=True)
    if keyboard is not None:
        message.keyboard = keyboard
        chat.keyboard = keyboard if "keyboard" in keyboard else None
    return message.api


def edit(world: World, chat: Chat, message: Message, content: Json, inline: Json | None) -> Json:
    """Replace what may be edited; refuse when nothing would change."""
    if inline is not None:
        content = {**content, "reply_markup": inline}
    present = {key: message.api[key] for key in CONTENT if key in message.api}
    if present == content:
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly "
            "the same as a current content and reply markup of the message"
        )
    api = {key: value for key, value in message.api.items() if key not in CONTENT}
    message.api = {**api, "edit_date": world.clock.timestamp(), **content}
    world.changed(chat, message)
    return message.api


@method(counted=True)
def send_message(world: World, params: Params) -> Json:
    chat = rules.writable_chat(world, params)
    return send(world, params, chat, rules.text_fields(world, params))


@method(counted=True)
def edit_message_text(world: World, params: Params) -> Json:
    chat = rules.writable_chat(world, params)
    content = rules.text_fields(world, params)
    message = rules.own_message(chat, params)
    if "text" not in message.api:
        raise bad_request("there is no text in the message to edit")
    inline, _ = rules.markup(params, only_inline=True)
    return edit(world, chat, message, content, inline)


@method(counted=True)
def edit_message_caption(world: World, params: Params) -> Json:
    chat = rules.writable_chat(world, params)
    content = rules.caption_fields(world, params)
    message = rules.own_message(chat, params)
    if "text" in message.api or "poll" in message.api:
        raise bad_request("there is no caption in the message to edit")
    if "photo" in message.api:
        content = {"photo": message.api["photo"], **content}
    inline, _ = rules.markup(params, only_inline=True)
    return edit(world, chat, message, content, inline)


@method(counted=True)
def edit_message_reply_markup(world: World, params: Params) -> Json:
    chat = rules.writable_chat(world, params)
    message = rules.own_message(chat, params)
    inline, _ = rules.markup(params, only_inline=True)
    kept = {key: message.api[key] for key in CONTENT if key in message.api}
    kept.pop("reply_markup", None)
    return edit(world, chat, message, kept, inline)


@method()
def delete_message(world: World, params: Params) -> bool:
    chat = rules.known_chat(world, params)
    _delete(world, chat, params.need_number("message_id"))
    return True


@method()
def delete_messages(world: World, params: Params) -> bool:
    chat = rules.known_chat(world, params)
    wanted = params.thing("message_ids")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= 100:
        raise bad_request("message identifiers are not specified")
    for message_id in wanted:
        if int(message_id) in chat.messages:
            _delete(world, chat, int(message_id))
    return True


def _delete(world: World, chat: Chat, message_id: int) -> None:
    message = chat.messages.get(message_id)
    if message is None:
        raise bad_request("message to delete not found")
    if world.clock.timestamp() - message.api["date"] > TWO_DAYS:
        raise bad_request("message can't be deleted for everyone")
    may = message.by_bot or chat.is_private or chat.bot_status == "administrator"
    if not may or not (chat.is_private or chat.bot_is_in):
        raise bad_request("message can't be deleted")
    world.delete(chat, message)


@method()
def answer_callback_query(world: World, params: Params) -> bool:
    text = params.text("text")
    if units(text) > ANSWER_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    press = world.presses.get(params.text("callback_query_id"))
    if (
        press is None
        or press.answered.is_set()
        or world.clock.timestamp() - press.at > PRESS_LIFETIME
    ):
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    press.text, press.show_alert = text, params.flag("show_alert")
    press.url = params.text("url")
    world.answered(press)
    return True


@method()
def send_chat_action(world: World, params: Params) -> bool:
    chat = rules.writable_chat(world, params)
    if params.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.publish("action", chat_id=chat.id, action=params.text("action"))
    return True


@method()
def set_message_reaction(world: World, params: Params) -> bool:
    chat = rules.writable_chat(world, params)
    message = chat.messages.get(params.need_number("message_id"))
    if message is None:
        raise bad_request("message to react not found")
    reactions = params.thing("reaction") or []
    if not isinstance(reactions, list) or len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    message.reactions = [str(reaction.get("emoji", "")) for reaction in reactions]
    world.changed(chat, message)
    return True
