"""The one way out to calendars elsewhere: HTTP to addresses that people typed in, without being led astray.

A person may write any address, so the host is looked up here, every address found must be a public one (unless the
installation allows others), and the connection goes to the very address that was checked: a name that changes its
answer in between gains nothing. Each redirect is checked anew, and takes no password to another host. An answer has an
end in bytes and in seconds.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urljoin, urlsplit

from zhiren.calendar.sources.errors import SourceFailed

MAX_BYTES: Final = 10 * 1024 * 1024
TIMEOUT_S: Final = 20.0
MAX_REDIRECTS: Final = 5
_CHUNK: Final = 64 * 1024
_AGENT: Final = "zhiren-calendar/1"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Door(Protocol):
    """Sends one request and blocks until the answer is whole. Raises SourceFailed."""

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        login: tuple[str, str] | None = None,
    ) -> Answer: ...


@dataclass(frozen=True, slots=True)
class GuardedDoor:
    """``private`` lets addresses of inner networks through, and plain http with them."""

    private: bool = False
    max_bytes: int = MAX_BYTES
    timeout_s: float = TIMEOUT_S

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        login: tuple[str, str] | None = None,
    ) -> Answer:
        ends_at_s = time.monotonic() + self.timeout_s
        origin = _origin(url)
        for _hop in range(MAX_REDIRECTS + 1):
            sent = {"User-Agent": _AGENT, "Accept-Encoding": "identity", **(headers or {})}
            if login is not None and _origin(url) == origin:
                sent["Authorization"] = "Basic " + b64encode(":".join(login).encode()).decode()
            answer = self._once(method, url, sent, body, ends_at_s)
            target = answer.headers.get("location", "")
            if answer.status not in _REDIRECTS or not target:
                return answer
            url = urljoin(url, target)
            if answer.status == 303:
                method, body = "GET", b""
        raise SourceFailed("answer")

    def _once(self, method: str, url: str, headers: Mapping[str, str], body: bytes, ends_at_s: float) -> Answer:
        scheme, host, port, target = self._parts(url)
        address = self._public_address(host, port)
        connection = _Pinned(host, port, address, tls=scheme == "https", ends_at_s=ends_at_s)
        try:
            connection.request(method, target, body=body or None, headers=dict(headers))
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, url, self._read(connection, response, ends_at_s), found)
        except ssl.SSLError as error:
            raise SourceFailed("certificate") from error
        except TimeoutError as error:
            raise SourceFailed("slow") from error
        except OSError as error:
            raise SourceFailed("unreachable") from error
        except (http.client.HTTPException, ValueError) as error:
            raise SourceFailed("answer") from error
        finally:
            connection.close()

    def _parts(self, url: str) -> tuple[str, str, int, str]:
        if any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
            raise SourceFailed("address")
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            host = (parts.hostname or "").encode("idna").decode()
        except ValueError as error:
            raise SourceFailed("address") from error
        allowed = {"https", "http"} if self.private else {"https"}
        if parts.scheme not in allowed or not host or parts.username is not None or not url.isascii():
            raise SourceFailed("address")
        return parts.scheme, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def _public_address(self, host: str, port: int) -> str:
        """The address to connect to. All that the name stands for must be public: one that is not is a trick."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise SourceFailed("unreachable") from error
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses:
            raise SourceFailed("unreachable")
        if not self.private and not all(is_public(address) for address in addresses):
            raise SourceFailed("private")
        return addresses[0]

    def _read(self, connection: _Pinned, response: http.client.HTTPResponse, ends_at_s: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            connection.allow(ends_at_s)
            part = response.read1(_CHUNK)
            if not part:
                return b"".join(parts)
            size += len(part)
            if size > self.max_bytes:
                raise SourceFailed("too_large")
            parts.append(part)


class _Pinned(http.client.HTTPConnection):
    """A connection to ``address``, which was checked, in the name of ``host``, whose certificate is asked for."""

    def __init__(self, host: str, port: int, address: str, *, tls: bool, ends_at_s: float) -> None:
        super().__init__(host, port)
        self._address, self._tls, self._ends_at_s = address, tls, ends_at_s
        if tls:
            self.default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        found = socket.create_connection((self._address, self.port), timeout=self._left(self._ends_at_s))
        if self._tls:
            try:
                found = ssl.create_default_context().wrap_socket(found, server_hostname=self.host)
            except BaseException:
                found.close()
                raise
        self.sock = found

    def allow(self, ends_at_s: float) -> None:
        """The next read may take what is left of the time. Raises TimeoutError."""
        left_s = self._left(ends_at_s)
        # the answer was read to its end, and the socket let go, when there is none
        if self.sock is not None:
            with suppress(OSError):
                self.sock.settimeout(left_s)

    @staticmethod
    def _left(ends_at_s: float) -> float:
        left_s = ends_at_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        return left_s


def is_public(address: str) -> bool:
    """Whether everybody on the internet means the same machine by ``address``."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        # an IPv4 address in IPv6's clothes is judged as what it is
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port
    except ValueError as error:
        raise SourceFailed("address") from error
