"""What operators do with customers, besides making them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from tenants import repository
from tenants.errors import TenantNotReady, UnknownTenant
from tenants.models import Tenant, TenantMigration
from tenants.owner import Owner
from zhiren.i18n import _


@dataclass(frozen=True, slots=True)
class TenantView:
    """A customer as operators see it. ``version`` is that of its schema, ``migration_error`` why it is behind."""

    id: str
    slug: str
    name: str
    status: str
    status_reason: str
    status_changed_at: datetime
    created_at: datetime
    version: str
    migration_error: str
    hosts: Sequence[str] = ()


async def list_tenants(owner: Owner) -> list[TenantView]:
    async with owner.transaction() as session:
        states = await repository.migrations(session)
        tenants = await repository.all_tenants(session)
        return [_view(tenant, states.get(tenant.id)) for tenant in tenants]


async def find_tenants(
    owner: Owner, *, words: str = "", status: str = "", after: str = "", limit: int = 50
) -> tuple[list[TenantView], str]:
    """A page of customers by short name, and the ``after`` of the next page, empty when this is the last."""
    async with owner.transaction() as session:
        found = await repository.find_tenants(session, words=words, status=status, after=after, limit=limit + 1)
        states = await repository.migrations(session)
        shown = [_view(tenant, states.get(tenant.id)) for tenant in found[:limit]]
        return shown, shown[-1].slug if len(found) > limit else ""


async def show_tenant(owner: Owner, slug: str) -> TenantView:
    """Raises UnknownTenant."""
    async with owner.transaction() as session:
        tenant = _found(await repository.by_slug(session, slug), slug)
        states = await repository.migrations(session)
        return _view(tenant, states.get(tenant.id), await repository.hosts_of(session, tenant.id))


async def suspend(owner: Owner, slug: str, reason: str = "") -> bool:
    """Stops serving the customer, everywhere within a second (``tenants.registry.CACHE_S``). Data and keys stay.

    False when it was suspended already. Raises UnknownTenant, TenantNotReady.
    """
    return await _set_status(owner, slug, "suspended", reason)


async def resume(owner: Owner, slug: str) -> bool:
    """Serves the customer again. False when it was served already. Raises UnknownTenant, TenantNotReady."""
    return await _set_status(owner, slug, "active", "")


async def _set_status(owner: Owner, slug: str, status: Literal["active", "suspended"], reason: str) -> bool:
    async with owner.transaction() as session:
        return await set_status(session, slug, status, reason) is not None


async def set_status(
    session: AsyncSession, slug: str, status: Literal["active", "suspended"], reason: str
) -> Tenant | None:
    """As ``suspend`` and ``resume``, inside the owner's transaction that is open: the customer, or None when nothing
    had to change."""
    tenant = _found(await repository.by_slug(session, slug, lock=True), slug)
    if tenant.status == "provisioning":
        raise TenantNotReady(
            _("客户“{slug}”还没有建好。", slug=slug),
            hint=_("再运行一次 zhiren tenant create {slug}，会接着做完。", slug=slug),
        )
    if tenant.status == status:
        return None
    await repository.set_status(session, tenant.id, status, reason)
    return tenant


def _found(tenant: Tenant | None, slug: str) -> Tenant:
    if tenant is None:
        raise UnknownTenant(_("没有短名为“{slug}”的客户。", slug=slug), hint=_("zhiren tenant list 列出全部客户。"))
    return tenant


def _view(tenant: Tenant, state: TenantMigration | None, hosts: Sequence[str] = ()) -> TenantView:
    return TenantView(
        id=tenant.id,
        slug=tenant.slug,
        name=tenant.name,
        status=tenant.status,
        status_reason=tenant.status_reason,
        status_changed_at=tenant.status_changed_at,
        created_at=tenant.created_at,
        version=state.version if state else "",
        migration_error=state.error if state else "",
        hosts=tuple(hosts),
    )
