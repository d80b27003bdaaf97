"""Approvals: flows that customers draw, signatures on the phone in two taps, nothing lost when people are away.

A module declares what can be asked for with ``register(ApprovalKind(...))``, asks with ``start`` and shows how far it
is with ``case_of`` and the macro ``approval_steps`` of ``kit/approval.html``. What the decision means is the module's
own: its ``decided`` runs in the transaction of the last signature.
"""

from typing import Final

from zhiren.approvals import notices as _notices  # noqa: F401 - declares what approvals have to say
from zhiren.approvals.kinds import ApprovalKind, Card, Fact, register
from zhiren.approvals.models import MODELS
from zhiren.approvals.schemas import CaseView, StepView, TaskView
from zhiren.approvals.service.chores import hourly
from zhiren.approvals.service.deciding import add_signer, decide, forget, hand_over, remind, withdraw
from zhiren.approvals.service.starting import start
from zhiren.approvals.service.views import case_of
from zhiren.audit import describe
from zhiren.i18n import N_
from zhiren.modules import NavItem

describe(
    objects={
        "approvals.case": N_("审批"),
        "approvals.flow": N_("审批流程"),
        "approvals.delegation": N_("审批代理"),
    },
    actions={
        "approvals.case.start": N_("提交审批"),
        "approvals.case.withdraw": N_("撤回审批"),
        "approvals.case.forget": N_("删除审批里的个人信息"),
        "approvals.case.remind": N_("提醒审批人"),
        "approvals.task.approve": N_("同意"),
        "approvals.task.reject": N_("拒绝"),
        "approvals.task.hand_over": N_("转交审批"),
        "approvals.task.add_signer": N_("加签"),
        "approvals.task.escalate": N_("审批超时上报"),
    },
    fields={"signer": N_("审批人"), "starts_on": N_("开始日期"), "ends_on": N_("结束日期"), "draft": N_("草稿")},
)

NAVIGATION: Final = (
    NavItem(N_("审批"), "/approvals", "authenticated", icon="checklist", order=3),
    NavItem(N_("审批流程"), "/admin/approvals", "approvals.flows", icon="adjustments", section=N_("管理"), order=820),
)

__all__ = [
    "MODELS",
    "NAVIGATION",
    "ApprovalKind",
    "Card",
    "CaseView",
    "Fact",
    "StepView",
    "TaskView",
    "add_signer",
    "case_of",
    "decide",
    "forget",
    "hand_over",
    "hourly",
    "register",
    "remind",
    "start",
    "withdraw",
]
