"""Built front-end files: read once, served from memory, compressed beforehand, cached for ever under hashed names."""

from __future__ import annotations

import json
import logging
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response

from zhiren.errors import NotFound
from zhiren.i18n import _
from zhiren.web.visit import header

log = logging.getLogger("zhiren.web")

DIST: Final = Path(__file__).parent / "static" / "dist"
IMMUTABLE: Final = "public, max-age=31536000, immutable"
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))


@dataclass(frozen=True, slots=True)
class AssetFile:
    media_type: str
    #: content encoding -> bytes; "" is the plain file
    bodies: dict[str, bytes]


class Assets:
    """The files of one build; ``manifest.json`` maps a source name to the hashed one. Unbuilt, pages come plain."""

    def __init__(self, folder: Path = DIST) -> None:
        self._files: dict[str, AssetFile] = {}
        manifest = folder / "manifest.json"
        if not manifest.is_file():
            log.warning("front-end files are not built: pages come without style and script")
            self._names: dict[str, str] = {}
            return
        self._names = json.loads(manifest.read_text())
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and path.suffix not in {".br", ".gz", ".map"} and name != "manifest.json":
                self._files[name] = _read(path)

    @property
    def built(self) -> bool:
        return bool(self._names)

    def url(self, name: str) -> str:
        return "/static/" + self._names.get(name, name)

    def get(self, name: str) -> AssetFile | None:
        return self._files.get(name)

    def named(self, name: str) -> AssetFile | None:
        """By its source name, for files that keep one fixed address (service worker)."""
        return self._files.get(self._names.get(name, name))

    def respond(
        self, request: Request[Any, Any, Any], file: AssetFile | None, *, cache: str = IMMUTABLE
    ) -> Response[bytes]:
        if file is None:
            raise NotFound(_("没有这个文件。"))
        accepted = header(request.scope, b"accept-encoding")
        headers = {"cache-control": cache, "vary": "accept-encoding"}
        body = file.bodies[""]
        for encoding, _suffix in _ENCODINGS:
            if encoding in accepted and encoding in file.bodies:
                headers["content-encoding"] = encoding
                body = file.bodies[encoding]
                break
        return Response(body, media_type=file.media_type, headers=headers)


def _read(path: Path) -> AssetFile:
    bodies = {"": path.read_bytes()}
    for encoding, suffix in _ENCODINGS:
        packed = path.with_name(path.name + suffix)
        if packed.is_file():
            bodies[encoding] = packed.read_bytes()
    kind = {".webmanifest": "application/manifest+json", ".js": "text/javascript"}.get(path.suffix)
    kind = kind or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return AssetFile(kind + "; charset=utf-8" if kind.startswith("text/") else kind, bodies)
