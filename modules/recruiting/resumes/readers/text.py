"""Plain text and pasted or saved web pages. Nothing of a page is loaded, run or followed."""

from __future__ import annotations

import codecs
import re
from html.parser import HTMLParser
from typing import Final

from modules.recruiting.resumes.document import CELL, Document, Line, Refused, document
from modules.recruiting.resumes.rules.words import listed
from modules.recruiting.resumes.schemas import Limits, Notice

_PAGE = re.compile(rb"<(?:!doctype|html|head|body|div|table|p|span|meta|script|h[1-6])\b", re.IGNORECASE)
_FORMULA = re.compile(r"^[=@][A-Za-z]{2,}[\w.]*[(|!]|^=.*\|'", re.MULTILINE)
_BLOCKS: Final = frozenset(
    listed("p div br tr li ul ol h1 h2 h3 h4 h5 h6 table section article header footer dd dt hr title pre blockquote")
)
_NOT_TEXT: Final = frozenset(listed("script style head template noscript iframe object embed svg math textarea select"))
_EMPTY: Final = frozenset(listed("br hr img input meta link area base col embed source track wbr"))
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d]*[1-9])"
    r"|(?:^|;)\s*color\s*:\s*(?:#f{3}(?:f{3})?\b|white\b|transparent)|(?:left|top|text-indent)\s*:\s*-\d{3,}",
    re.IGNORECASE,
)


def read(data: bytes, limits: Limits) -> Document:
    notices: list[Notice] = []
    text = decode(data, notices)
    if _PAGE.search(data[:4096]) or _PAGE.search(text[:4096].encode("utf-8", "ignore")):
        page = _Page()
        # a parser of pages never ends on its own: what is longer than the limit is cut before it
        page.feed(text[: limits.text_chars * 10])
        page.close()
        if page.hidden:
            notices.append(Notice("hidden", page.hidden))
        if page.scripts:
            notices.append(Notice("scripts"))
        lines = "".join(page.parts).split("\n")
        return document(
            [Line(re.sub(r"[^\S\t\n]+", " ", line)) for line in lines],
            pages=1,
            format="html",
            notices=notices,
            most_chars=limits.text_chars,
        )
    if _FORMULA.search(text):
        notices.append(Notice("formulas"))
    return document(map(Line, text.splitlines()), pages=1, format="text", notices=notices, most_chars=limits.text_chars)


def decode(data: bytes, notices: list[Notice]) -> str:
    """UTF-8, UTF-16 with a mark, GB18030 (which holds GBK); anything else is refused. Zeros are dropped."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(name, "replace")
    if data.count(b"\0") > len(data) // 50:
        raise Refused("not_a_resume")
    data = data.replace(b"\0", b"")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError as error:
            raise Refused("encoding") from error
        letters = [letter for letter in text[:50_000] if ord(letter) > 127]
        # other encodings read as GB18030 come out as characters that nobody writes
        if sum(_common(letter) for letter in letters) < 0.9 * len(letters):
            raise Refused("encoding") from None
        notices.append(Notice("gb18030"))
    controls = sum(1 for letter in text[:20_000] if ord(letter) < 32 and letter not in "\t\r\n\f\v")
    if controls > 20:
        raise Refused("not_a_resume")
    return text


def _common(letter: str) -> bool:
    try:
        letter.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


class _Page(HTMLParser):
    """The words of a page that a person would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0
        self.scripts = False
        #: open elements: (name, whether what is within is not seen)
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "script" or any(name.startswith("on") for name in found):
            self.scripts = True
        if tag in _BLOCKS:
            self.parts.append("\n")
        elif tag in {"td", "th"}:
            self.parts.append(CELL)
        if tag not in _EMPTY and len(self._open) < 10_000:
            unseen = tag in _NOT_TEXT or "hidden" in found or bool(_HIDING.search(found.get("style") or ""))
            self._open.append((tag, unseen))

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self._open) - 1, max(-1, len(self._open) - 50), -1):
            if self._open[at][0] == tag:
                del self._open[at:]
                break
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if any(unseen for _tag, unseen in self._open[-200:]):
            if not any(tag in _NOT_TEXT for tag, _unseen in self._open[-200:]):
                self.hidden += len(data.strip())
        else:
            self.parts.append(re.sub(r"\s+", " ", data))
