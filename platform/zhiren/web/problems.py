"""Every refusal and every fault, rendered in one place: problem details (RFC 9457) for programs, a page for people.

No stack trace and no ``str(exception)`` of an unexpected fault reaches a reader; the request id leads to the log.
"""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap, Receive, Send
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from zhiren.errors import NotSignedIn, Unavailable, ZhirenError
from zhiren.i18n import LOCALE_COOKIE, N_, _, negotiate, set_locale
from zhiren.web.errors import EditedMeanwhile, MalformedInput
from zhiren.web.guards import ATTENDING, guest_kind
from zhiren.web.pages import Page
from zhiren.web.visit import header, visit

log = logging.getLogger("zhiren.web")

PROBLEM_JSON: Final = "application/problem+json"
RETRY_AFTER_S: Final = 5

#: status of HTTP's own refusals -> code, what happened, what to do
_HTTP: Final[dict[int, tuple[str, str, str]]] = {
    400: ("web.bad_request", N_("请求的格式不对。"), N_("请核对请求的内容后重试。")),
    401: ("zhiren.not_signed_in", N_("请先登录。"), N_("登录后会回到这里。")),
    403: ("zhiren.forbidden", N_("您没有权限做这件事。"), N_("请联系贵公司的系统管理员。")),
    404: ("web.not_found", N_("没有这个页面。"), N_("网址可能有误，或者内容已被移走。请从首页重新进入。")),
    405: ("web.method_not_allowed", N_("这个地址不接受这种请求。"), N_("请核对请求方法。")),
    413: ("web.too_large", N_("提交的内容太大。"), N_("请减小文件后重试，或分几次提交。")),
    415: ("web.unsupported_media_type", N_("不支持这种内容类型。"), N_("请核对 Content-Type。")),
    429: ("zhiren.too_many_requests", N_("请求太频繁。"), N_("请稍等片刻再试。")),
    503: ("zhiren.unavailable", N_("服务暂时不可用，没有改动任何内容。"), N_("请过几秒钟再试。")),
}


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """A person in a browser asks, not a program and not htmx (which shows the refusal as a message)."""
    path = request.scope["path"]
    if path.startswith("/api/") or header(request.scope, b"hx-request"):
        return False
    return "text/html" in header(request.scope, b"accept")


def render(request: Request[Any, Any, Any], error: ZhirenError, *, status: int = 0, code: str = "") -> Response[Any]:
    """``error`` as its reader needs it."""
    here = visit(request.scope)
    status = status or error.status
    code = code or error.code
    if (
        isinstance(error, NotSignedIn)
        and wants_page(request)
        and request.method == "GET"
        and code.endswith("signed_in")
    ):
        return _to_login(request)
    headers = {"retry-after": str(error.params.get("retry_after_s", RETRY_AFTER_S))} if status in {429, 503} else {}
    if wants_page(request):
        return Page(
            "web/problem.html",
            {"problem": error, "status": status, "code": code, "request_id": here.request_id},
            status_code=status,
            headers=headers,
        )
    problem: dict[str, Any] = {
        "type": f"urn:zhiren:problem:{code}",
        "title": error.message,
        "status": status,
        "code": code,
        "request_id": here.request_id,
    }
    if error.hint:
        problem["detail"] = error.hint
    if error.fields:
        problem["errors"] = error.fields
    if error.params:
        problem["params"] = error.params
    if header(request.scope, b"hx-request"):
        event = {"title": error.message, "detail": error.hint, "status": status, "code": code}
        if isinstance(error, NotSignedIn):
            event["login"] = _entrance(request)
        headers |= {"hx-reswap": "none", "hx-trigger": json.dumps({"zhiren:problem": event})}
    return Response(problem, media_type=PROBLEM_JSON, status_code=status, headers=headers)


def _to_login(request: Request[Any, Any, Any]) -> Response[Any]:
    target = request.scope["path"]
    if request.scope["query_string"]:
        target += "?" + request.scope["query_string"].decode("latin-1")
    place = visit(request.scope).place
    home = (place.root if place else "") or "/"
    entrance = _entrance(request)
    location = entrance if target == home else f"{entrance}?next=" + quote(target, safe="/")
    return Response(b"", status_code=303, headers={"location": location})


def _entrance(request: Request[Any, Any, Any]) -> str:
    """Where those log in for whom the page is."""
    place = visit(request.scope).place
    return _guests_entrance(request) or f"{place.root if place else ''}/login"


