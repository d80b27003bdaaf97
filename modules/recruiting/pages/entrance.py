"""Logging in by a code, the same for every kind of guest of recruiting: first the address, then the code."""

from __future__ import annotations

from typing import Any

from litestar import Response

from zhiren import guests
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.site import public_page
from zhiren.web import Page, Redirect
from zhiren.web.fields import AnyRequest, read_form


async def login_form(
    ctx: Context,
    template: str,
    *,
    address: str = "",
    sent: bool = False,
    applied: str = "",
    error: ZhirenError | None = None,
) -> Page:
    sent = sent and (error is None or bool(address))
    status = error.status if error else None
    return await public_page(
        ctx, template, status_code=status, address=address, sent=sent, applied=applied, error=error
    )


async def leave(ctx: Context, *, kind: str, to: str) -> Response[Any]:
    """Ends every session of the guest, not only this browser's."""
    assert ctx.actor.guest is not None
    await guests.end_sessions(ctx, kind, ctx.actor.guest.id)
    answer = Redirect(to)
    guests.see_out(answer, ctx, kind)
    return answer


async def enter(request: AnyRequest, ctx: Context, *, kind: str, template: str, home: str) -> Page | Response[Any]:
    """Sends a code to the address, or lets in whom the code was sent to."""
    form = await read_form(request, longest=254)
    address, code = form["address"].strip(), form["code"].strip()
    try:
        if not code:
            await guests.send_code(ctx, kind, address, ip=ctx.ip)
            return await login_form(ctx, template, address=address, sent=True)
        guest_id = await guests.check_code(ctx, kind, address, code)
    except ZhirenError as refusal:
        if code:
            request.state.commit = True  # a wrong code counts
        return await login_form(ctx, template, address=address, sent=bool(code), error=refusal)
    answer = Redirect(home)
    guests.let_in(answer, ctx, kind, await guests.open_session(ctx, kind, guest_id))
    return answer
