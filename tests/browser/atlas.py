"""Every page of the application with an address that shows something: found by following links, as people find them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from litestar import Litestar

from ops.demo.visitor import Visitor

_LINK: Final = re.compile(r'(?:href|data-href|hx-get)="(/[^"#]*)')
_PARAMETER: Final = re.compile(r"\{[a-z_]+:(\w+)\}")
_SHAPES: Final = {"uuid": r"[0-9a-f-]{36}", "str": r"[^/?]+", "path": r".+", "int": r"\d+"}
#: addresses of one route that are looked at, for each person
EXAMPLES: Final = 2

#: routes that answer with something else than a page, or with a part of one
NOT_PAGES: Final[Mapping[str, str]] = {
    "/healthz": "for machines",
    "/readyz": "for machines",
    "/static/{name:path}": "files",
    "/sw.js": "script",
    "/manifest.webmanifest": "for the browser",
    "/site/favicon": "a picture",
    "/site/logo": "a picture",
    "/site/theme.css": "a style sheet",
    "/views": "a part of a table, looked at within it",
    "/jobs/{job_id:uuid}/events": "a stream",
    "/calendar/{name:str}": "a file for calendar programs",
    "/account/second-factor/qr.svg": "a picture, looked at within its page",
    "/records/employees/choose": "a part of a form",
    "/approvals/people": "a part of a form",
    "/careers-feed.xml": "for job boards",
    "/careers-sitemap.xml": "for search engines",
    "/portal/me/copy": "a file",
    "/portal/offers/{offer_id:uuid}/letter": "a file",
    "/recruiting/analytics/export/{code:str}": "a file",
    "/recruiting/channels/{channel_id:uuid}/qr.svg": "a picture",
    "/recruiting/jobs/{job_id:uuid}/board/{stage:str}": "more cards of a column",
    "/recruiting/offers/{offer_id:uuid}/letter": "a file",
    "/recruiting/referrals/jobs/{job_id:uuid}/qr.svg": "a picture",
    "/recruiting/resumes/{resume_id:uuid}/file": "a file",
    "/recruiting/onboarding/{onboarding_id:uuid}/tasks/{task_id:uuid}/paper": "a file",
    "/records/import/sample.xlsx": "a file",
    "/payroll/runs/{run_id:uuid}/export.xlsx": "a file",
    "/me/payslips/{payslip_id:uuid}/pdf": "a file",
    "/meet/{room_id:uuid}/phase": "for the room's own page",
    "/meet/{room_id:uuid}/recordings/{recording_id:uuid}/video.webm": "a file",
}


@dataclass(frozen=True)
class Place:
    """``path`` of ``route`` as ``login`` sees it; nobody is logged in where it is empty."""

    login: str
    route: str
    path: str

    def __str__(self) -> str:
        return f"{self.login or 'nobody'} {self.path}"


def pages(app: Litestar) -> list[str]:
    """The routes that show a page, most particular first, so that ``/new`` is not taken for an id."""
    found = {
        route.path
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if "GET" in getattr(handler, "http_methods", ())
    }
    routes = [route for route in found if not route.startswith(("/api/", "/kit")) and route not in NOT_PAGES]
    return sorted(routes, key=lambda route: (route.count("{"), route))


def pattern(route: str) -> re.Pattern[str]:
    return re.compile(_PARAMETER.sub(lambda kind: _SHAPES[kind[1]], route) + r"(?:\?.*)?$")


@dataclass
class Atlas:
    routes: Sequence[str]
    #: opens a visitor who is logged in
    visitor: Callable[[str], Visitor]
    places: list[Place] = field(default_factory=list)

    def explore(self, login: str, starts: Iterable[str] = ("/",), *, also: Iterable[str] = ()) -> None:
        """Follows links from ``starts``; keeps pages of routes nobody has shown yet, and ``also`` in any case."""
        patterns = {route: pattern(route) for route in self.routes}
        known = {place.route for place in self.places}
        wanted = set(also)
        count: dict[str, int] = {}
        with self.visitor(login) as visitor:
            queue, seen = deque((*starts, *wanted)), set[str]()
            while queue:
                path = queue.popleft().replace("&amp;", "&")
                route = next((name for name, form in patterns.items() if form.match(path)), None)
                if path in seen or route is None or (count.get(route, 0) >= EXAMPLES and path not in wanted):
                    continue
                seen.add(path)
                text = shown(visitor, path)
                if text is None:
                    continue
                count[route] = count.get(route, 0) + 1
                if path in wanted or (route not in known and (count[route] == 1 or "{" in route)):
                    self.places.append(Place(login, route, path))
                queue.extend(_LINK.findall(text))

    def missing(self, excluded: Mapping[str, str]) -> list[str]:
        """Routes nobody found."""
        found = {place.route for place in self.places}
        return [route for route in self.routes if route not in found and route not in excluded]


def shown(visitor: Visitor, path: str) -> str | None:
    """The page's text, or None when it is not for this person or not a page."""
    answer: Any = visitor.get(path)
    html = answer.headers.get("content-type", "").startswith("text/html")
    return answer.text if answer.status_code == 200 and html and "<html" in answer.text else None
