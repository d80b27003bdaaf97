"""Agencies' own portal, referrals by colleagues, and times open to a whole round."""

from __future__ import annotations

from typing import Final

from zhiren.i18n import N_

OBJECTS: Final[dict[str, str]] = {}
ACTIONS: Final = {
    "recruiting.agency.propose": N_("猎头推荐人选"),
    "recruiting.agency.refused": N_("猎头推荐了已有人选"),
    "recruiting.times.open": N_("开放面试时间"),
    "recruiting.times.close": N_("关闭面试时间"),
    "recruiting.referral.create": N_("内部推荐人选"),
    "recruiting.referral.rule": N_("设置内推奖金"),
    "recruiting.referral.pay": N_("标记内推奖金已发放"),
}
FIELDS: Final = {
    "round": N_("轮次"),
    "places": N_("名额"),
    "reward": N_("内推奖金"),
    "interviewed": N_("完成面试"),
    "joined": N_("入职"),
    "passed": N_("通过留任期"),
}
