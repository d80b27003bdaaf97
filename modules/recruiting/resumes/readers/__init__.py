"""One reader for each kind of file. Runs in the helper only: what these libraries are given may be hostile."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from modules.recruiting.resumes.document import Document, NeedsOcr, Refused
from modules.recruiting.resumes.helper import Request
from modules.recruiting.resumes.readers import docx, image, pdf, text
from modules.recruiting.resumes.readers.kinds import extension_fits, kind_of
from modules.recruiting.resumes.rules import extract
from modules.recruiting.resumes.schemas import Notice, Parsed


def prepare(*, ocr: bool) -> Callable[[bytes, Request], Parsed]:
    """Loads what reading needs, so that copies of this process need not. Returns the function that reads a file."""
    pdf.prepare()
    engine = None
    if ocr:
        from modules.recruiting.resumes.readers.ocr import Ocr  # noqa: PLC0415 - 2 seconds and 200 MB

        engine = Ocr()

    def read(data: bytes, request: Request) -> Parsed:
        kind = kind_of(data)
        document: Document
        if kind == "pdf":
            document = pdf.read(data, request.limits, engine)
        elif kind == "docx":
            document = docx.read(data, request.limits)
        elif kind == "image":
            if engine is None:
                raise NeedsOcr
            document = image.read(data, request.limits, engine)
        else:
            document = text.read(data, request.limits)
        if not any(line.text.strip() for line in document.lines):
            raise Refused("no_text")
        if not extension_fits(request.name, document.format):
            document.notices.append(Notice("extension"))
        return extract(document, today=datetime.date.fromisoformat(request.today), name=request.name)

    return read
