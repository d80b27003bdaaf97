"""The board, candidates' pages, the pool and the customer's lists."""

from __future__ import annotations

from typing import Final

from zhiren.i18n import N_

OBJECTS: Final = {
    "recruiting.catalogue": N_("招聘常用内容"),
    "recruiting.pipeline": N_("应聘列表"),
    "recruiting.candidates": N_("候选人列表"),
}
ACTIONS: Final = {
    "recruiting.application.place": N_("调整看板顺序"),
    "recruiting.candidate.tag": N_("修改候选人标签"),
    "recruiting.candidate.pool": N_("放入或移出人才库"),
    "recruiting.candidate.message": N_("给候选人发消息"),
    "recruiting.candidate.merge": N_("合并候选人"),
    "recruiting.candidate.unmerge": N_("撤销合并候选人"),
    "recruiting.catalogue.save": N_("保存招聘常用内容"),
    "recruiting.catalogue.delete": N_("删除招聘常用内容"),
    "recruiting.pipeline.export": N_("导出应聘列表"),
    "recruiting.candidates.export": N_("导出候选人"),
}
FIELDS: Final = {
    "place": N_("看板顺序"),
    "tags": N_("标签"),
    "pool": N_("人才库"),
    "note": N_("备注"),
}
