"""What an offer letter says: the customer's text, with places in braces that the offer fills."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from zhiren.i18n import N_

#: what a customer's text may name in braces -> what it stands for
PLACES: Final[dict[str, str]] = {
    "name": N_("候选人姓名"),
    "company": N_("用人单位"),
    "title": N_("职位"),
    "unit": N_("部门"),
    "place": N_("工作地点"),
    "start_on": N_("入职日期"),
    "probation": N_("试用期"),
    "contract": N_("合同期限"),
    "base": N_("月基本工资"),
    "probation_base": N_("试用期月工资"),
    "package": N_("其他薪酬，每项一行"),
    "expires_at": N_("答复截止日期"),
}
USUAL: Final = N_(
    "{name}：\n\n很高兴地通知您，您已通过面试，我们诚邀您加入{company}，担任{unit}{title}一职。\n\n"
    "入职日期：{start_on}\n工作地点：{place}\n合同期限：{contract}\n试用期：{probation}\n月基本工资：{base}\n{package}\n\n"
    "请在有效期内通过链接确认。入职时请携带身份证、学历证书、离职证明等材料原件。期待与您共事。"
)
_PLACE: Final = re.compile(r"\{(\w+)\}")


def unknown_places(text: str) -> list[str]:
    """What ``text`` names in braces that nobody can fill."""
    return [name for name in dict.fromkeys(_PLACE.findall(text)) if name not in PLACES]


def paragraphs(text: str, values: Mapping[str, str]) -> list[list[str]]:
    """The letter's paragraphs, each as its lines; a place without a value stays as it was typed."""
    filled = _PLACE.sub(lambda match: values.get(match[1], match[0]), text.replace("\r\n", "\n"))
    return [part.strip().split("\n") for part in filled.split("\n\n") if part.strip()]
