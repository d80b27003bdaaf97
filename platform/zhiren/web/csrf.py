"""Proof that one of our own pages sent a request that cookies authenticate.

The token is an HMAC keyed with the browser's own session secret (or, before log-in, with a random cookie), so it needs
no storage and no key service, is bound to the session, and cannot be made without the HttpOnly cookie. It travels in
the header ``X-CSRF-Token`` (htmx, fetch) or in the field ``_csrf`` (plain forms).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Any, Final

from litestar import Request

from zhiren.i18n import _
from zhiren.web.errors import CsrfFailed
from zhiren.web.visit import Visit, header

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER: Final = b"x-csrf-token"
FIELD: Final = "_csrf"


def anonymous_cookie_name(*, secure: bool) -> str:
    return "__Host-zhiren_guest" if secure else "zhiren_guest"


def token_for(seed: str) -> str:
    return hmac.new(seed.encode("utf-8", "replace"), b"zhiren csrf 1", hashlib.sha256).hexdigest()


class Csrf:
    """Issues and checks tokens. ``session_cookie`` is the authenticator's."""

    def __init__(self, *, session_cookie: str, secure: bool, guest_cookies: Sequence[str] = ()) -> None:
        # a person's, then those of the kinds of guests: whoever holds one proves the page by it
        self._session_cookies = (session_cookie, *guest_cookies)
        self._anonymous_cookie = anonymous_cookie_name(secure=secure)
        self._attributes = "Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")

    def issue(self, request: Request[Any, Any, Any], visit: Visit) -> None:
        """Puts the token of this browser into ``visit``; a browser without any cookie of ours is given one."""
        seed = next(iter(self._seeds(request)), "")
        if not seed:
            if "text/html" not in header(request.scope, b"accept"):
                return  # a program, which shows no form
            seed = secrets.token_urlsafe(24)
            visit.set_cookies.append(f"{self._anonymous_cookie}={seed}; {self._attributes}".encode("latin-1"))
        visit.csrf_token = token_for(seed)

    async def check(self, request: Request[Any, Any, Any]) -> None:
        """Raises CsrfFailed unless the request is safe, carries no cookie of ours, or carries the token.

        A request without cookies has nothing to forge: programs with a token of their own pass; a log-in form posted
        from another site is stopped by ``Sec-Fetch-Site``, and by the cookie check in browsers that lack it.
        """
        if request.method in SAFE_METHODS:
            return
        site = header(request.scope, b"sec-fetch-site")
        if site not in {"", "same-origin", "none"}:
            raise self._failed()
        seeds = self._seeds(request)
        if not seeds:
            if header(request.scope, b"authorization") or header(request.scope, b"content-type").startswith(
                "application/json"
            ):
                return
            raise self._failed()
        sent = header(request.scope, HEADER)
        if not sent and header(request.scope, b"content-type").startswith(
            ("application/x-www-form-urlencoded", "multipart/form-data")
        ):
            form = await request.form()
            value = form.get(FIELD)
            sent = value if isinstance(value, str) else ""
        given = sent.encode("utf-8", "replace")
        if not any(hmac.compare_digest(given, token_for(seed).encode()) for seed in seeds):
            raise self._failed()

    def _seeds(self, request: Request[Any, Any, Any]) -> list[str]:
        """The session secrets this browser holds, as user and as guest; without any, its anonymous cookie."""
        cookies = request.cookies
        held = [cookies[name] for name in self._session_cookies if cookies.get(name)]
        anonymous = cookies.get(self._anonymous_cookie)
        return held or ([anonymous] if anonymous else [])

    @staticmethod
    def _failed() -> CsrfFailed:
        return CsrfFailed(_("这个页面已过期，没有改动任何内容。"), hint=_("请刷新页面后再试一次。"))
