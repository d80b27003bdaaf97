"""Each guard is taken away in turn, and the watch of the big proof finds it out every time.

A proof that cannot fail proves nothing. The guards are taken away in a database of this test's own, or in a part handed
to the application in place of the real one.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any

import msgspec
import psycopg
import pytest
import pytest_asyncio
from psycopg import AsyncCursor
from psycopg.conninfo import make_conninfo
from sqlalchemy.ext.asyncio import AsyncEngine

from ops import hosted
from ops.services.bootstrap import APP
from tenants.control import migrate_control
from tenants.owner import Owner
from tenants.provisioning import Provisioner
from tests.application import browser, make_parts, serving
from tests.isolation.houses import House, Watch, furnish, open_doors
from tests.isolation.payloads import INJECTED, STATEMENTS
from tests.isolation.traffic import Traffic
from tests.support import TestServices
from zhiren.context import TenantRef
from zhiren.crypto import Keyring, VaultKeyProvisioner
from zhiren.crypto.service import KeyService
from zhiren.db import Database
from zhiren.db.engine import create_engine
from zhiren.db.names import begin_statement
from zhiren.settings import Settings

pytestmark = pytest.mark.isolation
REQUESTS = 250


@dataclass
class Town:
    """Three furnished customers in a database for breaking."""

    settings: Settings
    parts: hosted.Hosted
    houses: list[House]
    owners: dict[str, str]
    admin_url: str
    database: str


@pytest_asyncio.fixture(scope="module")
async def town(services: TestServices, key_provisioner: VaultKeyProvisioner) -> AsyncIterator[Town]:
    settings = Settings.load({**services.another_database("guards"), "ZHIREN_DATABASE_POOL_SIZE": "3"})
    owner = Owner(settings)
    await migrate_control(owner)
    parts = make_parts(settings)
    provisioner = Provisioner(owner, key_provisioner, parts.database, seeds=[hosted.seed])
    watch, chance = Watch(), random.Random(3)
    houses = []
    for number in range(3):
        made = await provisioner.create(f"g-{number}", f"客户 {number}")
        houses.append(await furnish(parts.database, made, watch, chance))
    async with serving(parts) as app:
        for house in houses:
            await open_doors(parts, app, house, watch, chance)
        database = f"{services.database}_guards"
        admin_url = make_conninfo(services.admin_url, dbname=database)
        yield Town(settings, parts, houses, watch.owners, admin_url, database)
        for house in houses:
            for client in house.visitors:
                await client.aclose()
    await owner.close()


async def found_by(
    town: Town, parts: hosted.Hosted | None = None, *, http: bool = False, statements: bool = False
) -> list[str]:
    """What the watch finds in some traffic over ``parts``, with ``statements`` also when whole statements are sent."""
    parts = parts or town.parts
    watch = Watch()
    watch.owners = dict(town.owners)
    if not http:
        traffic = Traffic(parts.database, town.houses, watch, random.Random(9), workers=6)
        await traffic.run(REQUESTS)
        # what chance may have left out of so short a run
        for house, there in permutations(town.houses, 2):
            await traffic.foreign_schema(house, there)
        for name in INJECTED:
            await traffic.injected(town.houses[0], town.houses[1], name)
        for name in STATEMENTS if statements else ():
            await traffic.stated(town.houses[0], town.houses[1], name)
        return watch.found
    async with serving(parts) as app:
        houses = [replace(house, clients={}) for house in town.houses]
        for house, furnished in zip(houses, town.houses, strict=True):
            for role, client in furnished.clients.items():
                house.clients[role] = browser(app, house.tenant, cookies=dict(client.cookies))
        traffic = Traffic(parts.database, houses, watch, random.Random(9), app=app, workers=6)
        for _ in range(30):
            for house in houses:
                await traffic.foreign_cookie(house)
                await traffic.page(house)
                await traffic.foreign_page(house)
        for house in houses:
            for client in house.visitors:
                await client.aclose()
    return watch.found


class Weakened(Database):
    """A database whose engine lacks a guard."""

    begin: Callable[[str], str] = staticmethod(begin_statement)
    cursor: type[AsyncCursor[Any]] | None = None

    def make_engine(self, settings: Settings) -> AsyncEngine:
        more: dict[str, Any] = {} if self.cursor is None else {"cursor": self.cursor}
        return create_engine(settings.database_url, pool_size=2, begin=type(self).begin, **more)


class WithoutRole(Weakened):
    begin = staticmethod(lambda name: f"BEGIN; SET LOCAL search_path TO {name}, pg_temp")


class WithoutSearchPath(Weakened):
    begin = staticmethod(lambda name: f"BEGIN; SET LOCAL ROLE {name}")


class SearchPathOfAnother(Weakened):
    """The path is set once and stays, as it does without LOCAL."""

    seen: list[str] = []  # noqa: RUF012

    @staticmethod
    def _begin(name: str) -> str:
        SearchPathOfAnother.seen.append(name)
        return f"BEGIN; SET LOCAL ROLE {name}; SET LOCAL search_path TO {SearchPathOfAnother.seen[0]}, pg_temp"

    begin = _begin


class ForTheSession(Weakened):
    """What the field's best known leaks did: SET without LOCAL."""

    begin = staticmethod(lambda name: f"SET ROLE {name}; SET search_path TO {name}, pg_temp; BEGIN")


