"""Where somebody stands, for those who brought them: plain words, nothing of what people here think."""

from __future__ import annotations

from typing import Any, Final

from modules.recruiting.shapes import StageKind
from zhiren.i18n import N_, _

_STAGES: Final[dict[StageKind, str]] = {
    "new": N_("已收到"),
    "screening": N_("筛选中"),
    "interview": N_("面试中"),
    "offer": N_("录用沟通"),
    "onboarding": N_("待入职"),
    "hired": N_("已入职"),
}
_ENDED: Final = {"rejected": ("", N_("未通过")), "withdrawn": ("", N_("已撤回")), "hired": ("success", N_("已入职"))}


def standing(application: Any) -> tuple[str, str]:
    """Kind of badge and words. What is set aside or on hold is told as going on."""
    if application.state in _ENDED:
        kind, title = _ENDED[application.state]
        return kind, _(title)
    stage: StageKind = application.stage_kind
    return "success" if stage == "hired" else "info", _(_STAGES[stage])
