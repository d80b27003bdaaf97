"""The application, put together from the parts of one deployment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from litestar import Litestar, Request, Router
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.params import SkipValidation

from zhiren import i18n
from zhiren.context import Context
from zhiren.modules import NavItem
from zhiren.web.assets import Assets
from zhiren.web.environment import Templates
from zhiren.web.gate import Gate
from zhiren.web.guards import PermissionDeclared, PermissionGuard
from zhiren.web.headers import SecureHeaders
from zhiren.web.parts import Authenticator, Deployment, Entitlements, RouteWithoutPermission, TenantDirectory
from zhiren.web.problems import HANDLERS
from zhiren.web.site import HANDLERS as SITE_HANDLERS
from zhiren.web.sockets import remember_fault
from zhiren.web.view import Site
from zhiren.web.views import HANDLERS as VIEW_HANDLERS
from zhiren.web.visit import visit

API_PREFIX: Final = "/api/v1"
HOME: Final = NavItem(i18n.N_("首页"), "/", "authenticated", icon="home", order=0)
MAX_BODY_BYTES: Final = 10 * 1024 * 1024


def create_app(deployment: Deployment) -> Litestar:
    """The ASGI application of ``deployment``. Raises RouteWithoutPermission when a route says not who may call it.

    Handlers take ``ctx: Context``; routes carry ``permission=`` (a permission's name, "authenticated" or "public") and
    may carry ``tenant=False`` (no customer, no transaction), ``transaction=False`` (a stream: the context says who
    asks, its transaction is over) or ``csrf=False`` (programs that prove themselves otherwise). A route that takes
    large files sets ``request_max_body_size``.
    """
    packages = [module.package for module in deployment.modules] + list(deployment.packages)
    i18n.load(["zhiren", *packages])
    assets = Assets()
    secure = deployment.settings.public_scheme == "https"
    navigation = _navigation(deployment)
    site = Site(assets=assets, navigation=navigation)
    templates = Templates(packages, assets, extra_globals=deployment.template_globals)
    routers = [_mount([*SITE_HANDLERS, *VIEW_HANDLERS, *deployment.route_handlers])]
    routers += [_mount(module.route_handlers, module=module.name) for module in deployment.modules]
    state = {
        **deployment.state,
        "deployment": deployment,
        "site": site,
        "templates": templates,
        "database": deployment.database,
    }
    handlers: dict[int | type[Exception], Any] = {**HANDLERS}
    for refusal, handler in deployment.exception_handlers.items():
        handlers[refusal] = handler
    return Litestar(
        route_handlers=[router for group in routers for router in group],
        middleware=[DefineMiddleware(Gate, deployment=deployment)],
        guards=[PermissionGuard(deployment), *deployment.guards],
        dependencies={"ctx": Provide(_provide_context, sync_to_thread=False)},
        # the context is made here, not sent by a client: its type is not a schema to check it against
        signature_namespace={"Context": SkipValidation[NamedDependency[Context]]},
        exception_handlers=handlers,
        after_exception=[remember_fault],
        before_send=[SecureHeaders(secure=secure)],
        plugins=[PermissionDeclared()],
        request_max_body_size=MAX_BODY_BYTES,
        include_in_schema=False,
        openapi_config=_openapi(),
        lifespan=list(deployment.lifespan),
        state=State(state),
        logging_config=None,
    )


def _provide_context(request: Request[Any, Any, Any]) -> Context:
    ctx = visit(request.scope).ctx
    if ctx is None:
        raise LookupError("a route with tenant=False has no context")
    return ctx


def _navigation(deployment: Deployment) -> list[tuple[str, NavItem]]:
    """In the order of their sections' first items, then of the items."""
    entries = [("", HOME)]
    entries += [("", item) for item in deployment.navigation]
    entries += [(module.name, item) for module in deployment.modules for item in module.navigation]
    entries.sort(key=lambda entry: entry[1].order)
    sections = list(dict.fromkeys(item.section for _module, item in entries))
    return sorted(entries, key=lambda entry: sections.index(entry[1].section))


def _mount(handlers: Iterable[Any], *, module: str | None = None) -> Sequence[Router]:
    """Two routers: pages, which the API document leaves out, and the API."""
    api: list[Any] = []
    pages: list[Any] = []
    for handler in handlers:
        (api if all(path.startswith("/api/") for path in _paths(handler)) else pages).append(handler)
    opt = {"module": module} if module else {}
    routers = []
    if pages:
        routers.append(Router("/", route_handlers=pages, opt=opt))
    if api:
        routers.append(Router("/", route_handlers=api, opt=opt, include_in_schema=True))
    return routers


def _paths(handler: Any) -> list[str]:
    if paths := getattr(handler, "paths", None):
        return ["/" + path.lstrip("/") for path in paths]
    return ["/" + str(handler.path).lstrip("/")]


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="zhiren 知人",
        version="1",
        description="JSON API. Refusals are problem details (RFC 9457) with a stable `code`.",
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        components=Components(
            security_schemes={
                "session": SecurityScheme(type="apiKey", security_scheme_in="cookie", name="zhiren_session"),
                "token": SecurityScheme(
                    type="http", scheme="bearer", description="An access token of a person's own: `zr_…`."
                ),
            }
        ),
        security=[{"session": []}, {"token": []}],
        # the framework's own address, beside which it answers unknown paths itself; ours is API_PREFIX/openapi.json
        openapi_router=Router("/api/openapi", route_handlers=[], opt={"permission": "authenticated"}),
    )


__all__ = [
    "Authenticator",
    "Deployment",
    "Entitlements",
    "RouteWithoutPermission",
    "TenantDirectory",
    "create_app",
]
