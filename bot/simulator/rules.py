"""What Telegram refuses: chats it may not write to, texts, captions and keyboards."""

import re

from bot.simulator.entities import Entity, detect, parse_html, trim, units
from bot.simulator.errors import bad_request, forbidden
from bot.simulator.params import Params
from bot.simulator.state import Chat, Json, Message
from bot.simulator.world import World

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
MARKUP_BYTES = 10_000
BUTTONS = 100
BUTTON_KINDS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "pay",
)
# A host with a dot, an address, or this machine; or one of Telegram's own links.
_URL = re.compile(
    r"^(?:tg://\S+|(?:https?://)?(?:[^\s/:@]+\.[^\s/:@.]{2,}|[\d.]+|localhost)(?::\d+)?(?:[/?#]\S*)?)$",
    re.I,
)


# Chats


def known_chat(world: World, params: Params) -> Chat:
    """The chat that a request names, as far as the bot has ever met it."""
    chat_id = params.chat_id()
    chat = world.chats.get(chat_id)
    if chat is None or (not chat.is_private and chat.bot_status == "left" and not chat.messages):
        raise bad_request("chat not found")
    return chat


def writable_chat(world: World, params: Params, what: str = "text messages") -> Chat:
    """The chat that a request names, if the bot may send this there."""
    chat = known_chat(world, params)
    if chat.migrated_to is not None:
        raise bad_request(
            "group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to
        )
    if chat.is_private:
        user = world.users[chat.id]
        if user.deactivated:
            raise forbidden("user is deactivated")
        if user.blocked:
            raise forbidden("bot was blocked by the user")
        if not user.started:
            raise forbidden("bot can't initiate conversation with a user")
    elif not chat.bot_is_in:
        kind = "supergroup" if chat.kind == "supergroup" else "group"
        was = "was kicked from" if chat.bot_status == "kicked" else "is not a member of"
        raise forbidden(f"bot {was} the {kind} chat")
    elif chat.bot_status == "restricted":
        raise bad_request(f"not enough rights to send {what} to the chat")
    if params.number("message_thread_id"):
        raise bad_request("message thread not found")
    return chat


def own_message(chat: Chat, params: Params) -> Message:
    message = chat.messages.get(params.need_number("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if not message.by_bot or message.keyboard is not None:
        raise bad_request("message can't be edited")
    return message


def reply_target(world: World, chat: Chat, params: Params) -> Json | None:
    """The message replied to, as it is shown inside the new one (without its own reply)."""
    reply = params.thing("reply_parameters")
    wanted = reply.get("message_id") if isinstance(reply, dict) else None
    wanted = wanted or params.number("reply_to_message_id")
    if not wanted:
        return None
    message = chat.messages.get(int(wanted))
    if message is None:
        lenient = isinstance(reply, dict) and reply.get("allow_sending_without_reply")
        if lenient or params.flag("allow_sending_without_reply"):
            return None
        raise bad_request("message to be replied not found")
    return quoted(message)


def quoted(message: Message) -> Json:
    return {key: value for key, value in message.api.items() if key != "reply_to_message"}


# Texts


def formatted(
    world: World, params: Params, name: str, *, limit: int, entities_name: str
) -> tuple[str, list[Entity]]:
    """A text with its entities, or Telegram's refusal; empty only for captions."""
    source = params.text(name)
    mode = params.text("parse_mode").lower()
    if mode == "html":
        text, entities = parse_html(source)
    elif mode:
        raise bad_request("unsupported parse_mode")
    else:
        given = params.thing(entities_name)
        text, entities = source, list(given) if isinstance(given, list) else []
    text, entities = trim(text, entities)
    too_long = "message is too long" if name == "text" else "message caption is too long"
    if units(text) > limit:
        raise bad_request(too_long)
    if not text and name == "text":
        raise bad_request("message text is empty")
    return text, detect(text, _people_known(world, entities))


def _people_known(world: World, entities: list[Entity]) -> list[Entity]:
    known = []
    for entity in entities:
        if entity["type"] == "text_mention":
            user = world.users.get(int(entity["user"]["id"]))
            if user is None:
                continue
            entity = {**entity, "user": user.api()}
        known.append(entity)
    return known


def text_fields(world: World, params: Params) -> Json:
    text, entities = formatted(world, params, "text", limit=TEXT_LIMIT, entities_name="entities")
    fields: Json = {"text": text}
    if entities:
        fields["entities"] = entities
    return fields


def caption_fields(world: World, params: Params) -> Json:
    text, entities = formatted(
        world, params, "caption", limit=CAPTION_LIMIT, entities_name="caption_entities"
    )
    fields: Json = {"caption": text} if text else {}
    if entities:
        fields["caption_entities"] = entities
    return fields


# Keyboards


def markup(params: Params, *, only_inline: bool = False) -> tuple[Json | None, Json | None]:
    """(inline keyboard, other keyboard) of a request; at most one of them."""
    given = params.thing("reply_markup")
    if given is None or given == "":
        return None, None
    if not isinstance(given, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in given:
        rows = _rows(given["inline_keyboard"], "inline_keyboard")
        keyboard = [[_inline_button(button) for button in row] for row in rows if row]
        return ({"inline_keyboard": keyboard} if keyboard else None), None
    if not given:
        return None, None
    if only_inline:
        raise bad_request("inline keyboard expected")
    if "keyboard" in given:
        rows = _rows(given["keyboard"], "keyboard")
        if not any(rows):
            raise bad_request("reply keyboard must be non-empty")
        return None, {**given, "keyboard": [[_reply_button(b) for b in row] for row in rows if row]}
    if given.get("remove_keyboard") is True or given.get("force_reply") is True:
        return None, given
    raise bad_request("can't parse reply keyboard markup JSON object")


def _rows(rows: object, field: str) -> list[list[object]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{field}" must be of type Array')
    if sum(len(row) for row in rows) > BUTTONS or len(str(rows).encode()) > 4 * MARKUP_BYTES:
        raise bad_request("reply markup is too long")
    return rows


def _label(button: Json) -> str:
    label = button.get("text")
    if not isinstance(label, str) or not label.strip():
        raise bad_request("can't parse keyboard button: button text must be non-empty")
    return label


def _inline_button(button: object) -> Json:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: expected an Object")
    _label(button)
    kinds = [kind for kind in BUTTON_KINDS if kind in button]
    if len(kinds) != 1:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if kinds == ["callback_data"]:
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= 64:
            raise bad_request("BUTTON_DATA_INVALID")
    if kinds == ["url"] and not _URL.match(str(button["url"])):
        raise bad_request(
            f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL"
        )
    return dict(button)


def _reply_button(button: object) -> Json:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict):
        raise bad_request("can't parse keyboard button: expected an Object")
    _label(button)
    return dict(button)
