"""What signers and requesters do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from zhiren import audit
from zhiren.approvals import kinds, repository
from zhiren.approvals.errors import AlreadyDecided, CaseNotFound, RemindedAlready, SignerRefused, TaskNotFound
from zhiren.approvals.models import Case, Task
from zhiren.approvals.schemas import CaseView, Verdict
from zhiren.approvals.service import moving, telling, views
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.people import Account, one, roles_of

MAX_COMMENT: Final = 1000
REMIND_AGAIN_AFTER: Final = timedelta(hours=1)
STATE: Final[dict[Verdict, str]] = {"approve": "approved", "reject": "rejected"}


async def decide(
    ctx: Context, task_id: UUID, verdict: Verdict, comment: str = "", *, by_link: bool = False
) -> CaseView:
    """The actor signs. Saying the same again changes nothing. Raises TaskNotFound when the signature is not theirs,
    AlreadyDecided when it is given, gone over to somebody else, or the case has ended."""
    case, task, _rows = await _task(ctx, task_id)
    if task.state == STATE[verdict] and task.acted_by_id == ctx.actor.user_id:
        return await views.view_of(ctx, case)
    _still_waiting(case, task)
    _sign(ctx, task, STATE[verdict], comment, by_link=by_link)
    audit.record(
        ctx,
        f"approvals.task.{verdict}",
        object_type="approvals.case",
        object_id=case.id,
        reason=_("通过消息里的链接") if by_link else "",
    )
    if verdict == "reject":
        await moving.finish(ctx, case, "rejected")
    else:
        await moving.advance(ctx, case)
    return await views.view_of(ctx, case)


async def hand_over(ctx: Context, task_id: UUID, to: UUID, comment: str = "") -> CaseView:
    """转交: somebody else signs instead. Raises SignerRefused and as ``decide``."""
    case, task, _rows = await _task(ctx, task_id)
    _still_waiting(case, task)
    person = await _somebody(ctx, case, to)
    new = moving.successor(task, note="handed", note_name=ctx.actor.name)
    new.signer_id, new.signer_name = person.id, person.name
    _sign(ctx, task, "handed_over", comment)
    ctx.session.add(new)
    changes = {"signer": (ctx.actor.name, person.name)}
    audit.record(ctx, "approvals.task.hand_over", object_type="approvals.case", object_id=case.id, changes=changes)
    await moving.advance(ctx, case)
    return await views.view_of(ctx, case)


async def add_signer(
    ctx: Context, task_id: UUID, to: UUID, place: Literal["before", "after"], comment: str = ""
) -> CaseView:
    """加签: somebody else signs too, before the actor does or after. Raises SignerRefused and as ``decide``."""
    case, task, rows = await _task(ctx, task_id)
    _still_waiting(case, task)
    person = await _somebody(ctx, case, to)
    turn = task.turn if place == "before" else task.turn + 1
    moving.make_room(rows, task, turn)
    new = moving.successor(task, note=place, note_name=ctx.actor.name)
    new.turn, new.signer_id, new.signer_name = turn, person.id, person.name
    if comment.strip():
        new.comment = comment.strip()[:MAX_COMMENT]
    if place == "before":
        task.state = "planned"
    ctx.session.add(new)
    changes = {"signer": (None, person.name)}
    audit.record(ctx, "approvals.task.add_signer", object_type="approvals.case", object_id=case.id, changes=changes)
    await moving.advance(ctx, case)
    return await views.view_of(ctx, case)


async def withdraw(ctx: Context, case_id: UUID, comment: str = "") -> CaseView:
    """The requester takes the request back; of one who left, whoever oversees approvals does. Raises CaseNotFound,
    AlreadyDecided."""
    await views.visible_case(ctx, case_id)
    case = await repository.locked_case(ctx.session, case_id)
    if case is None:
        raise CaseNotFound(_("没有这个审批，或者它与您无关。"))
    if case.state == "withdrawn":
        return await views.view_of(ctx, case)
    if case.state != "running":
        raise AlreadyDecided(_("审批已经结束，不能撤回。"))
    if not (await views.view_of(ctx, case)).withdrawable:
        raise CaseNotFound(_("只有申请人可以撤回。"))
    audit.record(
        ctx, "approvals.case.withdraw", object_type="approvals.case", object_id=case.id, reason=comment[:MAX_COMMENT]
    )
    await moving.finish(ctx, case, "withdrawn")
    return await views.view_of(ctx, case)


async def forget(ctx: Context, kind: str, subject_id: UUID) -> list[UUID]:
    """What was decided stays, and who signed; titles that name somebody go, and what still runs ends.

    Returns the cases.
    """
    cases = await repository.cases_about(ctx.session, kind, subject_id)
    for case in cases:
        if case.state == "running":
            await moving.finish(ctx, case, "withdrawn")
        case.title, case.path = _(kinds.get(kind).title), ""
        audit.record(ctx, "approvals.case.forget", object_type="approvals.case", object_id=case.id, fields=["title"])
    await ctx.session.flush()
    return [case.id for case in cases]


async def remind(ctx: Context, case_id: UUID) -> int:
    """Tells those whose turn it is once more, at most once an hour; returns how many signatures it was about. Raises
    RemindedAlready, AlreadyDecided, CaseNotFound."""
    case = await views.visible_case(ctx, case_id)
    now = datetime.now(UTC)
    rows = [row for row in await repository.tasks(ctx.session, case_id) if row.state == "waiting"]
    if not rows:
        raise AlreadyDecided(_("审批已经结束。"))
    late = [row for row in rows if row.reminded_at is None or row.reminded_at <= now - REMIND_AGAIN_AFTER]
    if not late:
        raise RemindedAlready(_("一小时内已经提醒过了。"), hint=_("请稍后再提醒。"))
    for row in late:
        row.reminded_at = now
        await telling.waiting(ctx, case, row, again=now)
    audit.record(ctx, "approvals.case.remind", object_type="approvals.case", object_id=case.id)
    return len(late)


# ---- within


async def _task(ctx: Context, task_id: UUID) -> tuple[Case, Task, Sequence[Task]]:
    """The signature, if it is the actor's, with the case locked: two signers come one after the other."""
    case_id = await repository.case_id_of(ctx.session, task_id)
    case = await repository.locked_case(ctx.session, case_id) if case_id is not None else None
    if case is not None:
        rows = await repository.tasks(ctx.session, case.id)
        task = next((row for row in rows if row.id == task_id), None)
        me = ctx.actor.user_id
        if task is not None and (
            views.may_sign(case, task, me, await roles_of(ctx, me)) or (me is not None and task.acted_by_id == me)
        ):
            return case, task, rows
    raise TaskNotFound(_("没有这个审批，或者它不由您审批。"))


