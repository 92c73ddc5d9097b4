"""Ways to handlers: what the kit's decorators note down, and how a feature's are found."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar

from handlers.text import Text
from storage.outbox import Class
from storage.reading import Tables

Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Title:
    """What a list calls a kind of notice, and whether it may name whom one is for."""

    about: Text
    named: bool


TITLES: dict[str, Title] = {}


@dataclass(frozen=True, slots=True)
class Route:
    """One way to a handler. `kind` is the name of one of the kit's decorators."""

    kind: str
    name: str
    power: str
    run: Callable[..., Any]
    vi: str = ""
    label: Text | None = None  # on the persistent keyboard
    help: Text | None = None  # in the menu of commands
    group: bool = False  # a command or button for groups as well
    klass: Class | None = None
    gather: Callable[..., Any] | None = None  # what a batch of notices needs, asked for at once
    tables: Tables | None = None  # what a file may be; None: TOML
    arguments: tuple[type, ...] = ()  # what the parts of a button's address are


def route(kind: str, name: str, power: str, **more: Any) -> Callable[[Handler], Handler]:
    """Notes on a function that it is to be called so; a function may have several routes."""

    def mark(run: Handler) -> Handler:
        parameters = list(inspect.signature(run, eval_str=True).parameters.values())[1:]
        types = tuple(str if each.annotation is str else int for each in parameters)
        routes_of(run).append(Route(kind, name, power, run, arguments=types, **more))
        return run

    return mark


def routes_of(run: Callable[..., Any]) -> list[Route]:
    """The routes that lead to a function."""
    found: list[Route] = run.__dict__.setdefault("routes", [])
    return found


def routes_in(feature: ModuleType) -> list[Route]:
    """The routes of a feature, file by file; a package has those of all its modules."""
    own = [each for each in vars(feature).values() if inspect.isfunction(each)]
    found = [route for run in own if run.__module__ == feature.__name__ for route in routes_of(run)]
    for module in pkgutil.iter_modules(getattr(feature, "__path__", ())):
        found += routes_in(import_module(f"{feature.__name__}.{module.name}"))
    return found
