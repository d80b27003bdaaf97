"""The app with real services, people who can log in, and browsers that behave like one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar, Request, get, post

from ops.hosted import MODULES
from tenants.registry import Registry
from tests.platform.web.fakes import FakeEntitlements
from zhiren.app import Deployment, create_app
from zhiren.auth.errors import ReauthenticationRequired
from zhiren.auth.models import User
from zhiren.auth.pages import HANDLERS as PAGES
from zhiren.auth.reauth import on_reauthentication
from zhiren.auth.routes import HANDLERS as ROUTES
from zhiren.auth.runtime import AuthRuntime
from zhiren.auth.service import create_user
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.settings import Settings

PASSWORD = "correct horse battery"
_CSRF = re.compile(r'name="_csrf" value="([^"]+)"')


class Browser:
    """Keeps cookies, and finds the proof of origin in the pages it was given."""

    def __init__(self, app: Litestar, host: str, *, scheme: str = "http", ip: str = "127.0.0.1") -> None:
        transport = httpx.ASGITransport(app=cast(Any, app), client=(ip, 4711))
        self.http = httpx.AsyncClient(
            transport=transport, base_url=f"{scheme}://{host}", headers={"accept": "text/html", "user-agent": "Firefox"}
        )
        self._csrf = ""

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return self._seen(await self.http.get(path, **options))

    async def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        return self._seen(await self.http.post(path, data={"_csrf": self._csrf, **(data or {})}, **options))

    async def api(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"accept": "application/json", "x-csrf-token": self._csrf, **options.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **options)

    async def log_in(self, login: str, password: str = PASSWORD) -> httpx.Response:
        await self.get("/login")
        answer = await self.post("/login", {"login": login, "password": password})
        if answer.status_code == 303:
            await self.get("/account")
        return answer

    @property
    def session(self) -> str:
        return next((c.value or "" for c in self.http.cookies.jar if "session" in c.name), "")

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        if found := _CSRF.search(answer.text):
            self._csrf = found.group(1)
        return answer


@get("/probe/pay", permission="field.pay.read")
async def probe_pay(ctx: Context) -> dict[str, list[str]]:
    return {"kinds": sorted(ctx.actor.scope("field.pay.read").kinds)}


@post("/probe/sensitive", permission="authenticated", reauth=True, status_code=200)
async def probe_sensitive(request: Request[Any, Any, Any]) -> dict[str, Any]:
    form = await request.form()
    return {"fields": {name: form.getall(name) for name in form if name != "_csrf"}}


@get("/probe/sensitive", permission="authenticated", reauth=True)
async def probe_sensitive_page() -> dict[str, str]:
    return {"done": "yes"}


PROBES = (probe_pay, probe_sensitive, probe_sensitive_page)


@asynccontextmanager
async def running(settings: Settings, database: Database, **options: Any) -> AsyncIterator[Litestar]:
    auth = AuthRuntime(settings, MODULES, **options)
    app = create_app(
        Deployment(
            settings=settings,
            database=database,
            tenants=Registry(database, settings.base_domain),
            entitlements=FakeEntitlements(),
            authenticator=auth,
            guards=(auth.guard,),
            permissions=auth.permissions,
            exception_handlers={ReauthenticationRequired: on_reauthentication},
            route_handlers=(*PAGES, *ROUTES, *PROBES),
        )
    )
    yield app
    await auth.close()


@pytest_asyncio.fixture(scope="module")
async def app(settings: Settings, database: Database) -> AsyncIterator[Litestar]:
    async with running(settings, database) as made:
        yield made


@pytest.fixture
def auth(app: Litestar) -> AuthRuntime:
    return cast(AuthRuntime, app.state.deployment.authenticator)


_ips = iter(f"10.{a}.{b}.{c}" for a in range(256) for b in range(256) for c in range(1, 255))


@pytest_asyncio.fixture
async def browser(app: Litestar, tenant: TenantRef) -> AsyncIterator[Browser]:
    """A browser at an address of its own: rates of other tests do not count against it."""
    made = Browser(app, f"{tenant.slug}.localhost", ip=next(_ips))
    yield made
    await made.http.aclose()


@pytest_asyncio.fixture
async def browsers(app: Litestar, tenant: TenantRef) -> AsyncIterator[Callable[[], Browser]]:
    """As many browsers as a test wants."""
    made: list[Browser] = []

    def new() -> Browser:
        made.append(Browser(app, f"{tenant.slug}.localhost", ip=next(_ips)))
        return made[-1]

    yield new
    for browser in made:
        await browser.http.aclose()


_numbers = iter(range(1, 1_000_000))
NewUser = Callable[..., Awaitable[User]]


@pytest.fixture
def new_user(database: Database, tenant: TenantRef) -> NewUser:
    """Makes and commits a person: ``await new_user("hr", must_change_password=True)``."""

    async def make(*roles: str, **values: Any) -> User:
        number = next(_numbers)
        async with database.tenant(tenant) as ctx:
            values = {"login": f"person{number}", "name": f"测试{number}", "password": PASSWORD, **values}
            return await create_user(ctx, roles=roles, **values)

    return make
