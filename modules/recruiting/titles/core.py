"""Candidates and applications."""

from __future__ import annotations

from typing import Final

from zhiren.i18n import N_

OBJECTS: Final = {
    "recruiting.candidate": N_("候选人"),
    "recruiting.application": N_("应聘"),
    "recruiting.resume": N_("简历"),
}
ACTIONS: Final = {
    "recruiting.candidate.create": N_("新增候选人"),
    "recruiting.candidate.update": N_("修改候选人"),
    "recruiting.candidate.reveal": N_("查看候选人联系方式"),
    "recruiting.candidate.note": N_("写候选人备注"),
    "recruiting.application.create": N_("登记应聘"),
    "recruiting.application.move": N_("移动到招聘阶段"),
    "recruiting.application.reject": N_("淘汰候选人"),
    "recruiting.application.restore": N_("恢复应聘"),
    "recruiting.application.withdraw": N_("撤回应聘"),
    "recruiting.application.hold": N_("暂缓应聘"),
}
FIELDS: Final = {
    "stage": N_("招聘阶段"),
    "candidate": N_("候选人"),
    "job": N_("职位"),
    "mail": N_("邮箱"),
    "salary_wish": N_("期望薪资"),
}
