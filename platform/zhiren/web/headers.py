"""Headers of every answer: what the browser may run, embed and remember."""

from __future__ import annotations

from typing import Final

from litestar.types import Message, Scope

from zhiren.web.visit import visit

CSP: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)

_ALWAYS: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
]
_HTTPS_ONLY: Final = [
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    # browsers complain of it on plain http
    (b"cross-origin-opener-policy", b"same-origin"),
]


class SecureHeaders:
    """A ``before_send`` hook. Answers are not stored by browsers or proxies unless the handler says otherwise."""

    def __init__(self, *, secure: bool) -> None:
        self._headers = [*_ALWAYS, (b"content-security-policy", CSP.encode())]
        if secure:
            self._headers += _HTTPS_ONLY

    async def __call__(self, message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        here = visit(scope)
        headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
        present = {name for name, _value in headers}
        headers += [pair for pair in self._headers if pair[0] not in present]
        if b"cache-control" not in present:
            headers.append((b"cache-control", b"no-store"))
        headers.append((b"x-request-id", here.request_id.encode()))
        headers += [(b"set-cookie", cookie) for cookie in here.set_cookies]
        message["headers"] = headers
