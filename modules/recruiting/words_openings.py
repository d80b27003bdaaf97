"""What openings' codes are called."""

from __future__ import annotations

from typing import Any, Final

from zhiren.i18n import N_, _

REQUISITION_STATES: Final[dict[Any, tuple[str, str]]] = {
    "draft": ("", N_("草稿")),
    "pending": ("warning", N_("审批中")),
    "approved": ("success", N_("已批准")),
    "rejected": ("danger", N_("已驳回")),
    "withdrawn": ("", N_("已撤回")),
    "closed": ("", N_("已结束")),
}
REASONS: Final[dict[Any, str]] = {"new": N_("新增岗位"), "replacement": N_("补员"), "project": N_("项目用人")}
EMPLOYMENT_TYPES: Final[dict[Any, str]] = {
    "full_time": N_("全职"),
    "part_time": N_("兼职"),
    "intern": N_("实习"),
    "contractor": N_("劳务"),
}
HIRE_MODES: Final[dict[Any, str]] = {"social": N_("社会招聘"), "campus": N_("校园招聘"), "internal": N_("内部招聘")}
JOB_STATES: Final[dict[Any, tuple[str, str]]] = {
    "draft": ("", N_("未开放")),
    "open": ("success", N_("招聘中")),
    "paused": ("warning", N_("已暂停")),
    "closed": ("", N_("已结束")),
}
#: said after opening, pausing, closing
JOB_DONE: Final[dict[Any, str]] = {
    "open": N_("已开放招聘。"),
    "pause": N_("已暂停，不再接收应聘。"),
    "close": N_("职位已关闭。"),
}
STAGE_KINDS: Final[dict[Any, str]] = {
    "new": N_("新简历"),
    "screening": N_("简历筛选"),
    "interview": N_("面试"),
    "offer": N_("录用"),
    "onboarding": N_("待入职"),
    "hired": N_("已入职"),
}
QUESTION_KINDS: Final[dict[Any, str]] = {
    "text": N_("文字"),
    "yes_no": N_("是或否"),
    "choice": N_("单选"),
    "number": N_("数字"),
}
MODES: Final[dict[Any, str]] = {"video": N_("视频面试"), "onsite": N_("现场面试"), "phone": N_("电话面试")}
RULE_FIELDS: Final[dict[Any, str]] = {
    "years": N_("工作年限"),
    "degree": N_("学历"),
    "city": N_("所在城市"),
    "licence": N_("证书"),
    "school": N_("毕业院校"),
    "skill": N_("技能"),
}
RULE_OPS: Final[dict[Any, str]] = {
    "at_least": N_("至少"),
    "at_most": N_("至多"),
    "is": N_("等于"),
    "is_one_of": N_("是其中之一"),
    "contains": N_("包含"),
}
RULE_EFFECTS: Final[dict[Any, str]] = {"flag": N_("只提示"), "set_aside": N_("移到“暂不考虑”")}
DEGREES: Final[dict[Any, str]] = {
    "below": N_("高中及以下"),
    "associate": N_("大专"),
    "bachelor": N_("本科"),
    "master": N_("硕士"),
    "doctor": N_("博士"),
}
CHANNEL_KINDS: Final[dict[Any, str]] = {
    "site": N_("招聘官网"),
    "referral": N_("内部推荐"),
    "agency": N_("猎头"),
    "board": N_("招聘网站"),
    "campus": N_("校园"),
    "mail": N_("邮件"),
    "event": N_("招聘会"),
    "sourced": N_("主动寻访"),
}
BATCH_KINDS: Final[dict[Any, str]] = {"campus": N_("校园招聘"), "hiring_day": N_("招聘日")}


def titled(known: dict[Any, str]) -> list[tuple[str, str]]:
    """Codes with their names in the reader's language, for a list to choose from."""
    return [(code, _(title)) for code, title in known.items()]
