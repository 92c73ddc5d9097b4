"""The Bot API methods, one function each, found by name whatever its case."""

from bot.simulator.methods import chats, media, messages, polls, profile, receiving
from bot.simulator.methods.registry import METHODS, Method

__all__ = ["METHODS", "Method", "chats", "media", "messages", "polls", "profile", "receiving"]