def _still_waiting(case: Case, task: Task) -> None:
    if case.state == "running" and task.state == "waiting":
        return
    if task.acted_by_name and task.state in {"approved", "rejected"}:
        raise AlreadyDecided(_("{name} 已经审批过了。", name=task.acted_by_name))
    raise AlreadyDecided(_("已经不需要您审批了。"), hint=_("请刷新页面看看现在到了哪一步。"))


def _sign(ctx: Context, task: Task, state: str, comment: str, *, by_link: bool = False) -> None:
    task.state, task.acted_at, task.by_link = state, datetime.now(UTC), by_link
    task.acted_by_id, task.acted_by_name = ctx.actor.user_id, ctx.actor.name
    if comment.strip():
        task.comment = comment.strip()[:MAX_COMMENT]


async def _somebody(ctx: Context, case: Case, user_id: UUID) -> Account:
    person = await one(ctx, user_id)
    if person is None or not person.active:
        raise SignerRefused(_("请选择一个可以登录的人。"), fields={"to": _("请选择")})
    if person.id == ctx.actor.user_id:
        raise SignerRefused(_("请选择别人，不能是自己。"), fields={"to": _("请选择别人")})
    if person.id == case.requested_by_id and not case.own_request:
        raise SignerRefused(_("不能请申请人审批自己的申请。"), fields={"to": _("请选择别人")})
    return person
