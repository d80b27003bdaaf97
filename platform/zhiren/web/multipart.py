"""What a multipart form may say about its parts."""

from __future__ import annotations

import re
from typing import Final

_TYPE_LINE: Final = re.compile(rb"^content-type[ \t]*:.*charset.*$", re.IGNORECASE | re.MULTILINE)
_UTF_8: Final = re.compile(rb"charset[ \t]*=[ \t]*\"?(?:utf-?8|us-ascii)\"?[ \t\r]*$", re.IGNORECASE)
#: the parser takes no longer heads
_HEAD_BYTES: Final = 16_384


def foreign_charset(body: bytes, boundary: bytes) -> bool:
    """Whether a part of ``body`` names another charset than UTF-8.

    The framework would decode by any codec that Python has under that name: one that is unknown is a fault, and
    ``punycode`` takes time with the square of the length, a few megabytes keep a process busy for hours. Browsers name
    none (RFC 7578, 5.1.2).
    """
    if b"charset" not in body.lower():
        return False
    for delimiter in re.finditer(b"--" + re.escape(boundary) + rb"[^\n]*\n", body):
        head = body[delimiter.end() : delimiter.end() + _HEAD_BYTES].partition(b"\r\n\r\n")[0]
        lines: list[bytes] = _TYPE_LINE.findall(head)
        if any(line.lower().count(b"charset") > 1 or _UTF_8.search(line) is None for line in lines):
            return True
    return False


__all__ = ["foreign_charset"]
