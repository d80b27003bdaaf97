"""A request begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from zhiren import audit
from zhiren.approvals import kinds, repository
from zhiren.approvals.errors import NobodyToSign
from zhiren.approvals.models import Case, Task
from zhiren.approvals.rules import document as documents
from zhiren.approvals.rules.planning import Plan, PlannedStep, Seat, plan
from zhiren.approvals.schemas import CaseView
from zhiren.approvals.service import moving, views
from zhiren.approvals.service.gathering import gather
from zhiren.context import Actor, Context
from zhiren.i18n import _


async def start(
    ctx: Context, kind: str, subject_id: UUID, *, facts: Mapping[str, Any], requested_by: Actor
) -> CaseView:
    """Asks for approval; by the flow in force, or by the built-in one where none was published.

    While a case about ``subject_id`` is running, that one is returned. A flow that asks nobody approves at once.
    Raises NobodyToSign when a signature is wanted and there is no one to give it, ValueError when ``facts`` are not
    those that the kind declares, LookupError for an unknown kind.
    """
    what = kinds.get(kind)
    values = kinds.plain(what, facts)
    await repository.one_at_a_time(ctx.session, kind, subject_id)
    known = await repository.latest_case(ctx.session, kind, subject_id)
    if known is not None and known.state == "running":
        return await views.view_of(ctx, known)
    in_force = await repository.newest_version(ctx.session, kind)
    document = documents.load(in_force.document) if in_force is not None else documents.BUILT_IN
    people = await gather(
        ctx,
        document,
        what,
        values,
        user_id=requested_by.user_id,
        employee_id=requested_by.employee_id,
        name=requested_by.name,
    )
    planned = plan(document, values, people)
    if planned.nobody:
        raise NobodyToSign(_("没有人可以审批这个申请。"), hint=_("请系统管理员检查审批流程和管理员帐号。"))
    card = await what.describe(ctx, subject_id)
    case = Case(
        kind=kind,
        subject_id=subject_id,
        title=card.title,
        path=card.path,
        state="running",
        version_id=in_force.id if in_force is not None else None,
        own_request=document.own_request,
        requested_by_id=requested_by.user_id,
        requested_by_employee_id=requested_by.employee_id,
        requested_by_name=requested_by.name,
    )
    case.facts = values
    ctx.session.add(case)
    await ctx.session.flush()
    ctx.session.add_all(rows_of(case.id, planned))
    audit.record(ctx, "approvals.case.start", object_type="approvals.case", object_id=case.id)
    await moving.advance(ctx, case)
    await ctx.session.flush()
    await ctx.session.refresh(case)
    return await views.view_of(ctx, case)


def rows_of(case_id: UUID, planned: Plan) -> list[Task]:
    return [
        row
        for stage, steps in enumerate(planned.stages)
        for number, step in enumerate(steps)
        for row in _rows(case_id, stage, number, step)
    ]


def _rows(case_id: UUID, stage: int, number: int, step: PlannedStep) -> list[Task]:
    place: dict[str, Any] = {
        "case_id": case_id,
        "stage": stage,
        "step": number,
        "step_name": step.name,
        "mode": step.mode,
    }
    if not step.seats:
        return [Task(**place, lane=0, turn=0, state="skipped", note="condition" if step.skipped == "condition" else "")]
    return [_row(place, lane, seat, step.escalate_h) for lane, seat in enumerate(step.seats)]


def _row(place: Mapping[str, Any], lane: int, seat: Seat, escalate_h: int) -> Task:
    person = seat.person
    return Task(
        **place,
        lane=lane,
        turn=0,
        state="skipped" if seat.merged else "planned",
        signer_id=person.user_id if person is not None else None,
        signer_name=person.name if person is not None else "",
        role=seat.role,
        note="merged" if seat.merged else seat.note,
        note_name=seat.note_name,
        escalate_h=escalate_h,
    )
