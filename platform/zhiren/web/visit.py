"""What one request carries besides its context, also when there is no customer or no transaction (any more)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from litestar.types import Scope

from zhiren.context import Actor, Context
from zhiren.i18n import Locale
from zhiren.modules import NavItem

_KEY = "zhiren"


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the site that is no customer's, with people and an entrance of its own. All its paths begin with
    ``root``; log-in, log-out and the choice of language stand below it."""

    root: str
    title: str
    #: who is logged in there; means nothing anywhere else
    actor: Actor | None = None
    navigation: Sequence[NavItem] = ()


@dataclass(slots=True)
class Visit:
    """Mutable, one for each request, in ``scope``. ``ctx`` stays for error pages after its transaction has ended."""

    request_id: str
    locale: Locale = "zh_CN"
    ctx: Context | None = None
    csrf_token: str = ""
    place: Place | None = None
    #: cookies to set with whatever answer comes: name, value, options
    set_cookies: list[bytes] = field(default_factory=list)
    #: what ended a socket
    fault: Exception | None = None

    @property
    def signed_in(self) -> bool:
        if self.place is not None:
            return self.place.actor is not None
        return self.ctx is not None and self.ctx.actor.kind == "user"


def visit(scope: Scope | Mapping[str, Any]) -> Visit:
    """The visit of ``scope``; made at the first call. Its id is ours: what a client sends is not trusted in logs."""
    found = cast("Visit | None", scope.get(_KEY))
    if found is None:
        found = Visit(request_id=secrets.token_hex(8))
        scope[_KEY] = found  # type: ignore[literal-required,index]  # ASGI scopes are open dictionaries
    return found


def header(scope: Scope | Mapping[str, Any], name: bytes) -> str:
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""
