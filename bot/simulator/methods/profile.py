"""The bot itself: who it is, its commands per scope and language, its texts."""

import re

from bot.simulator.errors import bad_request
from bot.simulator.methods.registry import method
from bot.simulator.params import Params
from bot.simulator.state import Chat, Json, User
from bot.simulator.world import World

COMMAND = re.compile(r"^[a-z0-9_]{1,32}$")
SCOPES = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


@method()
def get_me(world: World, params: Params) -> Json:
    return {
        **world.bot.api(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@method()
def log_out(world: World, params: Params) -> bool:
    return True


@method()
def close(world: World, params: Params) -> bool:
    return True


# Commands


def scope_key(scope: Json) -> str:
    kind = str(scope.get("type", ""))
    if kind not in SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    parts = [kind]
    for field in SCOPES[kind]:
        if field not in scope:
            raise bad_request(f'can\'t parse BotCommandScope: "{field}" is missing')
        parts.append(str(scope[field]))
    return ":".join(parts)


def _where(world: World, params: Params) -> tuple[str, str]:
    scope = params.thing("scope") or {"type": "default"}
    key = scope_key(scope)
    if "chat_id" in SCOPES[str(scope["type"])] and int(scope["chat_id"]) not in world.chats:
        raise bad_request("chat not found")
    language = params.text("language_code")
    if language and not re.fullmatch("[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    return key, language


@method()
def set_my_commands(world: World, params: Params) -> bool:
    commands = params.thing("commands")
    if not isinstance(commands, list):
        raise bad_request("parameter commands is required")
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not COMMAND.match(str(command.get("command", "")).removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    world.commands[_where(world, params)] = [
        {"command": c["command"].removeprefix("/"), "description": c["description"]}
        for c in commands
    ]
    world.publish("commands")
    return True


@method()
def get_my_commands(world: World, params: Params) -> list[Json]:
    return world.commands.get(_where(world, params), [])


@method()
def delete_my_commands(world: World, params: Params) -> bool:
    world.commands.pop(_where(world, params), None)
    world.publish("commands")
    return True


def commands_for(world: World, user: User, chat: Chat) -> list[Json]:
    """The menu that this person sees in this chat, looked up in Telegram's order of scopes."""
    if chat.is_private:
        scopes = [f"chat:{chat.id}", "all_private_chats", "default"]
    else:
        scopes = [f"chat_member:{chat.id}:{user.id}"]
        if chat.members.get(user.id) in ("creator", "administrator"):
            scopes += [f"chat_administrators:{chat.id}", f"chat:{chat.id}"]
            scopes += ["all_chat_administrators", "all_group_chats", "default"]
        else:
            scopes += [f"chat:{chat.id}", "all_group_chats", "default"]
    for scope in scopes:
        for language in (user.language, ""):
            commands = world.commands.get((scope, language))
            if commands:
                return commands
    return []


# Texts


def _set_text(world: World, params: Params, what: str, limit: int) -> bool:
    text = params.text(what)
    if len(text) > limit:
        raise bad_request(f"{what.replace('_', ' ')} is too long")
    world.texts[what, params.text("language_code")] = text
    return True


def _get_text(world: World, params: Params, what: str) -> Json:
    language = params.text("language_code")
    return {what: world.texts.get((what, language)) or world.texts.get((what, ""), "")}


@method()
def set_my_description(world: World, params: Params) -> bool:
    return _set_text(world, params, "description", 512)


@method()
def get_my_description(world: World, params: Params) -> Json:
    return _get_text(world, params, "description")


@method()
def set_my_short_description(world: World, params: Params) -> bool:
    return _set_text(world, params, "short_description", 120)


@method()
def get_my_short_description(world: World, params: Params) -> Json:
    return _get_text(world, params, "short_description")


@method()
def set_my_name(world: World, params: Params) -> bool:
    return _set_text(world, params, "name", 64)


@method()
def get_my_name(world: World, params: Params) -> Json:
    found = _get_text(world, params, "name")
    return found if found["name"] else {"name": world.bot.first_name}


@method()
def set_chat_menu_button(world: World, params: Params) -> bool:
    world.menu_buttons[params.number("chat_id")] = params.thing("menu_button") or {
        "type": "default"
    }
    return True


@method()
def get_chat_menu_button(world: World, params: Params) -> Json:
    chat_id = params.number("chat_id")
    return world.menu_buttons.get(chat_id) or world.menu_buttons.get(None) or {"type": "commands"}
