"""Against a real OpenBao: what the two log-ins may do, and what happens when the service goes away in every way."""

from __future__ import annotations

import asyncio
import dataclasses
import signal
import socket
import time

import hvac
import pytest
from hvac import exceptions as vault_errors

from ops.services.openbao import APP_POLICY
from tests.platform.crypto.conftest import Keys
from zhiren.crypto import TenantKeyDisabled, VaultKeyService
from zhiren.crypto.keyring import REFUSAL_KEPT_S
from zhiren.crypto.vault import BREAKER_S, TIMEOUT_S
from zhiren.errors import KeyServiceUnavailable
from zhiren.ids import new_id

ROW = new_id()


async def test_cold_costs_one_call_warm_none(bao_keys: Keys) -> None:
    ring = await bao_keys.new_keyring()
    await asyncio.gather(*(ring.ready() for _ in range(20)))
    for _ in range(20):
        await ring.ready()
        ring.open("t", "c", ROW, ring.seal("t", "c", ROW, "𠮷😀\0".encode()))
    assert bao_keys.app.calls == 1


async def test_another_process_reads_what_this_one_sealed(bao_keys: Keys) -> None:
    tenant, wrapped = await bao_keys.new_tenant()
    ring = bao_keys.app.keyring(tenant)
    ring.adopt(wrapped)
    await ring.ready()
    sealed, index = ring.seal("t", "c", ROW, b"a"), ring.blind("t.c", "a")
    other = VaultKeyService(bao_keys.settings)
    again = other.keyring(tenant)
    again.adopt(wrapped)
    await again.ready()
    assert again.open("t", "c", ROW, sealed) == b"a"
    assert again.blind("t.c", "a") == index
    await other.close()


async def test_one_tenants_wrapped_keys_do_not_open_with_anothers_key(bao_keys: Keys) -> None:
    _, wrapped = await bao_keys.new_tenant()
    ring = await bao_keys.new_keyring()
    ring.adopt(wrapped)
    with pytest.raises(TenantKeyDisabled):
        await ring.ready()


async def test_the_app_can_use_keys_and_nothing_else(bao_keys: Keys) -> None:
    ring = await bao_keys.new_keyring()
    client = hvac.Client(url=bao_keys.settings.vault_addr)
    client.auth.approle.login(bao_keys.settings.vault_role_id, bao_keys.settings.vault_secret_id)
    key = f"transit/keys/{ring.tenant_id}"
    for path, body in (
        ("transit/keys/t_new", {"type": "aes256-gcm96"}),
        (f"{key}/rotate", {}),
        (f"{key}/config", {"exportable": True}),
        (f"{key}/soft-delete-restore", {}),
        ("transit/decrypt/other", {"ciphertext": "vault:v1:AAAA"}),
    ):
        with pytest.raises(vault_errors.Forbidden):
            client.adapter.post(f"/v1/{path}", json=body)
    for path in (key, f"transit/export/encryption-key/{ring.tenant_id}", f"transit/backup/{ring.tenant_id}"):
        with pytest.raises(vault_errors.Forbidden):
            client.adapter.get(f"/v1/{path}")
    for path in (key, f"{key}/soft-delete"):
        with pytest.raises(vault_errors.Forbidden):
            client.adapter.delete(f"/v1/{path}")


async def test_a_tenants_key_cannot_be_exported_by_anyone(bao_keys: Keys) -> None:
    ring = await bao_keys.new_keyring()
    with pytest.raises(vault_errors.InvalidRequest, match="not exportable"):
        bao_keys.bao.root.adapter.get(f"/v1/transit/export/encryption-key/{ring.tenant_id}")


async def test_the_provisioner_cannot_open_data_keys(bao_keys: Keys) -> None:
    tenant, wrapped = await bao_keys.new_tenant()
    client = hvac.Client(url=bao_keys.settings.vault_addr)
    client.auth.approle.login(
        bao_keys.settings.vault_provisioner_role_id, bao_keys.settings.vault_provisioner_secret_id
    )
    for path, body in (
        (f"transit/decrypt/{tenant.id}", {"ciphertext": wrapped[0].wrapped}),
        (f"transit/datakey/plaintext/{tenant.id}", {}),
    ):
        with pytest.raises(vault_errors.Forbidden):
            client.adapter.post(f"/v1/{path}", json=body)


async def test_disabled_key_refuses_when_caches_run_out_and_comes_back_whole(bao_keys: Keys) -> None:
    tenant, wrapped = await bao_keys.new_tenant()
    service = VaultKeyService(dataclasses.replace(bao_keys.settings, data_key_cache_s=1.0))
    ring = service.keyring(tenant)
    ring.adopt(wrapped)
    await ring.ready()
    sealed = ring.seal("t", "c", ROW, b"a")
    await bao_keys.provisioner.disable_key(tenant.id)
    assert ring.open("t", "c", ROW, sealed) == b"a"
    await asyncio.sleep(1.05)
    with pytest.raises(TenantKeyDisabled):
        await ring.ready()
    with pytest.raises(TenantKeyDisabled):
        ring.open("t", "c", ROW, sealed)
    await bao_keys.provisioner.enable_key(tenant.id)
    await asyncio.sleep(REFUSAL_KEPT_S)
    await ring.ready()
    assert ring.open("t", "c", ROW, sealed) == b"a"
    await service.close()


async def test_destroyed_key_is_gone_for_good(bao_keys: Keys) -> None:
    tenant, wrapped = await bao_keys.new_tenant()
    await bao_keys.provisioner.destroy_key(tenant.id)
    for attempt in (bao_keys.provisioner.enable_key, bao_keys.provisioner.create_key):
        await attempt(tenant.id)
        with pytest.raises(TenantKeyDisabled):
            await bao_keys.app.unwrap(tenant.id, [key.wrapped for key in wrapped])


