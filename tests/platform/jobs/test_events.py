"""An event reaches each handler once, and one handler's fault is its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tenants.registry import Registry
from tests.platform.jobs.conftest import HR, Mailbox
from zhiren import events
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.jobs.executor import execute
from zhiren.jobs.relay import Relay
from zhiren.jobs.runtime import Runtime, event_handlers
from zhiren.modules import Module

HEARD: list[tuple[str, str]] = []


async def on_hired(ctx: Context, payload: Mapping[str, Any]) -> None:
    HEARD.append(("payroll", payload["employee_id"]))


async def on_hired_too(ctx: Context, payload: Mapping[str, Any]) -> None:
    HEARD.append(("attendance", payload["employee_id"]))
    raise RuntimeError("its own fault")


MODULES = (
    Module("payroll", "工资", "", "1", "x", event_handlers=[("records.employee.hired", on_hired)]),
    Module("attendance", "考勤", "", "1", "x", event_handlers=[("records.employee.hired", on_hired_too)]),
)


async def test_each_handler_in_a_job_of_its_own(database: Database, registry: Registry, tenant: TenantRef) -> None:
    runtime = Runtime(database, registry, event_handlers(MODULES))
    mailbox = Mailbox()
    relay = Relay(runtime, mailbox)
    async with database.tenant(tenant, actor=HR) as ctx:
        await events.emit(ctx, "records.employee.hired", {"employee_id": "e1"})
        await events.emit(ctx, "records.employee.left", {"employee_id": "e1"})
    while await relay.hand_out(tenant) == 0.0:
        pass
    ended = sorted([str(await execute(runtime, tenant, job_id)) for job_id in mailbox.take()])
    assert ended == ["queued", "succeeded"]
    assert sorted(HEARD) == [("attendance", "e1"), ("payroll", "e1")]
    await relay.hand_out(tenant)
    assert mailbox.take() == [], "the faulty one waits, the other is done"


async def test_rolled_back_is_never_told(database: Database, registry: Registry, tenant: TenantRef) -> None:
    mailbox = Mailbox()
    relay = Relay(Runtime(database, registry, event_handlers(MODULES)), mailbox)

    async def fail() -> None:
        async with database.tenant(tenant) as ctx:
            await events.emit(ctx, "records.employee.hired", {"employee_id": "e2"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await relay.hand_out(tenant) is None
    assert mailbox.take() == []


async def test_events_name_rows_by_ids(ctx: Context) -> None:
    with pytest.raises(ValueError, match="ids"):
        await events.emit(ctx, "records.employee.hired", {"employee_ids": ["x" * 36] * 5000})


def test_handlers_have_names_of_their_own() -> None:
    with pytest.raises(ValueError, match="two handlers"):
        event_handlers([Module("m", "", "", "1", "x", event_handlers=[("a.b", on_hired), ("a.b", on_hired)])])
