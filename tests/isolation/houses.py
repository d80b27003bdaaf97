"""Customers full of canaries, and the watch that knows whose each one is."""

from __future__ import annotations

import logging
import random
import re
from collections import Counter
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

import httpx
from litestar import Litestar
from sqlalchemy import select

from modules.records.models import Employee
from ops.hosted import Hosted
from tests.application import browser, license_all
from tests.factories import people
from tests.factories.records import company, granted
from tests.isolation.hiring import Hiring, furnish_hiring, open_portals, recommend
from zhiren.auth.models import Role, User, UserRole
from zhiren.auth.service import open_session
from zhiren.context import TenantRef
from zhiren.db import Database
from zhiren.web.csrf import token_for

_CANARY = re.compile(r"cnry[0-9a-f]{12}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TENANT = re.compile(r"t_[a-z2-7]{16}")
_MOBILE = re.compile(r"(?<!\d)1\d{10}(?!\d)")

#: who the running request is made for; log lines inherit it
asking: ContextVar[str] = ContextVar("asking", default="")


@dataclass
class House:
    """A customer: ``token`` stands in what everybody there may see, ``own`` in what only that person may."""

    tenant: TenantRef
    token: str
    employees: list[UUID] = field(default_factory=list)
    own: dict[UUID, str] = field(default_factory=dict)
    roles: list[UUID] = field(default_factory=list)
    users: list[UUID] = field(default_factory=list)
    jobs: list[UUID] = field(default_factory=list)
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    hiring: Hiring = field(default_factory=Hiring)

    @property
    def ids(self) -> list[UUID]:
        return [*self.employees, *self.roles, *self.users, *self.jobs, *self.hiring.ids]

    @property
    def visitors(self) -> list[httpx.AsyncClient]:
        guests = [one.client for one in self.hiring.guests if one.client is not None]
        return [*self.clients.values(), *guests]


class Watch(logging.Handler):
    """Looks for what belongs to somebody else in every answer and every line of the log."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        #: canary, id, name or mobile -> the tenant it belongs to
        self.owners: dict[str, str] = {}
        self.found: list[str] = []
        #: requests turned away because no connection was free in time: nobody was given anything
        self.turned_away = 0
        self.looked = Counter[str]()

    def belongs(self, tenant_id: str, things: Iterable[object]) -> None:
        for thing in things:
            self.owners[str(thing)] = tenant_id

    def look(self, where: str, tenant_id: str, text: str) -> None:
        """``text`` was given to ``tenant_id`` (nobody: the empty name)."""
        self.looked[where.partition(" ")[0]] += 1
        for pattern in (_CANARY, _UUID, _TENANT, _MOBILE):
            for thing in pattern.findall(text):
                owner = self.owners.get(thing, tenant_id)
                if owner != tenant_id:
                    self.find(f"{where}: {tenant_id or 'nobody'} was given {thing} of {owner}")

    def expect(self, holds: bool, what: str) -> None:
        if not holds:
            self.find(what)

    def find(self, what: str) -> None:
        self.found.append(what)

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("httpx"):
            return  # the test's own client telling what it asked for
        line = record.getMessage()
        if record.exc_info:
            line += logging.Formatter().formatException(record.exc_info)
        self.look("log " + record.name, asking.get(), line)


async def furnish(database: Database, tenant: TenantRef, watch: Watch, chance: random.Random) -> House:
    """Fills a customer with canaries: roles, log-ins, people with sealed fields, candidates."""
    house = House(tenant, "cnry" + chance.randbytes(6).hex())
    watch.belongs(tenant.id, [house.token, tenant.id])
    manage = granted("records.employee.edit", "records.employee.read", "records.org.edit", "records.org.read")
    async with database.tenant(tenant, actor=manage) as ctx:
        made = await company(ctx, name=f"{house.token} 有限公司")
        made.random = chance
        role = Role(code=f"x-{house.token}", title=f"角色 {house.token}")
        ctx.session.add(role)
        user = User(login=house.token, name=f"林 {house.token}", password_hash="x")
        ctx.session.add(user)
        for _ in range(3):
            token = "cnry" + chance.randbytes(6).hex()
            mobile = people.mobile(chance)
            person: Employee = await made.hire(f"王 {token}", number=f"E-{token}", mobile=mobile)
            house.employees.append(person.id)
            house.own[person.id] = token
            watch.belongs(tenant.id, [token, mobile])
        house.hiring = await furnish_hiring(ctx, tenant, watch, chance, house.token)
    house.roles.append(role.id)
    house.users.append(user.id)
    watch.belongs(tenant.id, house.ids)
    return house


async def open_doors(parts: Hosted, app: Litestar, house: House, watch: Watch, chance: random.Random) -> None:
    """Log-ins of several roles, with cookies of their own. No passwords: making 150 of them would take a minute."""
    await license_all(parts, house.tenant)
    async with parts.database.tenant(house.tenant) as ctx:
        roles = {role.code: role.id for role in await ctx.session.scalars(select(Role))}
        for role in ("admin", "hr", "employee"):
            user = User(login=f"{role}-{house.token}", name=f"{role} {house.token}", password_hash="x")
            if role == "employee":
                user.employee_id = house.employees[0]
            ctx.session.add(user)
            await ctx.session.flush()
            ctx.session.add(UserRole(user_id=user.id, role_id=roles[role]))
            token = await open_session(ctx, user)
            house.clients[role] = browser(app, house.tenant, headers={"X-CSRF-Token": token_for(token)})
            house.clients[role].cookies.set(parts.authenticator.cookie, token)
        # the last of the three is the employee; another colleague's are not theirs
        await recommend(ctx, house.hiring, [user.id, house.users[0]], watch, chance)
    await open_portals(parts, app, house)


def get_routes(app: Litestar) -> list[str]:
    """Every page and answer there is to read, streams left out: they do not end."""
    found = set()
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if "GET" in handler.http_methods and not route.path.startswith(("/static", "/api/v1/{")):
                found.add(route.path)
    return sorted(path for path in found if not path.endswith("/events"))
