"""Names that are safe everywhere, kinds that may be shown, chunks in their places."""

from __future__ import annotations

import pytest

from zhiren.files.rules import (
    MAX_NAME_BYTES,
    OCTETS,
    chunk_id,
    pieces,
    safe_media_type,
    safe_name,
    shows_inline,
)
from zhiren.files.schemas import CHUNK_BYTES
from zhiren.ids import new_id


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("简历.pdf", "简历.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\林晓\\简历.docx", "简历.docx"),
        ("a\0b\r\nc.pdf", "a b c.pdf"),
        ("简历\u202efdp.exe", "简历 fdp.exe"),
        ('a<b>"c"|d?*.png', "a_b_c_d_.png"),
        ("CON.txt", "_CON.txt"),
        ("com1", "_com1"),
        ("console.txt", "console.txt"),
        ("...", "file"),
        ("", "file"),
        ("   ", "file"),
        ("/", "file"),
        (".htaccess", "htaccess"),
        ("名\ud800字.pdf", "名 字.pdf"),
        ("cafe\u0301.pdf", "café.pdf"),
    ],
)
def test_safe_names(given: str, safe: str) -> None:
    assert safe_name(given) == safe
    assert safe_name(safe) == safe


def test_a_long_name_keeps_its_ending() -> None:
    name = safe_name("长" * 300 + ".pdf")
    assert name.endswith("长.pdf")
    assert len(name.encode()) <= MAX_NAME_BYTES
    assert len(safe_name("长" * 300).encode()) <= MAX_NAME_BYTES
    assert len(safe_name("a." + "b" * 400).encode()) <= MAX_NAME_BYTES


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("application/pdf", "application/pdf"),
        ("Text/HTML; charset=utf-7", "text/html"),
        ("image/png\r\nset-cookie: a=b", OCTETS),
        ("pdf", OCTETS),
        ("", OCTETS),
        ("a/" + "b" * 200, OCTETS),
    ],
)
def test_media_types(given: str, safe: str) -> None:
    assert safe_media_type(given) == safe


def test_only_real_pictures_and_pdfs_are_shown() -> None:
    assert shows_inline("application/pdf", b"%PDF-1.7")
    assert shows_inline("image/jpeg", b"\xff\xd8\xff\xe0")
    assert not shows_inline("application/pdf", b"<html>")
    assert not shows_inline("text/html", b"<html>")
    assert not shows_inline("image/svg+xml", b"<svg>")


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_pieces_are_the_whole(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    parts = pieces(data)
    assert b"".join(parts) == data
    assert all(0 < len(part) <= CHUNK_BYTES for part in parts)


def test_chunks_have_places_of_their_own() -> None:
    one, other = new_id(), new_id()
    assert len({chunk_id(file, number) for file in (one, other) for number in range(3)}) == 6
