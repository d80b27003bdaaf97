"""What readers hand to the rules: lines in the order a person reads them, with the page and how sure each is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import msgspec

from modules.recruiting.resumes.schemas import Format, HowRead, Notice

#: a break between two cells of a table, or two words set far apart
CELL = "\t"

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－⸺─━"), "-")
#: characters that take no room or turn the reading order: they only hide things
_UNSEEN = re.compile(
    r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\u"
    r"fffb\U000e0000-\U000e007f]"
)


class Refused(Exception):
    """The file is not read. ``code`` is one of ``errors.REFUSALS``; ``where`` names the page or the part."""

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(code)
        self.code, self.where = code, where


class NeedsOcr(Exception):
    """The pages are pictures: to be read by a process that has the models."""


class Line(msgspec.Struct):
    """``size`` is the height of its letters against the page's usual one; ``score`` the OCR's own doubt."""

    text: str
    page: int = 1
    size: float = 1.0
    score: float = 1.0
    #: where it begins in the document's text
    start: int = 0


class Document(msgspec.Struct):
    lines: list[Line]
    pages: int
    format: Format
    read_as: HowRead = "text"
    notices: list[Notice] = msgspec.field(default_factory=list)
    text: str = ""


def plain(text: str) -> str:
    """One way to write each character: full-width forms and Kangxi radicals become the usual ones (NFKC), dashes one
    dash, what cannot be seen goes."""
    text = unicodedata.normalize("NFKC", text.replace("\u3000", "  ").replace("\u00a0", " "))
    return _UNSEEN.sub("", text.translate(_DASHES).replace("\r", ""))


def unseen(text: str) -> int:
    """How many characters ``plain`` takes away for being invisible."""
    return len(_UNSEEN.findall(text.replace("\r", "")))


def document(
    lines: Iterable[Line],
    *,
    pages: int,
    format: Format,
    read_as: HowRead = "text",
    notices: Iterable[Notice] = (),
    most_chars: int,
) -> Document:
    """Lines made plain, empty ones left out, each told where it begins. Cut at ``most_chars``, which is told."""
    kept: list[Line] = []
    told, at, invisible = list(notices), 0, 0
    for line in lines:
        invisible += unseen(line.text)
        text = re.sub(r"[ \t]*\t[ \t]*", CELL, plain(line.text)).strip()
        if not text:
            continue
        if at + len(text) > most_chars:
            told.append(Notice("cut", most_chars))
            break
        kept.append(Line(text, line.page, line.size, line.score, at))
        at += len(text) + 1
    if invisible > 8:
        told.append(Notice("unseen", invisible))
    return Document(kept, pages, format, read_as, told, "\n".join(line.text for line in kept))
