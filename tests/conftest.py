"""Fixtures for everybody: real services, a database of this process's own, customers made as in production."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import hypothesis
import pytest
import pytest_asyncio
from litestar import Litestar
from pytest_socket import socket_allow_hosts

from ops import hosted
from ops.hosted import Hosted
from tenants.control import migrate_control
from tenants.owner import Owner
from tenants.provisioning import Provisioner
from tests import patience
from tests.application import browser, license_all, log_in, make_parts, serving
from tests.support import TestServices
from zhiren.context import Context, TenantRef
from zhiren.crypto import VaultKeyProvisioner, VaultKeyService
from zhiren.db import Database
from zhiren.settings import Settings

# how long an example takes says how busy the machine is
hypothesis.settings.register_profile("zhiren", deadline=None)
hypothesis.settings.load_profile("zhiren")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(patience)


def pytest_runtest_setup() -> None:
    # tests talk to the services of this machine and to nobody else
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(scope="session")
def services(worker_id: str) -> Iterator[TestServices]:
    """PostgreSQL, Redis and OpenBao, started once for all test processes."""
    found = TestServices(os.environ, worker_id)
    try:
        yield found
    finally:
        found.close()


@pytest.fixture(scope="session")
def settings(services: TestServices) -> Settings:
    # the other sides of mail, SMS and the like stand on this machine
    return Settings.load({**services.settings_env, "ZHIREN_PROVIDER_NETWORKS": "any"})


@pytest_asyncio.fixture(scope="session")
async def keys(settings: Settings) -> AsyncIterator[VaultKeyService]:
    """The key service as the application uses it."""
    service = VaultKeyService(settings)
    yield service
    await service.close()


@pytest_asyncio.fixture(scope="session")
async def key_provisioner(settings: Settings) -> AsyncIterator[VaultKeyProvisioner]:
    provisioner = VaultKeyProvisioner(settings)
    yield provisioner
    await provisioner.close()


@pytest_asyncio.fixture(scope="session")
async def owner(settings: Settings) -> AsyncIterator[Owner]:
    """The owner of schemas and tables; the control plane stands at its head."""
    found = Owner(settings)
    try:
        await migrate_control(found)
        yield found
    finally:
        await found.close()


@pytest_asyncio.fixture(scope="session")
async def database(settings: Settings, keys: VaultKeyService, owner: Owner) -> AsyncIterator[Database]:
    """The application's own door to the data. Its control plane is there, tenants are not."""
    found = Database(settings, keys)
    yield found
    await found.close()


@pytest_asyncio.fixture(scope="session")
async def provisioner(owner: Owner, key_provisioner: VaultKeyProvisioner, database: Database) -> Provisioner:
    """Makes customers as ``zhiren tenant create`` does: ``await provisioner.create("acme", "某某公司")``."""
    return Provisioner(owner, key_provisioner, database, seeds=[hosted.seed])


_made = iter(range(1, 1_000_000))


async def make_tenant(provisioner: Provisioner, prefix: str = "acme") -> TenantRef:
    """A customer of its own, under a short name not used before in this run."""
    number = next(_made)
    return await provisioner.create(f"{prefix}-{number}", f"测试客户 {prefix} {number}")


@pytest_asyncio.fixture(scope="module")
async def tenant(provisioner: Provisioner) -> TenantRef:
    """A fresh customer for this test file."""
    return await make_tenant(provisioner, "acme")


@pytest_asyncio.fixture(scope="module")
async def other_tenant(provisioner: Provisioner) -> TenantRef:
    """Another customer, who must see nothing of ``tenant``'s."""
    return await make_tenant(provisioner, "other")


@pytest_asyncio.fixture(scope="session")
async def parts(settings: Settings, owner: Owner) -> Hosted:
    """The hosted composition over the test services. Its pools close with ``app``."""
    return make_parts(settings)


@pytest_asyncio.fixture(scope="session")
async def app(parts: Hosted) -> AsyncIterator[Litestar]:
    """The hosted application, running in this process."""
    async with serving(parts) as application:
        yield application


_licensed: set[str] = set()


async def _licensed_for_all(parts: Hosted, tenant: TenantRef) -> None:
    if tenant.id not in _licensed:
        await license_all(parts, tenant)
        _licensed.add(tenant.id)


@pytest_asyncio.fixture
async def client(app: Litestar, parts: Hosted, tenant: TenantRef) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at ``tenant``'s address who has not logged in; all modules are bought."""
    await _licensed_for_all(parts, tenant)
    async with browser(app, tenant) as found:
        yield found


LogIn = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest_asyncio.fixture
async def login_as(app: Litestar, parts: Hosted, tenant: TenantRef) -> AsyncIterator[LogIn]:
    """``await login_as("hr")``: a new person of that role, logged in, at ``tenant``'s or another customer's address
    (``at=other_tenant``). Also takes ``employee_id`` and ``login``."""
    async with AsyncExitStack() as stack:

        async def log_in_as(role: str, *, at: TenantRef | None = None, **options: Any) -> httpx.AsyncClient:
            where = at or tenant
            await _licensed_for_all(parts, where)
            return await stack.enter_async_context(await log_in(parts, app, where, role, **options))

        yield log_in_as


class _RollBack(Exception):
    """Ends the transaction of a test."""


@pytest_asyncio.fixture(scope="session")
async def crowd(provisioner: Provisioner) -> list[TenantRef]:
    """Fifty customers, made once for the whole run."""
    return [await make_tenant(provisioner, "crowd") for _ in range(50)]


@pytest_asyncio.fixture
async def ctx(database: Database, tenant: TenantRef) -> AsyncIterator[Context]:
    """A transaction as ``tenant``, rolled back after the test."""
    try:
        async with database.tenant(tenant) as context:
            yield context
            raise _RollBack
    except _RollBack:
        pass
