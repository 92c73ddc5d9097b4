"""Polls and quizzes: sent with Telegram's limits, and stopped.

Where Telegram's limits have grown of late (one option, a month of time) the older and narrower ones
hold here: what passes them passes everywhere.
"""

from bot.simulator import rules
from bot.simulator.entities import Entity
from bot.simulator.errors import bad_request
from bot.simulator.methods.messages import send
from bot.simulator.methods.registry import method
from bot.simulator.params import Params
from bot.simulator.polls import Poll
from bot.simulator.state import Json
from bot.simulator.world import World

QUESTION_LIMIT = 300
OPTIONS = (2, 12)
OPTION_LIMIT = 100
EXPLANATION_LIMIT = 200
LINE_FEEDS = 2
OPEN_PERIOD = (5, 600)


@method(counted=True)
def send_poll(world: World, params: Params) -> Json:
    chat = rules.writable_chat(world, params, "polls")
    question, options = _question(params), _options(params)
    kind = params.text("type") or "regular"
    if kind not in ("regular", "quiz"):
        raise bad_request("unsupported poll type specified")
    quiz = kind == "quiz"
    explanation, entities = _explanation(world, params) if quiz else ("", [])
    open_period, close_date = _times(world, params)
    poll = Poll(
        world.new_poll_id(),
        question,
        options,
        anonymous=params.flag("is_anonymous", default=True),
        multiple=params.flag("allows_multiple_answers") and not quiz,
        revoting=params.flag("allows_revoting", default=not quiz),
        right=_right(params, len(options)) if quiz else None,
        explanation=explanation,
        explanation_entities=entities,
        open_period=open_period,
        close_date=close_date,
        closed=params.flag("is_closed"),
    )
    sent = send(world, params, chat, {"poll": poll.api()})
    poll.chat_id, poll.message_id = chat.id, int(sent["message_id"])
    world.polls.add(poll)
    return sent


@method(counted=True)
def stop_poll(world: World, params: Params) -> Json:
    """Close a poll; its buttons become those of the request, or none."""
    chat = rules.writable_chat(world, params, "polls")
    inline, _ = rules.markup(params, only_inline=True)
    message = chat.messages.get(params.need_number("message_id"))
    if message is None:
        raise bad_request("message with poll to stop not found")
    if "poll" not in message.api:
        raise bad_request("message is not a poll")
    poll = world.poll_of(message)
    if poll is None or not message.by_bot or message.keyboard is not None:
        raise bad_request("poll can't be stopped")
    if poll.closed:
        raise bad_request("poll has already been closed")
    kept = {key: value for key, value in message.api.items() if key != "reply_markup"}
    message.api = kept if inline is None else {**kept, "reply_markup": inline}
    world.polls.close(poll)
    return poll.api()


def _question(params: Params) -> str:
    question = params.text("question").strip()
    if not question:
        raise bad_request("poll question must be non-empty")
    if len(question) > QUESTION_LIMIT:
        raise bad_request(f"poll question length must not exceed {QUESTION_LIMIT}")
    return question


def _options(params: Params) -> list[str]:
    given = params.thing("options")
    if not isinstance(given, list):
        raise bad_request("expected an Array of InputPollOption")
    options = [str(one["text"] if isinstance(one, dict) else one).strip() for one in given]
    fewest, most = OPTIONS
    if len(options) < fewest:
        raise bad_request(f"poll must have at least {fewest} option")
    if len(options) > most:
        raise bad_request(f"poll can't have more than {most} options")
    if not all(options):
        raise bad_request("poll options must be non-empty")
    if any(len(option) > OPTION_LIMIT for option in options):
        raise bad_request(f"poll options length must not exceed {OPTION_LIMIT}")
    return options


def _right(params: Params, options: int) -> int:
    """The right option, asked for in the plural since quizzes may have several; here it is one."""
    given = params.thing("correct_option_ids")
    right = given[0] if isinstance(given, list) and len(given) == 1 else None
    if given is None:
        right = params.number("correct_option_id")
    if right is None or not 0 <= int(right) < options:
        raise bad_request("wrong correct option ID specified")
    return int(right)


def _explanation(world: World, params: Params) -> tuple[str, list[Entity]]:
    inner = Params(
        {
            "caption": params.text("explanation"),
            "caption_entities": params.thing("explanation_entities"),
            "parse_mode": params.text("explanation_parse_mode"),
        }
    )
    text, entities = rules.formatted(
        world, inner, "caption", limit=rules.CAPTION_LIMIT, entities_name="caption_entities"
    )
    # Telegram documents these two limits and not what it says.
    if len(text) > EXPLANATION_LIMIT:
        raise bad_request(f"poll explanation length must not exceed {EXPLANATION_LIMIT}")
    if text.count("\n") > LINE_FEEDS:
        raise bad_request(f"poll explanation must not have more than {LINE_FEEDS} line feeds")
    return text, entities


def _times(world: World, params: Params) -> tuple[int, int]:
    """How long it is open and when it closes; of two that contradict each other the first holds."""
    now = world.clock.timestamp()
    open_period, close_date = params.number("open_period") or 0, params.number("close_date") or 0
    if not open_period and not close_date:
        return 0, 0
    name = "open_period" if open_period else "close_date"
    seconds = open_period or close_date - now
    shortest, longest = OPEN_PERIOD
    if not shortest <= seconds <= longest:
        raise bad_request(f"{name} must be {shortest}-{longest} seconds away")
    return seconds, now + seconds