async def test_rotation_and_rewrapping_keep_every_value(bao_keys: Keys) -> None:
    tenant, wrapped = await bao_keys.new_tenant()
    ring = bao_keys.app.keyring(tenant)
    ring.adopt(wrapped)
    await ring.ready()
    sealed = ring.seal("t", "c", ROW, b"a")
    await bao_keys.provisioner.rotate_key(tenant.id)
    fresh = await bao_keys.provisioner.rewrap(tenant.id, [key.wrapped for key in wrapped])
    assert all(key.startswith("vault:v2:") for key in fresh)
    for generation in ([key.wrapped for key in wrapped], fresh):
        ring.forget()
        ring.adopt([key._replace(wrapped=new) for key, new in zip(wrapped, generation, strict=True)])
        await ring.ready()
        assert ring.open("t", "c", ROW, sealed) == b"a"


async def test_making_a_key_again_keeps_the_old_one(bao_keys: Keys) -> None:
    ring = await bao_keys.new_keyring()
    await bao_keys.provisioner.create_key(ring.tenant_id)
    await ring.ready()


async def test_tokens_that_run_out_are_replaced_unseen(bao_keys: Keys) -> None:
    role_id, secret_id = bao_keys.bao.add_role("app-short", APP_POLICY, "1s")
    service = VaultKeyService(dataclasses.replace(bao_keys.settings, vault_role_id=role_id, vault_secret_id=secret_id))
    tenant, wrapped = await bao_keys.new_tenant()
    for pause_s in (0.0, 0.8, 1.5):
        await asyncio.sleep(pause_s)
        assert await service.unwrap(tenant.id, [wrapped[0].wrapped])
    # revoked behind our back: the token still looks good to us
    service._vault._token = "b." + "A" * 30
    assert await service.unwrap(tenant.id, [wrapped[0].wrapped])
    await service.close()


async def test_wrong_secret_is_a_refusal_in_words(bao_keys: Keys) -> None:
    service = VaultKeyService(dataclasses.replace(bao_keys.settings, vault_secret_id="wrong"))
    with pytest.raises(KeyServiceUnavailable, match="密钥服务"):
        await service.unwrap("t_aaaaaaaaaaaaaaaa", ["vault:v1:AAAA"])
    await service.close()


async def test_stopped_sealed_and_restarted(bao_keys: Keys) -> None:
    warm, cold = await bao_keys.new_keyring(), await bao_keys.new_keyring()
    await warm.ready()
    sealed = warm.seal("t", "c", ROW, b"a")

    async def refused_then_back() -> None:
        await warm.ready()
        assert warm.open("t", "c", ROW, sealed) == b"a"
        with pytest.raises(KeyServiceUnavailable) as refusal:
            await cold.ready()
        assert refusal.value.status == 503
        assert "密钥服务" in refusal.value.message
        assert refusal.value.hint
        # the circuit is open: a hundred more ask for nothing
        began_s, calls = time.monotonic(), bao_keys.app.calls
        for _ in range(100):
            with pytest.raises(KeyServiceUnavailable):
                await cold.ready()
        assert time.monotonic() - began_s < 0.5
        assert bao_keys.app.calls <= calls + 1

    await bao_keys.app.answers()
    bao_keys.bao.stop()
    with pytest.raises(KeyServiceUnavailable):
        await bao_keys.app.answers()
    await refused_then_back()
    bao_keys.bao.start()
    await asyncio.sleep(max(BREAKER_S, REFUSAL_KEPT_S))
    await cold.ready()
    assert cold.open("t", "c", ROW, cold.seal("t", "c", ROW, b"b")) == b"b"

    cold.forget()
    bao_keys.bao.seal()
    await refused_then_back()
    bao_keys.bao.stop()
    bao_keys.bao.start()
    await asyncio.sleep(max(BREAKER_S, REFUSAL_KEPT_S))
    await cold.ready()


async def test_a_service_that_never_answers_blocks_nobody(bao_keys: Keys) -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        addr = f"http://127.0.0.1:{mute.getsockname()[1]}"
        service = VaultKeyService(dataclasses.replace(bao_keys.settings, vault_addr=addr))
        asking = asyncio.create_task(service.unwrap("t_aaaaaaaaaaaaaaaa", ["vault:v1:AAAA"]))
        ticks = 0
        while not asking.done():
            await asyncio.sleep(0.01)
            ticks += 1
        with pytest.raises(KeyServiceUnavailable):
            await asking
        assert ticks > 100, "the event loop stood still"

        # many at once do not queue up for one timeout after the other
        await asyncio.sleep(BREAKER_S)
        began_s = time.monotonic()
        asked = [service.unwrap(f"t_aaaaaaaaaaaaaaa{letter}", ["vault:v1:AAAA"]) for letter in "abcdefghijklmnop"]
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(outcome, KeyServiceUnavailable) for outcome in outcomes)
        assert time.monotonic() - began_s < 2 * TIMEOUT_S[1]
        await service.close()


async def test_making_a_key_waits_for_a_busy_disk_and_a_page_does_not(bao_keys: Keys) -> None:
    """Stopped for longer than a page may wait, as a service does whose disk has much to write."""
    process = bao_keys.bao.process
    assert process is not None
    await bao_keys.provisioner.create_key("t_busy_before")
    await bao_keys.app.answers()
    process.send_signal(signal.SIGSTOP)
    try:
        making = asyncio.create_task(bao_keys.provisioner.create_key("t_busy"))
        with pytest.raises(KeyServiceUnavailable):
            await bao_keys.app.answers()
    finally:
        process.send_signal(signal.SIGCONT)
    await making
