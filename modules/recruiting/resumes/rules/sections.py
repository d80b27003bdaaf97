"""Which part of a résumé each line belongs to."""

from __future__ import annotations

from modules.recruiting.resumes.document import Document, Line
from modules.recruiting.resumes.rules.words import Section, heading


def sections(document: Document) -> list[tuple[Section, Line]]:
    """Every line but the headings, with its section; what comes before any heading is ``basics``."""
    now: Section = "basics"
    found: list[tuple[Section, Line]] = []
    for line in document.lines:
        begins = heading(line.text)
        if begins:
            now = begins
            continue
        # 教育经历<tab>2012.09-2016.06 …: the heading stands beside its first line
        first, _, rest = line.text.partition("\t")
        begins = heading(first) if rest else None
        if begins:
            now = begins
            line = Line(rest, line.page, line.size, line.score, line.start + len(first) + 1)  # noqa: PLW2901
        found.append((now, line))
    return found
