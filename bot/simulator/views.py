"""Chats and messages as the page and the tests see them (the Bot API's own view is another)."""

from bot.simulator.entities import to_html
from bot.simulator.methods.profile import commands_for
from bot.simulator.polls import Poll
from bot.simulator.state import FILE_KINDS, Chat, Json, Message, User
from bot.simulator.world import SERVICE, World

NAMELESS = {"photo": "photo.png", "voice": "voice.ogg"}


def message_view(world: World, chat: Chat, message: Message, viewer: int | None = None) -> Json:
    """A message, in a group perhaps as this person sees it."""
    api = message.api
    field = "text" if "text" in api else "caption"
    text = api.get(field, "")
    entities = api.get("entities" if field == "text" else "caption_entities", [])
    sender = api.get("from")
    replied, poll = api.get("reply_to_message"), world.poll_of(message)
    return {
        "id": message.id,
        "chat_id": chat.id,
        "rev": message.rev,
        "date": api["date"],
        "edit_date": api.get("edit_date"),
        "from_id": sender["id"] if sender else chat.id,
        "from_name": _name(world, sender) if sender else chat.title,
        "from_bot": message.by_bot,
        "text": text,
        "html": to_html(text, entities),
        "buttons": api.get("reply_markup", {}).get("inline_keyboard", []),
        "keyboard": message.keyboard,
        "document": _file_view(world, api),
        "poll": _poll_view(poll, chat.id if chat.is_private else viewer) if poll else None,
        "reply_to": _quote(world, replied) if replied else None,
        "service": next((key for key in SERVICE if key in api), None),
        "reactions": message.reactions,
        "deleted": message.deleted,
        "api": api,
    }


def _name(world: World, sender: Json) -> str:
    if sender["id"] == world.bot.id:
        return world.bot.name
    user = world.users.get(sender["id"])
    return user.name if user else str(sender["first_name"])


def _file_view(world: World, api: Json) -> Json | None:
    kind = next((kind for kind in FILE_KINDS if kind in api), None)
    if kind is None:
        return None
    told = api[kind][-1] if kind == "photo" else api[kind]
    file = world.files.by_id(told["file_id"])
    return {
        "file_id": told["file_id"],
        "kind": kind,
        "name": told.get("file_name") or NAMELESS.get(kind, kind),
        "title": " – ".join(told[key] for key in ("performer", "title") if key in told),
        "size": told.get("file_size", 0),
        "duration": told.get("duration"),
        "path": file.path if file else None,
    }


def _poll_view(poll: Poll, viewer: int | None) -> Json:
    return {
        "id": poll.id,
        "question": poll.question,
        "options": list(zip(poll.options, poll.counts(), strict=True)),
        "total": len(poll.votes),
        "closed": poll.closed,
        "anonymous": poll.anonymous,
        "multiple": poll.multiple,
        "revoting": poll.revoting,
        "quiz": poll.quiz,
        "right": poll.right,
        "explanation": poll.explanation,
        "explanation_html": to_html(poll.explanation, poll.explanation_entities),
        "chosen": poll.votes.get(viewer, []) if viewer else [],
    }


def _words(api: Json) -> str:
    """What a message says, in a line."""
    if "poll" in api:
        return str(api["poll"]["question"])
    return api.get("text") or api.get("caption") or ""


def _quote(world: World, replied: Json) -> Json:
    text = _words(replied)
    sender = replied.get("from")
    return {
        "id": replied["message_id"],
        "text": text[:120],
        "from_name": _name(world, sender) if sender else "",
    }


def user_view(user: User) -> Json:
    return {
        "id": user.id,
        "name": user.name,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "username": user.username,
        "language": user.language,
        "note": user.note,
        "started": user.started,
        "blocked": user.blocked,
        "deactivated": user.deactivated,
    }


def chat_view(world: World, chat: Chat) -> Json:
    last = next(reversed(chat.messages.values()), None)
    return {
        "id": chat.id,
        "kind": chat.kind,
        "title": world.bot.name if chat.is_private else chat.title,
        "members": list(chat.members),
        "bot_status": chat.bot_status,
        "migrated_to": chat.migrated_to,
        "pinned": chat.pinned,
        "last": _preview(world, last) if last else None,
        "rev": chat.news,
    }


def _preview(world: World, message: Message) -> Json:
    api = message.api
    file = _file_view(world, api)
    text = _words(api) or (file["name"] if file else "")
    return {"date": api["date"], "text": text[:80], "from_bot": message.by_bot}


def chats_of(world: World, user: User) -> list[Chat]:
    groups = [
        chat
        for chat in world.chats.values()
        if user.id in chat.members and chat.migrated_to is None
    ]
    return [world.chats[user.id], *groups]


def menu_view(world: World, user: User, chat: Chat) -> list[Json]:
    return commands_for(world, user, chat) if chat.is_private or chat.bot_is_in else []


def world_view(world: World) -> Json:
    return {
        "id": world.id,
        "token": world.token,
        "now": world.clock.now().isoformat(),
        "bot": user_view(world.bot),
        "intro": world.intro,
        "pending": len(world.updates),
        "rev": world.rev,
        "flood": world.flood.on,
        "paused": world.trouble.paused,
        "faults": [fault.how or "delay" for fault in world.trouble.faults],
    }
