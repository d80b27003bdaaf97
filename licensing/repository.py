"""Every query on licences and switches."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from licensing.models import InstalledLicence, Toggle
from zhiren.ids import new_id


async def facts(session: AsyncSession) -> tuple[str | None, dict[str, bool]]:
    """The text of the licence installed last, and the switches, in one query."""
    newest = select(InstalledLicence.text).order_by(InstalledLicence.installed_at.desc()).limit(1).scalar_subquery()
    switches = select(func.jsonb_object_agg(Toggle.module, Toggle.enabled)).scalar_subquery()
    row = (await session.execute(select(newest.label("text"), switches.label("switches")))).one()
    return row.text, dict(row.switches or {})


async def set_toggle(session: AsyncSession, module: str, *, enabled: bool, by: str) -> None:
    values = {"enabled": enabled, "changed_at": func.clock_timestamp(), "changed_by_name": by}
    await session.execute(
        insert(Toggle)
        .values(module=module, **values)
        .on_conflict_do_update(index_elements=[Toggle.module], set_=values)
    )


async def add_licence(session: AsyncSession, licence_id: UUID, text: str, *, by: str) -> None:
    """Make this the licence in force; one installed before comes to the front again."""
    values = {"text": text, "installed_at": func.clock_timestamp(), "installed_by_name": by}
    await session.execute(
        insert(InstalledLicence)
        .values(id=new_id(), licence_id=licence_id, **values)
        .on_conflict_do_update(index_elements=[InstalledLicence.licence_id], set_=values)
    )
