"""What people do: start, write, press, vote, block, join and leave; each with its updates.

The functions return the new message or press, so that the control API can tell of it.
"""

from collections.abc import Sequence
from typing import Any

from bot.simulator.entities import detect
from bot.simulator.errors import bad_request
from bot.simulator.methods.chats import bot_member
from bot.simulator.methods.media import shown
from bot.simulator.rules import quoted
from bot.simulator.state import ANONYMOUS_ADMIN, Chat, Json, Message, Press, User
from bot.simulator.world import World


def find_user(world: World, user_id: int) -> User:
    user = world.users.get(user_id)
    if user is None:
        raise bad_request(f"nobody here has the id {user_id}")
    return user


def find_chat(world: World, chat_id: int) -> Chat:
    chat = world.chats.get(chat_id)
    if chat is None:
        raise bad_request(f"there is no chat {chat_id}")
    return chat


def find_message(chat: Chat, message_id: int) -> Message:
    message = chat.messages.get(message_id)
    if message is None:
        raise bad_request(f"there is no message {message_id} in this chat")
    return message


# Writing


def say(world: World, user: User, chat: Chat, fields: Json, reply_to: int | None = None) -> Message:
    """A person sends a message: any fields of the Bot API's Message."""
    if chat.is_private:
        if chat.id != user.id:
            raise bad_request(f"{user.name} cannot write into somebody else's private chat")
        unblock(world, user)
        user.started = True
    elif user.id not in chat.members:
        raise bad_request(f"{user.name} is not in {chat.title}")
    return _post_and_tell(world, chat, user, fields, reply_to)


def say_anonymously(world: World, chat: Chat, fields: Json, reply_to: int | None) -> Message:
    """An administrator who hides behind the group: Telegram shows its stand-in."""
    stand_in = User(ANONYMOUS_ADMIN, "Group", username="GroupAnonymousBot", is_bot=True)
    fields = {"sender_chat": world.chat_api(chat), **fields}
    return _post_and_tell(world, chat, stand_in, fields, reply_to)


def _post_and_tell(
    world: World, chat: Chat, sender: User, fields: Json, reply_to: int | None
) -> Message:
    if reply_to is not None:
        fields = {"reply_to_message": quoted(find_message(chat, reply_to)), **fields}
    for text, entities in (("text", "entities"), ("caption", "caption_entities")):
        if text in fields and entities not in fields:
            found = detect(fields[text], [])
            if found:
                fields = {**fields, entities: found}
    message = world.post(chat, sender, fields)
    tell(world, chat, message)
    return message


def tell(world: World, chat: Chat, message: Message, kind: str = "message") -> None:
    if world.reads(chat, message):
        world.updates.add(kind, message.api, lane=chat.id)


def edit(world: World, user: User, chat: Chat, message_id: int, text: str) -> Message:
    message = find_message(chat, message_id)
    if message.api.get("from", {}).get("id") != user.id:
        raise bad_request("people edit their own messages only")
    field = "text" if "text" in message.api else "caption"
    message.api = {**message.api, field: text, "edit_date": world.clock.timestamp()}
    message.api["entities" if field == "text" else "caption_entities"] = detect(text, [])
    world.changed(chat, message)
    tell(world, chat, message, "edited_message")
    return message


def attached(world: World, file_id: str, caption: str, kind: str, facts: Json) -> Json:
    """What the app makes of an uploaded file; unless it is a document, another file."""
    file = world.files.by_id(file_id)
    if file is None:
        raise bad_request(f"there is no file {file_id}")
    if kind != "document":
        name = "photo.jpg" if kind == "photo" else file.name
        file = world.files.add(name, file.data, file.mime, file.size, kind, facts)
    fields = shown(file)
    if kind == "document" and file.mime.startswith("image/"):
        fields["document"]["thumbnail"] = {
            "file_id": file.id,
            "file_unique_id": file.unique_id,
            "width": 90,
            "height": 90,
        }
    return {**fields, "caption": caption} if caption else fields


# Pressing


def button_named(chat: Chat, label: str, message_id: int | None) -> tuple[Message, Json]:
    """The newest message that has a button with this label, and the button."""
    if message_id is not None:
        messages = [find_message(chat, message_id)]
    else:
        messages = list(reversed(chat.messages.values()))
    for message in messages:
        for row in message.api.get("reply_markup", {}).get("inline_keyboard", []):
            for button in row:
                if button["text"] == label:
                    return message, button
    raise bad_request(f"there is no button [{label}] here")


