"""Chats and their members, pins, and leaving."""

from bot.simulator import rules
from bot.simulator.errors import bad_request
from bot.simulator.methods.registry import method
from bot.simulator.params import Params
from bot.simulator.state import Chat, Json, User
from bot.simulator.world import World

RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
)
ALLOWANCES = (
    "is_member",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_edit_tag",
    "can_react_to_messages",
    "can_manage_topics",
    "can_send_messages",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
)


def member_api(user: User, status: str) -> Json:
    told: Json = {"status": status, "user": user.api()}
    if status == "creator":
        told["is_anonymous"] = False
    elif status == "administrator":
        told |= {right: right != "is_anonymous" for right in RIGHTS}
    elif status == "restricted":
        told |= {right: right == "is_member" for right in ALLOWANCES} | {"until_date": 0}
    elif status == "kicked":
        told["until_date"] = 0
    return told


def bot_member(world: World, status: str) -> Json:
    return member_api(world.bot, status)


def _group(world: World, params: Params) -> Chat:
    chat = rules.known_chat(world, params)
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    if not chat.bot_is_in:
        rules.writable_chat(world, params)
    return chat


@method()
def get_chat(world: World, params: Params) -> Json:
    chat = rules.known_chat(world, params)
    if chat.is_private and not world.users[chat.id].started:
        raise bad_request("chat not found")
    if not chat.is_private and not chat.bot_is_in:
        rules.writable_chat(world, params)
    told = world.chat_api(chat)
    told["accent_color_id"] = abs(chat.id) % 7
    told["max_reaction_count"] = 11
    told["accepted_gift_types"] = dict.fromkeys(
        (
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        ),
        False,
    )
    if chat.pinned and chat.pinned[-1] in chat.messages:
        told["pinned_message"] = rules.quoted(chat.messages[chat.pinned[-1]])
    return told


@method()
def get_chat_member(world: World, params: Params) -> Json:
    chat = rules.known_chat(world, params)
    user_id = params.need_number("user_id")
    if user_id == world.bot.id:
        return bot_member(world, "member" if chat.is_private else chat.bot_status)
    user = world.users.get(user_id)
    if user is None:
        raise bad_request("invalid user_id specified")
    if not chat.is_private and not chat.bot_is_in:
        rules.writable_chat(world, params)
    absent = "member" if chat.id == user_id else "left"
    return member_api(user, chat.members.get(user_id, absent))


@method()
def get_chat_administrators(world: World, params: Params) -> list[Json]:
    chat = _group(world, params)
    return [
        member_api(world.users[user_id], status)
        for user_id, status in chat.members.items()
        if status in ("creator", "administrator")
    ]


@method()
def get_chat_member_count(world: World, params: Params) -> int:
    chat = rules.known_chat(world, params)
    return 2 if chat.is_private else len(chat.members) + chat.bot_is_in


@method()
def leave_chat(world: World, params: Params) -> bool:
    chat = _group(world, params)
    chat.bot_status = "left"
    world.publish("people")
    return True


@method()
def pin_chat_message(world: World, params: Params) -> bool:
    chat = _pinning(world, params)
    message = chat.messages.get(params.need_number("message_id"))
    if message is None:
        raise bad_request("message to pin not found")
    if message.id not in chat.pinned:
        chat.pinned.append(message.id)
        world.post(chat, world.bot, {"pinned_message": rules.quoted(message)}, by_bot=True)
    return True


@method()
def unpin_chat_message(world: World, params: Params) -> bool:
    chat = _pinning(world, params)
    wanted = params.number("message_id")
    if wanted is None:
        wanted = chat.pinned[-1] if chat.pinned else None
    if wanted not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(wanted)
    world.publish("people")
    return True


@method()
def unpin_all_chat_messages(world: World, params: Params) -> bool:
    _pinning(world, params).pinned.clear()
    return True


def _pinning(world: World, params: Params) -> Chat:
    chat = rules.writable_chat(world, params)
    if not chat.is_private and chat.bot_status != "administrator":
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat
