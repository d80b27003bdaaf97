"""Permission as data on the route: who may call it, and which module it belongs to."""

from __future__ import annotations

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute

from zhiren.errors import Forbidden, NotSignedIn
from zhiren.i18n import _
from zhiren.web.errors import ModuleOff, NotOffered
from zhiren.web.parts import Deployment, RouteWithoutPermission
from zhiren.web.visit import visit

PUBLIC: Final = "public"
AUTHENTICATED: Final = "authenticated"
#: anybody who is logged in, as a user or (with ``guest="*"``) as a guest; the handler knows who takes part
ATTENDING: Final = "attending"
#: what goes before the kind in the permission of a guest's route
GUEST: Final = "guest:"


def guest_kind(permission: str) -> str | None:
    """The kind of guest that ``permission`` lets in; None when it is not of that sort."""
    return permission.removeprefix(GUEST) if permission.startswith(GUEST) else None


class PermissionGuard:
    """Runs before every handler, after the gate has found the person."""

    def __init__(self, deployment: Deployment) -> None:
        self._entitlements = deployment.entitlements
        self._modules = {module.name: module for module in deployment.modules}
        self._permissions = deployment.permissions

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        permission = handler.opt.get("permission", "")
        if handler.opt.get("tenant") is False:
            return
        ctx = visit(connection.scope).ctx
        if ctx is None:
            raise NotSignedIn(_("请先登录。"))
        signed_in = ctx.actor.kind == "user"
        kind = guest_kind(permission)
        if kind is not None:
            # whoever works here and is logged in as such has no business on a guest's pages
            signed_in = ctx.actor.guest is not None and ctx.actor.guest.kind == kind
        elif permission == ATTENDING:
            signed_in = signed_in or ctx.actor.guest is not None
        module = handler.opt.get("module")
        if module is not None and module not in ctx.modules and (kind is not None or permission == PUBLIC):
            raise NotOffered(
                _("{company}现在没有开放这个页面。", company=ctx.tenant.name),
                hint=_("已提交的内容都还在。请过些时候再来，或直接联系这家公司。"),
            )
        if permission != PUBLIC and not signed_in:
            raise NotSignedIn(_("请先登录。"), hint=_("登录后会回到这里。"))
        if module is not None and module not in ctx.modules:
            if module in self._modules:
                raise await self._entitlements.refusal(ctx.tenant, self._modules[module])
            raise ModuleOff(_("这个模块没有启用。"), hint=_("请联系贵公司的系统管理员。"))
        if kind is not None or permission in {PUBLIC, AUTHENTICATED, ATTENDING} or ctx.actor.can(permission):
            return
        known = self._permissions.get(permission)
        title = _(known.title) if known else permission
        raise Forbidden(
            _("您没有“{title}”的权限。", title=title),
            hint=_("需要时，请贵公司的系统管理员在“角色与权限”里授予。"),
            params={"permission": permission},
        )


class PermissionDeclared(ReceiveRoutePlugin):
    """Refuses, at start, a route that does not say who may call it."""

    def receive_route(self, route: BaseRoute) -> None:
        handlers: list[Any] = route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]  # type: ignore[attr-defined]
        for handler in handlers:
            if isinstance(handler, HTTPRouteHandler) and handler.http_methods == {"OPTIONS"}:
                continue  # made by the framework for every path: answers with the allowed methods only
            if not handler.opt.get("permission"):
                raise RouteWithoutPermission(f"{route.path} ({handler}) declares no permission=")
            annotation = getattr(handler.fn, "__annotations__", {}).get("ctx")
            if isinstance(annotation, type):
                # as a class it would be checked against the request like client input, and fail at the first call
                raise TypeError(f"{route.path} ({handler}): write `from __future__ import annotations` in its file")
