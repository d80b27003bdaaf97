"""Requisitions as something to be approved: what flows may ask of them, what a signer reads, what a decision does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from modules.recruiting.errors import RequisitionNotFound
from modules.recruiting.models import Requisition
from modules.recruiting.repository import openings as queries
from modules.recruiting.service import access, headcount
from modules.recruiting.service.choices import seat_names
from modules.recruiting.words_openings import EMPLOYMENT_TYPES, REASONS
from zhiren import approvals, audit
from zhiren.approvals import ApprovalKind, Card, CaseView, Fact
from zhiren.clock import today
from zhiren.context import Context
from zhiren.i18n import N_, _
from zhiren.web.filters import day

KIND: Final = "recruiting.requisition"
_ACTS: Final = {"approved": "approve", "rejected": "reject", "withdrawn": "withdraw"}


async def start(ctx: Context, found: Requisition) -> CaseView:
    """From now on it waits for signatures; where the flow asks for none, it is approved at once."""
    facts = {
        "headcount": found.headcount,
        "over_plan": await over_plan(ctx, found),
        "salary_max_fen": found.salary_max_fen,
        "unit_id": found.unit_id,
        "reason": found.reason,
        "employment_type": found.employment_type,
        "target_date": found.target_date,
    }
    found.state, found.decided_at = "pending", None
    await ctx.session.flush()
    return await approvals.start(ctx, KIND, found.id, facts=facts, requested_by=ctx.actor)


async def over_plan(ctx: Context, found: Requisition) -> int | None:
    """How many people it asks for beyond the plan of this year; None where nothing was planned."""
    line = await headcount.line_of(ctx, found.unit_id, found.position_id, today().year)
    if line is None or line.left is None:
        return None
    # what runs already counts as taken, this one included
    asked = 0 if found.state in ("pending", "approved") else found.headcount
    return max(0, asked - line.left)


async def describe(ctx: Context, requisition_id: UUID) -> Card:
    """Without pay: who signs is not thereby somebody who may read pay."""
    found = await queries.requisition(ctx.session, requisition_id)
    if found is None:
        raise RequisitionNotFound(_("没有这份用人需求，或者不是您提的。"))
    names = await seat_names(ctx)
    over = await over_plan(ctx, found)
    lines = [
        (_("部门"), names.unit(found.unit_id)),
        (_("岗位"), names.position(found.position_id)),
        (_("人数"), str(found.headcount)),
        (_("原因"), _(REASONS[found.reason])),
        (_("工作城市"), found.city),
        (_("用工方式"), _(EMPLOYMENT_TYPES[found.employment_type])),
        (_("期望到岗"), day(found.target_date)),
        (_("为什么需要"), found.justification),
    ]
    warned = [(_("编制"), _("超出编制 {count} 人", count=over))] if over else []
    opens = ctx.actor.can(access.REQUEST) and access.member(ctx) in (None, found.requester_id)
    return Card(found.title, [*warned, *lines], f"/recruiting/requisitions/{found.id}" if opens else "")


async def decided(ctx: Context, case: CaseView) -> None:
    """In the transaction of the last signature, or of taking it back."""
    found = await queries.requisition(ctx.session, case.subject_id, lock=True)
    if found is None or found.state != "pending":
        return
    found.state, found.decided_at = case.state, datetime.now(UTC)
    audit.record(
        ctx,
        f"recruiting.requisition.{_ACTS[case.state]}",
        object_type="recruiting.requisition",
        object_id=found.id,
        changes={"state": ("pending", case.state)},
    )


approvals.register(
    ApprovalKind(
        name=KIND,
        title=N_("用人需求"),
        facts=(
            Fact("headcount", "int", N_("人数")),
            Fact("over_plan", "int", N_("超出编制的人数")),
            Fact("salary_max_fen", "fen", N_("月薪上限")),
            Fact("unit_id", "unit", N_("部门")),
            Fact("reason", "text", N_("原因")),
            Fact("employment_type", "text", N_("用工方式")),
            Fact("target_date", "date", N_("期望到岗")),
        ),
        describe=describe,
        decided=decided,
    )
)
