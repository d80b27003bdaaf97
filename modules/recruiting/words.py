"""What codes are called on pages: badge kind and Chinese source text."""

from __future__ import annotations

from typing import Any, Final, Literal

from zhiren.i18n import N_, _

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
YES_NO: Final[dict[str, str]] = {"yes": N_("是"), "no": N_("否")}
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
OUTCOMES: Final[dict[str, tuple[str, str]]] = {
    "passed": ("success", N_("符合")),
    "failed": ("danger", N_("不符合")),
    "unknown": ("warning", N_("待确认")),
}
EMPLOYMENT_TYPES: Final[dict[str, str]] = {
    "full_time": N_("全职"),
    "part_time": N_("兼职"),
    "intern": N_("实习"),
    "contractor": N_("外包"),
}
OFFER_STATES: Final[dict[str, tuple[str, str]]] = {
    "draft": ("", N_("草稿")),
    "pending": ("warning", N_("审批中")),
    "approved": ("info", N_("已批准")),
    "rejected": ("danger", N_("已驳回")),
    "sent": ("info", N_("已发出")),
    "accepted": ("success", N_("已接受")),
    "declined": ("danger", N_("已谢绝")),
    "expired": ("", N_("已过期")),
    "withdrawn": ("", N_("已作废")),
}
ONBOARDING_STATES: Final[dict[str, tuple[str, str]]] = {
    "preparing": ("warning", N_("准备中")),
    "ready": ("info", N_("可以入职")),
    "joined": ("success", N_("已入职")),
    "no_show": ("danger", N_("未入职")),
    "cancelled": ("", N_("已取消")),
}
TASK_STATES: Final[dict[str, tuple[str, str]]] = {
    "open": ("", N_("未完成")),
    "handed_in": ("info", N_("待确认")),
    "returned": ("danger", N_("已退回")),
    "done": ("success", N_("已完成")),
}
RESUME_STATES: Final[dict[str, tuple[str, str]]] = {
    "waiting": ("info", N_("等待解析")),
    "parsed": ("warning", N_("待核对")),
    "checked": ("success", N_("已核对")),
    "failed": ("danger", N_("没有读出")),
}
GENDERS: Final[dict[str, str]] = {"male": N_("男"), "female": N_("女")}
#: fields of a candidate, as forms and the timeline name them
FIELDS: Final[dict[str, str]] = {
    "name": N_("姓名"),
    "mobile": N_("手机号"),
    "mail": N_("邮箱"),
    "id_number": N_("证件号码"),
    "salary_wish_fen": N_("期望薪资"),
    "gender": N_("性别"),
    "born_on": N_("出生日期"),
    "city": N_("城市"),
    "degree": N_("学历"),
    "school": N_("学校"),
    "major": N_("专业"),
    "employer": N_("最近雇主"),
    "title": N_("职务"),
    "years": N_("工作年限"),
    "locale": N_("语言"),
    "profile": N_("简历内容"),
}


def degree(code: str) -> str:
    return _(DEGREES[code]) if code in DEGREES else ""


def told(value: str) -> str:
    """What a rule asks for or saw, as people say it: one thing, or several parted by commas."""
    found = [degree(part) or (_(YES_NO[part]) if part in YES_NO else part) for part in _parts(value)]
    return value if found == _parts(value) else "、".join(found)


def meant(value: str, kind: Literal["degree", "yes_no"]) -> str:
    """What is kept of a rule's value that people wrote in their words or in Chinese; codes stay what they are."""
    titles = DEGREES if kind == "degree" else YES_NO
    codes = {said.lower(): code for code, title in titles.items() for said in (title, _(title))}
    return "、".join(codes.get(part.lower(), part) for part in _parts(value))


def _parts(value: str) -> list[str]:
    return [part.strip() for part in value.replace("，", "、").replace(",", "、").split("、")]
