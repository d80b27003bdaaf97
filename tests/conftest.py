"""Fixtures for everybody: real services, a database of this process's own, customers made as in production."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from pytest_socket import socket_allow_hosts

from tenants.control import migrate_control
from tenants.owner import Owner
from tenants.provisioning import Provisioner
from tests.support import TestServices, installed_modules
from zhiren.auth.service import seed_roles
from zhiren.context import Context, TenantRef
from zhiren.crypto import VaultKeyProvisioner, VaultKeyService
from zhiren.db import Database
from zhiren.settings import Settings


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
    return Settings.load(services.settings_env)


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

    async def roles(ctx: Context) -> None:
        await seed_roles(ctx, installed_modules())

    return Provisioner(owner, key_provisioner, database, seeds=[roles])


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


class _RollBack(Exception):
    """Ends the transaction of a test."""


@pytest_asyncio.fixture
async def ctx(database: Database, tenant: TenantRef) -> AsyncIterator[Context]:
    """A transaction as ``tenant``, rolled back after the test."""
    try:
        async with database.tenant(tenant) as context:
            yield context
            raise _RollBack
    except _RollBack:
        pass
