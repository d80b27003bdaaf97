"""Full-text search in Chinese without a dictionary: single characters and pairs of them, beside words of Latin script.

A query finds what holds every pair of it. Pairs miss nothing a segmenter would cut otherwise, which for names, schools
and employers matters more than the few false friends they let through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

#: lexemes of one person; a longer text is searched by its beginning
MAX_TERMS: Final = 4000
_RUN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[0-9a-z][0-9a-z+#.]*", re.IGNORECASE)
#: numbers that reach or name a person are not for searching
_PRIVATE: Final = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|\d{17}[\dXx]|\d{15,19})(?!\d)|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def without_contacts(text: str) -> str:
    """``text`` without mobile, ID and card numbers and mail addresses."""
    return _PRIVATE.sub(" ", text)


def terms(texts: Iterable[str]) -> list[str]:
    """The lexemes ``texts`` are found by, each once, at most ``MAX_TERMS``."""
    found: dict[str, None] = {}
    for text in texts:
        for run in _RUN.findall(without_contacts(text).lower()):
            for term in _cut(run, single=True):
                found.setdefault(term)
            if len(found) >= MAX_TERMS:
                return list(found)[:MAX_TERMS]
    return list(found)


def facets(**values: str) -> list[str]:
    """Lexemes such as ``city:上海``: a filter is answered with the words by the one index, not by reading every hit.

    No text gives such a lexeme: a colon ends a word."""
    return [f"{name}:{value}" for name, value in values.items() if value]


def query_terms(text: str) -> list[str]:
    """What must all be there for ``text`` to be found; empty when there is nothing to look for."""
    wanted: dict[str, None] = {}
    for run in _RUN.findall(text.lower()[:200]):
        for term in _cut(run, single=len(run) == 1):
            wanted.setdefault(term)
    return list(wanted)[:40]


def _cut(run: str, *, single: bool) -> Iterable[str]:
    if run[0].isascii():
        yield run.rstrip(".")
        return
    if single:
        yield from run
    for first, second in pairwise(run):
        yield first + second
