"""What the audit page calls the acts, objects and fields of this module."""

from __future__ import annotations

from typing import Final

from zhiren.i18n import N_

OBJECTS: Final = {
    "payroll.run": N_("工资核算"),
    "payroll.review": N_("工资核对表"),
    "payroll.payslip": N_("工资条"),
    "payroll.item": N_("薪资项目"),
    "payroll.group": N_("薪资组"),
    "payroll.terms": N_("薪资档案"),
}
ACTIONS: Final = {
    "payroll.run.open": N_("新建工资核算"),
    "payroll.run.calculate": N_("计算工资"),
    "payroll.run.recalculate": N_("重新计算工资"),
    "payroll.run.review": N_("复核工资"),
    "payroll.run.close": N_("工资关账"),
    "payroll.run.publish": N_("发布工资条"),
    "payroll.run.correct": N_("更正工资"),
    "payroll.run.discard": N_("作废工资核算"),
    "payroll.run.export": N_("导出工资表"),
    "payroll.payslip.list": N_("查看工资条列表"),
    "payroll.input.update": N_("录入本月数据"),
    "payroll.item.save": N_("保存薪资项目"),
    "payroll.item.end": N_("停用薪资项目"),
    "payroll.terms.set": N_("修改薪资档案"),
    "payroll.terms.import": N_("从导入的表格建立薪资档案"),
    "payroll.terms.undo_import": N_("撤销导入的薪资档案"),
}
FIELDS: Final = {
    "payslips": N_("工资条"),
    "lines": N_("各项金额"),
    "totals": N_("合计"),
    "trace": N_("计算依据"),
    "terms": N_("薪资档案"),
    "amounts": N_("金额"),
    "formula": N_("公式"),
    "reason": N_("原因"),
}
