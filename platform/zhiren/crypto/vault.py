"""OpenBao (or Vault) as the key service, through hvac: AppRole log-in, batch tokens, calls in threads of their own."""

from __future__ import annotations

import asyncio
import base64
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import hvac
import requests
from hvac import exceptions as vault_errors

from zhiren.context import TenantRef
from zhiren.crypto.errors import key_service_unavailable, tenant_key_disabled
from zhiren.crypto.keyring import Keyring

log = logging.getLogger(__name__)
R = TypeVar("R")

TRANSIT = "transit"
#: connecting, and waiting for an answer; the slowest transit call measured took 40 ms
TIMEOUT_S = (1.0, 2.0)
#: a key made, rotated or destroyed is written to the service's disk, which may be busy, and no page waits for it
WRITE_TIMEOUT_S = (1.0, 30.0)
#: after a failure nobody asks again for this long, so that a dead key service costs no request its timeout
BREAKER_S = 1.0
THREADS = 4


class VaultSettings(Protocol):
    """What of the settings this room reads."""

    @property
    def vault_addr(self) -> str: ...
    @property
    def vault_role_id(self) -> str: ...
    @property
    def vault_secret_id(self) -> str: ...
    @property
    def vault_cacert(self) -> str | None: ...
    @property
    def data_key_cache_s(self) -> float: ...


class VaultProvisionerSettings(Protocol):
    @property
    def vault_addr(self) -> str: ...
    @property
    def vault_provisioner_role_id(self) -> str: ...
    @property
    def vault_provisioner_secret_id(self) -> str: ...
    @property
    def vault_cacert(self) -> str | None: ...


class VaultClient:
    """One AppRole's calls. Never blocks the event loop, logs in by itself, refuses fast while the service is away.

    Batch tokens cannot be renewed: a new one is fetched when two thirds of its life are over, or at the first 403.
    """

    def __init__(
        self,
        addr: str,
        role_id: str,
        secret_id: str,
        cacert: str | None = None,
        timeout_s: tuple[float, float] = TIMEOUT_S,
    ) -> None:
        self._addr = addr
        self._role_id = role_id
        self._secret_id = secret_id
        self._cacert = cacert
        self._timeout_s = timeout_s
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="zhiren-vault")
        self._local = threading.local()
        self._login_lock = threading.Lock()
        self._token = ""
        self._token_until_s = 0.0
        self._open_until_s = 0.0
        #: calls made, log-ins not counted: what a page may cost is asserted on it
        self.calls = 0

    async def call(self, ask: Callable[[hvac.Client], R]) -> R:
        """Runs ``ask`` with a logged-in client in a thread.

        Raises KeyServiceUnavailable when the service does not answer, is sealed or refuses the log-in;
        ``hvac.exceptions.InvalidRequest`` comes through, for it is an answer.
        """
        self._refuse_while_open()
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._call, ask)

    async def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _trip(self) -> None:
        self._open_until_s = time.monotonic() + BREAKER_S

    def _refuse_while_open(self) -> None:
        if time.monotonic() < self._open_until_s:
            raise key_service_unavailable()

    def _call(self, ask: Callable[[hvac.Client], R]) -> R:
        # whoever waited for a thread behind a call that failed does not try the same again
        self._refuse_while_open()
        try:
            client = self._client()
            token = self._log_in(client, spent="")
            try:
                self.calls += 1
                return ask(client)
            except vault_errors.Forbidden:
                # a token that died early, with a restart of the service for instance
                self._log_in(client, spent=token)
                return ask(client)
        except vault_errors.InvalidRequest:
            raise
        except (requests.RequestException, vault_errors.VaultError, OSError) as error:
            self._trip()
            # never the message: a request's text may hold what it carried
            log.warning("key service call failed: %s", type(error).__name__)
            raise key_service_unavailable() from error

    def _client(self) -> hvac.Client:
        client: hvac.Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = hvac.Client(
                url=self._addr,
                token="",
                verify=self._cacert or True,
                timeout=self._timeout_s,  # type: ignore[arg-type]  # requests takes a pair, the stubs an int
                proxies={"http": "", "https": ""},
            )
        return client

    def _log_in(self, client: hvac.Client, *, spent: str) -> str:
        with self._login_lock:
            if not self._token or self._token == spent or time.monotonic() >= self._token_until_s:
                # one of those who waited for the lock has just tried
                self._refuse_while_open()
                client.token = ""
                try:
                    answer = client.auth.approle.login(self._role_id, self._secret_id, use_token=False)
                except vault_errors.InvalidRequest as error:
                    raise vault_errors.Unauthorized("the AppRole log-in was refused") from error
                except (requests.RequestException, vault_errors.VaultError):
                    self._trip()
                    raise
                auth = answer["auth"]
                self._token = str(auth["client_token"])
                self._token_until_s = time.monotonic() + int(auth["lease_duration"]) * 2 / 3
            client.token = self._token
            return self._token


