"""Ending tasks, also those that did not hear it the first time."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from zhiren.tasks import end


async def test_a_task_that_loses_a_cancellation_ends_all_the_same() -> None:
    heard = 0

    async def deaf_at_first() -> None:
        nonlocal heard
        while heard < 2:
            # what Python 3.11's wait_for does when answer and cancellation meet
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(60)
            heard += 1

    task = asyncio.create_task(deaf_at_first())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await end(task)
    assert task.done()
    assert heard == 2


async def test_what_tasks_ended_with_is_theirs() -> None:
    async def fails() -> None:
        raise ValueError("its own affair")

    async def lasts() -> None:
        await asyncio.sleep(60)

    over, running = asyncio.create_task(fails()), asyncio.create_task(lasts())
    await asyncio.sleep(0)
    await end(over, running)
    assert running.cancelled()
    with pytest.raises(ValueError, match="its own affair"):
        over.result()
    await end()
