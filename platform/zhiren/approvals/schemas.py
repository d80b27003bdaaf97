"""A case as people and programs see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

from zhiren.i18n import N_

CaseState = Literal["running", "approved", "rejected", "withdrawn"]
TaskState = Literal["planned", "waiting", "approved", "rejected", "handed_over", "skipped", "dropped"]
Verdict = Literal["approve", "reject"]
CASE_STATES: Final[dict[str, tuple[str, str]]] = {
    "running": ("info", N_("审批中")),
    "approved": ("success", N_("已通过")),
    "rejected": ("danger", N_("已拒绝")),
    "withdrawn": ("", N_("已撤回")),
}
TASK_STATES: Final[dict[str, tuple[str, str]]] = {
    "planned": ("", N_("未到")),
    "waiting": ("info", N_("待审批")),
    "approved": ("success", N_("同意")),
    "rejected": ("danger", N_("拒绝")),
    "handed_over": ("", N_("已转交")),
    "skipped": ("", N_("已跳过")),
    "dropped": ("", N_("不用再审")),
}
MODES: Final[dict[str, str]] = {
    "all": N_("会签：每人都要同意"),
    "any": N_("或签：一人同意即可"),
    "sequential": N_("依次审批"),
}
#: why somebody signs who is not named, or nobody does
NOTES: Final[dict[str, str]] = {
    "no_login": N_("{name}不能登录，由别人代审"),
    "own": N_("{name}不能审批自己的申请，由别人审批"),
    "empty": N_("没有找到审批人，由这个角色审批"),
    "condition": N_("条件不满足"),
    "condition_failed": N_("条件算不出结果，按需要审批处理"),
    "merged": N_("刚刚审批过，不再重复"),
    "left": N_("{name}已不能登录，由别人代审"),
    "before": N_("由{name}加签，在其之前"),
    "after": N_("由{name}加签，在其之后"),
    "handed": N_("由{name}转交"),
    "escalated": N_("{name}超时未审，已上报"),
    "nobody": N_("没有人可以审批"),
}


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """One signature. ``signer`` is a person or the title of a role; ``mine``: the reader may give it now."""

    id: UUID
    signer: str
    #: whom the signer stands in for while away
    principal: str
    state: TaskState
    state_title: str
    note: str
    comment: str
    acted_by: str
    acted_at: datetime | None
    by_link: bool
    mine: bool


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """``stage`` counts from 1; steps of one stage run side by side."""

    stage: int
    name: str
    mode: str
    mode_title: str
    tasks: Sequence[TaskView]

    @property
    def state(self) -> str:
        """Of the step as a whole: what its signatures come to."""
        states = {task.state for task in self.tasks}
        for one in ("rejected", "waiting"):
            if one in states:
                return one
        if "planned" in states:
            return "planned"
        return "approved" if "approved" in states else "skipped"


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    kind: str
    kind_title: str
    subject_id: UUID
    title: str
    #: the page of what is asked for
    path: str
    state: CaseState
    state_title: str
    requested_by_id: UUID | None
    requested_by: str
    created_at: datetime
    decided_at: datetime | None
    steps: Sequence[StepView]
    #: number of the flow's version; 0 is the built-in flow
    version: int = 0
    #: who asked can log in no more
    requester_left: bool = False
    #: the reader may take the request back
    withdrawable: bool = False

    @property
    def mine(self) -> TaskView | None:
        """The signature the reader may give now."""
        return next((task for step in self.steps for task in step.tasks if task.mine), None)

    @property
    def waiting_for(self) -> str:
        """Whose turn it is, by name."""
        names = [task.signer for step in self.steps for task in step.tasks if task.state == "waiting"]
        return "、".join(dict.fromkeys(names))


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A case in a list."""

    case_id: UUID
    kind_title: str
    title: str
    state: CaseState
    requested_by: str
    at: datetime
    #: of the reader's own signature, where the list is of those
    task_id: UUID | None = None
    task_state: str = ""


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a signer says."""

    verdict: Verdict
    comment: str = ""
