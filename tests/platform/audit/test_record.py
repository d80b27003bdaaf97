from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from tests.platform.audit.conftest import Trail
from tests.platform.crypto.fakes import MemoryUnwrapper
from zhiren.audit import AuditEvent, opened_changes, record
from zhiren.context import Actor, Context, TenantRef
from zhiren.crypto import Keyring, SealBroken
from zhiren.db import Database
from zhiren.errors import KeyServiceUnavailable
from zhiren.ids import new_id


async def events(ctx: Context) -> list[AuditEvent]:
    await ctx.session.flush()
    return list(await ctx.session.scalars(select(AuditEvent).order_by(AuditEvent.position)))


async def test_an_event_says_who_as_what_from_where_on_what_which_fields_and_why(ctx: Context) -> None:
    person = Actor(new_id(), "王芳", roles=("hr", "payroll"), session_id=new_id())
    ctx = replace(ctx, actor=person, ip="10.0.0.7", user_agent="Firefox\0" + "x" * 1000, request_id="r-1")
    employee_id = new_id()
    record(
        ctx,
        "records.employee.update",
        object_type="employee",
        object_id=employee_id,
        changes={"base_fen": (800_000, 900_000), "born_on": (None, date(1990, 1, 2))},
        fields=["note"],
        reason="年度调薪",
        sensitive=True,
    )
    event = (await events(ctx))[-1]
    assert (event.action, event.actor_kind, event.actor_name, event.actor_roles) == (
        "records.employee.update",
        "user",
        "王芳",
        ["hr", "payroll"],
    )
    assert (event.actor_user_id, event.session_id) == (person.user_id, person.session_id)
    assert (event.ip, event.request_id, event.object_type, event.object_id) == (
        "10.0.0.7",
        "r-1",
        "employee",
        str(employee_id),
    )
    assert event.user_agent.startswith("Firefox�")
    assert len(event.user_agent) == 500
    assert (event.fields, event.reason, event.sensitive) == (["base_fen", "born_on", "note"], "年度调薪", True)
    assert opened_changes(ctx, event) == {"base_fen": (800_000, 900_000), "born_on": (None, "1990-01-02")}


async def test_values_are_sealed_to_their_event(ctx: Context) -> None:
    for value in ("机密一", "机密二"):
        record(ctx, "a.b.c", object_type="x", object_id="1", changes={"f": ("", value)})
    one, two = (await events(ctx))[-2:]
    assert "机密一".encode() not in (one.changes_ct or b"")
    two.changes_ct = one.changes_ct
    with pytest.raises(SealBroken):
        opened_changes(ctx, two)


async def test_act_and_event_stand_or_fall_together(database: Database, tenant: TenantRef) -> None:
    async def fails() -> None:
        async with database.tenant(tenant) as ctx:
            record(ctx, "test.rolled.back", object_type="x", object_id="1")
            await ctx.session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fails()
    async with database.tenant(tenant) as ctx:
        assert not [event for event in await events(ctx) if event.action == "test.rolled.back"]


async def test_an_act_that_cannot_be_recorded_is_not_done(ctx: Context) -> None:
    locked = replace(ctx, keyring=Keyring(ctx.tenant.id, MemoryUnwrapper()))
    with pytest.raises(KeyServiceUnavailable):
        record(locked, "a.b.c", object_type="x", object_id="1", changes={"f": (1, 2)})
    # what carries no values can be recorded without a key: logging in, and out
    record(locked, "auth.session.start", object_type="session", object_id="1")
    assert (await events(locked))[-1].action == "auth.session.start"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET action = 'x'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event CASCADE",
        "INSERT INTO audit_link (sequence, event_id, hash) VALUES (1, gen_random_uuid(), '')",
        "UPDATE audit_link SET hash = ''",
        "DELETE FROM audit_link",
        "UPDATE audit_head SET sequence = 0",
        "INSERT INTO audit_head (id, sequence, hash, cursor_xid) VALUES (1, 0, '', 0)",
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "DROP TABLE audit_event",
    ],
)
async def test_the_app_can_add_events_and_change_none(ctx: Context, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        await ctx.session.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_event (id, action, actor_kind, actor_name, actor_roles, request_id, ip, user_agent,"
        " object_type, object_id, fields, reason, sensitive)"
        " VALUES (gen_random_uuid(), '', 'user', '', '{}', '', '', '', '', '', '{}', '', false)",
        "UPDATE audit_event SET action = 'x'",
        "DELETE FROM audit_event",
        "UPDATE audit_link SET hash = ''",
        "DELETE FROM audit_link",
        "SELECT * FROM auth_user",
    ],
)
def test_the_sequencer_can_add_links_and_nothing_else(trail: Trail, statement: str) -> None:
    with psycopg.connect(trail.settings.database_sequencer_url) as connection:
        connection.execute(f"SET LOCAL search_path TO {trail.tenant.id}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


async def test_a_value_of_any_type_can_be_recorded(ctx: Context) -> None:
    class Odd:
        def __str__(self) -> str:
            return "odd"

    values: list[Any] = [None, 1, 1.5, True, "😀\0", b"\0", new_id(), [1], {"a": 1}, Odd()]
    for value in values:
        record(ctx, "a.b.c", object_type="x", object_id="1", changes={"f": (None, value)})
    stored = [opened_changes(ctx, event)["f"][1] for event in (await events(ctx))[-len(values) :]]
    assert stored[:6] == values[:6]
    assert stored[-1] == "odd"
