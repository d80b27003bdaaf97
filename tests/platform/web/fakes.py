"""Parts of a deployment that need no services, for tests of the web alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast
from uuid import UUID

import httpx
from litestar import Litestar

from zhiren.app import Deployment, create_app
from zhiren.context import SYSTEM, Actor, Context, Scope, TenantRef, use
from zhiren.errors import Forbidden, ZhirenError
from zhiren.modules import Module
from zhiren.web.parts import Connection, TenantDatabase

ACME = TenantRef("t_aaaaaaaaaaaaaaaa", "acme", "甲公司")
SLEEPING = TenantRef("t_bbbbbbbbbbbbbbbb", "sleeping", "停用公司", status="suspended")
USER_ID = UUID("01900000-0000-7000-8000-000000000001")


def actor(*permissions: str) -> Actor:
    everyone = Scope(frozenset({"all"}))
    return Actor(user_id=USER_ID, name="林晓", grants=dict.fromkeys(permissions, everyone), session_id=USER_ID)


@dataclass
class FakeDatabase:
    """Remembers how each transaction ended."""

    ended: list[str] = field(default_factory=list)
    fault: Exception | None = None
    fault_of_commit: Exception | None = None

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
        if self.fault:
            raise self.fault
        ctx = Context(
            tenant=tenant,
            session=cast(Any, None),
            keyring=cast(Any, None),
            actor=actor,
            request_id=request_id,
            ip=ip,
            user_agent=user_agent,
            locale=locale,
            modules=modules,
        )
        try:
            with use(ctx):
                yield ctx
        except BaseException:
            self.ended.append("rollback")
            raise
        if self.fault_of_commit:
            raise self.fault_of_commit
        self.ended.append("commit")


@dataclass
class FakeDirectory:
    acme: TenantRef = ACME

    async def by_host(self, host: str) -> TenantRef | None:
        return {"acme.localhost": self.acme, "sleeping.localhost": SLEEPING}.get(host)


@dataclass
class FakeEntitlements:
    on: frozenset[str] = frozenset()

    async def of(self, tenant: TenantRef) -> frozenset[str]:
        return self.on

    async def refusal(self, tenant: TenantRef, module: Module) -> ZhirenError:
        return Forbidden(f"{module.title} 没有启用")


@dataclass
class FakeAuthenticator:
    """The session cookie holds the permissions, separated by commas."""

    cookie: str = "zhiren_session"

    async def authenticate(self, request: Connection, ctx: Context) -> Actor | None:
        token = request.cookies.get(self.cookie)
        return actor(*token.split("|")) if token else None

    async def again(self, ctx: Context) -> Actor | None:
        return ctx.actor


@dataclass(frozen=True)
class FakeSettings:
    base_domain: str = "localhost"
    public_scheme: Literal["http", "https"] = "http"
    var_dir: Path = Path("var")


def make_app(
    handlers: Sequence[Any] = (),
    *,
    database: TenantDatabase | None = None,
    tenant: TenantRef = ACME,
    modules: Sequence[Module] = (),
    on: frozenset[str] = frozenset(),
    scheme: Literal["http", "https"] = "http",
    **options: Any,
) -> Litestar:
    return create_app(
        Deployment(
            settings=FakeSettings(public_scheme=scheme),
            database=database or FakeDatabase(),
            tenants=FakeDirectory(tenant),
            entitlements=FakeEntitlements(on),
            authenticator=FakeAuthenticator(),
            modules=modules,
            route_handlers=handlers,
            **options,
        )
    )


def client_of(app: Litestar, session: str = "", host: str = "acme.localhost", **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=cast(Any, app), raise_app_exceptions=False)
    cookies = {"zhiren_session": session} if session else {}
    return httpx.AsyncClient(transport=transport, base_url=f"http://{host}", cookies=cookies, headers=headers)


__all__ = ["ACME", "SLEEPING", "USER_ID", "FakeDatabase", "actor", "client_of", "make_app"]
