"""Answers for people: pages, redirects with a word of confirmation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from litestar import Litestar, Request, Response
from litestar.background_tasks import BackgroundTask, BackgroundTasks
from litestar.datastructures import Cookie
from litestar.enums import MediaType
from litestar.response.base import ASGIResponse
from litestar.types import TypeEncodersMap

from zhiren.web.flash import FLASH_COOKIE, FlashKind, pack_flash
from zhiren.web.view import View
from zhiren.web.visit import header


class Page(Response[bytes]):
    """A rendered template. Rendering happens inside the request's transaction, before the answer starts.

    Asked by htmx for a part (and not by a boosted link), ``kit/base.html`` renders the block ``content`` alone.
    """

    def __init__(
        self,
        template: str,
        context: Mapping[str, Any] | None = None,
        *,
        status_code: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(b"", media_type=MediaType.HTML, status_code=status_code, headers=dict(headers or {}))
        self.template = template
        self.context = dict(context or {})

    def to_asgi_response(
        self,
        app: Litestar | None,
        request: Request[Any, Any, Any],
        *,
        background: BackgroundTask | BackgroundTasks | None = None,
        cookies: Iterable[Cookie] | None = None,
        encoded_headers: Iterable[tuple[bytes, bytes]] | None = None,
        headers: dict[str, str] | None = None,
        is_head_response: bool = False,
        media_type: MediaType | str | None = None,
        status_code: int | None = None,
        type_encoders: TypeEncodersMap | None = None,
    ) -> ASGIResponse:
        view = View(request, request.app.state.site)
        template = request.app.state.templates.get_template(self.template)
        self.content = template.render(self.context, view=view).encode()
        self.headers.setdefault("vary", "HX-Request, Accept-Language, Cookie")
        if not self.status_code and status_code is not None and 300 <= status_code < 400:
            # a handler whose success redirects answered with a page: its form again, refused
            self.status_code = 422
        if view.flash_taken:
            self.delete_cookie(FLASH_COOKIE)
        return super().to_asgi_response(
            app,
            request,
            background=background,
            cookies=cookies,
            encoded_headers=encoded_headers,
            headers=headers,
            is_head_response=is_head_response,
            media_type=media_type,
            status_code=status_code,
            type_encoders=type_encoders,
        )


def page(template: str, /, *, status_code: int | None = None, **context: Any) -> Page:
    """The page ``template`` with ``context``; in the template ``view`` knows the person, the customer and the path."""
    return Page(template, context, status_code=status_code)


class Redirect(Response[bytes]):
    """303 to ``path``; for htmx, its own header, so that the whole page changes."""

    def __init__(self, path: str) -> None:
        super().__init__(b"", status_code=303, headers={"location": path})

    def to_asgi_response(self, app: Litestar | None, request: Request[Any, Any, Any], **options: Any) -> ASGIResponse:
        if header(request.scope, b"hx-request"):
            self.status_code = 200
            self.headers["hx-redirect"] = self.headers.pop("location")
        return super().to_asgi_response(app, request, **options)


def redirect(path: str, message: str = "", *, kind: FlashKind = "success") -> Redirect:
    """After a change: on to ``path`` (of this site), where ``message`` is shown once."""
    answer = Redirect(local_path(path))
    if message:
        answer.set_cookie(pack_flash(kind, message))
    return answer


def local_path(path: str | None, default: str = "/") -> str:
    """``path`` when it leads to this site, else ``default``: a link in ``next=`` must not lead elsewhere."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or not path.isprintable():
        return default
    return path if path.isascii() and "\\" not in path else default
