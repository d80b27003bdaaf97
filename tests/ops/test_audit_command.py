"""``zhiren audit verify`` says whose chain holds, and exits 1 when one does not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from ops.commands.audit import audit
from tenants.provisioning import Provisioner
from tests.platform.audit.conftest import Trail, new_trail
from tests.support import TestServices
from zhiren.db import Database
from zhiren.settings import Settings


@dataclass
class Here:
    """An installation whose services run already."""

    found: Settings

    def load(self) -> Settings:
        return self.found


@pytest.fixture
async def trail(
    provisioner: Provisioner, database: Database, settings: Settings, services: TestServices
) -> AsyncIterator[Trail]:
    found = await new_trail(provisioner, database, settings, services)
    await found.write(5)
    await found.chain()
    yield found
    await found.close()


async def run(trail: Trail, *arguments: str) -> Result:
    @click.group()
    def root() -> None:
        pass

    root.add_command(audit)
    words = ["audit", "verify", "--tenant", trail.tenant.slug, *arguments]

    def invoke() -> Any:
        return CliRunner().invoke(root, words, obj=Here(trail.settings), standalone_mode=False)

    # the command has an event loop of its own
    result: Result = await asyncio.to_thread(invoke)
    return result


async def test_intact_then_tampered_with(trail: Trail) -> None:
    result = await run(trail)
    assert (result.return_value, result.exception) == (0, None)
    assert "完整" in result.output
    anchor = result.output.strip().rpartition(" ")[2]
    assert (await run(trail, "--anchor", anchor)).return_value == 0
    assert (await run(trail, "--anchor", anchor[:-2] + ("00" if anchor[-2:] != "00" else "11"))).return_value == 1

    trail.tamper("UPDATE audit_event SET reason = 'x' FROM audit_link WHERE id = event_id AND sequence = 2")
    result = await run(trail, "--json")
    assert result.return_value == 1
    [verdict] = json.loads(result.output)
    assert (verdict["tenant"], verdict["intact"], verdict["problem"], verdict["broken_at"]) == (
        trail.tenant.slug,
        False,
        "changed",
        2,
    )


async def test_a_wrong_anchor_is_a_wrong_argument(trail: Trail) -> None:
    assert isinstance((await run(trail, "--anchor", "seven")).exception, click.BadParameter)
