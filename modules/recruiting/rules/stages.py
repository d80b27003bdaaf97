"""The stages a job begins with, and which step a candidate reads about."""

from __future__ import annotations

from typing import Final

from modules.recruiting.shapes import Stage, StageKind
from zhiren.i18n import N_

#: what a new job starts with; the customer renames, adds and removes
DEFAULT: Final = (
    Stage("new", N_("新简历"), "new"),
    Stage("screening", N_("简历筛选"), "screening"),
    Stage("interview", N_("面试"), "interview"),
    Stage("offer", N_("录用"), "offer"),
    Stage("onboarding", N_("待入职"), "onboarding"),
    Stage("hired", N_("已入职"), "hired"),
)
#: what the candidate reads: never the company's own names of its stages
TOLD: Final[dict[StageKind, str]] = {
    "new": N_("已收到您的应聘"),
    "screening": N_("正在看您的简历"),
    "interview": N_("面试"),
    "offer": N_("录用沟通"),
    "onboarding": N_("准备入职"),
    "hired": N_("已入职"),
}
