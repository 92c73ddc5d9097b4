"""Polls: sent, and closed by hand. Names and limits are those of the Bot API 9.6 and later."""

from typing import Any

from bot.simulator import polls, rules
from bot.simulator.entities import units
from bot.simulator.errors import bad_request
from bot.simulator.methods.messages import send
from bot.simulator.methods.registry import method
from bot.simulator.params import Params
from bot.simulator.state import Json
from bot.simulator.world import World

QUESTION_LIMIT, OPTION_LIMIT, WHY_LIMIT = 300, 100, 200
FEWEST, MOST = 2, 12
SHORTEST, LONGEST = 5, 600  # seconds


@method(counted=True)
def send_poll(world: World, params: Params) -> Json:
    chat = rules.writable_chat(world, params)
    question, options = params.text("question").strip(), _options(params)
    if not question:
        raise bad_request("poll question must be non-empty")
    if units(question) > QUESTION_LIMIT:
        raise bad_request(f"poll question length must not exceed {QUESTION_LIMIT}")
    seconds = params.number("open_period") or 0
    if seconds and not SHORTEST <= seconds <= LONGEST:
        raise bad_request("poll can't be open for the specified period")
    told: Json = {
        "question": question,
        "options": [
            {"persistent_id": str(place), "text": each, "voter_count": 0}
            for place, each in enumerate(options)
        ],
        "total_voter_count": 0,
        "is_closed": params.flag("is_closed"),
        "is_anonymous": params.flag("is_anonymous") or not params.has("is_anonymous"),
        "allows_multiple_answers": params.flag("allows_multiple_answers"),
        "allows_revoting": params.text("type") != "quiz",
        "members_only": params.flag("members_only"),
        **_kind(params, len(options)),
    }
    if seconds:
        told["open_period"] = seconds
    poll = polls.new(world, chat, told, seconds)
    sent = send(world, params, chat, {"poll": poll.api})
    poll.message = chat.messages[sent["message_id"]]
    return sent


@method()
def stop_poll(world: World, params: Params) -> Json:
    chat = rules.writable_chat(world, params)
    poll = polls.of(world, rules.own_message(chat, params))
    if poll.api["is_closed"]:
        raise bad_request("poll has already been closed")
    polls.close(world, poll)
    return poll.api


def _options(params: Params) -> list[str]:
    given = params.thing("options")
    if not isinstance(given, list):
        raise bad_request("expected an array of options")
    options = [_text(each).strip() for each in given]
    if len(options) < FEWEST:
        raise bad_request(f"poll must have at least {FEWEST} option")
    if len(options) > MOST:
        raise bad_request(f"poll can't have more than {MOST} options")
    if not all(options):
        raise bad_request("poll options must be non-empty")
    if any(units(each) > OPTION_LIMIT for each in options):
        raise bad_request(f"poll options length must not exceed {OPTION_LIMIT}")
    return options


def _text(option: Any) -> str:
    return str(option.get("text", "")) if isinstance(option, dict) else str(option)


def _kind(params: Params, options: int) -> Json:
    """A quiz has a right answer, and may say why."""
    kind = params.text("type") or "regular"
    if kind == "regular":
        return {"type": "regular"}
    if kind != "quiz":
        raise bad_request("unsupported poll type specified")
    right, why = params.thing("correct_option_ids"), params.text("explanation")
    if not isinstance(right, list) or not right or not all(0 <= each < options for each in right):
        raise bad_request("wrong correct option ID specified")
    if params.flag("allows_multiple_answers"):
        raise bad_request("quizzes can't have multiple answers")
    if units(why) > WHY_LIMIT or why.count("\n") > 2:
        raise bad_request("message is too long")
    return {"type": "quiz", "correct_option_ids": right, **({"explanation": why} if why else {})}