class FirstTenantStays(Weakened):
    """A connection remembers its first tenant, as a cache keyed wrongly would."""

    seen: list[str] = []  # noqa: RUF012

    @staticmethod
    def _begin(name: str) -> str:
        FirstTenantStays.seen.append(name)
        return begin_statement(FirstTenantStays.seen[0])

    begin = _begin


class SimpleProtocol(Weakened):
    cursor = AsyncCursor


def weakened(town: Town, kind: type[Weakened]) -> hosted.Hosted:
    return replace(town.parts, database=kind(town.settings, town.parts.database._keys))


async def test_with_all_guards_nothing_is_found(town: Town) -> None:
    assert await found_by(town, statements=True) == []
    assert await found_by(town, make_parts(town.settings), http=True) == []


@pytest.mark.parametrize("kind", [WithoutRole, SearchPathOfAnother, ForTheSession, FirstTenantStays, SimpleProtocol])
async def test_without_a_guard_of_the_transaction(town: Town, kind: type[Weakened]) -> None:
    parts = weakened(town, kind)
    try:
        assert await found_by(town, parts)
    finally:
        await parts.database.close()


async def test_the_search_path_has_a_second_line(town: Town) -> None:
    """Forgotten altogether it leads to the right schema all the same: PostgreSQL's own default begins with the schema
    of the current role's name, and nobody may make anything in ``public``."""
    parts = weakened(town, WithoutSearchPath)
    try:
        assert await found_by(town, parts) == []
    finally:
        await parts.database.close()


#: {0} and {1} are customers; what is taken away, and put back
GUARDS = {
    "set_config": (
        "grant execute on function pg_catalog.set_config(text, text, boolean) to public",
        "revoke execute on function pg_catalog.set_config(text, text, boolean) from public",
    ),
    "procedural languages": (
        "grant usage on language plpgsql to public",
        "revoke usage on language plpgsql from public",
    ),
    "temporary tables": (
        "grant temp on database {database} to public",
        "revoke temp on database {database} from public",
    ),
    "the right to change the audit": (
        "grant update on {0}.audit_event to {0}",
        "revoke update on {0}.audit_event from {0}",
    ),
    "the owner's schema": ("grant create on schema {0} to {0}", "revoke create on schema {0} from {0}"),
    "a schema open to another": (
        "grant usage on schema {0} to {1}; grant select on all tables in schema {0} to {1}",
        "revoke select on all tables in schema {0} from {1}; revoke usage on schema {0} from {1}",
    ),
    "a role that is a member of another": (
        "alter role {1} inherit; grant {0} to {1}",
        "revoke {0} from {1}; alter role {1} noinherit",
    ),
    "tables open to everybody": (
        "grant usage on schema {0}, {1}, {2} to public; grant select on {0}.auth_user, {1}.auth_user, {2}.auth_user"
        " to public",
        "revoke select on {0}.auth_user, {1}.auth_user, {2}.auth_user from public; revoke usage on schema {0}, {1}, {2}"
        " from public",
    ),
    "the scope of an employee": (
        "update {0}.auth_role_grant set scope = 'all' where permission = 'records.employee.read' and scope = 'self'",
        "update {0}.auth_role_grant set scope = 'self' where permission = 'records.employee.read' and role_id ="
        " (select id from {0}.auth_role where code = 'employee')",
    ),
    "a constraint": (
        "alter table {0}.auth_role drop constraint uq_auth_role_code",
        "alter table {0}.auth_role add constraint uq_auth_role_code unique (code)",
    ),
}


