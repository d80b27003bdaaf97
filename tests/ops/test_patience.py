"""A test that hangs is ended and told; the run goes on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HANGS = """
import asyncio, time
import pytest_asyncio

@pytest_asyncio.fixture(scope="module")
async def house():
    yield 1
    await asyncio.Event().wait()

async def inner():
    await asyncio.Event().wait()

async def test_waits(house):
    await inner()

async def test_goes_on(house):
    assert house == 1

def test_sleeps():
    time.sleep(60)
"""


def test_hanging_tests_are_ended_and_told(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("pytest_plugins = ['tests.patience']\n")
    (tmp_path / "test_it.py").write_text(HANGS)
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nasyncio_mode=auto\nasyncio_default_fixture_loop_scope=session\nasyncio_default_test_loop_scope=session\n"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(tmp_path)],
        env={**os.environ, "ZHIREN_TEST_LIMIT_S": "1", "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert "2 failed, 1 passed, 1 error" in ran.stdout, ran.stdout + ran.stderr
    # down to what was waited for in the end
    assert re.search(r"test_it\.py:\d+ inner\n", ran.stdout), ran.stdout
