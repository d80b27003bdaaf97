"""No event left out, none twice, whatever the writers and the sequencer's own deaths."""

from __future__ import annotations

import asyncio
import random

import psycopg

from tests.platform.audit.conftest import Trail
from zhiren.audit import record
from zhiren.audit.verify import chain_state


async def linked(trail: Trail) -> tuple[int, int, int]:
    """Events, links, and distinct events among the links."""
    with trail.superuser() as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM audit_event), count(*), count(DISTINCT event_id) FROM audit_link"
        ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2])


async def test_batches_add_up_without_gap_or_double(trail: Trail) -> None:
    trail.sequencer = trail.new_sequencer(batch=7)
    await trail.write(50)
    assert await trail.chain() == 50
    assert await trail.chain() == 0
    events, links, distinct = await linked(trail)
    assert events == links == distinct
    assert (await trail.verify()).intact


async def test_an_event_that_commits_late_is_chained_late_not_lost(trail: Trail) -> None:
    async with trail.database.tenant(trail.tenant) as slow:
        record(slow, "test.slow", object_type="x", object_id="1")
        await slow.session.flush()
        await trail.write(5)
        # the writers behind it are chained at once: nobody waits for the slow one
        assert await trail.chain() == 5
        assert await trail.chain() == 0
    assert await trail.chain() == 1
    await trail.write(1)
    assert await trail.chain() == 1
    events, links, distinct = await linked(trail)
    assert events == links == distinct
    assert (await trail.verify()).intact


async def test_many_writers_that_commit_and_roll_back_in_any_order(trail: Trail) -> None:
    dice = random.Random(5)
    done = 0

    async def writer(seed: int) -> None:
        nonlocal done
        pause = random.Random(seed)
        for _ in range(10):
            try:
                async with trail.database.tenant(trail.tenant) as ctx:
                    record(ctx, "test.write", object_type="x", object_id=str(seed))
                    await ctx.session.flush()
                    await asyncio.sleep(pause.random() / 50)
                    if pause.random() < 0.2:
                        raise RuntimeError
                    done += 1
            except RuntimeError:
                continue

    before = (await linked(trail))[1]
    writers = [asyncio.create_task(writer(seed)) for seed in range(6)]
    chained = 0
    while not all(task.done() for task in writers):
        chained += await trail.sequencer.chain(trail.tenant.id)
        await asyncio.sleep(dice.random() / 100)
    await asyncio.gather(*writers)
    chained += await trail.chain()
    assert chained == done
    events, links, distinct = await linked(trail)
    assert events == links == distinct == before + done
    assert (await trail.verify()).intact


async def test_two_sequencers_take_turns(trail: Trail) -> None:
    await trail.write(200)
    pair = [trail.new_sequencer(batch=9), trail.new_sequencer(batch=9)]
    counts = [0, 0]

    async def work(number: int) -> None:
        idle = 0
        while idle < 5:
            count = await pair[number].chain(trail.tenant.id)
            counts[number] += count
            idle = 0 if count else idle + 1
            await asyncio.sleep(0)

    await asyncio.gather(work(0), work(1))
    assert sum(counts) == 200
    assert (await trail.verify()).intact


async def test_killed_at_any_point_it_goes_on_where_it_was(trail: Trail) -> None:
    await trail.write(300)
    dice = random.Random(3)
    killed = 0
    for _ in range(12):
        sequencer = trail.new_sequencer(batch=20)
        work = asyncio.create_task(sequencer.chain(trail.tenant.id))
        await asyncio.sleep(dice.random() / 60)
        with trail.superuser() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'zhiren-sequencer' AND datname = current_database()"
            )
        [outcome] = await asyncio.gather(work, return_exceptions=True)
        killed += isinstance(outcome, psycopg.Error)
        await sequencer.close()
        assert (await trail.verify()).intact
    assert killed, "no kill hit its work: the test proves nothing"
    await trail.sequencer.close()
    await trail.chain()
    events, links, distinct = await linked(trail)
    assert events == links == distinct
    assert (await trail.verify()).intact


async def test_tables_from_another_cluster_are_chained_on(trail: Trail) -> None:
    """Moved house: the transaction numbers of before mean nothing here."""
    await trail.write(3)
    await trail.chain()
    trail.tamper("UPDATE audit_head SET cursor_xid = 1::bigint << 60")
    trail.sequencer = trail.new_sequencer(batch=2)
    await trail.write(5)
    assert await trail.chain() == 5
    await trail.write(1)
    assert await trail.chain() == 1
    assert (await trail.verify()).intact


async def test_the_service_chains_by_itself_and_outlives_a_lost_connection(trail: Trail) -> None:
    sequencer = trail.new_sequencer()
    running = asyncio.create_task(sequencer.run())
    try:
        for _ in range(2):
            await trail.write(2)
            for _ in range(100):
                await asyncio.sleep(0.05)
                if (await trail.verify()).pending == 0:
                    break
            verdict = await trail.verify()
            assert (verdict.pending, verdict.intact) == (0, True)
            with trail.superuser() as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'zhiren-sequencer' AND datname = current_database()"
                )
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    async with trail.database.tenant(trail.tenant) as ctx:
        sequence, at = await chain_state(ctx.session)
    assert sequence == (await trail.verify()).checked
    assert at is not None
