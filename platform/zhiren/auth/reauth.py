"""The page between a sensitive act and its doing: it asks for the password again and loses nothing."""

from __future__ import annotations

import time
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.connection import ASGIConnection

from zhiren.auth import repository
from zhiren.auth.errors import ReauthenticationRequired
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.web.pages import local_path, page
from zhiren.web.problems import on_refusal, wants_page
from zhiren.web.visit import header

#: forms larger than this are typed again rather than carried through the page
_DRAFT_MAX: Final = 200_000
_STASH: Final = "auth_draft"


class Draft(msgspec.Struct, frozen=True, array_like=True):
    """What was about to be done: the method, the address, and the fields of the form; and whether a code is asked."""

    method: str
    action: str
    fields: tuple[tuple[str, str], ...] = ()
    second_factor: bool = False

    def pack(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def unpack(cls, text: str) -> Draft:
        """A draft that leads nowhere but to this site; anything else becomes a visit to the account page."""
        try:
            draft = _DRAFT.decode(text)
        except msgspec.MsgspecError:
            return cls("GET", "/account")
        action = local_path(draft.action, "/account")
        method = "POST" if draft.method == "POST" and action == draft.action else "GET"
        return msgspec.structs.replace(draft, method=method, action=action)


_DRAFT: Final = msgspec.json.Decoder(Draft)


async def require_recent(connection: ASGIConnection[Any, Any, Any, Any], ctx: Context, *, within_s: int) -> None:
    """Raises ReauthenticationRequired unless the password was given lately, and keeps the form that was sent."""
    if time.time() - ctx.actor.authenticated_at_s <= within_s:
        return
    if isinstance(connection, Request):
        draft = await _draft_of(connection)
        user = await repository.user_by_id(ctx.session, ctx.actor.user_id) if ctx.actor.user_id else None
        asks_code = user is not None and user.totp_enabled_at is not None
        connection.scope["state"][_STASH] = msgspec.structs.replace(draft, second_factor=asks_code)
    raise ReauthenticationRequired(_("这一步要先确认是您本人"), hint=_("请再输入一次密码，刚才填的内容会保留"))


def on_reauthentication(request: Request[Any, Any, Any], error: ReauthenticationRequired) -> Response[Any]:
    """The refusal as a page for people (htmx included), as a problem for programs."""
    by_htmx = header(request.scope, b"hx-request") and not request.scope["path"].startswith("/api/")
    draft = request.scope["state"].get(_STASH)
    if draft is None or not (by_htmx or wants_page(request)):
        return on_refusal(request, error)
    answer = reauth_page(draft)
    if by_htmx:
        # htmx swaps successes only; the whole content gives way to the question
        answer.status_code = 200
        answer.headers |= {"hx-retarget": "#content", "hx-reswap": "innerHTML"}
    return answer


def reauth_page(draft: Draft, *, error: ZhirenError | None = None, status_code: int = 403) -> Response[Any]:
    return page(
        "auth/reauth.html",
        status_code=status_code,
        draft=draft.pack(),
        second_factor=draft.second_factor,
        error=error,
    )


async def _draft_of(request: Request[Any, Any, Any]) -> Draft:
    action = request.scope["path"]
    if request.scope["query_string"]:
        action += "?" + request.scope["query_string"].decode("latin-1")
    if request.method != "POST":
        # what is asked for by a link is asked for again; other methods come from the page that htmx shows
        return Draft("GET", action if request.method == "GET" else "/account")
    form = await request.form()
    fields = tuple((name, value) for name, value in form.multi_items() if isinstance(value, str) and name != "_csrf")
    small = sum(len(name) + len(value) for name, value in fields) <= _DRAFT_MAX
    complete = all(isinstance(value, str) for _name, value in form.multi_items())
    return Draft("POST", action, fields) if small and complete else Draft("GET", "/account")