class VaultKeyService:
    """The app's side: it can use tenants' keys, and neither make, read, rotate nor delete one."""

    def __init__(self, settings: VaultSettings) -> None:
        self._vault = VaultClient(
            settings.vault_addr, settings.vault_role_id, settings.vault_secret_id, settings.vault_cacert
        )
        self._cache_s = float(settings.data_key_cache_s)
        self._keyrings: dict[str, Keyring] = {}

    @property
    def calls(self) -> int:
        return self._vault.calls

    def keyring(self, tenant: TenantRef) -> Keyring:
        ring = self._keyrings.get(tenant.id)
        if ring is None:
            # setdefault: two threads may ask at once, and all must hold the same one
            ring = self._keyrings.setdefault(tenant.id, Keyring(tenant.id, self, cache_s=self._cache_s))
        return ring

    async def unwrap(self, tenant_id: str, wrapped: Sequence[str]) -> list[bytes]:
        batch = [{"ciphertext": item} for item in wrapped]

        try:
            answer = await self._vault.call(
                lambda client: _request(client, "post", f"decrypt/{tenant_id}", {"batch_input": batch})
            )
        except vault_errors.InvalidRequest as error:
            # the answer for a key that is switched off, destroyed or never made, and for a wrapping that is not its own
            raise tenant_key_disabled() from error
        return [base64.b64decode(item["plaintext"]) for item in answer["data"]["batch_results"]]

    async def answers(self) -> None:
        """Raises KeyServiceUnavailable when the service is away or sealed."""
        await self._vault.call(lambda client: client.adapter.get("/v1/sys/health"))

    async def close(self) -> None:
        for ring in self._keyrings.values():
            ring.forget()
        await self._vault.close()


class VaultKeyProvisioner:
    """The provisioner's side: makes, rotates, disables and destroys tenants' keys, and never sees a data key."""

    def __init__(self, settings: VaultProvisionerSettings) -> None:
        self._vault = VaultClient(
            settings.vault_addr,
            settings.vault_provisioner_role_id,
            settings.vault_provisioner_secret_id,
            settings.vault_cacert,
            WRITE_TIMEOUT_S,
        )

    async def create_key(self, tenant_id: str) -> None:
        await self._ask(
            "post",
            f"keys/{tenant_id}",
            {"type": "aes256-gcm96", "exportable": False, "allow_plaintext_backup": False},
        )

    async def new_data_keys(self, tenant_id: str, count: int) -> list[str]:
        answers = [await self._ask("post", f"datakey/wrapped/{tenant_id}", {"bits": 256}) for _ in range(count)]
        return [str(answer["data"]["ciphertext"]) for answer in answers]

    async def rewrap(self, tenant_id: str, wrapped: Sequence[str]) -> list[str]:
        batch = [{"ciphertext": item} for item in wrapped]
        answer = await self._ask("post", f"rewrap/{tenant_id}", {"batch_input": batch})
        return [str(item["ciphertext"]) for item in answer["data"]["batch_results"]]

    async def rotate_key(self, tenant_id: str) -> None:
        await self._ask("post", f"keys/{tenant_id}/rotate", {})

    async def disable_key(self, tenant_id: str) -> None:
        await self._ask("delete", f"keys/{tenant_id}/soft-delete")

    async def enable_key(self, tenant_id: str) -> None:
        await self._ask("post", f"keys/{tenant_id}/soft-delete-restore", {})

    async def destroy_key(self, tenant_id: str) -> None:
        await self._ask("post", f"keys/{tenant_id}/config", {"deletion_allowed": True})
        await self._ask("delete", f"keys/{tenant_id}")

    async def close(self) -> None:
        await self._vault.close()

    async def _ask(self, verb: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return await self._vault.call(lambda client: _request(client, verb, path, body))


def _request(client: hvac.Client, verb: str, path: str, body: Mapping[str, Any] | None) -> Any:
    """One transit call; hvac's own methods are thin shells over this, half of them without types."""
    adapter: Any = client.adapter
    return adapter.request(verb, f"/v1/{TRANSIT}/{path}", **({} if body is None else {"json": body}))
