"""What a column of a spreadsheet may mean, and the headings people write over it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from zhiren.i18n import N_

Kind = Literal["text", "date", "money", "gender", "status", "id_kind", "digits"]


@dataclass(frozen=True, slots=True)
class Field:
    """``title`` is what the page calls it; ``headings`` are those found in the wild, Chinese and English."""

    code: str
    title: str
    kind: Kind
    headings: tuple[str, ...]
    group: Literal["person", "seat", "contact", "bank", "pay"] = "person"
    #: a row cannot do without it when a person is added
    required: bool = False


FIELDS: Final[tuple[Field, ...]] = (
    Field("number", N_("工号"), "digits", (
        "工号", "员工编号", "人员编号", "职工编号", "员工号", "职工号", "员工代码", "工牌号", "编号", "人员工号",
        "employee id", "employee no", "employee number", "emp no", "emp id", "staff id", "staff no",
        "personnel number", "employee code", "badge",
    )),
    Field("name", N_("姓名"), "text", (
        "姓名", "员工姓名", "名字", "人员姓名", "职工姓名", "中文名", "中文姓名", "name", "full name", "employee name",
        "employee", "staff name", "display name",
    ), required=True),
    Field("last_name", N_("姓"), "text", ("姓", "姓氏", "last name", "surname", "family name", "lastname")),
    Field("first_name", N_("名"), "text", ("名", "first name", "given name", "forename", "firstname")),
    Field("gender", N_("性别"), "gender", ("性别", "gender", "sex")),
    Field("id_kind", N_("证件类型"), "id_kind", ("证件类型", "证件种类", "证件类别", "id type", "document type")),
    Field("id_number", N_("证件号码"), "digits", (
        "身份证号", "身份证号码", "身份证", "证件号", "证件号码", "公民身份号码", "居民身份证号码", "id card",
        "id number", "identity number", "national id", "id card no", "identity card", "resident id", "passport no",
    )),
    Field("birth_date", N_("出生日期"), "date", (
        "出生日期", "出生年月", "出生年月日", "生日", "birth date", "date of birth", "birthday", "dob",
    )),
    Field("hired_on", N_("入职日期"), "date", (
        "入职日期", "入职时间", "到岗日期", "入厂日期", "入司日期", "入司时间", "报到日期", "进厂日期", "参加工作日期",
        "hire date", "date hired", "start date", "join date", "joining date", "hired on", "date of joining",
        "entry date", "onboard date",
    ), required=True),
    Field("left_on", N_("离职日期"), "date", (
        "离职日期", "离职时间", "离厂日期", "离司日期", "最后工作日", "leave date", "termination date", "end date",
        "last day", "last working day", "left on",
    )),
    Field("status", N_("在职状态"), "status", (
        "在职状态", "员工状态", "人员状态", "用工状态", "状态", "employment status", "status", "employee status",
    )),
    Field("unit", N_("部门"), "text", (
        "部门", "所属部门", "部门名称", "所在部门", "组织", "所属组织", "组织架构", "部门路径", "部门全称", "机构",
        "department", "department name", "dept", "dept name", "division", "org unit", "team", "organization",
        "department id",
    ), group="seat"),
    Field("unit_1", N_(
        "一级部门"), "text", ("一级部门", "中心", "事业部", "department level 1", "level 1"), group="seat"),
    Field("unit_2", N_(
        "二级部门"), "text", ("二级部门", "车间", "科室", "department level 2", "level 2"), group="seat"),
    Field("unit_3", N_(
        "三级部门"), "text", ("三级部门", "班组", "小组", "department level 3", "level 3"), group="seat"),
    Field("position", N_("岗位"), "text", (
        "岗位", "职位", "职务", "岗位名称", "职位名称", "工种", "position", "job title", "title", "job", "role",
        "post", "job id", "job name",
    ), group="seat"),
    Field("manager", N_("直接上级"), "text", (
        "直接上级", "上级", "直属上级", "汇报对象", "主管", "直接主管", "直属主管", "上级工号", "上级姓名", "汇报上级",
        "manager", "manager id", "manager name", "reports to", "supervisor", "line manager", "manager no",
    ), group="seat"),
    Field("legal_entity", N_("用人单位"), "text", (
        "用人单位", "合同主体", "签约主体", "公司", "所属公司", "合同公司", "劳动合同主体", "法人主体", "单位名称",
        "company", "legal entity", "employer", "entity",
    ), group="seat"),
    Field("city", N_("工作城市"), "text", (
        "工作城市", "城市", "工作地", "工作地点", "参保城市", "参保地", "社保城市", "社保缴纳地", "办公地点",
        "city", "work city", "location", "work location",
    ), group="seat"),
    Field("mobile", N_("手机号"), "digits", (
        "手机号", "手机", "手机号码", "联系电话", "电话", "移动电话", "联系方式", "本人电话", "mobile", "phone",
        "phone number", "mobile number", "cell", "cell phone", "telephone", "tel", "mobile phone",
    ), group="contact"),
    Field("email", N_("个人邮箱"), "text", (
        "邮箱", "电子邮箱", "个人邮箱", "邮件", "邮件地址", "email", "e mail", "email address", "mail",
    ), group="contact"),
    Field("home_address", N_("家庭住址"), "text", (
        "家庭住址", "住址", "现住址", "家庭地址", "居住地址", "联系地址", "现居住地", "户籍地址", "address",
        "home address", "residential address",
    ), group="contact"),
    Field("bank_account", N_("银行账号"), "digits", (
        "银行账号", "银行卡号", "工资卡号", "银行卡", "卡号", "工资卡", "银行帐号", "工资账号", "bank account",
        "account number", "bank card", "bank account number", "account no",
    ), group="bank"),
    Field("bank_name", N_("开户行"), "text", (
        "开户行", "开户银行", "银行名称", "银行", "开户支行", "bank", "bank name", "bank branch",
    ), group="bank"),
    Field("monthly_wage", N_("月工资"), "money", (
        "月工资", "月薪", "基本工资", "岗位工资", "工资", "薪资", "薪酬", "工资标准", "底薪", "固定工资", "税前工资",
        "salary", "monthly salary", "base salary", "wage", "monthly wage", "base pay", "basic salary",
    ), group="pay"),
)  # fmt: skip

BY_CODE: Final[dict[str, Field]] = {field.code: field for field in FIELDS}

#: words that tell that a column is about something near, but not the thing itself
NOT_FIELDS: Final = (
    "紧急联系", "emergency", "配偶", "父亲", "母亲", "介绍人", "合同开始", "合同结束", "合同到期", "转正", "commission",
    "工龄", "年龄", "序号", "备注", "民族", "学历", "婚姻", "政治面貌", "籍贯", "毕业",
)  # fmt: skip


def heading_key(text: object) -> str:
    """A heading without what people decorate it with: 「*入职日期(必填)」 and ``HIRE_DATE`` come out plain."""
    folded = unicodedata.normalize("NFKC", str(text)).strip().lower()
    folded = re.sub(r"[(\[【][^)\]】]*[)\]】]", "", folded)
    return re.sub(r"[\s_\-:*.。、/#]+", "", folded)


def _keys() -> dict[str, str]:
    keys: dict[str, str] = {}
    for field in FIELDS:
        for heading in field.headings:
            keys.setdefault(heading_key(heading), field.code)
    return keys


HEADINGS: Final = _keys()
_NOT = tuple(heading_key(word) for word in NOT_FIELDS)


def match_heading(text: object) -> tuple[str, float] | None:
    """The field a heading means and how sure that is (1.0 exact, less where it only contains a known heading)."""
    key = heading_key(text)
    if not key or len(key) > 40:
        return None
    if key in HEADINGS:
        return HEADINGS[key], 1.0
    if any(word in key for word in _NOT):
        return None
    best: tuple[str, float] | None = None
    for heading, code in HEADINGS.items():
        if len(heading) >= (2 if not heading.isascii() else 4) and heading in key:
            score = 0.5 + 0.4 * len(heading) / len(key)
            if best is None or score > best[1]:
                best = (code, score)
    return best
