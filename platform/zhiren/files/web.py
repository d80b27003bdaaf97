"""A file as an answer that can do nothing in the reader's browser."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from litestar import Response

from zhiren.files.rules import OCTETS, safe_name, shows_inline
from zhiren.files.schemas import FileRef

_NOTHING: Final = "default-src 'none'; base-uri 'none'; form-action 'none'"
#: a document of its own without origin, scripts or forms
SANDBOX: Final = f"{_NOTHING}; frame-ancestors 'none'; sandbox"
#: may stand beside a form of this site. Browsers refuse to show a PDF in a sandbox; their viewers run none of ours
SHOWN: Final = f"{_NOTHING}; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def response(ref: FileRef, data: bytes, *, inline: bool = False) -> Response[bytes]:
    """``data`` to be saved; with ``inline`` shown in the browser, if it is a PDF, PNG or JPEG and really one.

    Whatever the file says it is, it is never read as a page or a script: saved files travel as plain bytes.
    """
    shown = inline and shows_inline(ref.media_type, data)
    headers = {
        "content-disposition": disposition(ref.name, inline=shown),
        "content-security-policy": SHOWN if shown else SANDBOX,
        "x-content-type-options": "nosniff",
        "x-frame-options": "SAMEORIGIN" if shown else "DENY",
        "cache-control": "private, no-store",
        "referrer-policy": "no-referrer",
    }
    return Response(data, media_type=ref.media_type if shown else _saved(ref.media_type), headers=headers)


def disposition(name: str, *, inline: bool = False) -> str:
    """``Content-Disposition`` with the name in UTF-8, and in ASCII for readers that know nothing else (RFC 6266)."""
    name = safe_name(name)
    plain = "".join(c if c.isascii() and c.isprintable() and c not in "%'\";\\" else "_" for c in name)
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _saved(media_type: str) -> str:
    """Kinds that some browser runs are not named."""
    runs = media_type.startswith("text/") or any(part in media_type for part in ("html", "xml", "script", "svg"))
    return OCTETS if runs and media_type not in {"text/plain", "text/csv", "text/calendar"} else media_type
