"""Away for some days: somebody else signs meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from zhiren import audit
from zhiren.approvals import repository
from zhiren.approvals.errors import AwayInvalid
from zhiren.approvals.models import Delegation
from zhiren.approvals.service import moving, telling
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.people import one

MAX_DAYS: Final = 366


def today() -> date:
    return datetime.now(moving.CHINA).date()


async def mine(ctx: Context) -> Sequence[Delegation]:
    """The actor's own, from today on."""
    return await repository.delegations(ctx.session, ctx.actor.user_id, today()) if ctx.actor.user_id else ()


async def set_away(ctx: Context, to: UUID, starts_on: date, ends_on: date) -> Delegation:
    """From day to day, both included. What waits for the actor already goes over too, if it begins today. Raises
    AwayInvalid."""
    me = await one(ctx, ctx.actor.user_id)
    person = await one(ctx, to)
    if me is None or person is None or not person.active or person.id == me.id:
        raise AwayInvalid(_("请选择另一个可以登录的人。"), fields={"to": _("请选择别人")})
    if ends_on < starts_on or ends_on < today():
        raise AwayInvalid(_("结束日期不能早于开始日期，也不能早于今天。"), fields={"ends_on": _("日期不对")})
    if ends_on - starts_on > timedelta(days=MAX_DAYS):
        raise AwayInvalid(_("最长一年。"), fields={"ends_on": _("日期不对")})
    row = Delegation(
        user_id=me.id, user_name=me.name, to_id=person.id, to_name=person.name, starts_on=starts_on, ends_on=ends_on
    )
    ctx.session.add(row)
    await ctx.session.flush()
    audit.record(
        ctx,
        "approvals.delegation.create",
        object_type="approvals.delegation",
        object_id=row.id,
        changes={"signer": (me.name, person.name), "starts_on": (None, starts_on), "ends_on": (None, ends_on)},
    )
    if starts_on <= today():
        await give_over(ctx, me.id)
    return row


async def revoke(ctx: Context, delegation_id: UUID) -> None:
    """From now on the actor signs again. Raises AwayInvalid when it is not the actor's."""
    row = await repository.delegation(ctx.session, delegation_id)
    if row is None or row.user_id != ctx.actor.user_id:
        raise AwayInvalid(_("没有这个代理，或者它不是您设的。"))
    if row.revoked_at is None:
        row.revoked_at = datetime.now(UTC)
        audit.record(ctx, "approvals.delegation.revoke", object_type="approvals.delegation", object_id=row.id)


async def give_over(ctx: Context, user_id: UUID) -> None:
    """What waits for this person goes to who signs for them today."""
    for task_id, case_id in await repository.waiting_of(ctx.session, user_id):
        case = await repository.locked_case(ctx.session, case_id)
        if case is None or case.state != "running":
            continue
        task = next(row for row in await repository.tasks(ctx.session, case_id) if row.id == task_id)
        if task.state != "waiting" or task.signer_id != user_id:
            continue
        await moving.stand_in(ctx, case, task)
        if task.signer_id != user_id:
            task.waiting_since = datetime.now(UTC)
            await ctx.session.flush()
            await telling.waiting(ctx, case, task)
