"""Names, kinds and places of files: pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from uuid import UUID, uuid5

from zhiren.files.schemas import CHUNK_BYTES

#: of a file name in UTF-8, as most file systems take it, with room for a browser's " (1)"
MAX_NAME_BYTES: Final = 200
_FORBIDDEN: Final = re.compile(r'[\\/:*?"<>|]+')
_BLANKS: Final = re.compile(r"\s+")
#: Windows opens devices under these names whatever follows the dot
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")
_SUFFIX_MAX: Final = 12
OCTETS: Final = "application/octet-stream"
#: kinds a browser shows in the page's place, with what they begin with
INLINE: Final[dict[str, bytes]] = {
    "application/pdf": b"%PDF-",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
}


def safe_name(name: str) -> str:
    """A file name that is one everywhere: no folders, control or direction characters, at most 200 bytes.

    The ending stays when the rest is cut, since people and programs go by it.
    """
    # the last part of a path that old browsers send
    text = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    # control and format characters: an RLO would show "exe.pdf" where the name ends in "fdp.exe"
    text = "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else c for c in text)
    text = _BLANKS.sub(" ", _FORBIDDEN.sub("_", text)).strip(" .")
    if _DEVICES.match(text):
        text = f"_{text}"
    return _shortened(text) or "file"


def _shortened(text: str) -> str:
    if len(text.encode()) <= MAX_NAME_BYTES:
        return text
    stem, dot, suffix = text.rpartition(".")
    ending = f".{suffix}" if dot and stem and len(suffix) <= _SUFFIX_MAX and len(suffix.encode()) < 40 else ""
    kept = (stem if ending else text).encode()[: MAX_NAME_BYTES - len(ending.encode())].decode(errors="ignore")
    return kept.rstrip(" .") + ending


def safe_media_type(value: str) -> str:
    """``value`` without parameters, or that of bytes nobody knows anything about."""
    kind = value.partition(";")[0].strip().lower()
    return kind if _MEDIA_TYPE.fullmatch(kind) else OCTETS


def shows_inline(media_type: str, data: bytes) -> bool:
    """Whether ``data`` may be shown in the browser: of a harmless kind, and really of it."""
    beginning = INLINE.get(media_type)
    return beginning is not None and data.startswith(beginning)


def pieces(data: bytes) -> list[memoryview]:
    """``data`` in chunks; nothing has none."""
    view = memoryview(data)
    return [view[start : start + CHUNK_BYTES] for start in range(0, len(data), CHUNK_BYTES)]


def chunk_id(file_id: UUID, number: int) -> UUID:
    """What a chunk is sealed to: its file and its place in it."""
    return uuid5(file_id, str(number))
