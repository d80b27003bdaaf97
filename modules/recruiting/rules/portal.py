"""What a candidate reads: where it stands, what comes next, and by when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from modules.recruiting.rules.stages import TOLD
from modules.recruiting.shapes import StageKind
from zhiren.i18n import N_, _


class Step(msgspec.Struct, frozen=True):
    """``title`` says where it stands, ``text`` what comes next; ``path`` and ``action`` are the candidate's turn."""

    title: str
    text: str
    path: str = ""
    action: str = ""
    by: datetime | None = None


_NEXT = {
    "new": N_("我们会看您的简历，一般 5 个工作日内告诉您结果。"),
    "screening": N_("正在看您的简历，有结果会马上告诉您。"),
    "interview": N_("面试官正在商量，有结果会马上告诉您。"),
    "offer": N_("正在准备录用通知，请留意消息。"),
    "onboarding": N_("请准备入职材料。"),
    "hired": N_("欢迎加入！"),
}


def next_step(
    application: Any, interviews: Sequence[Any], offer: Any | None, onboarding: Any | None, now: datetime
) -> Step:
    """What this person reads about one application; their own turn first."""
    if application.state in ("rejected", "withdrawn"):
        return _ended(application)
    if onboarding is not None and onboarding.state in ("preparing", "ready"):
        return Step(_("准备入职"), _("请填写入职信息、上传材料。"), "/portal/onboarding", _("去准备"))
    if offer is not None and offer.state == "sent" and offer.expires_at > now:
        path = f"/portal/offers/{offer.id}"
        return Step(_("您收到了录用通知"), _("请查看并答复。"), path, _("查看录用通知"), offer.expires_at)
    stage: StageKind = "hired" if application.state == "hired" else application.stage_kind
    return _meeting(interviews, now) or Step(_(TOLD[stage]), _(_NEXT[stage]))


def _ended(application: Any) -> Step:
    if application.state == "withdrawn":
        return Step(_("您已撤回应聘"), _("改变主意时，可以重新应聘。"))
    kind = _("感谢您的时间。我们很认真地看了您的应聘，欢迎以后再来。")
    return Step(_("这次没有通过"), application.feedback or kind)


def _meeting(interviews: Sequence[Any], now: datetime) -> Step | None:
    """The first interview that wants something of the candidate."""
    for interview in interviews:
        path = f"/portal/interviews/{interview.id}"
        if interview.state == "proposed" and interview.choose_by is not None:
            return Step(_("请选择面试时间"), interview.name, path, _("选择时间"), interview.choose_by)
        if interview.state == "booked" and interview.ends_at > now:
            return Step(_("面试已约定"), interview.name, path, _("查看面试"), interview.starts_at)
    return None
