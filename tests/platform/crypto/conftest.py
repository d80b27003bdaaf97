from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from tests.platform.crypto.bao import Bao, Settings
from zhiren.context import TenantRef
from zhiren.crypto import Keyring, VaultKeyProvisioner, VaultKeyService
from zhiren.crypto.keyring import WrappedKey
from zhiren.crypto.provision import first_data_keys
from zhiren.ids import new_tenant_id


@dataclass(frozen=True)
class Keys:
    """A key service of a test's own, and both ways in."""

    bao: Bao
    settings: Settings
    app: VaultKeyService
    provisioner: VaultKeyProvisioner

    async def new_tenant(self) -> tuple[TenantRef, list[WrappedKey]]:
        tenant = TenantRef(new_tenant_id(), "acme", "甲公司")
        rows = await first_data_keys(self.provisioner, tenant.id)
        return tenant, [WrappedKey(**row) for row in rows]

    async def new_keyring(self) -> Keyring:
        tenant, wrapped = await self.new_tenant()
        ring = self.app.keyring(tenant)
        ring.adopt(wrapped)
        return ring


@pytest.fixture(scope="module")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bao, Settings]]:
    server = Bao(tmp_path_factory.mktemp("bao"))
    try:
        server.start()
        yield server, server.set_up()
    finally:
        server.stop()


@pytest.fixture
async def bao_keys(bao: tuple[Bao, Settings]) -> AsyncIterator[Keys]:
    server, settings = bao
    app, provisioner = VaultKeyService(settings), VaultKeyProvisioner(settings)
    yield Keys(server, settings, app, provisioner)
    await app.close()
    await provisioner.close()
