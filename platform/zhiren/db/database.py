"""The one door to the data: a transaction belongs to one tenant, or to none and then sees no tenant's data."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from zhiren.context import SYSTEM, Actor, Context, TenantRef, use
from zhiren.db.engine import TENANT_OPTION, create_engine
from zhiren.db.names import checked_tenant_id
from zhiren.errors import Unavailable
from zhiren.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhiren.crypto.service import KeyService
    from zhiren.settings import Settings

_KEPT_TENANTS: Final = 1024


class Database:
    """The application's pool. One for each process and event loop."""

    def __init__(self, settings: Settings, keys: KeyService) -> None:
        self._keys = keys
        self._engine = self.make_engine(settings)
        self._as_tenant = lru_cache(maxsize=_KEPT_TENANTS)(self._make_as_tenant)

    def make_engine(self, settings: Settings) -> AsyncEngine:
        """For the proofs that take one guard away; nobody else overrides it."""
        return create_engine(settings.database_url, pool_size=settings.database_pool_size)

    @asynccontextmanager
    async def tenant(
        self,
        tenant: TenantRef,
        *,
        actor: Actor = SYSTEM,
        request_id: str = "",
        ip: str = "",
        user_agent: str = "",
        locale: str = "zh_CN",
        modules: frozenset[str] = frozenset(),
    ) -> AsyncIterator[Context]:
        """A transaction as ``tenant``, which is also ``zhiren.context.current()`` while it lasts.

        Begins with the first statement, commits when the block ends, rolls back when it raises. Raises ``Unavailable``
        when the database cannot be reached or goes away. The keyring is made ready if the key service answers; if
        not, its first use raises ``KeyServiceUnavailable``.
        """
        checked_tenant_id(tenant.id)
        async with self._session(tenant.id) as session:
            keyring = self._keys.keyring(tenant)
            await keyring.prepare(session)
            context = Context(
                tenant=tenant,
                session=session,
                keyring=keyring,
                actor=actor,
                request_id=request_id,
                ip=ip,
                user_agent=user_agent,
                locale=locale,
                modules=modules,
            )
            with use(context):
                yield context

    @asynccontextmanager
    async def control(self) -> AsyncIterator[AsyncSession]:
        """A transaction as the application's own log-in: it reads the schema ``control`` and no tenant's data."""
        async with self._session(None) as session:
            yield session

    async def close(self) -> None:
        await self._engine.dispose()

    def _session(self, tenant_id: str | None) -> AbstractAsyncContextManager[AsyncSession]:
        return transaction(self._engine if tenant_id is None else self._as_tenant(tenant_id))

    def _make_as_tenant(self, tenant_id: str) -> AsyncEngine:
        """The same pool; what begins a transaction knows the tenant. Making it takes as long as a short query."""
        return self._engine.execution_options(**{TENANT_OPTION: tenant_id})


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session that is one transaction: committed when the block ends, rolled back when it raises."""
    with _lost_connections_as_unavailable():
        async with AsyncSession(engine, expire_on_commit=False) as session:
            yield session
            # The only commit of the code base. An exception skips it, and leaving the block rolls back.
            await session.commit()


@contextmanager
def _lost_connections_as_unavailable() -> Iterator[None]:
    try:
        yield
    except exc.TimeoutError as error:
        raise _away() from error
    except exc.DBAPIError as error:
        if is_lost_connection(error):
            raise _away() from error
        raise


def _away() -> Unavailable:
    return Unavailable(
        _("数据库暂时没有响应，没有改动任何内容。"),
        hint=_("服务会自行恢复，请过几秒钟再试。"),
        params={"retry_after_s": 5},
    )


def is_lost_connection(error: exc.DBAPIError) -> bool:
    """True when the statement failed because the server is away, shutting down or full of connections."""
    sqlstate: str | None = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated:
        return True
    if not isinstance(error, exc.OperationalError):
        return False
    return sqlstate is None or sqlstate[:2] in {"08", "53"} or sqlstate in {"57P01", "57P02", "57P03"}
