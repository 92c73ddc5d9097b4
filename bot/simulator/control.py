"""The control API: how tests, the demo and the page act as people and move the world.

`POST /control/worlds` makes a world; everything else is `POST /control/<token>/<action>` with a
JSON object. A refusal is a 400 with a sentence. Python callers use `bot.simulator.client`.
"""

import asyncio
import inspect
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from time import monotonic
from typing import Any

from bot.simulator import people
from bot.simulator.errors import bad_request
from bot.simulator.faults import Fault
from bot.simulator.state import HISTORY, Chat, Json, Press
from bot.simulator.views import chat_view, chats_of, menu_view, message_view, user_view, world_view
from bot.simulator.world import World

Action = Callable[[World, Json], Any]
ACTIONS: dict[str, Action] = {}


def action(function: Action) -> Action:
    ACTIONS[function.__name__] = function
    return function


async def act(world: World, name: str, given: Json) -> Any:
    function = ACTIONS.get(name)
    if function is None:
        raise bad_request(f"no such action: {name}")
    found = function(world, given)
    return await found if inspect.isawaitable(found) else found


def _user(world: World, given: Json) -> Any:
    return people.find_user(world, int(given["user_id"]))


def _chat(world: World, given: Json) -> Chat:
    return people.find_chat(world, int(given.get("chat_id") or given["user_id"]))


# The world


@action
def look(world: World, given: Json) -> Json:
    return world_view(world)


@action
def overview(world: World, given: Json) -> Json:
    """All that the page's list shows for one person."""
    told: Json = world_view(world)
    told["people"] = [
        {**user_view(user), "rev": world.chats[user.id].news} for user in world.users.values()
    ]
    if given.get("user_id") in world.users:
        user = world.users[given["user_id"]]
        told["chats"] = [chat_view(world, chat) for chat in chats_of(world, user)]
    return told


@action
def intro(world: World, given: Json) -> None:
    world.intro = str(given["text"])
    world.publish("people")


@action
def move_clock(world: World, given: Json) -> Json:
    if "to" in given:
        world.clock.set(datetime.fromisoformat(given["to"]))
    else:
        world.clock.advance(timedelta(seconds=float(given["seconds"])))
    world.clock_moved()
    return world_view(world)


@action
def flood(world: World, given: Json) -> None:
    world.flood.on = bool(given["on"])


@action
def fail(world: World, given: Json) -> None:
    try:
        world.trouble.add(Fault(**given))
    except (TypeError, ValueError) as error:
        raise bad_request(str(error)) from None
    _shake(world)


@action
def pause(world: World, given: Json) -> None:
    world.trouble.paused = bool(given["on"])
    _shake(world)


@action
def heal(world: World, given: Json) -> None:
    world.trouble.heal()
    _shake(world)


def _shake(world: World) -> None:
    """Waiting polls return, so that the bot meets the trouble (or its end) at once."""
    world.updates.wake("trouble")
    world.publish("people")


@action
def barrier(world: World, given: Json) -> int:
    nth, method = int(given.get("nth", 1)), given.get("method")
    return world.trouble.raise_barrier(given.get("when", "before"), nth, method).id


@action
async def barrier_wait(world: World, given: Json) -> Json:
    found = world.trouble.barriers[given["id"]]
    try:
        await asyncio.wait_for(found.reached.wait(), min(float(given["timeout"]), 30))
    except TimeoutError:
        return {"reached": False, "seen": found.seen, "call": None}
    return {"reached": True, "seen": found.seen, "call": found.call}


@action
def barrier_release(world: World, given: Json) -> None:
    found = world.trouble.barriers.pop(given["id"], None)
    if found is not None:
        found.released.set()


@action
def calls(world: World, given: Json) -> list[Json]:
    since, method = int(given.get("since", 0)), (given.get("method") or "").lower()
    newest = (call for call in reversed(world.calls))
    # a long poll is logged when it ends, so the log is not quite in the order of numbers
    found = [
        call.api()
        for call in islice(newest, int(given.get("limit", 200_000)))
        if call.seq > since and method in ("", call.method)
    ]
    return sorted(found, key=lambda call: int(call["seq"]))


