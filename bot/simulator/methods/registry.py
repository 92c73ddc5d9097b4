"""Where every method is found by its lower-case name (Telegram ignores the case as well)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.simulator.params import Params
from bot.simulator.world import World

Function = Callable[[World, Params], Any]


@dataclass(frozen=True, slots=True)
class Method:
    run: Function
    counted: bool  # by flood control


METHODS: dict[str, Method] = {}


def method(*, counted: bool = False) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        METHODS[function.__name__.replace("_", "")] = Method(function, counted)
        return function

    return register
