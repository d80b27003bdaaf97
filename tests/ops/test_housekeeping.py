"""What is over is forgotten, hour by hour, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from modules.records.errors import UndoRefused
from modules.records.models import Import, ImportRow
from modules.records.service.imports import staging, undoing
from ops import console, hosted
from ops.console.models import Operator, OperatorSession
from ops.hosted import Hosted
from tenants.owner import Owner
from tests.modules.records import sheets
from zhiren.audit import AuditEvent
from zhiren.auth.authenticator import Authenticator
from zhiren.auth.models import ApiToken, Attempt, Recovery, Session, User
from zhiren.auth.policy import policy_of
from zhiren.auth.runtime import AuthRuntime
from zhiren.auth.service import create_user, open_session
from zhiren.auth.tokens import token_hash
from zhiren.context import Context, TenantRef
from zhiren.ids import new_id
from zhiren.jobs import housekeeping
from zhiren.jobs.runtime import runtime_of
from zhiren.settings import Settings
from zhiren.web.models import IdempotentAnswer

#: closes the pools of ``parts``
pytestmark = pytest.mark.usefixtures("app")

NOW = datetime.now(UTC)
AGO = NOW - timedelta(days=400)
SOON = NOW + timedelta(hours=1)


async def tidy(parts: Hosted) -> dict[str, int]:
    return dict(await housekeeping.tidy(runtime_of(parts), hosted.chores_of(parts)))


def a_session(user: User, **values: Any) -> Session:
    fresh = {"stage": "full", "last_seen_at": NOW, "expires_at": SOON, "authenticated_at": NOW}
    return Session(user_id=user.id, token_hash=token_hash(new_id().hex), **{**fresh, **values})


async def test_what_is_over_goes_and_the_rest_stays(parts: Hosted, tenant: TenantRef) -> None:
    async with parts.database.tenant(tenant) as ctx:
        user = await create_user(ctx, login="tidy", name="整洁", password="another staple, horse 7 42", roles=[])
        await ctx.session.flush()
        kept = [
            a_session(user),
            Recovery(user_id=user.id, kind="code", secret_hash=b"fresh code"),
            Recovery(user_id=user.id, kind="link", secret_hash=b"fresh link", expires_at=SOON),
            Attempt(subject=b"locked", failed_count=100, failed_at=AGO, locked_until=NOW + timedelta(days=3000)),
            Attempt(subject=b"lately", failed_count=1, failed_at=NOW),
            ApiToken(user_id=user.id, name="新", token_hash=b"a", permissions=[], expires_at=SOON),
            ApiToken(
                user_id=user.id, name="刚到期", token_hash=b"b", permissions=[], expires_at=NOW - timedelta(days=1)
            ),
            IdempotentAnswer(actor="x", key="new", request_hash=b"", created_at=NOW),
        ]
        gone = [
            a_session(user, expires_at=NOW - timedelta(seconds=1)),
            a_session(user, last_seen_at=NOW - timedelta(hours=25)),
            a_session(user, stage="second_factor", expires_at=NOW - timedelta(seconds=1)),
            Recovery(user_id=user.id, kind="code", secret_hash=b"old code", used_at=AGO),
            Recovery(user_id=user.id, kind="link", secret_hash=b"old link", expires_at=AGO),
            Attempt(subject=b"long ago", failed_count=3, failed_at=AGO),
            ApiToken(user_id=user.id, name="旧", token_hash=b"c", permissions=[], expires_at=AGO),
            *(IdempotentAnswer(actor="x", key=f"old{n}", request_hash=b"", created_at=AGO) for n in range(30)),
        ]
        ctx.session.add_all([*kept, *gone])
    removed = await tidy(parts)
    assert removed["auth"] >= 7
    assert removed["web.idempotency"] == 30
    async with parts.database.tenant(tenant) as ctx:
        for row in kept:
            assert await ctx.session.get(type(row), _key(row)) is not None, row
        for row in gone:
            assert await ctx.session.get(type(row), _key(row)) is None, row
    assert not any((await tidy(parts)).values()), "twice does nothing more"


def _key(row: Any) -> Any:
    return row.subject if isinstance(row, Attempt) else row.id


async def test_an_upload_that_nobody_commits_is_thrown_away(parts: Hosted, tenant: TenantRef) -> None:
    data = sheets.xlsx([list(sheets.ROSTER), *sheets.roster(3)])
    async with parts.database.tenant(tenant) as ctx:
        old, new = [(await staging.stage(ctx, "花名册.xlsx", data)).id for _ in range(2)]
        done = (await staging.stage(ctx, "花名册.xlsx", data)).id
        past = datetime.now(UTC) - staging.KEEP_OPEN - timedelta(minutes=1)
        await ctx.session.execute(update(Import).where(Import.id.in_((old, done))).values(created_at=past))
        await ctx.session.execute(update(Import).where(Import.id == done).values(state="committed"))
    assert (await tidy(parts))["records.expire"] == 1
    async with parts.database.tenant(tenant) as ctx:
        states = {one.id: (one.state, one.file_ct is None) for one in await ctx.session.scalars(select(Import))}
        assert (states[old], states[new][0], states[done][0]) == (("cancelled", True), "staged", "committed")
        rows = await ctx.session.execute(select(ImportRow.import_id, func.count()).group_by(ImportRow.import_id))
        assert {row[0] for row in rows} == {new, done}
        event = (
            await ctx.session.scalars(select(AuditEvent).where(AuditEvent.action == "records.import.cancel"))
        ).one()
        assert event.object_id == str(old)


async def test_what_an_import_read_is_forgotten_in_time(parts: Hosted, tenant: TenantRef) -> None:
    data = sheets.xlsx([list(sheets.ROSTER), *sheets.roster(3)])
    async with parts.database.tenant(tenant) as ctx:
        old, new = [(await staging.stage(ctx, "花名册.xlsx", data)).id for _ in range(2)]
        past = datetime.now(UTC) - staging.KEEP_DONE
        for import_id, done_at in ((old, past - timedelta(minutes=1)), (new, past + timedelta(hours=1))):
            done = update(Import).where(Import.id == import_id).values(state="committed", committed_at=done_at)
            await ctx.session.execute(done)
    assert (await tidy(parts))["records.expire"] == 1
    async with parts.database.tenant(tenant) as ctx:
        kept = set(await ctx.session.scalars(select(ImportRow.import_id).distinct()))
        assert (old in kept, new in kept) == (False, True)
        assert (await ctx.session.get_one(Import, old)).state == "committed"
        with pytest.raises(UndoRefused, match="撤销"):
            await undoing.start(ctx, old)
    assert (await tidy(parts))["records.expire"] == 0


async def test_one_chore_that_fails_keeps_no_other(
    parts: Hosted, tenant: TenantRef, other_tenant: TenantRef, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    async def broken(_ctx: Context) -> int:
        raise RuntimeError("out of order")

    async def sound(ctx: Context) -> int:
        done.append(ctx.tenant.id)
        return 1

    removed = await housekeeping.tidy(runtime_of(parts), {"broken": broken, "sound": sound})
    assert {tenant.id, other_tenant.id} <= set(done)
    assert removed["sound"] == len(done)
    assert "broken failed" in caplog.text


async def test_operators_sessions_end_as_well(parts: Hosted, owner: Owner) -> None:
    async with owner.transaction() as session:
        operator = Operator(login=new_id().hex, name="运营", password_hash="x")
        session.add(operator)
        await session.flush()
        for name, ends_at in ((b"over", AGO), (b"on", SOON)):
            session.add(OperatorSession(operator_id=operator.id, token_hash=name, expires_at=ends_at))
    await console.forget_ended(parts.database, parts.settings)
    async with owner.transaction() as session:
        left = select(OperatorSession.token_hash).where(OperatorSession.operator_id == operator.id)
        assert list(await session.scalars(left)) == [b"on"]
        await session.execute(delete(OperatorSession).where(OperatorSession.operator_id == operator.id))


async def test_the_scheduler_does_it(settings: Settings) -> None:
    parts = hosted.deployment(settings)
    assert {"housekeeping", "operators' sessions"} <= {task.name for task in hosted.scheduled(parts)}
    assert "records.expire" in hosted.chores_of(parts)
    await parts.database.close()


async def test_the_settings_say_how_long_a_log_in_lasts(settings: Settings, parts: Hosted, tenant: TenantRef) -> None:
    short = Settings.load({**settings.to_env(), "ZHIREN_SESSION_IDLE_S": "60", "ZHIREN_SESSION_ABSOLUTE_S": "300"})
    policy = policy_of(short)
    made = hosted.deployment(short)
    assert isinstance(made.authenticator, AuthRuntime)
    assert made.authenticator.policy == policy
    assert made.state["console"].policy == policy
    await made.database.close()
    door = Authenticator(secure=False, policy=policy)
    async with parts.database.tenant(tenant) as ctx:
        user = await create_user(ctx, login="short", name="短", password="another staple, horse 7 42", roles=[])
        await ctx.session.flush()
        token = await open_session(ctx, user, policy=policy)
        found = (await ctx.session.scalars(select(Session).where(Session.token_hash == token_hash(token)))).one()
        assert timedelta(seconds=295) < found.expires_at - datetime.now(UTC) <= timedelta(seconds=300)
        actor = await door.actor(ctx, token)
        assert actor is not None
        mine = ctx.with_actor(actor)
        assert await door.again(mine) is not None
        found.last_seen_at = datetime.now(UTC) - timedelta(minutes=4)
        await ctx.session.flush()
        assert await door.actor(ctx, token) is None
        assert await door.again(mine) is None
