"""What candidates do by themselves, and the end of their data."""

from __future__ import annotations

from typing import Final

from zhiren.i18n import N_

OBJECTS: Final[dict[str, str]] = {}
ACTIONS: Final = {
    "recruiting.consent.change": N_("修改同意"),
    "recruiting.portal.carry": N_("生成携带码"),
    "recruiting.portal.carry_stop": N_("作废携带码"),
    "recruiting.resume.carried": N_("用携带码带来资料"),
    "recruiting.consent_text.change": N_("修改同意的文字"),
    "recruiting.candidate.erase": N_("彻底删除候选人数据"),
    "recruiting.portal.copy": N_("下载自己的数据"),
    "recruiting.survey.give": N_("评价应聘感受"),
    "recruiting.resume.upload": N_("上传简历"),
    "recruiting.onboarding.read_paper": N_("查看入职材料"),
}
FIELDS: Final = {"talent_pool": N_("人才库"), "paper": N_("材料"), "score": N_("评分"), "everything": N_("全部资料")}
