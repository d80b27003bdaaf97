"""PDF by PDFium: the words a person sees, with where they stand. Scripts, actions and attachments are never opened."""

from __future__ import annotations

import ctypes
import re
from typing import TYPE_CHECKING, Any, Final

import pypdfium2 as pdfium  # type: ignore[import-untyped]
from pypdfium2 import raw

from modules.recruiting.resumes.document import Document, Line, NeedsOcr, Refused, document
from modules.recruiting.resumes.readers.layout import Piece, lines_of
from modules.recruiting.resumes.schemas import Limits, Notice

if TYPE_CHECKING:
    from modules.recruiting.resumes.readers.ocr import Ocr

_MAX_PT: Final = 3_000.0
_MAX_CHARS: Final = 60_000
_MAX_OBJECTS: Final = 60_000
_LOOK_SCALE: Final = 1.0
_OCR_WIDTH: Final = 1_600
_SCRIPTS = re.compile(rb"/(?:JavaScript|JS|Launch|OpenAction|AA|SubmitForm|ImportData|RichMedia|XFA)\b")
_ATTACHED = re.compile(rb"/(?:EmbeddedFiles?|Filespec)\b")


def prepare() -> None:
    """PDFium's own start, done once before copies are made."""
    pdfium.PdfDocument.new().close()


def read(data: bytes, limits: Limits, engine: Ocr | None) -> Document:
    notices: list[Notice] = []
    try:
        file = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        code = raw.FPDF_GetLastError()
        raise Refused("password" if code == raw.FPDF_ERR_PASSWORD else _broken(data)) from error
    pages = len(file)
    if pages == 0:
        raise Refused("empty")
    if pages > limits.pages:
        raise Refused("too_many_pages", str(pages))
    if _SCRIPTS.search(data):
        notices.append(Notice("scripts"))
    if _ATTACHED.search(data) or raw.FPDFDoc_GetAttachmentCount(file.raw):
        notices.append(Notice("attachments"))
    seen = [_page(file, number) for number in range(pages)]
    letters = sum(one.letters for one in seen)
    pictures = letters < 30 * pages or sum(one.unmapped for one in seen) > 0.3 * letters
    if pictures and any(one.drawn for one in seen):
        if engine is None:
            raise NeedsOcr
        return _recognised(file, seen, notices, limits, engine)
    hidden = sum(one.hidden for one in seen)
    if hidden:
        notices.append(Notice("hidden", hidden))
    lines: list[Line] = []
    for number, one in enumerate(seen, 1):
        lines += lines_of(one.pieces, number)
    return document(lines, pages=pages, format="pdf", notices=notices, most_chars=limits.text_chars)


def _broken(data: bytes) -> str:
    return "truncated" if b"%%EOF" not in data[-2048:] else "broken"


def _recognised(file: Any, seen: list[_Page], notices: list[Notice], limits: Limits, engine: Ocr) -> Document:
    lines: list[Line] = []
    if any(one.letters + one.hidden for one in seen):
        notices.append(Notice("text_layer"))
    if len(seen) > limits.ocr_pages:
        notices.append(Notice("pages_cut", limits.ocr_pages))
    for number in range(min(len(seen), limits.ocr_pages)):
        page = file[number]
        width, height = page.get_size()
        scale = min(_OCR_WIDTH / width, 2_600 / height)
        picture = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False).to_numpy()
        lines += engine.lines(picture[:, :, :3], number + 1)
        page.close()
    return document(lines, pages=len(seen), format="pdf", read_as="ocr", notices=notices, most_chars=limits.text_chars)


