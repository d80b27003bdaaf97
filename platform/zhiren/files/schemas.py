"""What other rooms hold of a file."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

CHUNK_BYTES: Final = 1024 * 1024
#: what ``put`` takes unless it is told otherwise
MAX_FILE_BYTES: Final = 20 * 1024 * 1024
#: ``request_max_body_size`` of a route that takes one file of that size in a form
UPLOAD_BODY_BYTES: Final = MAX_FILE_BYTES + 256 * 1024


class FileRef(msgspec.Struct, frozen=True):
    """A stored file without its bytes. ``name`` is safe to show and to save under; ``sha256`` is in hex."""

    id: UUID
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    created_at: datetime


class Named(msgspec.Struct, frozen=True):
    """What is sealed of a file besides its bytes."""

    name: str
    sha256: str
