"""Pictures of paper: drawn, laid askew, with noise, and squeezed by JPEG."""

from __future__ import annotations

import io
import random
from typing import Any

import numpy
import pypdfium2  # type: ignore[import-untyped]
from PIL import Image

from modules.recruiting.resumes.corpus import web
from modules.recruiting.resumes.corpus.people import Person


def photo(one: Person, chance: random.Random) -> bytes:
    """A JPEG of the labelled layout, grey and askew."""
    return _jpeg(_worn(web.labelled(one, chance), chance, dpi=150), 70)


def scan(one: Person, chance: random.Random) -> bytes:
    """A PDF of pictures only, of a form."""
    sink = io.BytesIO()
    _worn(web.form(one, chance), chance, dpi=170).save(sink, "PDF", resolution=170, quality=75)
    return sink.getvalue()


def _worn(pdf: bytes, chance: random.Random, *, dpi: int) -> Image.Image:
    file = pypdfium2.PdfDocument(pdf)
    scale: Any = dpi / 72  # any factor will do, whatever the library's hint says
    page = file[0].render(scale=scale, grayscale=True).to_pil().convert("L")
    file.close()
    page = page.rotate(chance.uniform(-1.2, 1.2), resample=Image.Resampling.BICUBIC, expand=False, fillcolor=252)
    noise = numpy.random.default_rng(chance.randint(0, 1 << 30)).normal(0, 7, (page.height, page.width))
    paper = numpy.asarray(page, dtype=numpy.float32) * 0.9 + 14 + noise
    return Image.fromarray(numpy.clip(paper, 0, 255).astype(numpy.uint8)).convert("RGB")


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    sink = io.BytesIO()
    picture.save(sink, "JPEG", quality=quality)
    return sink.getvalue()
