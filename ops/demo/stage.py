"""What the demonstration does beside serving: make the customers, fill them, look whether they stand, tell where."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ops import terminal
from ops.demo import build, customers, hiring
from ops.demo import check as checking
from zhiren.context import TenantRef
from zhiren.i18n import _
from zhiren.settings import Settings


def stands(settings: Settings) -> bool:
    return asyncio.run(customers.stand(settings))


def make(settings: Settings, password: str) -> list[TenantRef]:
    """The customers and the operator, ready to log in to."""

    async def made() -> list[TenantRef]:
        await customers.ensure_operator(settings, password)
        return [await customers.ensure(settings, customer, password) for customer in customers.CUSTOMERS]

    return asyncio.run(made())


def fill(settings: Settings, tenants: Sequence[TenantRef], password: str) -> None:
    """Their people and closed months. Needs a worker."""

    async def filled() -> None:
        async with customers.parts_of(settings) as parts:
            for tenant, customer in zip(tenants, customers.CUSTOMERS, strict=True):
                terminal.step(_("准备演示数据：{name}…", name=customer.name))
                await build.fill(parts, tenant, customer, password)
                if customer == customers.ACME:
                    await hiring.fill(build.Builder(parts, tenant, customer, password), manager="QM0006")

    asyncio.run(filled())


def check(settings: Settings, port: int, password: str) -> int:
    return checking.check(settings, port, password)


def tell(settings: Settings, port: int, password: str) -> None:
    """Where to go, and as whom."""
    places = customers.addresses(settings, [each.slug for each in customers.CUSTOMERS], port)
    terminal.say("")
    for customer, address in zip(customers.CUSTOMERS, places, strict=True):
        terminal.place(customer.name, address, customers.log_ins(customer))
    console = customers.console_address(settings, port)
    terminal.place(_("运营台（服务商）"), console, {customers.OPERATOR: _("运营")})
    terminal.say(_("所有帐号的密码：{password}", password=password))
    terminal.say(_("按 Ctrl-C 结束。"))
