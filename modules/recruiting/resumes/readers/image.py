"""Photographs and scans."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

import numpy
from PIL import Image, ImageOps

from modules.recruiting.resumes.document import Document, Refused, document
from modules.recruiting.resumes.schemas import Limits

if TYPE_CHECKING:
    from modules.recruiting.resumes.readers.ocr import Ocr

_WIDEST = 1_800


def read(data: bytes, limits: Limits, engine: Ocr) -> Document:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
            if picture.width * picture.height > limits.pixels:
                raise Refused("page_too_large", f"{picture.width} × {picture.height}")
            # a JPEG is unpacked at a half or a quarter where that is enough
            picture.draft("RGB", (_WIDEST, _WIDEST * 2))
            shown = ImageOps.exif_transpose(picture)
            if shown.mode in {"RGBA", "LA", "P"}:
                ground = Image.new("RGBA", shown.size, "white")
                shown = Image.alpha_composite(ground, shown.convert("RGBA"))
            shown = shown.convert("RGB")
    except Refused:
        raise
    except Image.DecompressionBombError as error:
        raise Refused("page_too_large") from error
    except Exception as error:  # every way a decoder breaks down
        raise Refused("truncated") from error
    if min(shown.size) < 64 or max(shown.size) > 12 * min(shown.size):
        raise Refused("no_text")
    if shown.width > _WIDEST:
        shown = shown.resize((_WIDEST, round(shown.height * _WIDEST / shown.width)))
    lines = engine.lines(numpy.asarray(shown), 1)
    return document(lines, pages=1, format="image", read_as="ocr", most_chars=limits.text_chars)
