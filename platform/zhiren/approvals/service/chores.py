"""Every hour: what is overdue goes up; what waits for people away or gone goes over."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from zhiren.approvals import repository
from zhiren.approvals.service import away, moving
from zhiren.context import Context
from zhiren.people import Account, accounts_of_employees, directory, one


async def hourly(ctx: Context) -> int:
    """Returns how many signatures moved."""
    moved = 0
    for task_id, case_id in await repository.overdue(ctx.session, datetime.now(UTC)):
        await moving.escalate(ctx, task_id, await _above(ctx, task_id, case_id))
        moved += 1
    for user_id in await repository.absent_signers(ctx.session, away.today()):
        await away.give_over(ctx, user_id)
        moved += 1
    return moved


async def _above(ctx: Context, task_id: UUID, case_id: UUID) -> Account | None:
    """The signer's manager, unless that is who asked; None for a role, and at the top."""
    rows = await repository.tasks(ctx.session, case_id)
    task = next(row for row in rows if row.id == task_id)
    signer = await one(ctx, task.signer_id)
    case = await repository.case(ctx.session, task.case_id)
    if signer is None or signer.employee_id is None or case is None:
        return None
    chain = await directory().manager_chain(ctx, signer.employee_id, 3)
    logins = await accounts_of_employees(ctx, [one.employee_id for one in chain])
    for colleague in chain:
        login = logins.get(colleague.employee_id)
        if login is not None and login.active and login.id != case.requested_by_id:
            return login
    return None
