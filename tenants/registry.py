"""Which customer a host name means, fresh to within a second."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from tenants import repository
from tenants.errors import TenantNotReady, TenantSuspended, UnknownTenant
from tenants.models import Tenant
from zhiren.context import TenantRef
from zhiren.db import Database
from zhiren.i18n import _

#: how long an answer is believed: a suspended customer is shut out everywhere within this time
CACHE_S = 1.0
#: host names remembered, unknown ones included: whoever sends random hosts fills no more than this
CACHE_SIZE = 4096


class Registry:
    """Finds customers for web and worker processes. One for each process.

    Answers, unknown hosts included, are kept for ``CACHE_S`` at most; only host names that could be ours are looked up.
    """

    def __init__(self, database: Database, base_domain: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._suffix = "." + base_domain.lower().strip(".")
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], tuple[float, TenantRef | None]] = OrderedDict()

    async def by_host(self, host: str) -> TenantRef | None:
        """The customer that ``host`` (a Host header, with or without port) belongs to, suspended ones included; None
        when nobody does, or when it is not made yet. Raises Unavailable."""
        name = bare_host(host)
        found = await self._look_up("host", name) if name else None
        return None if found is None or found.status == "provisioning" else found

    async def by_id(self, tenant_id: str) -> TenantRef:
        """The customer with this id, for jobs: the same refusals as for a request."""
        return serving(await self._look_up("id", tenant_id), tenant_id)

    async def by_slug(self, slug: str) -> TenantRef:
        return serving(await self._look_up("slug", slug), slug)

    async def active(self) -> Sequence[TenantRef]:
        """All customers that are served now, for work that goes round all of them."""
        async with self._database.control() as session:
            return [ref(tenant) for tenant in await repository.all_tenants(session, statuses=("active",))]

    async def _look_up(self, kind: str, name: str) -> TenantRef | None:
        key = (kind, name)
        now = self._clock()
        kept = self._known.get(key)
        if kept is not None and now < kept[0]:
            return kept[1]
        found = await self._read(kind, name)
        # counted from before the question: the answer may be as old as that
        self._known[key] = (now + CACHE_S, found)
        self._known.move_to_end(key)
        while len(self._known) > CACHE_SIZE:
            self._known.popitem(last=False)
        return found

    async def _read(self, kind: str, name: str) -> TenantRef | None:
        async with self._database.control() as session:
            if kind == "id":
                tenant = await repository.by_id(session, name)
            elif kind == "slug":
                tenant = await repository.by_slug(session, name)
            elif name.endswith(self._suffix) and "." not in (slug := name.removesuffix(self._suffix)):
                tenant = await repository.by_slug(session, slug)
            else:
                tenant = await repository.by_host(session, name)
            return None if tenant is None else ref(tenant)


def ref(tenant: Tenant) -> TenantRef:
    return TenantRef(tenant.id, tenant.slug, tenant.name, tenant.status)


def bare_host(host: str) -> str:
    """``host`` in lower case without port and final dot; empty when it is no host name at all."""
    name = host.strip().lower()
    if name.startswith("["):
        return ""
    name = name.partition(":")[0].rstrip(".")
    return name if len(name) <= 253 and name.isascii() and all(c.isalnum() or c in "-." for c in name) else ""


def serving(tenant: TenantRef | None, asked: str) -> TenantRef:
    """``tenant`` when it may be served; raises UnknownTenant, TenantSuspended or TenantNotReady otherwise."""
    if tenant is None:
        raise unknown(asked)
    if tenant.status == "suspended":
        raise TenantSuspended(
            _("{name} 的服务已暂停。", name=tenant.name), hint=_("数据都还在。请贵公司的系统管理员联系服务商恢复使用。")
        )
    if tenant.status != "active":
        raise TenantNotReady(_("{name} 的空间还在准备中。", name=tenant.name), hint=_("请过几分钟再试。"))
    return tenant


def unknown(asked: str) -> UnknownTenant:
    return UnknownTenant(_("没有找到客户“{asked}”。", asked=asked), hint=_("zhiren tenant list 列出全部客户。"))