def _guests_entrance(request: Request[Any, Any, Any]) -> str | None:
    """Where guests log in, if the page is for them; None when it is for users."""
    handler = request.scope.get("route_handler")
    permission = handler.opt.get("permission", "") if handler is not None else ""
    kind = guest_kind(permission)
    guests = request.app.state.deployment.guests
    if permission == ATTENDING and guests is not None:
        # whoever was logged in as a guest before, and not as a user, is one
        kind = next((one for one in guests.kinds() if guests.cookie(one) in request.cookies), None)
        if request.app.state.deployment.authenticator.cookie in request.cookies:
            kind = None
    return guests.login_path(kind) if kind is not None and guests is not None else None


async def refuse(request: Request[Any, Any, Any], error: Exception, receive: Receive, send: Send) -> None:
    """Answer with ``error`` where Litestar, which thinks that the answer has begun, would not do so any more."""
    handlers = request.app.exception_handlers
    handler = next(handlers[kind] for kind in type(error).__mro__ if kind in handlers)
    response: Response[Any] = handler(request, error)
    await response.to_asgi_response(None, request)(request.scope, receive, send)


def on_refusal(request: Request[Any, Any, Any], error: ZhirenError) -> Response[Any]:
    _speak_reader_language(request)
    return render(request, error)


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Refusals of the framework: no such route, wrong method, a body that does not fit its struct."""
    _speak_reader_language(request)
    if error.status_code >= 500 and error.status_code not in _HTTP:
        return on_fault(request, error)
    code, title, hint = _HTTP.get(error.status_code, _HTTP[400])
    fields: dict[str, str] = {}
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        fields = {str(entry.get("key", "")): str(entry.get("message", "")) for entry in error.extra}
        code = "web.invalid_request"
        hint = N_("请看每一处的说明，改正后重试。")
    return render(request, ZhirenError(_(title), hint=_(hint), fields=fields), status=error.status_code, code=code)


def on_database_gone(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    _speak_reader_language(request)
    log.warning("database unavailable: %s [%s]", type(error).__name__, visit(request.scope).request_id)
    return render(
        request,
        Unavailable(_("数据库暂时没有响应，没有改动任何内容。"), hint=_("服务会自行恢复，请过几秒钟再试。")),
        code="web.database_unavailable",
    )


def on_data_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    _speak_reader_language(request)
    log.info("malformed value: %s [%s]", type(error).__name__, visit(request.scope).request_id)
    message = _("有一个值超出了能保存的范围。")
    status = 400 if isinstance(error, (UnicodeDecodeError, RecursionError)) else 422
    return render(request, MalformedInput(message, hint=_("请核对数字、日期和文字后重试。")), status=status)


def on_conflict(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    _speak_reader_language(request)
    log.info("conflict: %s [%s]", type(error).__name__, visit(request.scope).request_id)
    message = _("同一条记录刚被别人改过或已经存在，您的修改没有保存。")
    return render(request, EditedMeanwhile(message, hint=_("请刷新页面，核对后再改。")))


def on_fault(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    _speak_reader_language(request)
    here = visit(request.scope)
    log.error("unexpected fault [%s] %s", here.request_id, request.scope["path"], exc_info=error)
    fault = ZhirenError(
        _("出错了，没有改动任何内容。"),
        hint=_("我们已记下这次故障。请重试；仍不行时，请把编号 {id} 告诉系统管理员。", id=here.request_id),
    )
    return render(request, fault, status=int(HTTPStatus.INTERNAL_SERVER_ERROR), code="web.fault")


def _speak_reader_language(request: Request[Any, Any, Any]) -> None:
    """Refusals before the gate (no such route) know no locale yet."""
    here = visit(request.scope)
    here.locale = negotiate(request.cookies.get(LOCALE_COOKIE), header(request.scope, b"accept-language"))
    set_locale(here.locale)


HANDLERS: Final[ExceptionHandlersMap] = {
    ZhirenError: on_refusal,
    HTTPException: on_http,
    OperationalError: on_database_gone,
    InterfaceError: on_database_gone,
    PoolTimeout: on_database_gone,
    ConnectionError: on_database_gone,
    DataError: on_data_error,
    UnicodeError: on_data_error,
    RecursionError: on_data_error,  # JSON nested without end
    IntegrityError: on_conflict,
    StaleDataError: on_conflict,
    Exception: on_fault,
}

__all__ = ["HANDLERS", "refuse", "render", "wants_page"]