class _Page:
    """``letters`` seen, of which ``unmapped`` have no meaning; ``hidden`` ones; ``drawn``: something is to be seen."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.letters = self.unmapped = self.hidden = 0
        self.drawn = False


def _page(file: Any, number: int) -> _Page:
    found = _Page()
    try:
        page = file[number]
        width, height = page.get_size()
        if not (0 < width <= _MAX_PT and 0 < height <= _MAX_PT * 2):
            raise Refused("page_too_large", f"{width:.0f} × {height:.0f} pt")
        words = page.get_textpage()
    except pdfium.PdfiumError as error:
        raise Refused("broken", str(number + 1)) from error
    if raw.FPDFPage_CountObjects(page.raw) > _MAX_OBJECTS:
        raise Refused("too_heavy", str(number + 1))
    look = page.render(scale=_LOOK_SCALE, grayscale=True).to_numpy()
    look = look[:, :, 0] if look.ndim == 3 else look
    found.drawn = bool(look.size) and int(look.max()) - int(look.min()) > 40
    count = words.count_chars()
    if count > _MAX_CHARS:
        raise Refused("too_heavy", str(number + 1))
    for run in _runs(words, count, page, height, found):
        if _is_seen(run, look, width, height):
            found.pieces.append(run)
            found.letters += len(run.text.replace(" ", ""))
        else:
            found.hidden += len(run.text.strip())
    words.close()
    page.close()
    return found


def _runs(words: Any, count: int, page: Any, height: float, found: _Page) -> list[Piece]:
    """Letters that follow each other closely on one line, as PDFium orders them."""
    text = words.raw
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    box = [ctypes.byref(one) for one in (left, right, bottom, top)]
    page_box = page.get_mediabox()
    runs: list[Piece] = []
    now: Piece | None = None
    for at in range(count):
        code = raw.FPDFText_GetUnicode(text, at)
        if code in {0x0D, 0x0A}:
            now = None
            continue
        if code in {0, 0xFFFE, 0xFFFF, 0xFFFD} or raw.FPDFText_HasUnicodeMapError(text, at) == 1:
            found.unmapped += 1
            found.letters += code in {0, 0xFFFE, 0xFFFF}
            continue
        letter = chr(code) if not 0xD800 <= code < 0xE000 else ""
        if letter.isspace():
            if now is not None:
                now.text += " "
            continue
        if not raw.FPDFText_GetCharBox(text, at, box[0], box[1], box[2], box[3]):
            continue
        size = raw.FPDFText_GetFontSize(text, at) * _stretch(text, at)
        x0, x1 = left.value - page_box[0], right.value - page_box[0]
        y = height - ((bottom.value + top.value) / 2 - page_box[1])
        size = max(size, 0.01)
        if now is None or not _follows(now, x0, y, size):
            now = Piece(letter, x0, x1, y, size)
            runs.append(now)
        else:
            now.text += (" " if x0 - now.x1 > 0.25 * size and not now.text.endswith(" ") else "") + letter
            now.x1 = max(now.x1, x1)
            # commas stand low and dashes in the middle: letters that fill their line say where it is
            if top.value - bottom.value > 0.6 * size:
                now.y = y
    return runs


def _stretch(text: Any, at: int) -> float:
    matrix = raw.FS_MATRIX()
    if not raw.FPDFText_GetMatrix(text, at, ctypes.byref(matrix)):
        return 1.0
    return float((matrix.c**2 + matrix.d**2) ** 0.5) or 1.0


def _follows(run: Piece, x0: float, y: float, size: float) -> bool:
    gap = x0 - run.x1
    return -0.6 * size < gap < 0.9 * size and abs(y - run.y) < 0.5 * size and 0.7 < size / run.height < 1.4


def _is_seen(run: Piece, look: Any, width: float, height: float) -> bool:
    """Whether the drawn page shows anything where these letters stand: not for white on white, letters of no size, off
    the page, covered, clipped or drawn invisibly."""
    if run.height < 2 or run.x1 <= 0 or run.x0 >= width or run.y <= 0 or run.y >= height:
        return False
    across, down = look.shape[1] / width, look.shape[0] / height
    top, bottom = (run.y - 0.5 * run.height) * down, (run.y + 0.5 * run.height) * down
    part = look[max(int(top), 0) : int(bottom) + 1, max(int(run.x0 * across), 0) : int(run.x1 * across) + 1]
    return bool(part.size) and int(part.max()) - int(part.min()) > 20
