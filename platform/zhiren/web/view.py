"""What every template may ask: ``view``. Made for each page, computed only as far as it is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from litestar import Request
from markupsafe import Markup, escape

from zhiren.context import Actor, TenantRef
from zhiren.i18n import LOCALE_NAMES, LOCALES, _, current_locale
from zhiren.modules import NavItem
from zhiren.web.assets import Assets
from zhiren.web.filters import CHINA
from zhiren.web.flash import FLASH_COOKIE, unpack_flash
from zhiren.web.visit import header, visit

THEME_COOKIE = "zhiren_theme"
#: places in the bar at the bottom of a phone, besides "more"
BOTTOM_ITEMS = 4
_NOBODY = Actor(user_id=None, name="", kind="system")


@dataclass(frozen=True, slots=True)
class Site:
    """What is the same for every page of this process."""

    assets: Assets
    #: (module name or empty for the platform, item)
    navigation: Sequence[tuple[str, NavItem]] = ()


class View:
    """One page's surroundings."""

    def __init__(self, request: Request[Any, Any, Any], site: Site) -> None:
        self.request = request
        self.site = site
        self._visit = visit(request.scope)
        self.path: str = request.scope["path"]
        self.flash_taken = False

    @property
    def signed_in(self) -> bool:
        return self._visit.signed_in

    @property
    def actor(self) -> Actor:
        if self._visit.place is not None:
            return self._visit.place.actor or _NOBODY
        return self._visit.ctx.actor if self._visit.ctx else _NOBODY

    @property
    def tenant(self) -> TenantRef | None:
        return self._visit.ctx.tenant if self._visit.ctx else None

    @property
    def root(self) -> str:
        """What the paths of log-in, log-out and preferences begin with; empty for a customer."""
        return self._visit.place.root if self._visit.place else ""

    @property
    def title(self) -> str:
        """Whose pages these are."""
        if self._visit.place is not None:
            return self._visit.place.title
        return self.tenant.name if self.tenant else _("知人")

    @property
    def initial(self) -> str:
        """One or two characters for the round picture: of a Chinese name the given name, else the first letter."""
        name = self.actor.name.strip()
        return (name[-2:] if len(name) <= 3 and not name.isascii() else name[:1].upper()) or "?"

    @property
    def watermark(self) -> str:
        """Who looks at this page, and when: shown faintly over sensitive figures."""
        return f"{self.actor.name} {datetime.now(CHINA):%Y-%m-%d %H:%M}"

    @property
    def request_id(self) -> str:
        return self._visit.request_id

    def can(self, permission: str) -> bool:
        return self.actor.can(permission)

    def module_on(self, name: str) -> bool:
        return bool(self._visit.ctx and name in self._visit.ctx.modules)

    @cached_property
    def fragment(self) -> bool:
        """htmx wants the content alone, without the frame around it."""
        scope = self.request.scope
        return bool(header(scope, b"hx-request")) and not (
            header(scope, b"hx-boosted") or header(scope, b"hx-history-restore-request")
        )

    @property
    def locale(self) -> str:
        return current_locale()

    @property
    def language(self) -> str:
        """BCP 47, for ``<html lang>``."""
        return "zh-CN" if current_locale() == "zh_CN" else "en"

    @property
    def languages(self) -> list[tuple[str, str]]:
        return [(code, LOCALE_NAMES[code]) for code in LOCALES]

    @property
    def theme(self) -> str:
        chosen = self.request.cookies.get(THEME_COOKIE, "")
        return chosen if chosen in {"light", "dark"} else ""

    @property
    def csrf_token(self) -> str:
        return self._visit.csrf_token

    @property
    def csrf_field(self) -> Markup:
        return Markup('<input type="hidden" name="_csrf" value="%s">') % escape(self.csrf_token)

    @property
    def flash(self) -> tuple[str, str] | None:
        """The word of confirmation left by the page before; shown once."""
        value = self.request.cookies.get(FLASH_COOKIE)
        if not value:
            return None
        self.flash_taken = True
        return unpack_flash(value)

    @cached_property
    def navigation(self) -> list[tuple[str, list[NavItem]]]:
        """(section, items) that this person may open, in order."""
        if not self.signed_in:
            return []
        if self._visit.place is not None:
            return [("", list(self._visit.place.navigation))]
        if self._visit.ctx is None:
            return []
        actor, modules = self.actor, self._visit.ctx.modules
        items = [
            item
            for module, item in self.site.navigation
            if (not module or module in modules) and (item.permission == "authenticated" or actor.can(item.permission))
        ]
        return [(section, list(group)) for section, group in groupby(items, key=lambda item: item.section)]

    @property
    def bottom_items(self) -> list[NavItem]:
        """The first places, for the bar at the bottom of a phone."""
        return [item for _section, items in self.navigation for item in items][:BOTTOM_ITEMS]

    def current(self, item: NavItem) -> bool:
        """Whether ``item`` is where this page belongs: of all places above it, the nearest."""
        return item.path == self._here

    @cached_property
    def _here(self) -> str:
        places = (item.path for _section, items in self.navigation for item in items)
        above = (path for path in places if self.path == path or (path != "/" and self.path.startswith(path + "/")))
        return max(above, key=len, default="")

    def url(self, **changes: object) -> str:
        """This page's address with ``changes`` to its query; None takes a parameter out."""
        pairs = [(key, value) for key, value in self.request.query_params.multi_items() if value and key not in changes]
        pairs += [(key, str(value)) for key, value in changes.items() if value is not None and value != ""]
        query = urlencode(pairs)
        return f"{self.path}?{query}" if query else self.path