def _must_see(user: User, chat: Chat) -> None:
    if chat.is_private and chat.id != user.id:
        raise bad_request(f"{user.name} does not see this chat")
    if not chat.is_private and user.id not in chat.members:
        raise bad_request(f"{user.name} is not in {chat.title}")


def vote(
    world: World, user: User, chat: Chat, message: Message, options: Sequence[int | str]
) -> None:
    """Vote in a poll for options by number or by text; for none, to take one's vote back."""
    _must_see(user, chat)
    poll = world.poll_of(message)
    if poll is None:
        raise bad_request(f"message {message.id} is no poll")
    numbers = []
    for option in options:
        number = poll.options.index(option) if option in poll.options else option
        if not isinstance(number, int) or not 0 <= number < len(poll.options):
            raise bad_request(f"there is no option {option!r} in this poll")
        numbers.append(number)
    world.polls.vote(user, poll, numbers)


def press(world: World, user: User, chat: Chat, message: Message, data: str) -> Press:
    _must_see(user, chat)
    if chat.is_private:
        unblock(world, user)
    made = world.press(user, chat, message.id, data)
    query: Json = {
        "id": made.id,
        "from": user.api(),
        "message": message.api,
        "chat_instance": str(abs(hash((world.id, chat.id)))),
        "data": data,
    }
    world.updates.add("callback_query", query, lane=user.id)
    return made


# Coming and going


def block(world: World, user: User) -> None:
    if not user.blocked:
        user.blocked = True
        _bot_status_changed(world, world.chats[user.id], user, "member", "kicked")


def unblock(world: World, user: User) -> None:
    if user.blocked:
        user.blocked = False
        _bot_status_changed(world, world.chats[user.id], user, "kicked", "member")


def _bot_status_changed(world: World, chat: Chat, by: User, old: str, new: str) -> None:
    change: Json = {
        "chat": world.chat_api(chat),
        "from": by.api(),
        "date": world.clock.timestamp(),
        "old_chat_member": bot_member(world, old),
        "new_chat_member": bot_member(world, new),
    }
    world.updates.add("my_chat_member", change, lane=chat.id)
    world.publish("people")


def add_bot(world: World, chat: Chat, by: User, *, admin: bool = False) -> None:
    old, new = chat.bot_status, "administrator" if admin else "member"
    was_in = chat.bot_is_in
    chat.bot_status = new
    if old != new:
        _bot_status_changed(world, chat, by, old, new)
    if not was_in:
        service(world, chat, by, {"new_chat_members": [world.bot.api()]})


def set_bot_status(world: World, chat: Chat, by: User, status: str) -> None:
    """Removed (kicked), silenced (restricted), promoted (administrator) or let speak (member)."""
    old, chat.bot_status = chat.bot_status, status
    if status == "kicked":
        world.post(chat, by, {"left_chat_member": world.bot.api()})
    if old != status:
        _bot_status_changed(world, chat, by, old, status)


def service(world: World, chat: Chat, by: User, fields: Json) -> Message:
    message = world.post(chat, by, fields)
    tell(world, chat, message)
    return message


def join(world: World, chat: Chat, user: User, by: User, status: str = "member") -> None:
    chat.members[user.id] = status
    service(world, chat, by, {"new_chat_members": [user.api()]})
    world.publish("people")


def leave(world: World, chat: Chat, user: User) -> None:
    chat.members.pop(user.id, None)
    service(world, chat, user, {"left_chat_member": user.api()})
    world.publish("people")


def rename(world: World, chat: Chat, by: User, title: str) -> None:
    chat.title = title
    service(world, chat, by, {"new_chat_title": title})
    world.publish("people")


def migrate(world: World, chat: Chat, *, new_first: bool = False) -> Chat:
    """The group becomes a supergroup; its two service messages may come in either order."""
    if chat.kind != "group" or chat.migrated_to is not None:
        raise bad_request("only a plain group becomes a supergroup")
    new = world.add_group(chat.title, supergroup=True)
    new.members, new.bot_status = dict(chat.members), chat.bot_status
    new.keyboard = chat.keyboard
    by = next((world.users[u] for u, s in chat.members.items() if s == "creator"), world.bot)
    told: list[tuple[Chat, Json]] = [
        (chat, {"migrate_to_chat_id": new.id}),
        (new, {"migrate_from_chat_id": chat.id}),
    ]
    for where, fields in reversed(told) if new_first else told:
        service(world, where, by, fields)
    chat.migrated_to = new.id
    world.publish("people")
    return new


def make_group(world: World, title: str, members: list[int], **more: Any) -> Chat:
    chat = world.add_group(title, **more)
    for number, user_id in enumerate(members):
        find_user(world, user_id)
        chat.members[user_id] = "member" if number else "creator"
    return chat