@action
async def settle(world: World, given: Json) -> Json:
    """Wait until nothing is undelivered and no call has run for a while."""
    quiet, deadline = float(given["quiet"]), monotonic() + min(float(given["timeout"]), 60)
    asked_at = monotonic()
    while True:
        since = world.is_quiet_since
        now = monotonic()
        settled = since is not None and now - max(since, asked_at) >= quiet
        if settled or now >= deadline:
            return {"settled": settled, "pending": len(world.updates), "running": world.in_flight}
        await asyncio.sleep(0.01)


@action
def raw_update(world: World, given: Json) -> int:
    return world.updates.inject(given["update"])


@action
def commands(world: World, given: Json) -> list[Json]:
    return world.commands.get((given.get("scope", "default"), given.get("language", "")), [])


@action
def texts(world: World, given: Json) -> str:
    return world.texts.get((given["what"], given.get("language", "")), "")


# People


@action
def crowd(world: World, given: Json) -> list[Json]:
    newcomers = [dict(each) for each in given["people"]]
    return [
        user_view(world.add_user(each.pop("id", None), each.pop("first_name"), **each))
        for each in newcomers
    ]


@action
def user(world: World, given: Json) -> Json:
    return user_view(_user(world, given))


@action
def say(world: World, given: Json) -> Json:
    rev = world.rev
    chat = _chat(world, given)
    fields = dict(given.get("fields") or {})
    if "text" in given:
        fields["text"] = str(given["text"])
    if "file_id" in given:
        kind, facts = given.get("kind") or "document", given.get("facts") or {}
        fields |= people.attached(world, given["file_id"], given.get("caption", ""), kind, facts)
    reply_to = given.get("reply_to")
    if given.get("anonymous"):
        message = people.say_anonymously(world, chat, fields, reply_to)
    else:
        message = people.say(world, _user(world, given), chat, fields, reply_to)
    return {"before": rev, "message": message_view(world, chat, message)}


@action
def chatter(world: World, given: Json) -> None:
    """The same text so many times, by several people in turn, each in their private chat."""
    users = [people.find_user(world, int(number)) for number in given["user_ids"]]
    for number in range(int(given["times"])):
        user = users[number % len(users)]
        people.say(world, user, world.chats[user.id], {"text": str(given["text"])})


@action
def edit(world: World, given: Json) -> Json:
    chat = _chat(world, given)
    message = people.edit(
        world, _user(world, given), chat, int(given["message_id"]), str(given["text"])
    )
    return message_view(world, chat, message)


@action
async def press(world: World, given: Json) -> Json:
    """Press by label, or with any data; waits for the answer as long as asked."""
    rev, who, chat = world.rev, _user(world, given), _chat(world, given)
    if "data" in given:
        message = people.find_message(chat, int(given["message_id"]))
        data = str(given["data"])
    else:
        message, button = people.button_named(chat, given["label"], given.get("message_id"))
        if "callback_data" not in button:
            return {"before": rev, "answered": True, "url": button.get("url", "")}
        data = button["callback_data"]
    made = people.press(world, who, chat, message, data)
    await _answered(made, float(given.get("timeout", 0)))
    return {"before": rev, **made.api()}


async def _answered(made: Press, seconds: float) -> Press:
    if seconds > 0:
        with suppress(TimeoutError):
            await asyncio.wait_for(made.answered.wait(), min(seconds, 120))
    return made


@action
async def answer(world: World, given: Json) -> Json:
    made = world.presses.get(given["query_id"])
    if made is None:
        raise bad_request("no such press")
    return (await _answered(made, float(given.get("timeout", 0)))).api()


