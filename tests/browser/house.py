"""The whole house as it is run: web server, worker and scheduler in processes of their own, and customers in it."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import msgspec

from ops.demo import ROLES, build, customers, wait_until_it_answers
from ops.demo.customers import Customer
from ops.demo.visitor import Visitor
from ops.fleet import Fleet
from zhiren.context import TenantRef
from zhiren.settings import Settings

_GROUP: Final = re.compile(r'<option value="([0-9a-f-]{36})"')
#: at whose address the vendor's operators work
VENDOR = Customer("console", "运营", 0)
PASSWORD = "一匹马要有好骑手 and 42 more words"


@dataclass(frozen=True)
class House:
    """Served under ``http://<customer>.localhost:<port>``; every log-in has the same password."""

    settings: Settings
    port: int

    def url(self, customer: Customer) -> str:
        return f"http://{customer.slug}.{self.settings.base_domain}:{self.port}"

    def visitor(self, customer: Customer, login: str = "") -> Visitor:
        """Somebody without a browser, for what has to be there before one is opened."""
        visitor = Visitor(self.port, customer.slug, self.settings.base_domain)
        if login and customer is VENDOR:
            visitor.page("/console/login")
            visitor.post("/console/login", {"login": login, "password": PASSWORD, "next": "/console"})
        elif login:
            visitor.log_in(login, PASSWORD)
        return visitor

    async def employ(self) -> None:
        """The vendor's operator is there."""
        await customers.ensure_operator(self.settings, PASSWORD)

    async def move_in(self, customer: Customer) -> TenantRef:
        return await customers.ensure(self.settings, customer, PASSWORD)

    async def employees_log_in(self, customer: Customer, tenant: TenantRef, *, manager: str, employee: str) -> None:
        async with customers.parts_of(self.settings) as parts:
            builder = build.Builder(parts, tenant, customer, PASSWORD)
            await build.log_ins(builder, manager=manager, employee=employee)

    def import_file(self, customer: Customer, name: str, data: bytes, *, commit: bool = True) -> str:
        """The import's page; committed unless told otherwise."""
        with self.visitor(customer, "hr") as hr:
            hr.page("/records/import")
            place = urlsplit(hr.post("/records/import", file=(name, data)).headers["location"]).path
            if commit:
                hr.page(place)
                hr.post(f"{place}/commit")
                hr.wait_for_jobs()
            return place

    def pay_groups(self, customer: Customer) -> list[str]:
        """Their ids, once the imported wages have arrived in payroll."""
        with self.visitor(customer, "payroll") as officer:
            for _each in range(300):
                if found := _GROUP.findall(officer.page("/payroll")):
                    return list(dict.fromkeys(found))
                time.sleep(0.2)
        raise TimeoutError("no pay group")

    def pay(self, customer: Customer, group_id: str, year: int, month: int, steps: Sequence[str]) -> str:
        """A month of one pay group, brought as far as ``steps`` lead; the run's page."""
        with self.visitor(customer, "payroll") as officer:
            officer.page("/payroll")
            form = {"group_id": group_id, "month": f"{year}-{month:02}"}
            place = urlsplit(officer.post("/payroll/runs", form).headers["location"]).path
            for step in steps:
                officer.page(place)
                officer.post(f"{place}/{step}", {"leave_parked": "1"} if step == "close" else None)
                officer.wait_for_jobs()
            return place


@contextmanager
def running(settings: Settings) -> Iterator[House]:
    """Starts the processes over ``settings``' services; they end with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    here = msgspec.structs.replace(settings, port=port, web_workers=1, log_level="warning")
    fleet = Fleet(here, ROLES, composition="ops.demo.composition")
    # as `zhiren serve` does: a process that dies is started again
    watch = threading.Thread(target=fleet.watch, name="fleet", daemon=True)
    try:
        fleet.start()
        watch.start()
        wait_until_it_answers(port)
        yield House(here, port)
    finally:
        fleet.ask_to_end()
        if watch.ident is not None:
            watch.join()
        fleet.stop()
    # the tests went on; that something broke down is not to be overlooked
    assert [(one.name, one.died) for one in fleet.members if one.died] == []
