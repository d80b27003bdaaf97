"""What a composition hands to the web: the parts that differ between the hosted service and the appliance."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from markupsafe import Markup

from zhiren.context import SYSTEM, Actor, Context, TenantRef
from zhiren.errors import ZhirenError
from zhiren.modules import Module, NavItem, Permission

Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], Any]


class WebSettings(Protocol):
    """The few settings the web reads; ``zhiren.settings.Settings`` has them."""

    @property
    def base_domain(self) -> str: ...
    @property
    def public_scheme(self) -> Literal["http", "https"]: ...
    @property
    def var_dir(self) -> Path: ...


class TenantDatabase(Protocol):
    """``zhiren.db.Database``, as far as the web uses it."""

    def tenant(
        self,
        tenant: TenantRef,
        *,
        actor: Actor = SYSTEM,
        request_id: str = "",
        ip: str = "",
        user_agent: str = "",
        locale: str = "zh_CN",
        modules: frozenset[str] = frozenset(),
    ) -> AbstractAsyncContextManager[Context]:
        """One transaction: committed on a clean exit, rolled back on an exception."""
        ...


class TenantDirectory(Protocol):
    """Who is meant by a host name. Asked at every request: implementations cache."""

    async def by_host(self, host: str) -> TenantRef | None:
        """The customer of ``host`` (lower case, without port), suspended ones included; None when nobody answers."""
        ...


class Entitlements(Protocol):
    """What a customer has bought and switched on. Asked at every request: implementations cache."""

    async def of(self, tenant: TenantRef) -> frozenset[str]:
        """Names of the modules that are bought and on."""
        ...

    async def refusal(self, tenant: TenantRef, module: Module) -> ZhirenError:
        """Why ``module``, which is not among :meth:`of`, cannot be used, and who can change that."""
        ...


class Authenticator(Protocol):
    """Who sends the request."""

    @property
    def cookie(self) -> str:
        """Name of the session cookie; its value also seeds the CSRF token."""
        ...

    async def authenticate(self, request: Connection, ctx: Context) -> Actor | None: ...

    async def again(self, ctx: Context) -> Actor | None:
        """``ctx``'s actor with the rights of now; None when the session has ended meanwhile. For what lasts longer than
        a request: streams ask every second or so."""
        ...


class GuestDoor(Protocol):
    """The way in for people who are no users; ``zhiren.guests.GuestRuntime``."""

    def cookie(self, kind: str) -> str:
        """Name of the cookie that holds the session of a guest of ``kind``."""
        ...

    def cookies(self) -> Sequence[str]:
        """Names of the cookies of all kinds; their values seed CSRF tokens."""
        ...

    def kinds(self) -> Sequence[str]: ...

    def login_path(self, kind: str) -> str:
        """Where a stranger who wants in as a guest of ``kind`` is led."""
        ...

    async def authenticate(self, request: Connection, ctx: Context, kinds: Sequence[str]) -> Actor | None:
        """The guest of one of ``kinds`` (none: of any) whose cookie the request carries."""
        ...


@dataclass(frozen=True, slots=True)
class Deployment:
    """All parts of one running form of zhiren. ``zhiren.app.create_app`` makes the application of it."""

    settings: WebSettings
    database: TenantDatabase
    tenants: TenantDirectory
    entitlements: Entitlements
    authenticator: Authenticator
    #: None where nobody but users is let in
    guests: GuestDoor | None = None
    modules: Sequence[Module] = ()
    #: handlers of the platform's own rooms and of the composition: log-in, audit, jobs, console
    route_handlers: Sequence[Any] = ()
    #: their places in the navigation
    navigation: Sequence[NavItem] = ()
    #: all permissions by name, for refusals that say what is missing
    permissions: Mapping[str, Permission] = field(default_factory=dict)
    #: further guards of every route, after the permission: re-authentication, rate limits
    guards: Sequence[Guard] = ()
    #: packages whose ``templates/`` and ``locale/`` are read besides those of the modules
    packages: Sequence[str] = ()
    #: probes of /readyz: name -> coroutine that raises when the service does not answer
    checks: Mapping[str, Callable[[], Awaitable[object]]] = field(default_factory=dict)
    #: refusals that a room renders itself, such as the one that asks for the password again
    exception_handlers: Mapping[type[Exception], Any] = field(default_factory=dict)
    lifespan: Sequence[Callable[[Litestar], AbstractAsyncContextManager[None]]] = ()
    #: what handlers of other rooms read from ``app.state``
    state: Mapping[str, Any] = field(default_factory=dict)
    #: markup for the home page, or None when there is nothing for this person; asked in order, in the request's context
    home_cards: Sequence[Callable[[Context], Awaitable[Markup | None]]] = ()
    #: template globals of other rooms
    template_globals: Mapping[str, Any] = field(default_factory=dict)


class RouteWithoutPermission(RuntimeError):
    """A handler was mounted that does not say who may call it. The program does not start."""


__all__ = [
    "Authenticator",
    "Connection",
    "Deployment",
    "Entitlements",
    "Guard",
    "GuestDoor",
    "RouteWithoutPermission",
    "TenantDatabase",
    "TenantDirectory",
    "WebSettings",
]
