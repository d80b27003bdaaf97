"""Connections to addresses that customers name: resolved once, looked at, and then held to what was resolved."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from zhiren.notices.providers.base import Refused, TryLater

TIMEOUT_S: Final = 20.0
#: an answer of a provider is a few lines
MAX_ANSWER_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Outward:
    """The way out. Where ``inside`` is not allowed, a name that leads into the private network is refused, and the
    connection goes to the very address that was looked at: a second answer of the name server changes nothing."""

    def __init__(self, *, inside: bool = False) -> None:
        self._inside = inside

    async def resolve(self, host: str, port: int) -> str:
        """One address of ``host``. Raises TryLater when the name is unknown now, Refused when it leads inside."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise TryLater("notices.unreachable", f"{host}: {type(error).__name__}") from error
        addresses = [str(entry[4][0]) for entry in found]
        if not self._inside and not all(ipaddress.ip_address(one).is_global for one in addresses):
            raise Refused("notices.misconfigured", f"{host}: private address")
        return addresses[0]

    async def connect(self, host: str, port: int) -> socket.socket:
        """A connected socket, for protocols other than HTTP. Raises TryLater, Refused."""
        address = await self.resolve(host, port)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        found = socket.socket(family, socket.SOCK_STREAM)
        found.setblocking(False)
        try:
            await asyncio.wait_for(asyncio.get_running_loop().sock_connect(found, (address, port)), TIMEOUT_S)
        except (OSError, TimeoutError) as error:
            found.close()
            raise TryLater("notices.unreachable", type(error).__name__) from error
        except BaseException:
            found.close()
            raise
        return found

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request, redirects not followed. Raises TryLater when nobody answers in time, Refused for an address
        that may not be asked."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refused("notices.misconfigured", "not an http address")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = await self.resolve(parts.hostname, port)
        where = f"[{address}]" if ":" in address else address
        target = parts._replace(netloc=f"{where}:{port}").geturl()
        host = parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"
        try:
            # proxies of the environment would resolve names again
            async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False) as client:
                request = client.build_request(
                    method,
                    target,
                    params=params,
                    content=content,
                    headers={**(headers or {}), "host": host},
                    extensions={"sni_hostname": parts.hostname},
                )
                found = await client.send(request, stream=True)
                try:
                    return Answer(found.status_code, found.headers, await _read(found))
                finally:
                    await found.aclose()
        except httpx.HTTPError as error:
            raise TryLater("notices.unreachable", type(error).__name__) from error

    async def post_json(self, url: str, body: Any, *, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object a provider answers with. Raises TryLater when it is none."""
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = {"content-type": "application/json"}
        return read_json(await self.request("POST", url, params=params, content=content, headers=headers))

    async def get_json(self, url: str, *, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        return read_json(await self.request("GET", url, params=params))


async def _read(answer: httpx.Response) -> bytes:
    size = 0
    chunks = []
    async for chunk in answer.aiter_bytes():
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            raise TryLater("notices.busy", "answer too long")
        chunks.append(chunk)
    return b"".join(chunks)


def read_json(answer: Answer) -> dict[str, Any]:
    if answer.status >= 500 or answer.status == 429:
        raise TryLater("notices.busy", f"HTTP {answer.status}", after_s=retry_after_s(answer))
    try:
        found = json.loads(answer.body)
    except ValueError as error:
        raise TryLater("notices.busy", f"HTTP {answer.status}, not JSON") from error
    if not isinstance(found, dict):
        raise TryLater("notices.busy", f"HTTP {answer.status}, not an object")
    return found


def retry_after_s(answer: Answer) -> float:
    """What Retry-After asks for, if it is a number of seconds; at most a day."""
    value = answer.headers.get("retry-after", "")
    return min(float(value), 86400.0) if value.isdigit() else 0.0
