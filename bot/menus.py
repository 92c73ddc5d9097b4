"""Sets Telegram's menus: everybody's at start-up, a committee member's own by notice."""

from __future__ import annotations

import structlog
from telegram import (
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError
from telegram.ext import ExtBot

from handlers import menus
from handlers.acts import Act
from handlers.dispatch import Conversation
from handlers.text import LANGUAGES

log = structlog.get_logger()


async def set_all(bot: ExtBot[str], conversation: Conversation) -> None:
    """Everybody's menus; the installation's language is the one for all other languages too."""
    house = conversation.house.language
    try:
        for scope, names in (
            (BotCommandScopeAllPrivateChats(), menus.MEMBER),
            (BotCommandScopeAllGroupChats(), menus.GROUP),
        ):
            for language in LANGUAGES:
                commands = menus.described(conversation, names, language)
                code = None if language == house else language
                await bot.set_my_commands(commands, scope=scope, language_code=code)
    except TelegramError as error:  # the bot answers without a menu as well
        log.warning("menus.not_set", error=type(error).__name__)


async def set_own(bot: ExtBot[str], conversation: Conversation, act: Act) -> None:
    """The menu of one private chat, or back to everybody's."""
    scope = BotCommandScopeChat(act["chat"])
    commands = menus.described(conversation, act["names"], act["language"])
    if commands:
        await bot.set_my_commands(commands, scope=scope)
    else:
        await bot.delete_my_commands(scope=scope)
