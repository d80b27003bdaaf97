"""What codes are called on pages: badge kind and Chinese source text."""

from __future__ import annotations

from typing import Any, Final

from zhiren.i18n import N_

MODES: Final[dict[str, str]] = {"video": N_("视频面试"), "onsite": N_("现场面试"), "phone": N_("电话面试")}
INTERVIEW_STATES: Final[dict[Any, tuple[str, str]]] = {
    "proposed": ("warning", N_("待选时间")),
    "booked": ("info", N_("已约定")),
    "done": ("success", N_("已面试")),
    "no_show": ("danger", N_("未到场")),
    "cancelled": ("", N_("已取消")),
}
VERDICTS: Final[dict[str, tuple[str, str]]] = {
    "strong_yes": ("success", N_("强烈推荐")),
    "yes": ("success", N_("推荐")),
    "no": ("danger", N_("不推荐")),
    "strong_no": ("danger", N_("强烈不推荐")),
}
QUEUE_STATES: Final[dict[str, tuple[str, str]]] = {
    "waiting": ("info", N_("等待中")),
    "called": ("warning", N_("已叫号")),
    "seen": ("success", N_("已面试")),
    "missed": ("danger", N_("过号")),
}
DEGREES: Final[dict[str, str]] = {
    "below": N_("高中及以下"),
    "associate": N_("大专"),
    "bachelor": N_("本科"),
    "master": N_("硕士"),
    "doctor": N_("博士"),
}
APPLICATION_STATES: Final[dict[Any, tuple[str, str]]] = {
    "active": ("info", N_("进行中")),
    "set_aside": ("warning", N_("已搁置")),
    "on_hold": ("warning", N_("已暂缓")),
    "rejected": ("", N_("未通过")),
    "withdrawn": ("", N_("已撤回")),
    "hired": ("success", N_("已录用")),
}
