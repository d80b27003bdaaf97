"""What is next once somebody has signed: pure, over the rows of one case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar


class Slot(Protocol):
    """A task, as far as its order matters: ints, and a mode and state as text (a model's columns)."""

    stage: Any
    step: Any
    mode: Any
    lane: Any
    turn: Any
    state: Any


T = TypeVar("T", bound=Slot)
#: rows that ask for no signature any more and give none
GONE = frozenset({"handed_over", "skipped", "dropped"})


@dataclass(frozen=True, slots=True)
class Moves(Generic[T]):
    """Tasks to open and to drop; ``done`` when every stage is signed."""

    open: list[T]
    drop: list[T]
    done: bool


def moves(tasks: Sequence[T]) -> Moves[T]:
    drop: list[T] = []
    by_stage: dict[int, dict[int, list[T]]] = defaultdict(lambda: defaultdict(list))
    for task in sorted(tasks, key=lambda one: (one.stage, one.step, one.lane, one.turn)):
        by_stage[task.stage][task.step].append(task)
    for stage in sorted(by_stage):
        ready: list[T] = []
        finished = True
        for step in by_stage[stage].values():
            lanes = _lanes(step)
            if _signed(step[0].mode, lanes):
                drop += [task for lane in lanes for task in lane if task.state in {"planned", "waiting"}]
            else:
                finished = False
                ready += _first(step[0].mode, lanes)
        if not finished:
            return Moves([task for task in ready if task.state == "planned"], drop, done=False)
    return Moves([], drop, done=True)


def _lanes(step: Iterable[T]) -> list[list[T]]:
    lanes: dict[int, list[T]] = defaultdict(list)
    for task in step:
        if task.state not in GONE:
            lanes[task.lane].append(task)
    return list(lanes.values())


def _signed(mode: str, lanes: list[list[T]]) -> bool:
    through = [all(task.state == "approved" for task in lane) for lane in lanes]
    return (any(through) or not through) if mode == "any" else all(through)


def _first(mode: str, lanes: list[list[T]]) -> list[T]:
    """Whose turn it is in each lane; one after another, in the first lane that is open."""
    turns = [next(task for task in lane if task.state != "approved") for lane in lanes if not _signed("all", [lane])]
    return turns[:1] if mode == "sequential" else turns
