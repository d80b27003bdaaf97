"""Every query on the control plane."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.models import Tenant, TenantHost, TenantMigration


async def by_slug(session: AsyncSession, slug: str, *, lock: bool = False) -> Tenant | None:
    query = select(Tenant).where(Tenant.slug == slug)
    return (await session.scalars(query.with_for_update() if lock else query)).one_or_none()


async def by_id(session: AsyncSession, tenant_id: str) -> Tenant | None:
    return await session.get(Tenant, tenant_id)


async def by_host(session: AsyncSession, host: str) -> Tenant | None:
    """The customer that a host name of its own points to."""
    query = select(Tenant).join(TenantHost, TenantHost.tenant_id == Tenant.id).where(TenantHost.host == host)
    return (await session.scalars(query)).one_or_none()


async def all_tenants(session: AsyncSession, *, statuses: Sequence[str] = ()) -> Sequence[Tenant]:
    query = select(Tenant).order_by(Tenant.slug)
    if statuses:
        query = query.where(Tenant.status.in_(statuses))
    return (await session.scalars(query)).all()


async def find_tenants(
    session: AsyncSession, *, words: str = "", status: str = "", after: str = "", limit: int
) -> Sequence[Tenant]:
    """By short name, those after ``after``; ``words`` stand in the short name or in the name."""
    query = select(Tenant).where(Tenant.slug > after).order_by(Tenant.slug).limit(limit)
    if words:
        query = query.where(
            Tenant.slug.icontains(words, autoescape=True) | Tenant.name.icontains(words, autoescape=True)
        )
    if status:
        query = query.where(Tenant.status == status)
    return (await session.scalars(query)).all()


async def hosts_of(session: AsyncSession, tenant_id: str) -> Sequence[str]:
    query = select(TenantHost.host).where(TenantHost.tenant_id == tenant_id).order_by(TenantHost.host)
    return (await session.scalars(query)).all()


async def migrations(session: AsyncSession) -> dict[str, TenantMigration]:
    """Needs the owner: the app's log-in does not read how migrations went."""
    return {row.tenant_id: row for row in await session.scalars(select(TenantMigration))}


async def set_status(session: AsyncSession, tenant_id: str, status: str, reason: str = "") -> None:
    await session.execute(
        update(Tenant)
        .where(Tenant.id == tenant_id)
        .values(status=status, status_reason=reason, status_changed_at=func.now())
    )


async def note_migration(
    session: AsyncSession, tenant_id: str, version: str, *, state: str = "current", error: str = ""
) -> None:
    values = {"version": version, "state": state, "error": error, "changed_at": func.now()}
    statement = insert(TenantMigration).values(tenant_id=tenant_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["tenant_id"], set_=values))


async def add_host(session: AsyncSession, tenant_id: str, host: str) -> None:
    session.add(TenantHost(host=host, tenant_id=tenant_id))
    await session.flush()


async def remove_host(session: AsyncSession, host: str) -> None:
    await session.execute(delete(TenantHost).where(TenantHost.host == host))


async def role_exists(session: AsyncSession, name: str) -> bool:
    return bool(await session.scalar(text("select count(*) from pg_roles where rolname = :name"), {"name": name}))


async def schema_exists(session: AsyncSession, name: str) -> bool:
    query = text("select count(*) from pg_namespace where nspname = :name")
    return bool(await session.scalar(query, {"name": name}))


async def tenant_schemas(session: AsyncSession) -> set[str]:
    """Names of the schemas that stand, whatever the control plane says."""
    query = text("select nspname from pg_namespace where nspname ~ '^t_[a-z2-7]{16}$'")
    return set((await session.scalars(query)).all())


async def server_version(session: AsyncSession) -> int:
    """As ``server_version_num``: 150020 is 15.20."""
    return int(await session.scalar(text("select current_setting('server_version_num')")) or 0)
