"""A value with where it was read."""

from __future__ import annotations

from typing import TypeVar

from modules.recruiting.resumes.document import Line
from modules.recruiting.resumes.schemas import Found

T = TypeVar("T")


def found(value: T, sure: float, line: Line, start: int = 0, end: int | None = None) -> Found[T]:
    """``start`` and ``end`` within the line; the line's OCR doubt lowers ``sure``."""
    start = min(max(start, 0), len(line.text))
    stop = len(line.text) if end is None else min(end, len(line.text))
    return Found(
        value=value,
        confidence=round(max(0.0, min(sure, 1.0)) * line.score, 3),
        source=line.text[start:stop][:200],
        page=line.page,
        start=line.start + start,
        end=line.start + stop,
    )
