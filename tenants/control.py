"""The control plane's own schema: brought to its head before anything else."""

from __future__ import annotations

from sqlalchemy import text

from tenants.migrations.history import CONTROL
from tenants.owner import Owner, run_script
from tenants.rights import control_statements

#: only one process migrates the control plane at a time
_LOCK = 7_020_001


async def migrate_control(owner: Owner) -> str:
    """Brings the schema ``control`` to its head and sets the rights on it; returns the version it came from ("" when
    it was empty). Atomic, safe to repeat and to run from several processes."""
    async with owner.transaction() as session:
        await session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        await session.execute(text("create schema if not exists control"))
        exists = await session.scalar(text("select to_regclass('control.alembic_version') is not null"))
        version = None
        if exists:
            version = await session.scalar(text("select version_num from control.alembic_version"))
        if version != CONTROL.head:
            await run_script(session, CONTROL.upgrade_sql(version))
        rights = control_statements(CONTROL.metadata, app=owner.logins.app, sequencer=owner.logins.sequencer)
        await run_script(session, ";\n".join(rights))
    return version or ""
