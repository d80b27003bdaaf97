"""Pieces of text that stand somewhere on a page, put in the order a person reads them. The same for PDF and OCR."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from statistics import median

import msgspec

from modules.recruiting.resumes.document import CELL, Line
from modules.recruiting.resumes.rules.words import is_heading


class Piece(msgspec.Struct):
    """``y`` grows downwards; ``height`` is of the letters."""

    text: str
    x0: float
    x1: float
    y: float
    height: float
    score: float = 1.0


def lines_of(pieces: Sequence[Piece], page: int, usual: float | None = None) -> list[Line]:
    """``usual`` is the height of the page's running text."""
    pieces = [piece for piece in pieces if piece.text.strip()]
    if not pieces:
        return []
    usual = usual or median(piece.height for piece in pieces)
    found: list[Line] = []
    for column in _columns(pieces, usual):
        found += [_joined(row, page, usual) for row in _rows(column, usual)]
    return found


def _rows(pieces: Sequence[Piece], usual: float) -> list[list[Piece]]:
    """Pieces whose middles stand at the same height, from left to right."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda one: one.y):
        for row in rows[-3:]:
            if abs(piece.y - sum(one.y for one in row) / len(row)) < 0.45 * max(
                min(piece.height, max(one.height for one in row)), 0.5 * usual
            ):
                row.append(piece)
                break
        else:
            rows.append([piece])
    return [sorted(row, key=lambda one: one.x0) for row in rows]


def _joined(row: list[Piece], page: int, usual: float) -> Line:
    text = row[0].text
    for before, piece in itertools.pairwise(row):
        gap = piece.x0 - before.x1
        height = min(piece.height, before.height)
        text += (CELL if gap > 0.9 * height else " " if gap > 0.2 * height else "") + piece.text
    letters = sum(len(piece.text) for piece in row)
    score = sum(piece.score * len(piece.text) for piece in row) / max(letters, 1)
    return Line(text, page, max(piece.height for piece in row) / usual, score)


def _columns(pieces: list[Piece], usual: float) -> list[list[Piece]]:
    """What stands above columns, then each column; one list where the page has none.

    Columns of a page differ from columns of a table in that their lines do not stand at the same heights, or that both
    have headings of their own.
    """
    left_edge, right_edge = min(one.x0 for one in pieces), max(one.x1 for one in pieces)
    best: tuple[float, list[list[Piece]]] | None = None
    for step in range(18, 83, 2):
        at = left_edge + (right_edge - left_edge) * step / 100
        crossing = [one for one in pieces if one.x0 < at - 0.2 * usual and one.x1 > at + 0.2 * usual]
        # a title may run across the top, and a line across the foot
        head = max((one.y for one in crossing if one.y < _height(pieces, 0.35)), default=-1.0)
        if any(one.y > head and one.y < _height(pieces, 0.9) for one in crossing):
            continue
        above = [one for one in pieces if one.y <= head + 0.1 * usual]
        below = [one for one in pieces if one.y > head + 0.1 * usual]
        left = [one for one in below if (one.x0 + one.x1) / 2 < at]
        right = [one for one in below if (one.x0 + one.x1) / 2 >= at]
        # the more a split leaves above both columns, the less it explains
        score = _apart(left, right, usual) - 0.5 * len(above) / len(pieces)
        if score > 0 and (best is None or score > best[0]):
            best = (score, [above, left, right])
    if best is None:
        return [pieces]
    return [part for part in best[1] if part]


def _height(pieces: Sequence[Piece], share: float) -> float:
    top, bottom = min(one.y for one in pieces), max(one.y for one in pieces)
    return top + (bottom - top) * share


def _apart(left: list[Piece], right: list[Piece], usual: float) -> float:
    """How surely the two are columns of a page; 0 or less: they are not."""
    rows_left, rows_right = _rows(left, usual), _rows(right, usual)
    if len(rows_left) < 4 or len(rows_right) < 4:
        return 0
    gutter = min(one.x0 for one in right) - max(one.x1 for one in left)
    if gutter < 0.4 * usual:
        return 0
    heights = [row[0].y for row in rows_right]
    alone = sum(1 for row in rows_left if not any(abs(row[0].y - other) < 0.3 * usual for other in heights))
    headings_left = sum(1 for row in rows_left if _heading_alone(row))
    headings_right = sum(1 for row in rows_right if _heading_alone(row))
    if headings_left and headings_right:
        return 2 + gutter / usual / 100
    share = alone / len(rows_left)
    return (
        share + gutter / usual / 100 if share > 0.6 and len(rows_left) > 5 and (headings_left or headings_right) else 0
    )


def _heading_alone(row: list[Piece]) -> bool:
    return len(row) == 1 and is_heading(row[0].text)