@action
async def presses(world: World, given: Json) -> list[Json]:
    """Many presses spread evenly over some seconds, each perhaps sent twice."""
    wanted, spread = given["presses"], float(given["over_seconds"])
    timeout, start = float(given.get("timeout", 60)), monotonic()

    async def one(number: int, entry: Json) -> list[Json]:
        await asyncio.sleep(max(0.0, start + spread * number / len(wanted) - monotonic()))
        who, chat = _user(world, entry), _chat(world, entry)
        message, button = people.button_named(chat, entry["label"], entry.get("message_id"))
        made = []
        for again in range(2 if given.get("each_twice") else 1):
            await asyncio.sleep(0.03 * again)
            made.append(people.press(world, who, chat, message, button["callback_data"]))
        answered = await asyncio.gather(*(_answered(press, timeout) for press in made))
        return [{"user_id": who.id, "before": 0, **press.api()} for press in answered]

    results = await asyncio.gather(*(one(n, entry) for n, entry in enumerate(wanted)))
    return [result for several in results for result in several]


@action
def vote(world: World, given: Json) -> Json:
    rev, who, chat = world.rev, _user(world, given), _chat(world, given)
    message = people.find_message(chat, int(given["message_id"]))
    people.vote(world, who, chat, message, given["options"])
    return {"before": rev, "message": message_view(world, chat, message, who.id)}


@action
def block(world: World, given: Json) -> None:
    people.block(world, _user(world, given))


@action
def unblock(world: World, given: Json) -> None:
    people.unblock(world, _user(world, given))


@action
def deactivate(world: World, given: Json) -> None:
    _user(world, given).deactivated = True
    world.publish("people")


# Chats


@action
async def messages(world: World, given: Json) -> Json:
    """The messages of a chat changed after `since`; waits for the first one when asked to.

    With `user_id` as this person sees them, in a chat of several.
    """
    chat, since, viewer = _chat(world, given), int(given.get("since", -1)), given.get("user_id")
    deadline = monotonic() + min(float(given.get("timeout", 0)), 30)
    while True:
        found = [m for m in chat.messages.values() if m.rev > since]
        left = deadline - monotonic()
        if found or left <= 0:
            break
        await world.signal.wait(left)
    found = found[-int(given.get("limit", HISTORY)) :]
    return {"rev": world.rev, "messages": [message_view(world, chat, m, viewer) for m in found]}


@action
def message(world: World, given: Json) -> Json | None:
    chat = _chat(world, given)
    found = chat.messages.get(int(given["message_id"]))
    return message_view(world, chat, found) if found else None


@action
def chat(world: World, given: Json) -> Json:
    found = _chat(world, given)
    told = {**chat_view(world, found), "keyboard": found.keyboard}
    if "user_id" in given:
        told["menu"] = menu_view(world, _user(world, given), found)
    return told


@action
def group(world: World, given: Json) -> Json:
    supergroup = bool(given.get("supergroup"))
    made = people.make_group(world, given["title"], given["members"], supergroup=supergroup)
    return chat_view(world, made)


@action
def add_bot(world: World, given: Json) -> None:
    people.add_bot(world, _chat(world, given), _user(world, given), admin=given.get("admin", False))


@action
def bot_status(world: World, given: Json) -> None:
    people.set_bot_status(world, _chat(world, given), _user(world, given), given["status"])


@action
def join(world: World, given: Json) -> None:
    who = _user(world, given)
    by = people.find_user(world, given["by"]) if given.get("by") else who
    people.join(world, _chat(world, given), who, by, given.get("status", "member"))


@action
def leave(world: World, given: Json) -> None:
    people.leave(world, _chat(world, given), _user(world, given))


@action
def rename(world: World, given: Json) -> None:
    people.rename(world, _chat(world, given), _user(world, given), given["title"])


@action
def migrate(world: World, given: Json) -> Json:
    new_first = bool(given.get("new_first"))
    return chat_view(world, people.migrate(world, _chat(world, given), new_first=new_first))
