"""Random secrets for cookies, links and tokens. The database keeps their SHA-256 only."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

#: how an access token is recognised where it should not be: in a log, in a repository
ACCESS_PREFIX: Final = "zr_"


def new_token() -> str:
    """256 random bits, safe in a cookie and in a URL."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
