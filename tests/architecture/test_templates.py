"""Templates obey the content security policy and escape everything."""

from __future__ import annotations

import re

import pytest

from tests.architecture.source import ROOT, templates

FORBIDDEN = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)(?! type=\"application/ld\+json\")[^>]*>", re.I),
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.I),
    "an inline event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "a javascript: address": re.compile(r"javascript:", re.I),
    "unescaped output": re.compile(r"\|\s*safe\b|{%-?\s*autoescape\s+false"),
    "htmx that evaluates": re.compile(r"\bhx-on|\bhx-vars\b|hx-vals\s*=\s*[\"']js:|hx-headers\s*=\s*[\"']js:", re.I),
    "an address outside": re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.I),
}
#: documents for paper carry their style inside: they are never sent to a browser
PAPER = re.compile(r"/templates/.*(?:payslip_pdf|offer_letter_pdf|pdf/|print/|\.pdf\.)")


@pytest.mark.parametrize("what", FORBIDDEN)
def test_templates(what: str) -> None:
    found = [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1}"
        for path, text in templates()
        if not PAPER.search(path)
        for match in FORBIDDEN[what].finditer(re.sub(r"{#.*?#}", "", text, flags=re.S))
    ]
    assert found == []


def test_forms_carry_the_proof_of_their_own_page() -> None:
    """A form that posts without htmx has the CSRF field."""
    found = []
    for path, text in templates():
        for match in re.finditer(r"<form\b[^>]*method=[\"']post[\"'][^>]*>(.*?)</form>", text, re.S | re.I):
            if "csrf" not in match.group(1):
                found.append(f"{path}:{text.count(chr(10), 0, match.start()) + 1}")
    assert found == []


def test_candidates_forms_survive_a_lost_network() -> None:
    """They stay where they are until their answer is there (hx-boost; tests/browser/test_candidate.py)."""
    forms = [
        (path, match.group())
        for path, text in templates()
        if re.search(r"/recruiting/(?:apply|portal\w*)\.html$", path)
        for match in re.finditer(r"<form\b[^>]*method=[\"']post[\"'][^>]*>", text, re.I)
    ]
    assert len(forms) > 10
    assert [one for one in forms if 'hx-boost="true"' not in one[1]] == []


def test_locks_name_no_address() -> None:
    locks = [
        path
        for pattern in ("*.lock", "requirements*.txt", "**/package-lock.json", "**/requirements*.txt", "locks/*")
        for path in ROOT.glob(pattern)
        if path.is_file() and not {"node_modules", ".venv", "var"} & set(path.parts)
    ]
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()[:80]}"
        for path in locks
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"https?://|\"resolved\"|--index-url|--extra-index-url", line) and not _is_metadata(line)
    ]
    assert found == []


def _is_metadata(line: str) -> bool:
    """npm copies each package's page for donations into the lock: nothing is fetched from there."""
    return '"url":' in line or '"funding"' in line
