"""How many fields of the corpus are read right."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from modules.recruiting.resumes.corpus import Sample
from modules.recruiting.resumes.corpus.people import TODAY
from modules.recruiting.resumes.parse import ask
from modules.recruiting.resumes.schemas import Parsed

FIELDS: Final = ("name", "mobile", "mail", "degree", "school", "employer", "years")
TEXT_AIM, SCAN_AIM = 0.95, 0.85
#: years are right to a quarter
_YEARS_OFF: Final = 0.25


class Wrong(msgspec.Struct, frozen=True):
    file: str
    field: str
    expected: Any
    got: Any
    confidence: float


class Score(msgspec.Struct):
    """``right`` of ``asked``, by (``text`` or ``scan``, field), by kind alone, and by (``layout``, its name)."""

    right: dict[tuple[str, ...], int] = msgspec.field(default_factory=lambda: defaultdict(int))
    asked: dict[tuple[str, ...], int] = msgspec.field(default_factory=lambda: defaultdict(int))
    wrong: list[Wrong] = msgspec.field(default_factory=list)

    def share(self, *key: str) -> float:
        """1.0 when nothing was asked."""
        return self.right[key] / self.asked[key] if self.asked[key] else 1.0

    def met(self) -> bool:
        """Every field of both kinds."""
        return all(
            self.share(kind, field) >= aim for kind, aim in (("text", TEXT_AIM), ("scan", SCAN_AIM)) for field in FIELDS
        )


async def check(samples: Sequence[Sample]) -> Score:
    answers = await asyncio.gather(*(ask(sample.data, sample.name, today=TODAY) for sample in samples))
    score = Score()
    for sample, answer in zip(samples, answers, strict=True):
        _count(score, sample, answer.parsed)
    return score


def report(score: Score, samples: Sequence[Sample], took_s: float) -> dict[str, Any]:
    """For programs: shares by kind and field, by layout, and every field that was wrong."""
    kinds = [kind for kind in ("text", "scan") if score.asked[(kind,)]]
    return {
        "files": len(samples),
        "seconds": round(took_s, 1),
        "met": score.met(),
        "aims": {"text": TEXT_AIM, "scan": SCAN_AIM},
        "fields": {kind: {field: round(score.share(kind, field), 4) for field in FIELDS} for kind in kinds},
        "total": {kind: round(score.share(kind), 4) for kind in kinds},
        "layouts": {
            each: round(score.share("layout", each), 4) for each in dict.fromkeys(sample.layout for sample in samples)
        },
        "wrong": [msgspec.to_builtins(wrong) for wrong in score.wrong],
    }


def _count(score: Score, sample: Sample, parsed: Parsed | None) -> None:
    kind = "scan" if sample.scan else "text"
    for field in FIELDS:
        expected = getattr(sample.truth, field)
        found = getattr(parsed, field) if parsed is not None else None
        got = found.value if found is not None else None
        right = same(field, expected, got)
        for key in ((kind, field), (kind,), ("layout", sample.layout)):
            score.asked[key] += 1
            score.right[key] += right
        if not right:
            score.wrong.append(Wrong(sample.name, field, expected, got, found.confidence if found else 0.0))


def same(field: str, expected: Any, got: Any) -> bool:
    if got is None:
        return False
    if field == "years":
        return abs(float(got) - float(expected)) <= _YEARS_OFF
    return bool(str(got) == str(expected))
