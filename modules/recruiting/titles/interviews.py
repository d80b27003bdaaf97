"""Interviews."""

from __future__ import annotations

from typing import Final

from zhiren.i18n import N_

OBJECTS: Final = {"recruiting.interview": N_("面试")}
ACTIONS: Final = {
    "recruiting.interview.planned": N_("安排面试"),
    "recruiting.interview.asked": N_("请候选人选面试时间"),
    "recruiting.interview.booked": N_("约定面试时间"),
    "recruiting.interview.cancelled": N_("取消面试"),
    "recruiting.interview.done": N_("标记面试完成"),
    "recruiting.interview.no_show": N_("标记面试未到"),
    "recruiting.scorecard.submit": N_("提交面试评价"),
    "recruiting.scorecard.correct": N_("修改面试评价"),
    "recruiting.queue.check_in": N_("现场签到"),
    "recruiting.queue.call": N_("叫号"),
    "recruiting.queue.settle": N_("处理叫号"),
}
FIELDS: Final = {
    "starts_at": N_("时间"),
    "verdict": N_("结论"),
    "scores": N_("评分"),
    "notes": N_("备注"),
    "queue_state": N_("排队状态"),
}
