"""From one signature to the next: opening tasks, standing in, ending a case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from zhiren import audit, events
from zhiren.approvals import kinds, repository
from zhiren.approvals.models import Case, Task
from zhiren.approvals.rules.progress import moves
from zhiren.approvals.service import telling, views
from zhiren.context import Context
from zhiren.people import Account, one

CHINA: Final = ZoneInfo("Asia/Shanghai")
#: of people who sign for each other while away
MAX_STAND_INS: Final = 5


async def advance(ctx: Context, case: Case) -> None:
    """Opens what is next; ends the case when nothing is."""
    found = moves(await repository.tasks(ctx.session, case.id))
    for task in found.drop:
        task.state = "dropped"
    for task in found.open:
        await _open(ctx, case, task)
    if found.done:
        await finish(ctx, case, "approved")


async def finish(ctx: Context, case: Case, state: str) -> None:
    """Ends a case: what still waits is dropped, the module that asked acts upon it in this transaction."""
    case.state, case.decided_at = state, datetime.now(UTC)
    for task in await repository.tasks(ctx.session, case.id):
        if task.state in {"planned", "waiting"}:
            task.state = "dropped"
    await ctx.session.flush()
    ids = {"case_id": str(case.id), "kind": case.kind, "subject_id": str(case.subject_id), "state": state}
    await events.emit(ctx, "approvals.case.decided", ids)
    if state != "withdrawn":
        await telling.decided(ctx, case)
    kind = kinds.find(case.kind)
    if kind is not None:
        await kind.decided(ctx, await views.view_of(ctx, case))


async def _open(ctx: Context, case: Case, task: Task) -> None:
    now = datetime.now(UTC)
    task.state, task.waiting_since = "waiting", now
    task.escalate_at = now + timedelta(hours=task.escalate_h) if task.escalate_h else None
    if task.signer_id is not None:
        await stand_in(ctx, case, task)
    await ctx.session.flush()
    await telling.waiting(ctx, case, task)


async def stand_in(ctx: Context, case: Case, task: Task) -> None:
    """Somebody who can log in no more gives way to administration; somebody away, to whom they named."""
    signer = await one(ctx, task.signer_id)
    if signer is None or not signer.active:
        task.note, task.note_name = "left", task.signer_name
        task.signer_id, task.signer_name, task.role = None, "", "admin"
        return
    delegate = await _delegate(ctx, case, signer)
    if delegate is not None and delegate.id != signer.id:
        task.principal_id, task.principal_name = signer.id, signer.name
        task.signer_id, task.signer_name = delegate.id, delegate.name


async def _delegate(ctx: Context, case: Case, signer: Account) -> Account | None:
    """Who signs for ``signer`` today, following those who are away themselves; never the requester."""
    today = datetime.now(CHINA).date()
    here, seen = signer, {signer.id}
    for _round in range(MAX_STAND_INS):
        away = await repository.delegation_on(ctx.session, here.id, today)
        following = await one(ctx, away.to_id) if away is not None else None
        if following is None or not following.active or following.id in seen:
            break
        if following.id == case.requested_by_id and not case.own_request:
            break
        here = following
        seen.add(here.id)
    return here


async def escalate(ctx: Context, task_id: UUID, to: Account | None, *, role: str = "admin") -> None:
    """Gives a signature that is overdue to ``to``, or to a role."""
    case_id = await repository.case_id_of(ctx.session, task_id)
    case = await repository.locked_case(ctx.session, case_id) if case_id is not None else None
    if case is None or case.state != "running":
        return
    rows = await repository.tasks(ctx.session, case.id)
    task = next(row for row in rows if row.id == task_id)
    if task.state != "waiting" or task.escalate_at is None:
        return
    new = successor(task, note="escalated", note_name=task.signer_name)
    new.signer_id, new.signer_name, new.role = (to.id, to.name, "") if to is not None else (None, "", role)
    # once up is enough: a second time would climb over everybody
    new.escalate_h = 0
    task.state, task.escalate_at = "handed_over", None
    ctx.session.add(new)
    audit.record(ctx, "approvals.task.escalate", object_type="approvals.case", object_id=case.id)
    await advance(ctx, case)


def successor(task: Task, *, note: str, note_name: str) -> Task:
    """A task in the same place, for somebody else."""
    return Task(
        case_id=task.case_id,
        stage=task.stage,
        step=task.step,
        step_name=task.step_name,
        mode=task.mode,
        lane=task.lane,
        turn=task.turn,
        state="planned",
        escalate_h=task.escalate_h,
        note=note,
        note_name=note_name,
    )


def make_room(rows: Sequence[Task], task: Task, turn: int) -> None:
    """Moves on those of the task's lane that come at ``turn`` or later."""
    for row in rows:
        if (row.stage, row.step, row.lane) == (task.stage, task.step, task.lane) and row.turn >= turn:
            row.turn += 1
