"""What a file is by its bytes; the name decides nothing."""

from __future__ import annotations

import os
from typing import Final, Literal

from modules.recruiting.resumes.document import Refused
from modules.recruiting.resumes.schemas import Format

_OTHERS: Final = (b"MZ", b"\x7fELF", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF")
_OTHERS_2: Final = (b"BZh", b"\xfd7zXZ", b"{\\rtf", b"%!PS", b"\xca\xfe\xba\xbe", b"#!", b"SQLite format 3")
_EXTENSIONS: Final[dict[Format, tuple[str, ...]]] = {
    "pdf": (".pdf",),
    "docx": (".docx", ".docm", ".dotx"),
    "image": (".png", ".jpg", ".jpeg"),
    "html": (".html", ".htm", ".txt", ".mht"),
    "text": (".txt", ".md", ".csv", ".html", ".htm", ".text"),
}


def kind_of(data: bytes) -> Literal["pdf", "docx", "image", "text"]:
    """Raises Refused for what is no résumé in any form read here."""
    if not data.strip(b"\0 \t\r\n"):
        raise Refused("empty")
    if data[:4] == b"PK\x03\x04":
        return "docx"
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise Refused("password" if encrypted else "old_word")
    if data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return "image"
    # some writers put a line or two before the header
    if b"%PDF-" in data[:1024]:
        if not data.startswith((b"%PDF-", b"\xef\xbb\xbf%PDF-")) and not data[: data.find(b"%PDF-")].isspace():
            raise Refused("not_a_resume")
        return "pdf"
    if data.startswith((*_OTHERS, *_OTHERS_2, b"PK")):
        raise Refused("not_a_resume")
    return "text"


def extension_fits(name: str, format: Format) -> bool:
    extension = os.path.splitext(name.lower())[1]
    return not extension or extension in _EXTENSIONS[format]
