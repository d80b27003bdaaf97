"""Helper processes: they do what they are given, end with who started them, and are never missed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from zhiren import helpers
from zhiren.helpers import Helpers

ROOT = Path(__file__).parents[2]
WITHIN_S = 60.0


def whoever(task: bytes) -> bytes:
    """Who does the work, after ``task`` milliseconds."""
    time.sleep(int(task) / 1000)
    return str(os.getpid()).encode()


def refusing(task: bytes) -> bytes:
    raise LookupError(task.decode())


@pytest_asyncio.fixture
async def started() -> AsyncIterator[Helpers]:
    made = Helpers(1)
    made.start(whoever)
    yield made
    made.close()


async def standing(made: Helpers) -> int:
    """The helper's process id, once it works."""
    async with asyncio.timeout(WITHIN_S):
        await made.standing()
    pid = int(await made.run(whoever, b"0"))
    assert pid != os.getpid()
    return pid


def alive(pid: int) -> bool:
    try:
        # a dead one whom nobody has asked for yet has no command line
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False


async def gone(pid: int) -> None:
    end_s = time.monotonic() + WITHIN_S
    while alive(pid):
        assert time.monotonic() < end_s
        await asyncio.sleep(0.05)


async def test_without_helpers_the_work_is_done_here() -> None:
    none = Helpers(0)
    none.start(whoever)
    assert await none.run(whoever, b"0") == str(os.getpid()).encode()
    assert await Helpers(2).run(whoever, b"0") == str(os.getpid()).encode(), "nobody started them"


async def test_a_helper_works_while_the_loop_goes_on(started: Helpers) -> None:
    pid = await standing(started)
    work = asyncio.create_task(started.run(whoever, b"300"))
    turns = 0
    while not work.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert int(work.result()) == pid
    assert turns > 3
    with pytest.raises(LookupError, match="said so"):
        await started.run(refusing, b"said so")


async def test_a_helper_that_is_killed_is_not_missed(started: Helpers) -> None:
    pid = await standing(started)
    work = asyncio.create_task(started.run(whoever, b"500"))
    await asyncio.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    assert await work == str(os.getpid()).encode()
    started.start(whoever)
    assert await standing(started) != pid


async def test_helpers_end_when_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helpers, "IDLE_S", 0.3)
    made = Helpers(1)
    made.start(whoever)
    await gone(await standing(made))
    assert await made.run(whoever, b"0") == str(os.getpid()).encode()


_PARENT = """
import asyncio
from tests.platform import test_helpers
from zhiren.helpers import Helpers

async def main():
    made = Helpers(1)
    made.start(test_helpers.whoever)
    print(await test_helpers.standing(made), flush=True)
    await made.run(test_helpers.whoever, b"60000")

if __name__ == "__main__":
    asyncio.run(main())
"""


async def test_helpers_die_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    program = tmp_path / "parent.py"
    program.write_text(_PARENT)
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
    parent = await asyncio.create_subprocess_exec(sys.executable, str(program), stdout=asyncio.subprocess.PIPE, env=env)
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert alive(pid)
    parent.kill()
    await parent.wait()
    await gone(pid)
