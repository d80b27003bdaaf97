"""The sealed value on disk: a four-byte header, then what the suite made.

``version (1) | suite (1) | data key number (2, big endian) | nonce (12) | ciphertext | tag (16)``

The suite byte says how to open it, so that another suite (SM4-GCM of RFC 8998) can stand beside AES-256-GCM and a
tenant's data can move from one to the other row by row. The header is authenticated with the rest.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1
SUITE_AES_256_GCM = 1
HEADER_BYTES = 4
NONCE_BYTES = 12
TAG_BYTES = 16
DATA_KEY_BYTES = 32
MAX_KEY_NUMBER = 0xFFFF


class Cipher(Protocol):
    """An authenticated cipher with one key: what ``AESGCM`` is, and what another suite has to be."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


def cipher(suite: int, key: bytes) -> Cipher:
    """The cipher of a suite. Raises ValueError for one this release does not know."""
    if suite != SUITE_AES_256_GCM:
        raise ValueError(f"unknown cipher suite {suite}")
    if len(key) != DATA_KEY_BYTES:
        raise ValueError("a data key has 32 bytes")
    return AESGCM(key)


@lru_cache(maxsize=64)
def header(suite: int, key_number: int) -> bytes:
    return bytes((VERSION, suite)) + key_number.to_bytes(2, "big")


def length_prefixed(*parts: bytes) -> bytes:
    """Joins so that no two different lists of parts give the same bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def place(tenant_id: str, table: str, column: str) -> bytes:
    """The part of the associated data that all rows of a column share."""
    return length_prefixed(tenant_id.encode(), table.encode(), column.encode())


def seal(box: Cipher, head: bytes, bound_to: bytes, plain: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return head + nonce + box.encrypt(nonce, plain, head + bound_to)


def unseal(box: Cipher, bound_to: bytes, sealed: bytes) -> bytes:
    """Raises ``InvalidTag`` when the value was changed, or was sealed for another place."""
    if len(sealed) < HEADER_BYTES + NONCE_BYTES + TAG_BYTES:
        raise InvalidTag
    body = HEADER_BYTES + NONCE_BYTES
    return box.decrypt(sealed[HEADER_BYTES:body], sealed[body:], sealed[:HEADER_BYTES] + bound_to)
