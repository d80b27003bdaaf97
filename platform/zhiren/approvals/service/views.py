"""Cases as their readers see them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby
from uuid import UUID

from zhiren.approvals import kinds, repository
from zhiren.approvals.errors import CaseNotFound
from zhiren.approvals.models import Case, Task
from zhiren.approvals.schemas import CASE_STATES, MODES, NOTES, TASK_STATES, CaseView, Line, StepView, TaskView
from zhiren.auth.repository import roles as role_rows
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.people import one, roles_of

#: sees and may take back every case
OVERSEE = "approvals.flows"


async def case_of(ctx: Context, kind: str, subject_id: UUID) -> CaseView | None:
    """The case about this: the running one, else the newest. The caller has checked who may see the subject."""
    case = await repository.latest_case(ctx.session, kind, subject_id)
    return await view_of(ctx, case) if case is not None else None


async def visible_case(ctx: Context, case_id: UUID) -> Case:
    """The case, for who asked, who signs or signed, and who oversees all. Raises CaseNotFound."""
    case = await repository.case(ctx.session, case_id)
    if case is not None and (ctx.actor.can(OVERSEE) or await concerns(ctx, case)):
        return case
    raise CaseNotFound(_("没有这个审批，或者它与您无关。"))


async def concerns(ctx: Context, case: Case) -> bool:
    me = ctx.actor.user_id
    if me is None:
        return False
    if case.requested_by_id == me:
        return True
    roles = await roles_of(ctx, me)
    rows = await repository.tasks(ctx.session, case.id)
    return any(
        me in {row.signer_id, row.principal_id, row.acted_by_id} or row.role in roles
        for row in rows
        if row.state != "skipped"
    )


def may_sign(case: Case, task: Task, user_id: UUID | None, roles: Collection[str]) -> bool:
    """Whether this person is one who gives this signature."""
    if user_id is None:
        return False
    if user_id in {task.signer_id, task.principal_id}:
        return True
    return bool(task.role) and task.role in roles and (user_id != case.requested_by_id or case.own_request)


async def view_of(ctx: Context, case: Case) -> CaseView:
    rows = await repository.tasks(ctx.session, case.id)
    me = ctx.actor.user_id
    roles = await roles_of(ctx, me)
    titles = await role_titles(ctx, {row.role for row in rows if row.role})
    requester = await one(ctx, case.requested_by_id)
    left = case.requested_by_id is not None and (requester is None or not requester.active)
    kind = kinds.find(case.kind)
    mine = {row.id for row in rows if row.state == "waiting" and may_sign(case, row, me, roles)}
    return CaseView(
        id=case.id,
        kind=case.kind,
        kind_title=_(kind.title) if kind else case.kind,
        subject_id=case.subject_id,
        title=case.title,
        path=case.path,
        state=case.state,  # type: ignore[arg-type]  # the table's CHECK says which there are
        state_title=_(CASE_STATES[case.state][1]),
        requested_by_id=case.requested_by_id,
        requested_by=case.requested_by_name,
        created_at=case.created_at,
        decided_at=case.decided_at,
        steps=steps(rows, titles, mine),
        version=await repository.version_number(ctx.session, case.version_id),
        requester_left=left,
        withdrawable=case.state == "running"
        and (me == case.requested_by_id is not None or (left and ctx.actor.can(OVERSEE))),
    )


def steps(rows: Sequence[Task], titles: dict[str, str], mine: Collection[UUID]) -> list[StepView]:
    return [
        StepView(
            stage=stage + 1,
            name=_(found[0].step_name) if found[0].step_name else _("第 {count} 步", count=stage + 1),
            mode=found[0].mode,
            mode_title=_(MODES[found[0].mode]),
            tasks=[_task(row, titles, row.id in mine) for row in found],
        )
        for (stage, _step), group in groupby(rows, key=lambda row: (row.stage, row.step))
        if (found := list(group))
    ]


def _task(row: Task, titles: dict[str, str], mine: bool) -> TaskView:
    return TaskView(
        id=row.id,
        signer=row.signer_name or titles.get(row.role, row.role),
        principal=row.principal_name,
        state=row.state,  # type: ignore[arg-type]  # the table's CHECK says which there are
        state_title=_(TASK_STATES[row.state][1]),
        note=note_title(row.note, row.note_name),
        comment=row.comment or "",
        acted_by=row.acted_by_name,
        acted_at=row.acted_at,
        by_link=row.by_link,
        mine=mine,
    )


def note_title(note: str, name: str) -> str:
    return _(NOTES[note], name=name) if note else ""


async def role_titles(ctx: Context, codes: Collection[str]) -> dict[str, str]:
    found = await role_rows.roles_by_code(ctx.session, codes) if codes else {}
    return {code: _(role.title) for code, role in found.items()}


# ---- lists


async def waiting(ctx: Context) -> list[Line]:
    me = ctx.actor.user_id
    if me is None:
        return []
    rows = await repository.waiting(ctx.session, me, await roles_of(ctx, me))
    return [_line(case, at=task.waiting_since or task.created_at, task=task) for task, case in rows]


async def waiting_count(ctx: Context) -> int:
    me = ctx.actor.user_id
    return await repository.waiting_count(ctx.session, me, await roles_of(ctx, me)) if me is not None else 0


async def done(ctx: Context) -> list[Line]:
    me = ctx.actor.user_id
    rows = await repository.acted(ctx.session, me) if me is not None else []
    return [_line(case, at=task.acted_at or task.created_at, task=task) for task, case in rows]


async def asked(ctx: Context) -> list[Line]:
    me = ctx.actor.user_id
    return [_line(case, at=case.created_at) for case in (await repository.requested(ctx.session, me) if me else ())]


def _line(case: Case, *, at: object, task: Task | None = None) -> Line:
    kind = kinds.find(case.kind)
    return Line(
        case_id=case.id,
        kind_title=_(kind.title) if kind else case.kind,
        title=case.title,
        state=case.state,  # type: ignore[arg-type]
        requested_by=case.requested_by_name,
        at=at,  # type: ignore[arg-type]
        task_id=task.id if task is not None else None,
        task_state=task.state if task is not None else "",
    )
