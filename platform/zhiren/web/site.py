"""The few routes of the web itself: home, health, files, language and theme, offline page."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any, Final

from babel.dates import format_date
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath

from zhiren.context import Context
from zhiren.errors import InvalidInput
from zhiren.i18n import LOCALE_COOKIE, LOCALES, _
from zhiren.web.filters import CHINA
from zhiren.web.openapi import document
from zhiren.web.pages import Page, Redirect, local_path, page
from zhiren.web.view import THEME_COOKIE

YEAR_S: Final = 365 * 24 * 3600
PROBE_TIMEOUT_S: Final = 3.0


@get("/", permission="authenticated")
async def home(request: Request[Any, Any, Any], ctx: Context) -> Page:
    """What comes next for this person: cards of the modules, else the places they may go."""
    cards = [card for make in request.app.state.deployment.home_cards if (card := await make(ctx))]
    today = datetime.now(CHINA).date()
    weekday = format_date(today, "EEEE", locale=ctx.locale)
    return page("web/home.html", cards=cards, today=today, weekday=weekday)


@get("/healthz", permission="public", tenant=False)
async def healthz() -> dict[str, str]:
    """The process answers. Asks nobody else."""
    return {"status": "ok"}


@get("/readyz", permission="public", tenant=False)
async def readyz(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """The services this process stands on answer: 200, else 503 with the names of those that do not."""
    checks = request.app.state.deployment.checks

    async def probe(name: str) -> tuple[str, bool]:
        try:
            await asyncio.wait_for(checks[name](), PROBE_TIMEOUT_S)
        except Exception:
            return name, False
        return name, True

    results = dict(await asyncio.gather(*(probe(name) for name in checks)))
    ready = all(results.values())
    return Response(
        {
            "status": "ready" if ready else "not_ready",
            "checks": {n: "ok" if r else "failed" for n, r in results.items()},
        },
        status_code=200 if ready else 503,
        headers={} if ready else {"retry-after": "5"},
    )


@get("/api/v1/openapi.json", permission="authenticated", include_in_schema=False)
async def openapi(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """The OpenAPI 3.1 document."""
    return Response(document(request.app.openapi_schema), media_type="application/vnd.oai.openapi+json")


@get("/static/{name:path}", permission="public", tenant=False)
async def static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    assets = request.app.state.site.assets
    response: Response[bytes] = assets.respond(request, assets.get(str(name).lstrip("/")))
    return response


@get("/sw.js", permission="public", tenant=False)
async def service_worker(request: Request[Any, Any, Any]) -> Response[bytes]:
    """At the root, so that its scope is the whole site; asked for anew each time, so that a release takes hold."""
    assets = request.app.state.site.assets
    response: Response[bytes] = assets.respond(request, assets.named("sw.js"), cache="no-cache")
    return response


@get("/manifest.webmanifest", permission="public", tenant=False)
async def web_manifest(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    url = request.app.state.site.assets.url
    icons = [
        {"src": url(f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    manifest = {
        "name": "知人",
        "short_name": "知人",
        "description": _("人事与薪酬"),
        "lang": "zh-CN",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0f766e",
        "icons": icons,
    }
    return Response(manifest, media_type="application/manifest+json", headers={"cache-control": "public, max-age=3600"})


@get("/offline", permission="public", tenant=False)
async def offline() -> Page:
    answer = page("web/offline.html")
    answer.headers["cache-control"] = "public, max-age=3600"
    return answer


@post("/preferences/language", permission="public", status_code=303)
async def choose_language(request: Request[Any, Any, Any]) -> Redirect:
    return await remember_language(request)


@post("/preferences/theme", permission="public", status_code=303)
async def choose_theme(request: Request[Any, Any, Any]) -> Redirect:
    return await remember_theme(request)


async def remember_language(request: Request[Any, Any, Any]) -> Redirect:
    """The browser keeps the language that the posted form names. Raises InvalidInput."""
    form = await request.form()
    wanted = form.get("language")
    if wanted not in LOCALES:
        raise InvalidInput(_("没有这种语言。"))
    answer = Redirect(local_path(_text(form.get("next"))))
    answer.set_cookie(Cookie(key=LOCALE_COOKIE, value=wanted, max_age=YEAR_S, samesite="lax", httponly=True))
    return answer


async def remember_theme(request: Request[Any, Any, Any]) -> Redirect:
    """The browser keeps the look that the posted form names. Raises InvalidInput.

    Also works without script; with it, the page changes at once and this only remembers.
    """
    form = await request.form()
    wanted = form.get("theme")
    if wanted not in {"light", "dark", "auto"}:
        raise InvalidInput(_("没有这种外观。"))
    answer = Redirect(local_path(_text(form.get("next"))))
    answer.set_cookie(Cookie(key=THEME_COOKIE, value=wanted, max_age=YEAR_S, samesite="lax", httponly=True))
    return answer


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


HANDLERS: Final = (
    home,
    healthz,
    readyz,
    openapi,
    static,
    service_worker,
    web_manifest,
    offline,
    choose_language,
    choose_theme,
)
