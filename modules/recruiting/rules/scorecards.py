"""When a scorecard is whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modules.recruiting.shapes import Criterion
from zhiren.i18n import _


def faults(verdict: str, scores: Mapping[str, int], summary: str, criteria: Sequence[Criterion]) -> dict[str, str]:
    """What is missing or wrong, by field: a verdict, a score of 1 to 5 for each criterion, and why."""
    found: dict[str, str] = {}
    if not verdict:
        found["verdict"] = _("请给出结论")
    for criterion in criteria:
        if not 1 <= scores.get(criterion.code, 0) <= 5:
            found[f"score.{criterion.code}"] = _("请打 1 到 5 分")
    if len(summary.strip()) < 10:
        found["summary"] = _("请写下理由，至少 10 个字")
    return found
