"""A real CalDAV server (Radicale) and a plain file server, on this machine, in threads of this process."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx
import pytest

LOGIN, PASSWORD = "lin", "app-password"
WATCHED = ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_AUTHORIZATION")


class _Threads(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@dataclass
class Served:
    url: str
    #: method and path of every request, with what guards it
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)


def serve(app: Callable[..., Any]) -> Iterator[Served]:
    found = Served("")

    def watched(environ: dict[str, Any], start: Any) -> Any:
        headers = {
            key: environ[key] for key in ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_AUTHORIZATION") if key in environ
        }
        found.seen.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], headers))
        return app(environ, start)

    server = make_server("127.0.0.1", 0, watched, server_class=_Threads, handler_class=_Quiet)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def radicale(tmp_path: Path) -> Iterator[Served]:
    """One person's account with one calendar in it, ``/lin/work/``."""
    from radicale import Application, config

    users = tmp_path / "users"
    users.write_text(f"{LOGIN}:{PASSWORD}\n")
    settings = config.load()
    settings.update(
        {
            "auth": {"type": "htpasswd", "htpasswd_filename": str(users), "htpasswd_encryption": "plain", "delay": "0"},
            "storage": {"filesystem_folder": str(tmp_path / "collections")},
            "logging": {"level": "critical"},
        },
        "test",
        privileged=True,
    )
    for served in serve(Application(settings)):
        with httpx.Client(auth=(LOGIN, PASSWORD), trust_env=False) as client:
            body = (
                '<?xml version="1.0"?><mkcol xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><set><prop>'
                "<resourcetype><collection/><c:calendar/></resourcetype></prop></set></mkcol>"
            )
            client.request("MKCOL", f"{served.url}/{LOGIN}/")
            assert client.request("MKCOL", f"{served.url}/{LOGIN}/work/", content=body).status_code == 201
        yield served


@dataclass
class Site:
    """Answers every request with ``status``, ``headers`` and ``body``; by path where ``paths`` knows it."""

    served: Served
    status: str = "200 OK"
    headers: list[tuple[str, str]] = field(default_factory=lambda: [("Content-Type", "text/calendar")])
    body: bytes = b""
    paths: dict[str, tuple[str, list[tuple[str, str]], bytes]] = field(default_factory=dict)


@pytest.fixture
def site() -> Iterator[Site]:
    found: Site

    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        known = found.paths.get(environ["PATH_INFO"], (found.status, found.headers, found.body))
        start(known[0], known[1])
        return [known[2]]

    for served in serve(app):
        found = Site(served)
        yield found
