"""`make mutants`: takes out or turns round one guard of `storage/powers.py` after the other.

Each such mutant has to make a test fail; one that does not shows a guard that no test watches.
The matrix of `tests/storage/test_powers.py` is asked first, in a fork of this process, for it takes
a fraction of a second; whoever survives it meets `tests/handlers/test_rights.py`.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import io
import os
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Change = Callable[[Any], object]

WHAT = Path("storage/powers.py")
BEFORE = "tests/storage/test_powers.py"
AFTER = "tests/handlers/test_rights.py"
CAUGHT = 0.95
SETS = ("LEADERS", "COMMITTEE", "EVERY_MEMBER")


def mutants(tree: ast.Module) -> Iterator[tuple[str, ast.Module]]:
    """Each change that can be made, as the line and words for it, and the changed module."""
    shape = {
        each
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for decorator in node.decorator_list
        for each in ast.walk(decorator)
    }
    for number, node in enumerate(ast.walk(tree)):
        if node in shape:  # frozen, slots: no guards
            continue
        for words, change in changes(node):
            mutant = copy.deepcopy(tree)
            change(next(each for n, each in enumerate(ast.walk(mutant)) if n == number))
            yield f"line {getattr(node, 'lineno', '?')}: {words}", ast.fix_missing_locations(mutant)


def changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    """What can be done to a node: the words for it, and the function that does it."""
    match node:
        case ast.Constant(value=bool(value)):
            yield f"{value} becomes {not value}", put("value", not value)
        case ast.Compare(ops=[op]):
            turned = OPPOSITE[type(op)]
            yield f"{type(op).__name__} becomes {turned.__name__}", put("ops", [turned()])
        case ast.BoolOp(op=op):
            other = ast.And if isinstance(op, ast.Or) else ast.Or
            yield f"{type(op).__name__} becomes {other.__name__}", put("op", other())
            for place in range(len(node.values)):
                yield f"part {place + 1} is taken out", without("values", place)
        case ast.UnaryOp(op=ast.Not()):
            yield "not is taken out", put("op", ast.UAdd())
        case ast.If():
            yield "the guard is taken out", put("test", ast.Constant(False))
        case ast.Call(func=ast.Name(id="any")):
            yield "any becomes all", put("func", ast.Name("all", ast.Load()))
        case ast.Name(id=name) if name in SETS and isinstance(node.ctx, ast.Load):
            for other in SETS:
                if other != name:
                    yield f"{name} becomes {other}", put("id", other)
        case ast.Call(func=ast.Name(id="Power")):
            for place, keyword in enumerate(node.keywords):
                yield f"{keyword.arg} is taken out", without("keywords", place)
        case ast.Attribute(attr=attribute, value=ast.Name(id="Role")) if attribute in NEXT:
            yield f"{attribute} becomes {NEXT[attribute]}", put("attr", NEXT[attribute])
        case ast.Subscript(slice=ast.UnaryOp()):
            yield "the last becomes the first", put("slice", ast.Constant(0))


OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
NEXT = {"SECRETARY": "DEPUTY", "DEPUTY": "COMMITTEE", "COMMITTEE": "MEMBER", "MEMBER": "SECRETARY"}


def put(field: str, value: object) -> Change:
    """Sets a field of the node."""
    return lambda node: setattr(node, field, value)


def without(field: str, place: int) -> Change:
    """Takes one of a list out."""
    return lambda node: getattr(node, field).pop(place)


def survives(mutant: ast.Module, tests: str) -> bool:
    """Whether the tests pass with it; in a child, so that nothing of it stays."""
    child = os.fork()
    if child == 0:
        try:
            module = types.ModuleType("storage.powers")
            module.__file__ = str(WHAT)
            sys.modules["storage.powers"] = module
            with (
                contextlib.redirect_stdout(io.StringIO()),
                contextlib.redirect_stderr(io.StringIO()),
            ):
                exec(compile(mutant, str(WHAT), "exec"), module.__dict__)
                failed = pytest.main(
                    ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", tests]
                )
            os._exit(1 if failed else 0)
        except BaseException:  # it does not even load
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def main() -> int:
    """Runs them all; 1 where too many survive."""
    tree = ast.parse(WHAT.read_text(encoding="utf-8"))
    if not survives(tree, BEFORE):
        print("the tests fail as it is")
        return 1
    count, alive = 0, []
    for words, mutant in mutants(tree):
        count += 1
        if survives(mutant, BEFORE) and survives(mutant, AFTER):
            alive.append(words)
            print(f"survived: {words}", flush=True)
    caught = (count - len(alive)) / count
    print(f"{count - len(alive)} of {count} caught: {caught:.1%}")
    return 0 if caught >= CAUGHT else 1


if __name__ == "__main__":
    raise SystemExit(main())