@pytest.mark.parametrize("guard", GUARDS)
async def test_without_a_guard_of_the_database(town: Town, guard: str) -> None:
    names = [house.tenant.id for house in town.houses]
    broken, mended = (text.format(*names, database=town.database) for text in GUARDS[guard])
    with psycopg.connect(town.admin_url, autocommit=True) as admin:
        admin.execute(broken)
        try:
            assert await found_by(town, statements=True)
        finally:
            admin.execute(mended)


async def test_without_noinherit(town: Town) -> None:
    names = [house.tenant.id for house in town.houses]
    with psycopg.connect(town.admin_url, autocommit=True) as admin:
        modern = admin.info.server_version >= 160_000
        for name in names if modern else []:
            admin.execute(f"grant {name} to {APP} with inherit true")
        if not modern:
            admin.execute(f"alter role {APP} inherit")
        try:
            found = await found_by(town)
            assert any("nobody reads" in one for one in found)
        finally:
            for name in names if modern else []:
                admin.execute(f"grant {name} to {APP} with inherit false")
            if not modern:
                admin.execute(f"alter role {APP} noinherit")


@dataclass
class OneKeyringForAll:
    """A key service that mixes customers up."""

    real: KeyService
    first: Keyring | None = None

    def keyring(self, tenant: TenantRef) -> Keyring:
        self.first = self.first or self.real.keyring(tenant)
        return self.first

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


async def test_without_a_key_of_ones_own(town: Town) -> None:
    keys: Any = OneKeyringForAll(town.parts.database._keys)
    parts = replace(town.parts, database=Database(msgspec.structs.replace(town.settings), keys))
    try:
        assert await found_by(town, parts)
    finally:
        await parts.database.close()


@dataclass
class FirstHostForAll:
    """A directory whose cache forgets to ask which host it answers for."""

    real: Any
    first: TenantRef | None = None

    async def by_host(self, host: str) -> TenantRef | None:
        self.first = self.first or await self.real.by_host(host)
        return self.first

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


async def test_without_the_check_of_the_host(town: Town) -> None:
    parts = make_parts(town.settings)
    confused: Any = FirstHostForAll(parts.tenants)
    assert await found_by(town, replace(parts, tenants=confused), http=True)


@dataclass
class FirstSessionForAll:
    """An authenticator that keeps the person of a cookie, whichever customer the cookie belongs to."""

    real: Any
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def cookie(self) -> str:
        return str(self.real.cookie)

    async def authenticate(self, request: Any, ctx: Any) -> Any:
        token = request.cookies.get(self.cookie, "")
        found = await self.real.authenticate(request, ctx)
        if found is not None:
            self.known[token] = found
        return self.known.get(token)


async def test_without_sessions_of_ones_own(town: Town) -> None:
    parts = make_parts(town.settings)
    confused: Any = FirstSessionForAll(parts.authenticator)
    assert await found_by(town, replace(parts, authenticator=confused), http=True)


async def test_a_guard_put_back_is_found_to_hold(town: Town) -> None:
    assert await found_by(town, statements=True) == []
