"""What is read from one résumé. Everything is a proposal for a person to check, with where it was read."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

import msgspec

from modules.recruiting.shapes import Degree, Experience, Schooling

T = TypeVar("T")

HowRead = Literal["text", "ocr"]
Format = Literal["pdf", "docx", "image", "html", "text"]


class Found(msgspec.Struct, Generic[T], frozen=True):
    """``value`` as read from ``Parsed.text[start:end]`` on ``page`` (from 1).

    ``confidence`` (0 to 1) says how often a value read this way is right, and falls with the doubts of the OCR.
    """

    value: T
    confidence: float
    source: str
    page: int
    start: int
    end: int


class Notice(msgspec.Struct, frozen=True):
    """Something done to the file so that it could be read or does no harm; the words are in ``errors.NOTICES``."""

    code: str
    count: int = 0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one file may cost. Memory is what the process may ask for beyond what it starts with."""

    file_bytes: int = 20 << 20
    pages: int = 20
    ocr_pages: int = 5
    pixels: int = 40_000_000
    #: of all parts of a DOCX together, unpacked
    inflated_bytes: int = 120 << 20
    text_chars: int = 200_000
    text_memory_bytes: int = 600 << 20
    ocr_memory_bytes: int = 1536 << 20
    text_cpu_s: int = 10
    text_wall_s: float = 20.0
    ocr_cpu_s: int = 90
    ocr_wall_s: float = 180.0


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """One résumé. A field that was not found is None or empty, never guessed.

    ``birth`` is ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``. ``years`` counts months at work once, however many jobs
    overlap. ``salary_wish_fen`` is a month's, the lower end of a range. ``school`` and ``employer`` are the latest.
    """

    name: Found[str] | None = None
    mobile: Found[str] | None = None
    mail: Found[str] | None = None
    gender: Found[Literal["male", "female"]] | None = None
    birth: Found[str] | None = None
    degree: Found[Degree] | None = None
    school: Found[str] | None = None
    major: Found[str] | None = None
    education: tuple[Found[Schooling], ...] = ()
    employer: Found[str] | None = None
    title: Found[str] | None = None
    experience: tuple[Found[Experience], ...] = ()
    years: Found[float] | None = None
    city: Found[str] | None = None
    salary_wish_fen: Found[int] | None = None
    skills: tuple[Found[str], ...] = ()
    text: str = ""
    pages: int = 1
    read_as: HowRead = "text"
    format: Format = "text"
    notices: tuple[Notice, ...] = ()
