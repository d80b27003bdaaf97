"""Word documents: body, tables, text boxes and headers in reading order, without what only Word would show or run."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Final

from lxml import etree  # type: ignore[import-untyped]

from modules.recruiting.resumes.document import CELL, Document, Line, Refused, document
from modules.recruiting.resumes.rules.words import is_heading
from modules.recruiting.resumes.schemas import Limits, Notice

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT: Final = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_ALTERNATE: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MAX_ENTRIES, _MAX_RATIO, _MAX_DEPTH = 2_000, 200, 200
_EMBEDDED = re.compile(r"word/(embeddings|activeX|oleObject)", re.IGNORECASE)
_HEADER = re.compile(r"word/header\d*\.xml")
_EXTERNAL = re.compile(rb'TargetMode\s*=\s*["\']External')
_HYPERLINK = re.compile(rb"<Relationship [^>]*relationships/hyperlink[^>]*>")


def read(data: bytes, limits: Limits) -> Document:
    notices: list[Notice] = []
    parts = _unpack(data, limits, notices)
    words = _Words()
    headers = sorted(name for name in parts if _HEADER.fullmatch(name))
    lines: list[Line] = []
    for name in (*headers, "word/document.xml"):
        root = _tree(parts[name], name)
        lines += [Line(text, size=size) for text, size in words.blocks(root)]
    if words.hidden:
        notices.append(Notice("hidden", words.hidden))
    # a header stands on every page and is written once for the first, the even and the other pages
    seen: set[str] = set()
    lines = [line for line in lines if not (len(line.text) > 12 and line.text in seen) and not seen.add(line.text)]  # type: ignore[func-returns-value]
    return document(lines, pages=1, format="docx", notices=notices, most_chars=limits.text_chars)


def _unpack(data: bytes, limits: Limits, notices: list[Notice]) -> dict[str, bytes]:
    """The parts that hold words, each counted as it comes out."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise Refused("truncated") from error
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if len(entries) > _MAX_ENTRIES or len(names) != len(entries):
        raise Refused("bomb")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("password")
    if "word/document.xml" not in names:
        raise Refused("not_a_resume")
    if sum(entry.file_size for entry in entries) > limits.inflated_bytes * 4:
        raise Refused("bomb")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        notices.append(Notice("macros"))
    if any(_EMBEDDED.match(name) for name in names):
        notices.append(Notice("attachments"))
    found: dict[str, bytes] = {}
    left = limits.inflated_bytes
    external = False
    for entry in entries:
        if not (entry.filename == "word/document.xml" or _HEADER.fullmatch(entry.filename)):
            if not entry.filename.endswith(".rels"):
                continue
            content = _inflate(archive, entry, left)
            external = external or bool(_EXTERNAL.search(_HYPERLINK.sub(b"", content)))
        else:
            content = found[entry.filename] = _inflate(archive, entry, left)
        left -= len(content)
    if external:
        notices.append(Notice("external"))
    return found


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    got = bytearray()
    try:
        with archive.open(entry) as stream:
            while chunk := stream.read(1 << 16):
                got += chunk
                if len(got) > left or len(got) > max(4 << 20, entry.compress_size * _MAX_RATIO):
                    raise Refused("bomb", entry.filename)
    except Refused:
        raise
    except Exception as error:  # zlib.error, lzma.LZMAError, EOFError and others: the archive is damaged
        raise Refused("truncated", entry.filename) from error
    # UTF-16 spells the same letters with zeros between
    plain = bytes(got).replace(b"\0", b"").upper()
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise Refused("entities", entry.filename)
    return bytes(got)


def _tree(content: bytes, name: str) -> etree._Element:
    content = content.replace(_STRICT, _W[1:-1].encode())
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Refused("broken", name) from error


