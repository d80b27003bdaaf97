"""What the audit page calls the acts, objects and fields of this module."""

from __future__ import annotations

from typing import Final

from zhiren.i18n import N_

OBJECTS: Final = {
    "records.employee": N_("员工档案"),
    "records.employees": N_("员工名单"),
    "records.assignment": N_("任职"),
    "records.unit": N_("部门"),
    "records.position": N_("岗位"),
    "records.positions": N_("岗位表"),
    "records.legal_entity": N_("用人单位"),
    "records.legal_entities": N_("用人单位表"),
    "records.import": N_("员工导入"),
}
ACTIONS: Final = {
    "records.employee.leave": N_("登记离职"),
    "records.employee.rejoin": N_("恢复在职"),
    "records.employee.remove": N_("撤销导入时删除员工"),
    "records.employee.read_sensitive": N_("读取员工的敏感信息"),
    "records.assignment.change": N_("任职变动"),
    "records.assignment.correct": N_("更正任职"),
    "records.assignment.remove": N_("撤销任职变动"),
    "records.unit.change": N_("调整部门"),
    "records.unit.correct": N_("更正部门"),
    "records.import.stage": N_("上传员工表格"),
    "records.import.sheet": N_("换一张工作表导入"),
    "records.import.plan": N_("调整导入的列与方式"),
    "records.import.mend": N_("更正导入表格的一格"),
    "records.import.skip_row": N_("导入时去掉一行"),
    "records.import.check": N_("检查导入"),
    "records.import.commit": N_("确认导入员工"),
    "records.import.undo": N_("撤销整批导入"),
    "records.import.cancel": N_("放弃导入"),
    "records.import.forget": N_("删除导入时读到的数据"),
}
FIELDS: Final = {
    "number": N_("工号"),
    "hired_on": N_("入职日期"),
    "left_on": N_("最后工作日"),
    "status": N_("状态"),
    "gender": N_("性别"),
    "birth_date": N_("出生日期"),
    "id_kind": N_("证件类型"),
    "id_number": N_("证件号码"),
    "mobile": N_("手机号"),
    "email": N_("个人邮箱"),
    "bank_account": N_("银行账号"),
    "bank_name": N_("开户行"),
    "home_address": N_("家庭住址"),
    "unit_id": N_("部门"),
    "parent_id": N_("上级部门"),
    "leader_id": N_("负责人"),
    "position_id": N_("岗位"),
    "manager_id": N_("直接上级"),
    "legal_entity_id": N_("用人单位"),
    "city": N_("工作城市"),
    "short_name": N_("简称"),
    "uscc": N_("统一社会信用代码"),
    "valid_from": N_("生效日期"),
    "effective_on": N_("生效日期"),
    "last_day": N_("最后一天"),
    "file_name": N_("文件"),
    "sheet": N_("工作表"),
    "rows": N_("行数"),
    "row": N_("行"),
    "mapping": N_("列与字段"),
    "mode": N_("导入方式"),
}
