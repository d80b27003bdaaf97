"""A word of confirmation that survives one redirect, in a cookie of its own."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final, Literal

from litestar.datastructures import Cookie

FlashKind = Literal["success", "info", "warning", "danger"]
FLASH_COOKIE: Final = "zhiren_flash"
MAX_FLASH_LENGTH: Final = 600


def pack_flash(kind: FlashKind, message: str) -> Cookie:
    value = urlsafe_b64encode(json.dumps([kind, message[:MAX_FLASH_LENGTH]], ensure_ascii=False).encode()).decode()
    return Cookie(key=FLASH_COOKIE, value=value.rstrip("="), path="/", httponly=True, samesite="lax", max_age=60)


def unpack_flash(value: str) -> tuple[str, str] | None:
    """The kind and the text; None when the cookie is not one of ours."""
    try:
        kind, message = json.loads(urlsafe_b64decode(value + "=" * (-len(value) % 4)))
    except (ValueError, TypeError):
        return None
    if kind not in {"success", "info", "warning", "danger"} or not isinstance(message, str):
        return None
    return kind, message[:MAX_FLASH_LENGTH]
