"""A flow in words, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from zhiren.approvals.kinds import Fact
from zhiren.approvals.rules import conditions
from zhiren.approvals.rules.document import Document, Signer, Step
from zhiren.i18n import _


class Box(msgspec.Struct, frozen=True):
    """A step: its name, who signs, how, and under which condition."""

    name: str
    who: Sequence[str]
    mode: str
    when: str
    notes: Sequence[str]


def sketch(document: Document, facts: Sequence[Fact], roles: Mapping[str, str]) -> list[list[Box]]:
    """Stage by stage; boxes of one stage stand side by side."""
    return [
        [_box(step, number, facts, roles) for step in stage.steps] for number, stage in enumerate(document.stages, 1)
    ]


def _box(step: Step, number: int, facts: Sequence[Fact], roles: Mapping[str, str]) -> Box:
    modes = {"all": _("会签"), "any": _("或签"), "sequential": _("依次审批")}
    notes = []
    if step.empty == "skip":
        notes.append(_("没有审批人时跳过"))
    if step.escalate_h:
        notes.append(_("{count} 小时未审，上报其上级", count=step.escalate_h))
    several = len(step.signers) > 1 or any(_is_chain(one) for one in step.signers)
    return Box(
        _(step.name) if step.name else _("第 {count} 步", count=number),
        [who(signer, roles) for signer in step.signers],
        modes[step.mode] if several else "",
        conditions.readable(step.when, facts),
        notes,
    )


def _is_chain(signer: Signer) -> bool:
    return signer.by == "managers" and (signer.levels > 1 or bool(signer.until_level))


def who(signer: Signer, roles: Mapping[str, str]) -> str:
    if signer.by == "person":
        return signer.person_name or _("（未选择）")
    if signer.by == "role":
        return _("角色：{role}", role=roles.get(signer.role, signer.role) or _("（未选择）"))
    if signer.by == "leader":
        if signer.of == "unit":
            return _("申请所属部门的第 {level} 级负责人", level=signer.level)
        return _("申请人部门的第 {level} 级负责人", level=signer.level)
    if signer.until_level:
        return _("逐级上级，到第 {level} 级为止", level=signer.until_level)
    return _("直接上级") if signer.levels == 1 else _("逐级上级，共 {count} 级", count=signer.levels)
