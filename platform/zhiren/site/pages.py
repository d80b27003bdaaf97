"""Theme and pictures of the public pages, and the administrator's page that sets them."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile

from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.files import FileNotFound
from zhiren.i18n import _
from zhiren.site import rules, service
from zhiren.site.errors import LookRefused
from zhiren.site.schemas import Look, LookChange
from zhiren.web.fields import AnyRequest, read_form
from zhiren.web.pages import Page, page, redirect

_KEPT: Final = "public, max-age=3600"
_FORM_MAX_BYTES: Final = 2 * rules.MAX_PICTURE_BYTES + 256 * 1024


@get("/site/theme.css", permission="public")
async def theme(ctx: Context) -> Response[bytes]:
    look = await service.look(ctx)
    return Response(rules.theme(look.accent).encode(), media_type="text/css; charset=utf-8", headers=_headers())


@get("/site/logo", permission="public")
async def logo(request: AnyRequest, ctx: Context) -> Response[Any]:
    return await _picture(request, ctx, (await service.look(ctx)).logo_id)


@get("/site/favicon", permission="public")
async def favicon(request: AnyRequest, ctx: Context) -> Response[Any]:
    look = await service.look(ctx)
    return await _picture(request, ctx, look.favicon_id or look.logo_id)


@get("/admin/site", permission="site.manage")
async def site_page(ctx: Context) -> Page:
    return _form(await service.look(ctx))


@post("/admin/site", permission="site.manage", status_code=303, request_max_body_size=_FORM_MAX_BYTES)
async def save(request: AnyRequest, ctx: Context) -> Response[Any]:
    wanted = await _read(request)
    try:
        await service.change(ctx, wanted)
    except LookRefused as refusal:
        return _form(await service.look(ctx), wanted, refusal)
    return redirect("/admin/site", _("已保存。"))


async def _picture(request: Request[Any, Any, Any], ctx: Context, file_id: UUID | None) -> Response[Any]:
    """The picture that was set, else the product's own sign."""
    if file_id is not None:
        try:
            kind, data = await service.picture(ctx, file_id)
        except FileNotFound:
            pass
        else:
            return Response(data, media_type=kind, headers=_headers())
    assets = request.app.state.site.assets
    answer: Response[Any] = assets.respond(request, assets.named("logo.svg"), cache=_KEPT)
    return answer


def _headers() -> dict[str, str]:
    return {"cache-control": _KEPT, "x-content-type-options": "nosniff"}


def _form(look: Look, wanted: LookChange | None = None, error: ZhirenError | None = None) -> Page:
    name, accent = (wanted.name, wanted.accent) if wanted else (look.name, look.accent)
    return page(
        "site/look.html", status_code=error.status if error else None, look=look, name=name, accent=accent, error=error
    )


async def _read(request: AnyRequest) -> LookChange:
    form, posted = await read_form(request), await request.form()
    return LookChange(
        form["name"].strip(),
        form["accent"].strip(),
        await _upload(posted.get("logo")),
        await _upload(posted.get("favicon")),
        bool(form["drop_logo"]),
        bool(form["drop_favicon"]),
    )


async def _upload(given: object) -> tuple[str, bytes] | None:
    """Name and bytes; None where no file was chosen."""
    if not isinstance(given, UploadFile):
        return None
    data = await given.read()
    return (given.filename or "", data) if data else None


HANDLERS: Final = (theme, logo, favicon, site_page, save)
