"""Notices to signers and requesters."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from zhiren.approvals.models import Case, Task
from zhiren.approvals.notices import DECIDED, REMINDED, WAITING
from zhiren.approvals.schemas import CASE_STATES
from zhiren.approvals.service import links
from zhiren.context import Context
from zhiren.i18n import _, use_locale
from zhiren.notices import Recipient, send
from zhiren.people import Account, in_roles, one

#: of a role are told at once; the others see it in their list
MAX_TOLD: Final = 20


async def waiting(ctx: Context, case: Case, task: Task, *, again: datetime | None = None) -> None:
    """It is their turn; ``again`` makes it a reminder of that moment."""
    for person in await _signers(ctx, case, task):
        await send(
            ctx,
            WAITING if again is None else REMINDED,
            to=Recipient(kind="user", id=person.id, name=person.name),
            values={"what": case.title, "who": case.requested_by_name},
            about=("approvals.case", case.id),
            key=f"{task.id}:{again.isoformat() if again else task.waiting_since}",
            link=links.path(ctx, task.id, person.id),
        )


async def decided(ctx: Context, case: Case) -> None:
    requester = await one(ctx, case.requested_by_id)
    if requester is None or not requester.active:
        return
    with use_locale("zh_CN"):
        result = _(CASE_STATES[case.state][1])
    await send(
        ctx,
        DECIDED,
        to=Recipient(kind="user", id=requester.id, name=requester.name),
        values={"what": case.title, "result": result},
        about=("approvals.case", case.id),
        key=f"{case.id}:{case.state}",
        link=f"/approvals/{case.id}",
    )


async def _signers(ctx: Context, case: Case, task: Task) -> list[Account]:
    if task.signer_id is not None:
        found = await one(ctx, task.signer_id)
        return [found] if found is not None else []
    holders = (await in_roles(ctx, [task.role]))[task.role]
    return [holder for holder in holders if case.own_request or holder.id != case.requested_by_id][:MAX_TOLD]
