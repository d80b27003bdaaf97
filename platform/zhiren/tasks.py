"""Ending tasks that run beside others."""

from __future__ import annotations

import asyncio
from typing import Any, Final

#: a cancellation that was not heard is said again after so long
_AGAIN_S: Final = 1.0


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancels ``tasks`` and waits until all have ended, whatever they ended with.

    One cancellation is not enough: on Python 3.11 ``asyncio.wait_for``, which database and Redis clients wait with,
    loses one that comes in the same moment as what was waited for (python/cpython#81839). The task goes on as if
    nothing had been said; in a loop, for ever.
    """
    while running := [task for task in tasks if not task.done()]:
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=_AGAIN_S)
    await asyncio.gather(*tasks, return_exceptions=True)
