"""What has to be done before the first day: the customer's plans, or the usual one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from zhiren.i18n import N_, _

LATEST_DAYS: Final = 90


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One task of a plan. ``days_before`` counts back from the first day."""

    kind: str
    code: str
    title: str
    guide: str = ""
    by_newcomer: bool = False
    role: str = ""
    required: bool = True
    days_before: int = 3

    def doer(self) -> str:
        """As the editor shows it: "form", "paper", "newcomer", or a role."""
        if self.kind in ("form", "paper"):
            return self.kind
        return "newcomer" if self.by_newcomer else self.role or "hr"

    def columns(self) -> dict[str, Any]:
        names = ("kind", "code", "guide", "by_newcomer", "role", "required")
        return {name: getattr(self, name) for name in names} | {"title": _(self.title)}


#: papers by the Labour Contract Law, article 8, and what a first day needs
USUAL: Final = (
    Line(kind="form", code="particulars", title=N_("填写入职信息"), by_newcomer=True, days_before=5),
    Line(kind="paper", code="id_card", title=N_("身份证（正反面）"), by_newcomer=True, days_before=5),
    Line(kind="paper", code="diploma", title=N_("学历证书"), by_newcomer=True, days_before=5),
    Line(kind="paper", code="leaving_certificate", title=N_("离职证明"), by_newcomer=True, required=False),
    Line(kind="paper", code="bank_card", title=N_("工资卡照片"), by_newcomer=True, required=False),
    Line(kind="paper", code="health_check", title=N_("体检报告"), by_newcomer=True, required=False),
    Line(kind="task", code="equipment", title=N_("准备电脑和工位"), role="hr", days_before=2),
    Line(kind="task", code="accounts", title=N_("开通系统账号"), role="admin", required=False, days_before=1),
    Line(kind="task", code="contract", title=N_("准备劳动合同"), role="hr", days_before=1),
)


def plan_for(plans: Sequence[Mapping[str, Any]], *, place: str) -> Sequence[Line]:
    """The lines of the first plan for the place, else of the first for any, else the usual ones.

    A plan is ``{"place": "上海", "lines": [...]}``.
    """
    fitting = [plan for plan in plans if plan.get("place") == place] + [plan for plan in plans if not plan.get("place")]
    return msgspec.convert(fitting[0]["lines"], list[Line]) if fitting else USUAL


def line_of(title: str, doer: str, *, code: str, guide: str = "", required: bool = True, days_before: int = 3) -> Line:
    """A line as the editor sends it. ``doer`` is "paper", "newcomer", or the role of whoever does it here."""
    by_newcomer = doer in ("form", "paper", "newcomer")
    return Line(
        kind=doer if doer in ("form", "paper") else "task",
        code=code,
        title=title,
        guide=guide,
        by_newcomer=by_newcomer,
        role="" if by_newcomer else doer,
        required=required,
        days_before=min(max(days_before, 0), LATEST_DAYS),
    )


def with_form(lines: Sequence[Line]) -> list[Line]:
    """Exactly one line asks for the newcomer's particulars: the employee's record is made from them."""
    own = next((line for line in lines if line.kind == "form"), USUAL[0])
    return [own, *(line for line in lines if line.kind != "form")]
