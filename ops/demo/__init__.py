"""The demonstration: two customers side by side, the main job done on real input, served until Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Sequence

import httpx
import msgspec

from ops import terminal
from ops.demo import build, customers
from ops.demo import check as checking
from ops.fleet import Fleet, Role
from zhiren.context import TenantRef
from zhiren.i18n import _
from zhiren.settings import Settings

ROLES: tuple[tuple[Role, int], ...] = (("web", 1), ("worker", 1), ("scheduler", 1))
_READY_WITHIN_S = 60.0


def run(settings: Settings, *, port: int, check: bool) -> int:
    """Make the demo customers, serve on ``port`` until Ctrl-C, or check everything over HTTP and return 0 or 1."""
    notes = customers.notes(settings.var_dir)
    ready = notes.complete and asyncio.run(customers.stand(settings))
    tenants = [] if ready else asyncio.run(_customers(settings, notes.password))
    # the terminal is for people: the processes speak up only when something is wrong
    quiet = msgspec.structs.replace(settings, log_level="warning")
    fleet = Fleet(quiet, ROLES, composition="ops.demo.composition")
    before = {number: signal.signal(number, fleet.ask_to_end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        fleet.start()
        wait_until_it_answers(port)
        if not ready:
            asyncio.run(_fill(settings, tenants, notes.password))
            notes.write(complete=True)
        if check:
            return checking.check(settings, port, notes.password)
        _tell(settings, port, notes.password)
        fleet.watch()
        return 0
    finally:
        fleet.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


async def _customers(settings: Settings, password: str) -> list[TenantRef]:
    await customers.ensure_operator(settings, password)
    return [await customers.ensure(settings, customer, password) for customer in customers.CUSTOMERS]


async def _fill(settings: Settings, tenants: Sequence[TenantRef], password: str) -> None:
    async with customers.parts_of(settings) as parts:
        for tenant, customer in zip(tenants, customers.CUSTOMERS, strict=True):
            terminal.step(_("准备演示数据：{name}…", name=customer.name))
            await build.fill(parts, tenant, customer, password)


def wait_until_it_answers(port: int) -> None:
    """Returns when ``/readyz`` says 200. Raises TimeoutError after a minute."""
    deadline_s = time.monotonic() + _READY_WITHIN_S
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=5) as http:
        while time.monotonic() < deadline_s:
            try:
                if http.get("/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
    raise TimeoutError(f"no answer on port {port} within {_READY_WITHIN_S:.0f} s")


def _tell(settings: Settings, port: int, password: str) -> None:
    """Where to go, and as whom."""
    places = customers.addresses(settings, [each.slug for each in customers.CUSTOMERS], port)
    terminal.say("")
    for customer, address in zip(customers.CUSTOMERS, places, strict=True):
        terminal.place(customer.name, address, customers.log_ins(customer))
    console = customers.console_address(settings, port)
    terminal.place(_("运营台（服务商）"), console, {customers.OPERATOR: _("运营")})
    terminal.say(_("所有帐号的密码：{password}", password=password))
    terminal.say(_("按 Ctrl-C 结束。"))
