"""A job is asked for once, run once, and its end is written down once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from tests.platform.jobs.conftest import HR, Drain, Mailbox, State
from zhiren.context import Actor, Context, Scope, TenantRef
from zhiren.db import Database
from zhiren.errors import Conflict, KeyServiceUnavailable
from zhiren.ids import new_id
from zhiren.jobs import Job, JobCancelled, JobRun, Outbox, enqueue, job, repository, service
from zhiren.jobs.errors import JobHandedBack, JobNotCancellable, JobNotFound, JobNotRetryable
from zhiren.jobs.executor import execute, execute_turn
from zhiren.jobs.relay import Relay
from zhiren.jobs.runtime import TENANT_LIMIT, Runtime

SEEN: dict[str, list[Any]] = {}


def seen(key: str) -> list[Any]:
    return SEEN.setdefault(key, [])


@job("test.note", title="记一笔")
async def note(run: JobRun, *, key: str) -> dict[str, Any]:
    async with run.tenant() as ctx:
        seen(key).append((ctx.tenant.id, ctx.actor.kind, ctx.actor.user_id))
    await run.progress(1, 1)
    return {"noted": 1}


@job("test.fault", title="出错", max_retries=2)
async def fault(run: JobRun, *, key: str) -> None:
    seen(key).append(1)
    raise RuntimeError("secret detail")


@job("test.refuse", title="拒绝")
async def refuse(run: JobRun, *, key: str) -> None:
    seen(key).append(1)
    raise Conflict("本月工资已关账。", hint="请开新的一次。")


@job("test.no_keys", title="无密钥", max_retries=0)
async def no_keys(run: JobRun, *, key: str) -> None:
    seen(key).append(1)
    if len(seen(key)) < 4:
        raise KeyServiceUnavailable("密钥服务没有应答。")


@job("test.slow", title="慢", time_limit_s=0.2)
async def slow(run: JobRun) -> None:
    await asyncio.sleep(30)


@job("test.chunks", title="分段")
async def chunks(run: JobRun, *, key: str, stop_at: int = -1, stop: str = "") -> None:
    for index in range(5):
        async with run.tenant():
            if index in seen(key):
                continue
            seen(key).append(index)
        if index == stop_at:
            if stop == "cancel":
                async with run.tenant() as ctx:
                    await repository.ask_to_cancel(ctx.session, run.job_id)
            elif stop == "shut down":
                run.runtime.stopping.set()
            run._stored_at_s = 0.0
        await run.progress(index + 1, 5)


async def ask(database: Database, tenant: TenantRef, name: str, actor: Actor = HR, **options: Any) -> UUID:
    async with database.tenant(tenant, actor=actor) as ctx:
        return await enqueue(ctx, name, options.pop("args", {}), **options)


async def make_due(database: Database, tenant: TenantRef) -> None:
    """Let all pauses be over."""
    async with database.tenant(tenant) as ctx:
        await ctx.session.execute(update(Outbox).where(Outbox.lease.is_(None)).values(due_at=func.now()))


async def test_runs_as_the_job_of_who_asked(database: Database, tenant: TenantRef, drain: Drain, load: State) -> None:
    job_id = await ask(database, tenant, "test.note", args={"key": "a"})
    assert await drain() == ["succeeded"]
    assert seen("a") == [(tenant.id, "job", HR.user_id)]
    done = await load(job_id)
    assert (done.state, done.result, done.progress_done) == ("succeeded", {"noted": 1}, 1)
    assert done.started_at is not None
    assert done.finished_at is not None


async def test_rolled_back_is_never_asked(database: Database, tenant: TenantRef, drain: Drain) -> None:
    async def fail() -> None:
        async with database.tenant(tenant) as ctx:
            await enqueue(ctx, "test.note", {"key": "b"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await drain() == []
    assert seen("b") == []


async def test_same_key_is_the_same_job(database: Database, tenant: TenantRef, drain: Drain) -> None:
    first = await ask(database, tenant, "test.note", args={"key": "c"}, key="once")
    assert await ask(database, tenant, "test.note", args={"key": "c"}, key="once") == first
    assert await drain() == ["succeeded"]
    assert await ask(database, tenant, "test.note", args={"key": "c"}, key="once") == first
    assert await drain() == []
    assert len(seen("c")) == 1


async def test_same_key_at_the_same_time(database: Database, tenant: TenantRef, drain: Drain) -> None:
    ids = await asyncio.gather(*[ask(database, tenant, "test.note", args={"key": "d"}, key="race") for _ in range(6)])
    assert len(set(ids)) == 1
    assert await drain() == ["succeeded"]


async def test_unknown_name_and_long_arguments_are_the_callers_fault(ctx: Context) -> None:
    with pytest.raises(LookupError):
        await enqueue(ctx, "test.nothing")
    with pytest.raises(ValueError, match="ids"):
        await enqueue(ctx, "test.note", {"key": "x" * 20_000})


async def test_a_hint_seen_many_times_runs_once(
    database: Database, tenant: TenantRef, runtime: Runtime, relay: Relay, mailbox: Mailbox
) -> None:
    job_id = await ask(database, tenant, "test.note", args={"key": "e"})
    # a hint that was never given out does nothing
    assert await execute(runtime, tenant, job_id) is None
    await relay.hand_out(tenant)
    assert mailbox.take() == [job_id]
    ended = await asyncio.gather(*[execute(runtime, tenant, job_id) for _ in range(5)])
    (outcome,) = [end for end in ended if end is not None]
    if outcome == "queued":
        # No connection was free in time for the one that ran: it goes on when it is due.
        assert not seen("e")
        await make_due(database, tenant)
        outcome = await execute(runtime, tenant, job_id)
    assert outcome == "succeeded"
    assert len(seen("e")) == 1
    assert await execute(runtime, tenant, job_id) is None


async def test_retried_then_failed_with_a_reference_only(
    database: Database, tenant: TenantRef, drain: Drain, load: State
) -> None:
    job_id = await ask(database, tenant, "test.fault", args={"key": "f"})
    for attempt in (1, 2):
        assert await drain() == ["queued"]
        assert (await load(job_id)).failures == attempt
        assert await drain() == [], "it waits before it is tried again"
        await make_due(database, tenant)
    assert await drain() == ["failed"]
    failed = await load(job_id)
    assert len(seen("f")) == 3
    assert failed.error_code == "jobs.unexpected"
    assert "secret" not in failed.error_message
    assert "RuntimeError" not in failed.error_message


async def test_refusal_ends_at_once_in_its_own_words(
    database: Database, tenant: TenantRef, drain: Drain, load: State
) -> None:
    job_id = await ask(database, tenant, "test.refuse", args={"key": "g"})
    assert await drain() == ["failed"]
    failed = await load(job_id)
    assert failed.error_code == "zhiren.conflict"
    assert failed.error_message == "本月工资已关账。 请开新的一次。"
    assert len(seen("g")) == 1


async def test_a_service_that_is_away_costs_no_retry(
    database: Database, tenant: TenantRef, drain: Drain, load: State
) -> None:
    job_id = await ask(database, tenant, "test.no_keys", args={"key": "h"})
    for _ in range(3):
        assert await drain() == ["queued"]
        assert (await load(job_id)).progress_note == "密钥服务没有应答。"
        await make_due(database, tenant)
    assert await drain() == ["succeeded"]


async def test_time_limit(database: Database, tenant: TenantRef, drain: Drain, load: State) -> None:
    job_id = await ask(database, tenant, "test.slow")
    assert await drain() == ["failed"]
    assert (await load(job_id)).error_code == "jobs.time_limit"


async def test_cancelled_between_chunks(database: Database, tenant: TenantRef, drain: Drain, load: State) -> None:
    job_id = await ask(database, tenant, "test.chunks", args={"key": "i", "stop_at": 2, "stop": "cancel"})
    assert await drain() == ["cancelled"]
    assert seen("i") == [0, 1, 2]
    assert (await load(job_id)).state == "cancelled"
    async with database.tenant(tenant, actor=HR) as ctx:
        await service.retry(ctx, job_id)
    seen("i").append(2)
    assert await drain() == ["succeeded"]
    assert sorted(set(seen("i"))) == [0, 1, 2, 3, 4]


async def test_cancelled_while_it_waits(database: Database, tenant: TenantRef, drain: Drain, load: State) -> None:
    job_id = await ask(database, tenant, "test.note", args={"key": "j"})
    async with database.tenant(tenant, actor=HR) as ctx:
        await service.cancel(ctx, job_id)
    assert (await load(job_id)).state == "cancelled"
    assert await drain() == []
    async with database.tenant(tenant, actor=HR) as ctx:
        with pytest.raises(JobNotCancellable):
            await service.cancel(ctx, job_id)


async def test_only_what_failed_is_retried(database: Database, tenant: TenantRef, drain: Drain) -> None:
    job_id = await ask(database, tenant, "test.note", args={"key": "k"})
    await drain()
    async with database.tenant(tenant, actor=HR) as ctx:
        with pytest.raises(JobNotRetryable):
            await service.retry(ctx, job_id)


async def test_a_worker_that_stops_gives_back(
    database: Database, tenant: TenantRef, runtime: Runtime, relay: Relay, *, mailbox: Mailbox, load: State
) -> None:
    job_id = await ask(database, tenant, "test.chunks", args={"key": "l", "stop_at": 1, "stop": "shut down"})
    await relay.hand_out(tenant)
    assert await execute(runtime, tenant, job_id) == "queued"
    back = await load(job_id)
    assert (back.state, back.failures, back.losses) == ("queued", 0, 0)
    fresh = Runtime(database, runtime.tenants)
    await relay.hand_out(tenant)
    assert await execute(fresh, tenant, job_id) == "succeeded"
    assert seen("l") == [0, 1, 2, 3, 4], "each chunk once"


async def test_a_dead_workers_job_is_taken_over_and_the_dead_may_not_write(
    database: Database, tenant: TenantRef, runtime: Runtime, relay: Relay, *, mailbox: Mailbox, load: State
) -> None:
    job_id = await ask(database, tenant, "test.note", args={"key": "m"})
    await relay.hand_out(tenant)
    async with database.tenant(tenant) as ctx:
        claim = await repository.claim(ctx.session, job_id, lease_s=30)
    assert claim is not None
    lost = JobRun(runtime, tenant, claim.job, claim.lease)
    assert await execute(runtime, tenant, job_id) is None, "its lease lasts"
    async with database.tenant(tenant) as ctx:
        past = func.now() - func.make_interval(0, 0, 0, 0, 0, 0, 1)
        await ctx.session.execute(update(Outbox).values(lease_until=past, due_at=past))
    await relay.hand_out(tenant)
    # the old holder is in the middle of a chunk: nobody takes over before it ends
    async with lost.tenant():
        assert await execute(runtime, tenant, job_id) is None
    assert await execute(runtime, tenant, job_id) == "succeeded"
    assert (await load(job_id)).losses == 0, "progress wipes the count"
    with pytest.raises(JobHandedBack):
        async with lost.tenant():
            pytest.fail("a lost holder wrote")
    with pytest.raises(JobHandedBack):
        await lost.progress(1, 1)


async def test_a_lost_hint_is_sent_again(database: Database, tenant: TenantRef, relay: Relay, mailbox: Mailbox) -> None:
    job_id = await ask(database, tenant, "test.note", args={"key": "n"})
    assert await relay.hand_out(tenant) == pytest.approx(10, abs=1)
    assert mailbox.take() == [job_id]
    await relay.hand_out(tenant)
    assert mailbox.take() == [], "not before its time"
    await make_due(database, tenant)
    await relay.hand_out(tenant)
    assert mailbox.take() == [job_id]


async def test_a_busy_customer_leaves_room(
    database: Database, tenant: TenantRef, runtime: Runtime, relay: Relay, mailbox: Mailbox
) -> None:
    for index in range(TENANT_LIMIT + 2):
        await ask(database, tenant, "test.note", args={"key": f"o{index}"})
    await relay.hand_out(tenant)
    handed = mailbox.take()
    assert len(handed) == TENANT_LIMIT
    await relay.hand_out(tenant)
    assert mailbox.take() == []
    await execute(runtime, tenant, handed[0])
    await relay.hand_out(tenant)
    assert len(mailbox.take()) == 1


async def test_small_jobs_follow_each_other(
    database: Database, tenant: TenantRef, runtime: Runtime, relay: Relay, mailbox: Mailbox
) -> None:
    """One hint is enough for a queue of them, and each is still run once."""
    ids = [await ask(database, tenant, "test.note", args={"key": f"s{index}"}) for index in range(8)]
    await relay.hand_out(tenant)
    first, *_others = mailbox.take()
    assert first == ids[0]
    # the two that were handed out beside it belong to whoever gets their hints
    assert await execute_turn(runtime, tenant, first, turn_s=60) == len(ids) - 2
    assert [len(seen(f"s{index}")) for index in range(8)] == [1, 0, 0, 1, 1, 1, 1, 1]


async def test_one_relay_at_a_time(database: Database, tenant: TenantRef, relay: Relay, mailbox: Mailbox) -> None:
    await ask(database, tenant, "test.note", args={"key": "p"})
    async with database.tenant(tenant) as ctx:
        assert await repository.try_relay_lock(ctx.session, tenant.id)
        await relay.hand_out(tenant)
        assert mailbox.take() == []
    await relay.hand_out(tenant)
    assert len(mailbox.take()) == 1


async def test_people_see_their_own_and_administrators_all(
    database: Database, tenant: TenantRef, other_tenant: TenantRef
) -> None:
    job_id = await ask(database, tenant, "test.note", args={"key": "q"})
    colleague = Actor(user_id=new_id(), name="周宁")
    administrator = replace(colleague, grants={service.PERMISSION_ALL: Scope(frozenset({"all"}))})
    async with database.tenant(tenant, actor=HR) as ctx:
        assert (await service.visible_job(ctx, job_id)).id == job_id
        assert [found.id for found in await service.list_jobs(ctx)] == [job_id]
    async with database.tenant(tenant, actor=colleague) as ctx:
        assert await service.list_jobs(ctx) == []
        with pytest.raises(JobNotFound):
            await service.cancel(ctx, job_id)
    async with database.tenant(tenant, actor=administrator) as ctx:
        assert [found.id for found in await service.list_jobs(ctx)] == [job_id]
    async with database.tenant(other_tenant, actor=administrator) as ctx:
        assert await service.list_jobs(ctx) == []
        with pytest.raises(JobNotFound):
            await service.visible_job(ctx, job_id)


async def test_two_jobs_of_one_name_are_a_fault_of_the_program() -> None:
    with pytest.raises(ValueError, match="two jobs"):

        @job("test.note", title="另一个")
        async def other(run: JobRun) -> None: ...

    with pytest.raises(ValueError, match="form"):
        job("note", title="")


async def test_catching_everything_does_not_catch_a_cancellation() -> None:
    assert not issubclass(JobCancelled, Exception)


async def test_listing_needs_no_more_than_one_query(database: Database, tenant: TenantRef) -> None:
    for index in range(3):
        await ask(database, tenant, "test.note", args={"key": f"r{index}"})
    async with database.tenant(tenant, actor=HR) as ctx:
        newest_first = await service.list_jobs(ctx, limit=2)
        older = await service.list_jobs(ctx, before=newest_first[-1].id)
        assert [len(newest_first), len(older)] == [2, 1]
        assert newest_first[0].id > newest_first[1].id > older[0].id
        assert (await ctx.session.execute(select(func.count()).select_from(Job))).scalar_one() == 3
