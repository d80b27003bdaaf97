"""Addresses of jobs and links that say where somebody came from."""

from __future__ import annotations

import re
from typing import Final

#: without what is mistaken for another when read aloud or copied: 0 o, 1 l i, u v
ALPHABET: Final = "23456789abcdefghjkmnpqrstwxyz"
TOKEN_LENGTH: Final = 7
_UNSAFE: Final = re.compile(r"[^a-z0-9]+")


def slug(title: str, token: str) -> str:
    """``token``, then what of ``title`` is safe in any address: ``k3f9apx-java``. A Chinese title gives the token
    alone: transcribing it would be wrong as often as it is right."""
    words = _UNSAFE.sub("-", title.lower()).strip("-")[:40].strip("-")
    return f"{token}-{words}" if words else token


def tracked(address: str, code: str) -> str:
    """``address`` with the channel's code in it."""
    return f"{address}{'&' if '?' in address else '?'}from={code}"
