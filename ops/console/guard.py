"""The console's own gate: the right host, proof of origin, and an operator who is logged in.

It stands where the customers' gate does not reach (``tenant=False``), once, on the router of all the console's routes.
"""

from __future__ import annotations

from typing import Any, Final, cast

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler

from ops.console import service
from ops.console.runtime import ROOT, Console, console_of
from ops.console.service import SignedIn
from zhiren.context import Actor
from zhiren.errors import NotSignedIn
from zhiren.i18n import N_, _
from zhiren.modules import NavItem
from zhiren.web.gate import host_of
from zhiren.web.visit import Place, visit

AnyRequest = Request[Any, Any, Any]
#: value of ``permission=`` on routes for operators; nobody of a customer's can have it
OPERATOR: Final = "operator"
NAVIGATION: Final = (
    NavItem(N_("全部客户"), ROOT, OPERATOR, icon="building"),
    NavItem(N_("操作记录"), f"{ROOT}/trail", OPERATOR, icon="history"),
)


def at_console(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    return host_of(connection.scope) == console_of(connection).host


async def console_gate(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Raises, at a customer's host, what an unknown address raises; CsrfFailed; NotSignedIn."""
    if not at_console(connection):
        raise NotFoundException
    request, console = cast("AnyRequest", connection), console_of(connection)
    token = session_token(request, console)
    operator = await service.signed_in(console, token) if token else None
    enter(request, operator)
    here = visit(request.scope)
    console.csrf.issue(request, here)
    await console.csrf.check(request)
    if handler.opt.get("permission") == OPERATOR and operator is None:
        raise NotSignedIn(_("请先登录。"), hint=_("登录后会回到这里。"))


def enter(request: AnyRequest, operator: SignedIn | None) -> None:
    """From here on, pages are the console's."""
    actor = None
    if operator is not None:
        actor = Actor(user_id=operator.id, name=operator.name, kind="operator", session_id=operator.session_id)
    request.state.operator = operator
    visit(request.scope).place = Place(ROOT, _("知人运营台"), actor, NAVIGATION)


def session_token(request: AnyRequest, console: Console) -> str:
    return request.cookies.get(console.cookie) or ""


def operator_of(request: AnyRequest) -> SignedIn:
    """Who asks, in a handler for operators."""
    operator = request.state.operator
    assert isinstance(operator, SignedIn)
    return operator
