"""Forty résumés of people who do not exist, in ten layouts, with what is true of them: the measure of the parser.

Made from a seed by other programs than those that read them: WeasyPrint, ReportLab, python-docx, Pillow.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

import msgspec

from modules.recruiting.resumes.corpus import paper, scans, web, word
from modules.recruiting.resumes.corpus.people import Person, Truth, person

SEED: Final = 20261101
PER_LAYOUT: Final = 4


class Sample(msgspec.Struct, frozen=True):
    """``scan``: to be read from a picture."""

    layout: str
    name: str
    data: bytes
    truth: Truth
    scan: bool


Maker = Callable[[Person, random.Random], bytes]

#: layout -> ending of the file's name, whether it is a picture, how it is made
LAYOUTS: Final[dict[str, tuple[str, bool, Maker]]] = {
    "labelled": ("pdf", False, web.labelled),
    "sidebar": ("pdf", False, web.sidebar),
    "form": ("pdf", False, web.form),
    "timeline": ("pdf", False, paper.timeline),
    "columns": ("pdf", False, paper.columns),
    "table": ("docx", False, word.table),
    "boxes": ("docx", False, word.boxes),
    "board": ("docx", False, word.board),
    "photo": ("jpg", True, scans.photo),
    "scan": ("pdf", True, scans.scan),
}


def corpus(layouts: tuple[str, ...] = tuple(LAYOUTS), *, each: int = PER_LAYOUT, seed: int = SEED) -> list[Sample]:
    """``each`` people in each layout; the same seed makes the same people."""
    made = []
    for layout in layouts:
        ending, scan, make = LAYOUTS[layout]
        for number in range(each):
            chance = random.Random(f"{seed}/{layout}/{number}")  # noqa: S311 - nothing secret
            one = person(chance)
            made.append(Sample(layout, f"{layout}-{number + 1}.{ending}", make(one, chance), one.truth(), scan))
    return made
