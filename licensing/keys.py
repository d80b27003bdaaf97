"""The vendor's public keys. Compiled in: no setting, file or table can add one."""

from __future__ import annotations

from typing import Final

#: Ed25519 public keys (RFC 8032), 32 bytes in hexadecimal, in two slots so that one can be replaced while licences
#: signed with the other are in use. A slot is filled by a commit after the key was made offline with
#: ``zhiren licence keygen``; its private half never enters this repository. An empty slot accepts nothing.
PRODUCTION: Final[tuple[str, ...]] = (
    # slot 1
    "",
    # slot 2
    "",
)
