"""One change of schema over all customers: several at a time, each in a transaction of its own, resumable.

A customer's version changes in the transaction that changes its tables, so whatever kills the run leaves every customer
wholly on one version or the other; the next run goes on with those that are behind. A change that waits for a lock
gives up after ``LOCK_TIMEOUT_S``, so that it never queues up requests behind it, and is tried again later.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from tenants import repository
from tenants.migrations.history import TENANT, History
from tenants.models import Tenant
from tenants.owner import Owner, run_script
from tenants.rights import tenant_statements
from zhiren.db.names import checked_tenant_id

LOCK_TIMEOUT_S = 2.0
ATTEMPTS = 6
#: lock not available, deadlock detected
_TRY_AGAIN = frozenset({"55P03", "40P01"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went for one customer. ``error`` is the database's first line, for operators."""

    tenant_id: str
    slug: str
    before: str
    version: str
    state: Literal["current", "migrated", "failed"]
    error: str = ""


@dataclass(slots=True)
class Report:
    outcomes: list[Outcome] = field(default_factory=list)

    def count(self, state: str) -> int:
        return sum(outcome.state == state for outcome in self.outcomes)

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.state == "failed"]


#: told after each customer: (done, all, outcome)
Progress = Callable[[int, int, Outcome], None]


async def migrate_tenants(
    owner: Owner,
    *,
    slugs: Sequence[str] = (),
    history: History = TENANT,
    progress: Progress | None = None,
    lock_timeout_s: float = LOCK_TIMEOUT_S,
) -> Report:
    """Brings all customers' schemas, or those of ``slugs``, to the head of ``history``.

    As many at a time as ``owner`` has connections. A customer that fails is reported and keeps its version; the others
    go on. Raises Unavailable when the database goes away: the next run goes on from there.
    """
    tenants = await _with_schema(owner, slugs)
    report = Report()
    run = _Run(owner, history, lock_timeout_s)
    waiting = iter(tenants)

    async def work() -> None:
        for tenant in waiting:
            outcome = await run.one(tenant)
            report.outcomes.append(outcome)
            if progress is not None:
                progress(len(report.outcomes), len(tenants), outcome)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(owner.connections, len(tenants))):
            group.create_task(work())
    return report


async def _with_schema(owner: Owner, slugs: Sequence[str]) -> list[Tenant]:
    """Suspended customers too, and those whose provisioning ended half way: all that will ever be served."""
    async with owner.transaction() as session:
        tenants = await repository.all_tenants(session)
        made = await repository.tenant_schemas(session)
    return [tenant for tenant in tenants if tenant.id in made and (not slugs or tenant.slug in slugs)]


class _Run:
    """What is the same for all customers of a run: the statements from each version on, rendered once."""

    def __init__(self, owner: Owner, history: History, lock_timeout_s: float) -> None:
        self._owner = owner
        self._history = history
        self._lock_timeout_ms = int(lock_timeout_s * 1000)
        self._scripts: dict[str, str] = {}
        self._rights: dict[str, bool] = {}

    async def one(self, tenant: Tenant) -> Outcome:
        outcome = partial(Outcome, tenant.id, tenant.slug)
        before, said = "?", ""
        for attempt in range(ATTEMPTS):
            try:
                async with self._owner.transaction() as session:
                    before = await self._lock(session, tenant.id)
                    if before == self._history.head:
                        return outcome(before, before, "current")
                    await run_script(session, self._script(before, tenant.id))
                    await repository.note_migration(session, tenant.id, self._history.head)
                return outcome(before, self._history.head, "migrated")
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise
                if getattr(error.orig, "sqlstate", None) in _TRY_AGAIN and attempt + 1 < ATTEMPTS:
                    await asyncio.sleep(random.uniform(0.5, 1.5) * min(0.1 * 2**attempt, 2.0))  # noqa: S311 - jitter
                    continue
                said = str(error.orig).strip().splitlines()[0]
        async with self._owner.transaction() as session:
            await repository.note_migration(session, tenant.id, before, state="failed", error=said)
        return outcome(before, before, "failed", said)

    async def _lock(self, session: AsyncSession, tenant_id: str) -> str:
        """Keeps other runs off this customer until the transaction ends; returns its version."""
        name = checked_tenant_id(tenant_id)
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        # one round trip, which is why it is one string
        script = (
            f"SET LOCAL search_path TO {name}, pg_temp",
            f"SET LOCAL lock_timeout = {self._lock_timeout_ms}",
            f"SELECT pg_advisory_xact_lock({key})",
            "SELECT version_num FROM alembic_version",
        )
        return str(await run_script(session, "; ".join(script)))

    def _script(self, version: str, tenant_id: str) -> str:
        if version not in self._scripts:
            self._scripts[version] = self._history.upgrade_sql(version)
            self._rights[version] = self._history.resets_rights(version)
        if not self._rights[version]:
            return self._scripts[version]
        rights = tenant_statements(self._history.metadata, role=tenant_id, sequencer=self._owner.logins.sequencer)
        return self._scripts[version] + ";\n".join(rights)
