"""A client of the control API, to write tests and demos that read like a story.

world = World.create(url, bot_username="chibo_demo_bot")
an = world.person("An", last_name="Nguyễn Văn")
an.start("code")
an.wait_for("Chào đồng chí")
an.press("Đúng, là tôi")
"""

from bot.simulator.client.chats import Group, Person
from bot.simulator.client.line import SimulatorError
from bot.simulator.client.values import Answer, Button, Call, Document, Message, Newcomer, Poll
from bot.simulator.client.world import Barrier, World

__all__ = [
    "Answer",
    "Barrier",
    "Button",
    "Call",
    "Document",
    "Group",
    "Message",
    "Newcomer",
    "Person",
    "Poll",
    "SimulatorError",
    "World",
]
