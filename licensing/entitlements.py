"""What each customer may use now, as every request asks: read from the database at most every half second."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from licensing import repository, rules
from licensing.document import Licence, Verifier
from licensing.errors import LicenceInvalid, ModuleNotLicensed, ModuleOff, ModuleRequired
from zhiren.context import Context, TenantRef
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.modules import Module

if TYPE_CHECKING:
    from zhiren.db import Database

#: a switch holds everywhere within a second
CACHE_S: Final = 0.5
_CACHED_TENANTS: Final = 4096
#: licences run by the calendar of the country they are sold in
ZONE: Final = ZoneInfo("Asia/Shanghai")

#: counts a customer's active employees; handed in by the composition, as licensing knows no module
SeatCounter = Callable[[Context], Awaitable[int]]


def today_in_china() -> date:
    return datetime.now(ZONE).date()


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer's licence and modules at one moment."""

    licence: Licence | None
    kind: rules.Standing
    states: dict[str, rules.ModuleState]

    @property
    def in_use(self) -> frozenset[str]:
        return rules.in_use(self.states.values())


class Entitlements:
    """Licences are read through ``verifier``; which keys it accepts is the composition's choice, never a setting's."""

    def __init__(
        self,
        database: Database,
        verifier: Verifier,
        modules: Sequence[Module],
        *,
        count_seats: SeatCounter | None = None,
        today: Callable[[], date] = today_in_china,
    ) -> None:
        self.modules = tuple(modules)
        self._count_seats = count_seats
        self._database = database
        self._today = today
        self._cache: dict[str, tuple[float, Standing]] = {}
        self._read = lru_cache(maxsize=_CACHED_TENANTS)(verifier.read)

    async def of(self, tenant: TenantRef) -> frozenset[str]:
        """Names of the modules that are bought and on."""
        return (await self.standing(tenant)).in_use

    async def standing(self, tenant: TenantRef) -> Standing:
        now_s = time.monotonic()
        found = self._cache.get(tenant.id)
        if found is not None and now_s - found[0] < CACHE_S:
            return found[1]
        async with self._database.tenant(tenant) as ctx:
            fresh = await self.read(ctx)
        if len(self._cache) >= _CACHED_TENANTS:
            self._cache.clear()
        self._cache[tenant.id] = (now_s, fresh)
        return fresh

    async def read(self, ctx: Context) -> Standing:
        """As it stands in ``ctx``'s transaction, not from the cache."""
        text, switches = await repository.facts(ctx.session)
        licence = self._licence(ctx.tenant, text) if text else None
        today = self._today()
        states = rules.module_states(self.modules, licence, switches, today)
        return Standing(licence, rules.standing(licence, today), states)

    async def seats_used(self, ctx: Context) -> int | None:
        """The customer's active employees; None where nothing counts them."""
        return None if self._count_seats is None else await self._count_seats(ctx)

    def verified(self, tenant: TenantRef, text: str) -> Licence:
        """The licence in ``text``, if it is ``tenant``'s. Raises LicenceInvalid."""
        licence = self._read(text)
        if licence.tenant != tenant.id:
            raise LicenceInvalid(
                _("这份授权是发给“{customer}”的，不能用在这里。", customer=licence.customer),
                hint=_("请核对客户编号 {tenant}，并向服务商索取对应的授权。", tenant=tenant.id),
            )
        return licence

    def _licence(self, tenant: TenantRef, text: str) -> Licence | None:
        try:
            return self.verified(tenant, text)
        except LicenceInvalid:
            # somebody wrote into the table: what is not signed was not bought
            return None

    def forget(self, tenant: TenantRef) -> None:
        """Read anew at the next request of this process."""
        self._cache.pop(tenant.id, None)

    async def refusal(self, tenant: TenantRef, module: Module) -> ZhirenError:
        """Why ``module`` cannot be used, and who can change that."""
        state = (await self.standing(tenant)).states.get(module.name)
        title, summary = _(module.title), _(module.summary)
        if state is None or not state.bought:
            return ModuleNotLicensed(
                _("贵公司还没有购买“{module}”。{summary}", module=title, summary=summary),
                hint=_("如需使用，请贵公司的系统管理员联系服务商开通。已有的数据不受影响。"),
            )
        if not state.switched_on:
            return ModuleOff(
                _("“{module}”现在是关闭的。{summary}", module=title, summary=summary),
                hint=_("贵公司的系统管理员可以在“设置 › 模块与授权”中打开，数据都还在。"),
            )
        names = self.titles(state.missing)
        return ModuleRequired(
            _("“{module}”需要“{names}”，而它现在没有打开。", module=title, names=names),
            hint=_("贵公司的系统管理员可以在“设置 › 模块与授权”中打开，数据都还在。"),
        )

    def titles(self, names: Sequence[str]) -> str:
        known = {module.name: _(module.title) for module in self.modules}
        return _("、").join(known.get(name, name) for name in names)
