"""Résumés read per minute, each in a process of its own: files with text, and pictures."""

from __future__ import annotations

import time
from typing import Final

from modules.recruiting.resumes import corpus
from modules.recruiting.resumes.check import check
from ops.bench.measure import Bench, Result

TEXTS: Final = 100
SCANS: Final = 10
#: wanted of pictures in a minute, on two cores
SCANS_A_MINUTE: Final = 10


async def recruiting_resumes(bench: Bench) -> list[Result]:
    """A hundred PDF and DOCX within a minute, and pictures: made before the clock runs, read with helpers standing."""
    texts = tuple(name for name, (_ending, scan, _make) in corpus.LAYOUTS.items() if not scan)
    scans = tuple(name for name, (_ending, scan, _make) in corpus.LAYOUTS.items() if scan)
    few, many = bench.size(SCANS, 2), bench.size(TEXTS, 8)
    written = corpus.corpus(texts, each=-(-many // len(texts)))[:many]
    pictures = corpus.corpus(scans, each=-(-few // len(scans)))[:few]
    await check(written[:2])
    text_s, text_right = await _timed(written)
    await check(pictures[:1])
    scan_s, scan_right = await _timed(pictures)
    a_minute = 60 * few / scan_s
    return [
        Result(
            "résumés read, 100 within a minute",
            text_s / 60 * TEXTS / many,
            1.0,
            f"{many} PDF and DOCX: {60 * many / text_s:.0f} a minute, {text_right:.1%} of fields right",
        ),
        Result(
            "scanned résumés read, 10 within a minute",
            SCANS_A_MINUTE / a_minute,
            1.0,
            f"{few} pictures: {a_minute:.1f} a minute, {scan_right:.1%} of fields right",
        ),
    ]


async def _timed(samples: list[corpus.Sample]) -> tuple[float, float]:
    began_s = time.perf_counter()
    score = await check(samples)
    took_s = time.perf_counter() - began_s
    return took_s, score.share("scan" if samples[0].scan else "text")


MEASURES = [recruiting_resumes]
