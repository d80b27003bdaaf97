"""What zhiren asks of a key service. OpenBao answers in production, a small one in memory in tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from zhiren.context import TenantRef
    from zhiren.crypto.keyring import Keyring


class Unwrapper(Protocol):
    """Opens wrapped data keys."""

    async def unwrap(self, tenant_id: str, wrapped: Sequence[str]) -> list[bytes]:
        """All of ``wrapped`` in one call, in order.

        Raises KeyServiceUnavailable, or TenantKeyDisabled when the service answers that this key may not be used.
        """
        ...


class KeyService(Unwrapper, Protocol):
    def keyring(self, tenant: TenantRef) -> Keyring:
        """The tenant's keyring, one per process: makes no call, and may not be ready."""
        ...

    async def close(self) -> None: ...


class KeyProvisioner(Protocol):
    """Makes and governs tenants' keys. Its log-in differs from the app's, which can only use keys."""

    async def create_key(self, tenant_id: str) -> None:
        """Makes the tenant's transit key, which never leaves the service. Done already: nothing happens."""
        ...

    async def new_data_keys(self, tenant_id: str, count: int) -> list[str]:
        """Fresh data keys, wrapped; their plain form is never seen here."""
        ...

    async def rewrap(self, tenant_id: str, wrapped: Sequence[str]) -> list[str]:
        """The same data keys under the newest version of the transit key."""
        ...

    async def rotate_key(self, tenant_id: str) -> None: ...

    async def disable_key(self, tenant_id: str) -> None:
        """Refuses every use of the key at once; processes that hold data keys refuse within their cache's lifetime."""
        ...

    async def enable_key(self, tenant_id: str) -> None: ...

    async def destroy_key(self, tenant_id: str) -> None:
        """For good: everything sealed for this tenant, in backups too, can never be read again."""
        ...

    async def close(self) -> None: ...
