"""Every route says who may call it, in words the roles know."""

from __future__ import annotations

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from ops.console.guard import OPERATOR, console_gate
from ops.hosted import Hosted
from zhiren.guests import kinds as guest_kinds

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
#: logging in and out, and the look of the page before it
PUBLIC_UNSAFE = frozenset(
    {
        "/agency/login",
        "/careers/{slug:str}/apply",
        "/portal/login",
        # a signature, with a proof that only its signer has
        "/a/{token:str}",
        "/api/v1/session",
        "/console/login",
        "/console/preferences/language",
        "/console/preferences/theme",
        "/login",
        "/login/code",
        "/login/link/{secret:str}",
        "/login/new-password",
        "/logout",
        # an address in a mail, with a proof that only who had the mail has
        "/notices/off/{message_id:uuid}/{token:str}",
        "/preferences/language",
        "/preferences/theme",
    }
)
#: log-in pages, the app's shell, what load balancers ask, and what is read by a secret link
PUBLIC_READ = frozenset(
    {
        "/agency/login",
        "/careers",
        "/careers-feed.xml",
        "/careers-sitemap.xml",
        "/careers/erased/{code:str}",
        "/careers/{slug:str}",
        "/careers/{slug:str}/apply",
        "/portal/login",
        # by a secret in the address: calendar programs log in nowhere
        "/calendar/{name:str}",
        "/a/{token:str}",
        "/console/login",
        "/healthz",
        "/login",
        "/login/code",
        "/login/link/{secret:str}",
        "/login/new-password",
        "/manifest.webmanifest",
        "/notices/off/{message_id:uuid}/{token:str}",
        "/offline",
        "/readyz",
        "/site/favicon",
        "/site/logo",
        "/site/theme.css",
        "/static/{name:path}",
        "/sw.js",
    }
)


def handlers(app: Litestar) -> list[tuple[str, HTTPRouteHandler]]:
    return [
        (route.path, handler)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.http_methods != {"OPTIONS"}
    ]


async def test_permissions_are_known(app: Litestar, parts: Hosted) -> None:
    assert parts.guests is not None
    # a guest's route names a kind that some module declares: else it would let nobody in
    kinds = {f"guest:{kind}" for kind in guest_kinds.names()}
    known = {"public", "authenticated", "attending", OPERATOR, *kinds, *parts.permissions}
    found = [(path, handler.opt.get("permission")) for path, handler in handlers(app)]
    assert len(found) > 20
    assert [(path, permission) for path, permission in found if permission not in known] == []


async def test_module_routes_belong_to_their_module(app: Litestar, parts: Hosted) -> None:
    """So that what is off cannot be reached."""
    named = {module.name for module in parts.modules}
    for path, handler in handlers(app):
        first = path.removeprefix("/api/v1").strip("/").split("/")[0]
        if first in named:
            assert handler.opt.get("module") == first, path


async def test_what_strangers_may_call_is_a_short_list(app: Litestar) -> None:
    """Adding to it is a decision: change this list with it."""
    public = [(path, handler) for path, handler in handlers(app) if handler.opt.get("permission") == "public"]
    assert {path for path, handler in public if handler.http_methods & UNSAFE} == PUBLIC_UNSAFE
    assert {path for path, handler in public if not handler.http_methods & UNSAFE} == PUBLIC_READ


async def test_the_vendor_s_routes_are_the_console_s(app: Litestar) -> None:
    """All of them, and nobody else's, pass its one gate: no customer's page asks for an operator."""
    for path, handler in handlers(app):
        inside = path == "/console" or path.startswith("/console/")
        assert (console_gate in handler.resolve_guards()) == inside, path
        assert inside or handler.opt.get("permission") != OPERATOR, path


async def test_navigation_leads_somewhere(app: Litestar, parts: Hosted) -> None:
    paths = {path for path, handler in handlers(app) if "GET" in handler.http_methods}
    items = [*parts.navigation, *(i for module in parts.modules if module.route_handlers for i in module.navigation)]
    assert [item.path for item in items if item.path not in paths] == []


async def test_guests_come_in_where_the_route_says_so(app: Litestar) -> None:
    """``guest=`` makes guests known beside users: on public routes, or where membership is asked further on."""
    wrong = []
    for path, handler in handlers(app):
        welcome, permission = handler.opt.get("guest"), handler.opt.get("permission", "")
        kinds = [welcome] if isinstance(welcome, str) else list(welcome or ())
        if kinds and (permission not in {"public", "attending"} or set(kinds) - {"*", *guest_kinds.names()}):
            wrong.append(path)
    assert wrong == []


async def test_csrf_is_waived_for_one_press_in_a_mail_program_alone(app: Litestar) -> None:
    waived = [path for path, handler in handlers(app) if handler.opt.get("csrf") is False]
    # RFC 8058: mail programs post without a page before; the address itself is the proof
    assert waived == ["/notices/off/{message_id:uuid}/{token:str}"]
