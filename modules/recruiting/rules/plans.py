"""The rows of a job's plans as a form sends them: read, moved, removed, and given codes that stay."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, TypeVar

from modules.recruiting.shapes import STAGE_KINDS, Stage

T = TypeVar("T")
#: rows beyond this are a mistake or an attack
MAX_ROWS: Final = 40


def rows(values: Mapping[str, str]) -> list[tuple[int, dict[str, str]]]:
    """``{"0.name": "初试", "0.kind": ...}`` as rows in order, each with the number it had in the form."""
    found: dict[int, dict[str, str]] = {}
    for key, value in values.items():
        number, _dot, name = key.partition(".")
        if number.isascii() and number.isdecimal() and len(number) < 4 and name:
            found.setdefault(int(number), {})[name] = value.strip()
    return sorted(found.items())[:MAX_ROWS]


def rearranged(items: list[T], act: str) -> list[T]:
    """``act`` is ``up:2``, ``down:2`` or ``remove:2``; anything else, or a row that is not there, changes nothing."""
    verb, _colon, number = act.partition(":")
    if not (number.isascii() and number.isdecimal() and int(number) < len(items)):
        return items
    at, moved = int(number), list(items)
    if verb == "remove":
        del moved[at]
    elif verb in ("up", "down"):
        to = at - 1 if verb == "up" else at + 1
        if 0 <= to < len(moved):
            moved[at], moved[to] = moved[to], moved[at]
    return moved


def new_code(prefix: str, taken: Collection[str]) -> str:
    """``q1``, ``q2`` ...: the first after the highest number ever seen among ``taken``."""
    numbers = [
        int(code[len(prefix) :]) for code in taken if code.startswith(prefix) and code[len(prefix) :].isdecimal()
    ]
    return f"{prefix}{max(numbers, default=0) + 1}"


def with_stage(stages: list[Stage], added: Stage) -> list[Stage]:
    """``added`` behind the last stage that does not come after its kind."""
    kind = STAGE_KINDS.index(added.kind)
    at = max((n for n, stage in enumerate(stages, 1) if STAGE_KINDS.index(stage.kind) <= kind), default=0)
    return [*stages[:at], added, *stages[at:]]


def in_order(stages: list[Stage]) -> bool:
    """Whether nobody goes back a step by going forward, and everybody begins at the beginning."""
    kinds = [STAGE_KINDS.index(stage.kind) for stage in stages]
    return bool(kinds) and kinds[0] == 0 and kinds == sorted(kinds)