class _Words:
    def __init__(self) -> None:
        self.hidden = 0

    def blocks(self, element: etree._Element, depth: int = 0) -> Iterator[tuple[str, float]]:
        """(text, size against 10.5 pt) of each paragraph and table row, text boxes after the paragraph they hang on."""
        if depth > _MAX_DEPTH:
            raise Refused("broken", "depth")
        for child in element:
            if child.tag == f"{_W}p":
                yield from self._paragraph(child, depth)
            elif child.tag == f"{_W}tbl":
                for row in child.iterchildren(f"{_W}tr", f"{_W}sdt"):
                    yield from self._row(row, depth)
            elif child.tag in {f"{_W}sectPr", f"{_W}del", f"{_ALTERNATE}Fallback"}:
                continue
            elif isinstance(child.tag, str):
                yield from self.blocks(child, depth + 1)

    def _row(self, row: etree._Element, depth: int) -> Iterator[tuple[str, float]]:
        cells = []
        for cell in row.iter(f"{_W}tc"):
            if any(above.tag == f"{_W}tc" for above in cell.iterancestors(f"{_W}tc", f"{_W}tr") if above is not row):
                continue
            cells.append(list(self.blocks(cell, depth + 1)))
        cells = [cell for cell in cells if cell]
        if any(len(cell) > 3 for cell in cells) or (
            len(cells) > 1 and len(cells[1]) > 1 and is_heading(cells[0][0][0])
        ):
            # columns of a page, or a heading beside its part: each read down to its end
            for cell in cells:
                yield from cell
        elif cells:
            heads = [" ".join(text for text, _size in cell) for cell in cells]
            yield CELL.join(heads), max(size for cell in cells for _text, size in cell)

    def _paragraph(self, paragraph: etree._Element, depth: int) -> Iterator[tuple[str, float]]:
        parts: list[str] = []
        size = 0.0
        boxes: list[etree._Element] = []
        for node in _within(paragraph):
            if node.tag == f"{_W}txbxContent":
                boxes.append(node)
            elif node.tag == f"{_W}t" and node.text:
                run = node.getparent()
                if run is not None and _unseen(run):
                    self.hidden += len(node.text.strip())
                    continue
                parts.append(node.text)
                size = max(size, _size(run))
            elif node.tag in {f"{_W}tab", f"{_W}ptab"} and node.getparent().tag == f"{_W}r":
                parts.append(CELL)
            elif node.tag in {f"{_W}br", f"{_W}cr"}:
                parts.append("\n")
        for line in "".join(parts).split("\n"):
            if line.strip():
                yield line, (size or 10.5) / 10.5
        for box in boxes:
            yield from self.blocks(box, depth + 1)


def _within(paragraph: etree._Element) -> Iterator[etree._Element]:
    """What a paragraph holds, without what is within its text boxes; of two ways to draw a thing, the first."""
    waiting = [iter(paragraph)]
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
            continue
        if not isinstance(node.tag, str) or node.tag in {f"{_ALTERNATE}Fallback", f"{_W}del", f"{_W}instrText"}:
            continue
        yield node
        if node.tag != f"{_W}txbxContent":
            if len(waiting) > _MAX_DEPTH:
                raise Refused("broken", "depth")
            waiting.append(iter(node))


def _size(run: etree._Element | None) -> float:
    found = run.find(f"{_W}rPr/{_W}sz") if run is not None else None
    try:
        return int(found.get(f"{_W}val", "21")) / 2 if found is not None else 10.5
    except ValueError:
        return 10.5


def _unseen(run: etree._Element) -> bool:  # noqa: PLR0911 - one for each way to hide
    look = run.find(f"{_W}rPr")
    if look is None:
        return False
    for name in ("vanish", "webHidden"):
        mark = look.find(f"{_W}{name}")
        if mark is not None and mark.get(f"{_W}val", "true") not in {"0", "false", "none"}:
            return True
    if _size(run) < 2:
        return True
    colour = look.find(f"{_W}color")
    if colour is None or colour.get(f"{_W}val", "").upper() not in {"FFFFFF", "FEFEFE", "FDFDFD"}:
        return False
    # white on a coloured ground is seen
    for above in (run, *run.iterancestors(f"{_W}p", f"{_W}tc", f"{_W}txbxContent")):
        if above.tag == f"{_W}txbxContent":
            return False
        for shade in above.iterfind(f"{_W}{ {'r': 'rPr', 'p': 'pPr', 'tc': 'tcPr'}[above.tag[len(_W) :]] }/{_W}shd"):
            if shade.get(f"{_W}fill", "auto").upper() not in {"AUTO", "FFFFFF"}:
                return False
    return True
