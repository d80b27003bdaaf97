"""A test that waits for what never comes is ended, and says where everything stood.

pytest-timeout ends a test once and shows threads only: a test that hangs in its clean-up too would still stop the whole
run, and what an event loop waits for stands in its tasks.
"""

from __future__ import annotations

import asyncio
import io
import signal
import sys
import threading
import traceback
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from tests.sizes import size

#: of a setup, a test or a clean-up: several times the longest on a machine that has much else to do
LIMIT_S: Final = size("LIMIT_S", everyday=600, whole=3600)


class TakesTooLong(Exception):
    """Raised wherever the main thread happens to be."""


def everything() -> str:
    """Where every thread and every task of the running loop stands."""
    told = io.StringIO()
    names = {one.ident: one.name for one in threading.enumerate()}
    for ident, frame in sys._current_frames().items():
        told.write(f"\nthread {names.get(ident, ident)}\n")
        traceback.print_stack(frame, limit=-8, file=told)
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:
        return told.getvalue()
    for task in tasks:
        told.write(f"\ntask {task.get_name()}\n")
        told.writelines(f"  {line}\n" for line in _awaited(task.get_coro()))
    return told.getvalue()


def _awaited(one: Any) -> Iterator[str]:
    """A waiting coroutine, and what it waits for, down to the last one: ``Task.print_stack`` shows the first alone."""
    while one is not None:
        frame = getattr(one, "cr_frame", None) or getattr(one, "ag_frame", None)
        if frame is not None:
            yield f"{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_qualname}"
        one = getattr(one, "cr_await", None) or getattr(one, "ag_await", None)


def _end(_signal: int, _frame: Any) -> None:
    raise TakesTooLong(f"no end after {LIMIT_S} s\n{everything()}")


@contextmanager
def _limited() -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, _end)
    signal.setitimer(signal.ITIMER_REAL, LIMIT_S, LIMIT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# around each part and not around the whole: what is raised between them would hit pytest itself
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup() -> Generator[None, object, object]:
    with _limited():
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    with _limited():
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    with _limited():
        return (yield)
