"""A change of schema over all customers: killed anywhere, every customer is wholly on one version or the other."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text

from tenants.control import migrate_control
from tenants.migrate import Outcome, migrate_tenants
from tenants.migrations.history import TENANT
from tenants.models import Tenant
from tenants.owner import Owner
from tenants.provisioning import build_schema
from tests.support import ROOT, TestServices
from tests.tenants.migrating import with_one_more
from zhiren.ids import new_tenant_id
from zhiren.settings import Settings

CUSTOMERS = 24


@pytest_asyncio.fixture
async def crowd(services: TestServices) -> AsyncIterator[tuple[Owner, dict[str, str], str]]:
    """A database of its own with customers that have schemas and nothing in them."""
    env = services.another_database("migrate")
    owner = Owner(Settings.load(env), connections=3)
    await migrate_control(owner)
    for number in range(CUSTOMERS):
        async with owner.transaction() as session:
            made = Tenant(id=new_tenant_id(), slug=f"c-{number}", name=f"客户 {number}", status="active")
            session.add(made)
            await session.flush()
            await build_schema(session, owner, made.id)
    yield owner, env, env["ZHIREN_DATABASE_OWNER_URL"]
    await owner.close()


async def _states(owner: Owner) -> list[tuple[str, int]]:
    """For every customer: the version it says, and how many of the revision's three changes it has."""
    states = []
    async with owner.transaction() as session:
        ids = (await session.scalars(text("select id from control.tenant order by slug"))).all()
        for tenant_id in ids:
            version = await session.scalar(text(f"select version_num from {tenant_id}.alembic_version"))
            changes = await session.scalar(
                text(
                    "select (select count(*) from pg_attribute where attname in ('first_mark', 'last_mark')"
                    " and attrelid in (to_regclass(:user), to_regclass(:role)))"
                    " + (select count(*) from pg_class where relname = 'ix_auth_user_first_mark'"
                    " and relnamespace = to_regnamespace(:schema))"
                ),
                {"user": f"{tenant_id}.auth_user", "role": f"{tenant_id}.auth_role", "schema": tenant_id},
            )
            states.append((str(version), int(changes or 0)))
    return states


@pytest.mark.faults
async def test_killed_anywhere_every_customer_is_exact_and_a_rerun_finishes(
    crowd: tuple[Owner, dict[str, str], str], tmp_path: Path
) -> None:
    owner, env, _url = crowd
    history = with_one_more(tmp_path / "history", TENANT, pause_s=0.05)
    kills, seen = 0, Counter[str]()
    for pause_s in (0.0, 0.03, 0.07, 0.11, 0.02, 0.09, 0.05, 0.01):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.tenants.migrating", str(history.directory)),
            cwd=ROOT,
            env={**os.environ, **env, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        # once the first customer of this run is done, somewhere inside the next ones
        if await process.stdout.readline():
            await asyncio.sleep(pause_s)
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        await process.wait()
        await asyncio.sleep(0.2)
        for version, changes in await _states(owner):
            assert (version, changes) in {(TENANT.head, 0), ("9999", 3)}
            seen[version] += 1
    assert kills >= 3
    assert len(seen) == 2, "the kills came too early or too late to show anything"

    report = await migrate_tenants(owner, history=history)
    assert not report.failed
    assert report.count("migrated") + report.count("current") == CUSTOMERS
    assert set(await _states(owner)) == {("9999", 3)}
    async with owner.transaction() as session:
        versions = await session.scalars(text("select distinct version from control.tenant_migration"))
        assert versions.all() == ["9999"]


async def test_a_customer_whose_tables_are_locked_is_tried_again_and_the_others_go_on(
    crowd: tuple[Owner, dict[str, str], str], tmp_path: Path
) -> None:
    owner, env, _url = crowd
    history = with_one_more(tmp_path / "history", TENANT)
    blocker = Owner(Settings.load(env), connections=1)
    told: list[Outcome] = []

    async def block() -> None:
        async with blocker.transaction() as session:
            await session.execute(text(f"lock table {locked}.auth_user"))
            holding.set()
            await others_done.wait()

    async with owner.transaction() as session:
        locked = await session.scalar(text("select id from control.tenant where slug = 'c-0'"))
    holding, others_done = asyncio.Event(), asyncio.Event()

    def tell(done: int, total: int, outcome: Outcome) -> None:
        told.append(outcome)
        if done == total - 1:
            others_done.set()

    task = asyncio.create_task(block())
    await holding.wait()
    began_s = time.monotonic()
    report = await migrate_tenants(owner, history=history, lock_timeout_s=0.05, progress=tell)
    await task
    await blocker.close()
    assert not report.failed
    assert told[-1].slug == "c-0"
    assert time.monotonic() - began_s < 20
    assert set(await _states(owner)) == {("9999", 3)}


async def test_a_customer_that_fails_keeps_its_version_and_says_why(
    crowd: tuple[Owner, dict[str, str], str], tmp_path: Path
) -> None:
    owner, _env, _url = crowd
    history = with_one_more(tmp_path / "history", TENANT)
    async with owner.transaction() as session:
        broken = await session.scalar(text("select id from control.tenant where slug = 'c-7'"))
        await session.execute(text(f"alter table {broken}.auth_role add column last_mark text"))
    report = await migrate_tenants(owner, history=history)
    assert [outcome.slug for outcome in report.failed] == ["c-7"]
    assert report.count("migrated") == CUSTOMERS - 1
    states = Counter(await _states(owner))
    assert states == {("9999", 3): CUSTOMERS - 1, (TENANT.head, 1): 1}
    async with owner.transaction() as session:
        row = await session.execute(
            text("select version, state, error from control.tenant_migration where tenant_id = :id"), {"id": broken}
        )
        version, state, error = row.one()
    assert (version, state) == (TENANT.head, "failed")
    assert "last_mark" in error
    async with owner.transaction() as session:
        await session.execute(text(f"alter table {broken}.auth_role drop column last_mark"))
    again = await migrate_tenants(owner, history=history, slugs=["c-7"])
    assert [outcome.state for outcome in again.outcomes] == ["migrated"]
    assert set(await _states(owner)) == {("9999", 3)}


async def test_two_runs_at_once_do_the_work_once(crowd: tuple[Owner, dict[str, str], str], tmp_path: Path) -> None:
    owner, env, _url = crowd
    history = with_one_more(tmp_path / "history", TENANT)
    other = Owner(Settings.load(env), connections=3)
    first, second = await asyncio.gather(
        migrate_tenants(owner, history=history), migrate_tenants(other, history=history)
    )
    await other.close()
    assert not first.failed
    assert not second.failed
    assert first.count("migrated") + second.count("migrated") == CUSTOMERS
    assert set(await _states(owner)) == {("9999", 3)}
