"""A file in the browser: saved or shown, never run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from zhiren import files
from zhiren.files.web import disposition
from zhiren.ids import new_id

PDF, PNG = b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n..."


def ref(name: str, media_type: str) -> files.FileRef:
    return files.FileRef(new_id(), name, media_type, 1, "", datetime.now(UTC))


def test_saved_unless_asked_for() -> None:
    answer = files.response(ref("简历.pdf", "application/pdf"), PDF)
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(("media_type", "data"), [("application/pdf", PDF), ("image/png", PNG)])
def test_shown_within_this_site_only(media_type: str, data: bytes) -> None:
    answer = files.response(ref("a", media_type), data, inline=True)
    assert answer.headers["content-disposition"].startswith("inline; ")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy
    assert answer.media_type == media_type


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("text/html", b"<script>alert(1)</script>"),
        ("image/svg+xml", b"<svg onload=alert(1)>"),
        ("application/xhtml+xml", b"<html/>"),
        ("text/javascript", b"alert(1)"),
        ("text/xml", b"<a/>"),
    ],
)
def test_what_a_browser_would_run_is_plain_bytes(media_type: str, data: bytes) -> None:
    for inline in (False, True):
        answer = files.response(ref("a", media_type), data, inline=inline)
        assert answer.media_type == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment; ")
        assert "sandbox" in answer.headers["content-security-policy"]


def test_a_page_that_calls_itself_a_pdf_is_saved() -> None:
    answer = files.response(ref("a.pdf", "application/pdf"), b"<html>", inline=True)
    assert answer.headers["content-disposition"].startswith("attachment; ")


def test_names_in_headers() -> None:
    assert disposition("简历 100%.pdf") == (
        "attachment; filename=\"__ 100_.pdf\"; filename*=UTF-8''%E7%AE%80%E5%8E%86%20100%25.pdf"
    )
    for name in ('a"; filename="b.exe', "a\r\nset-cookie: x=y", "a'b"):
        assert disposition(name).isascii()
        assert "\n" not in disposition(name)
        assert disposition(name).count('"') == 2
