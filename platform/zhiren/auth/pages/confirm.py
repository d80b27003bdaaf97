"""Giving the password again before a sensitive act, and going on with it."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, post

from zhiren.auth.cookies import give_session, renew_csrf
from zhiren.auth.errors import LoginBusy, LoginLocked, LoginRefused, SecondFactorRefused, TooManyAttempts
from zhiren.auth.pages.forms import AnyRequest
from zhiren.auth.reauth import Draft, reauth_page
from zhiren.auth.runtime import runtime_of
from zhiren.auth.service import login as service
from zhiren.context import Context
from zhiren.web.pages import page, redirect


@post("/reauth", permission="authenticated", status_code=200)
async def reauthenticate(request: AnyRequest, ctx: Context) -> Response[Any]:
    auth, form = runtime_of(request), await request.form()
    draft = Draft.unpack(str(form.get("draft", "")))
    password, code = str(form.get("password", ""))[:1000], str(form.get("code", ""))[:64]
    try:
        token = await service.reauthenticate(ctx, auth, password=password, code=code)
    except (LoginRefused, SecondFactorRefused, LoginLocked, TooManyAttempts, LoginBusy) as refusal:
        request.state.commit = True
        return reauth_page(draft, error=refusal, status_code=refusal.status)
    if draft.method == "GET":
        answer: Response[Any] = redirect(draft.action)
    else:
        renew_csrf(request, token)
        answer = page("auth/resume.html", draft=draft)
    give_session(answer, auth, token)
    return answer


HANDLERS: Final = (reauthenticate,)
