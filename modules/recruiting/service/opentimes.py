"""Open times of a round: entered once, chosen by whoever is asked and comes first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from modules.recruiting.errors import InvalidRecruiting, NotReady
from modules.recruiting.models import Job, Slot
from modules.recruiting.repository import opentimes as queries
from modules.recruiting.repository.interviews import Meeting
from modules.recruiting.rules import opentimes as rules
from modules.recruiting.service import access, interviews
from modules.recruiting.shapes import Round
from zhiren import audit, calendar
from zhiren.context import Context
from zhiren.i18n import _

MAX_INVITED = 200


async def add(
    ctx: Context,
    job: Job,
    round_: Round,
    starts: Sequence[datetime],
    panel: Sequence[UUID],
    *,
    apart: bool = False,
    room_id: UUID | None = None,
) -> tuple[int, int]:
    """Opens times; each holds as many candidates as there are groups of interviewers. Answers how many places were
    opened, and how many were left out since somebody is busy then. Raises InvalidRecruiting."""
    _check(starts, panel, apart=apart, room_id=room_id)
    length = timedelta(minutes=round_.duration_min)
    first, last = min(starts), max(starts) + length
    busy = await calendar.busy(ctx, list(panel), first, last)
    promised = list(await queries.overlapping(ctx.session, first, last, panel, room_id))
    added = left = 0
    for starts_at in starts:
        ends_at = starts_at + length
        taken = {one for slot in promised if slot.starts_at < ends_at and slot.ends_at > starts_at for one in _of(slot)}
        for group in rules.groups(panel, apart):
            wanted = {*group, room_id} if room_id else set(group)
            if wanted & taken or not rules.free(busy, group, starts_at, ends_at):
                left += 1
                continue
            slot = Slot(job_id=job.id, round=round_.code, starts_at=starts_at, ends_at=ends_at, room_id=room_id)
            slot.panel_ids = group
            ctx.session.add(slot)
            added += 1
    await ctx.session.flush()
    _record(ctx, "open", job, {"round": (None, round_.name), "places": (None, added)})
    return added, left


async def close(ctx: Context, job: Job, slot_ids: Collection[UUID]) -> int:
    """Takes back times that nobody has taken; answers how many."""
    count = await queries.withdraw(ctx.session, job.id, slot_ids)
    _record(ctx, "close", job, {"places": (count, None)})
    return count


async def invite(ctx: Context, job: Job, round_: Round, application_ids: Collection[UUID], days: int) -> int:
    """Asks these of the job's people to choose within ``days``; who has an interview of the round already is left as
    they are. Answers how many were asked. Raises InvalidRecruiting, NotReady where no time is free."""
    if not 1 <= days <= 30:
        raise InvalidRecruiting(_("请检查标出的内容。"), fields={"days": _("请填 1 到 {count}", count=30)})
    now = datetime.now(UTC)
    free = [slot for slot, _name in await queries.of_round(ctx.session, job.id, round_.code, now) if _is_free(slot)]
    if not free:
        raise NotReady(_("这一轮没有空着的时间。"), hint=_("请先开放时间。"))
    waiting = {case.application.id for case in await queries.to_invite(ctx.session, job.id, round_.code)}
    chosen = [one for one in dict.fromkeys(application_ids) if one in waiting][:MAX_INVITED]
    if not chosen:
        raise InvalidRecruiting(_("请选要邀请的人。"), fields={"application": _("请选要邀请的人。")})
    until = min(now + timedelta(days=days), max(slot.starts_at for slot in free))
    for application_id in chosen:
        case = await access.application_of(ctx, application_id, lock=True)
        interview = await interviews.plan(ctx, case, round_, free[0].panel_ids)
        await interviews.ask_to_choose(ctx, Meeting(interview, *case), choose_by=until)
    return len(chosen)


def _is_free(slot: Slot) -> bool:
    return slot.interview_id is None


def _of(slot: Slot) -> list[UUID]:
    return [*slot.panel_ids, slot.room_id] if slot.room_id else list(slot.panel_ids)


def _check(starts: Sequence[datetime], panel: Sequence[UUID], *, apart: bool, room_id: UUID | None) -> None:
    faults: dict[str, str] = {}
    if not panel:
        faults["panel"] = _("请至少选一位面试官")
    if not starts:
        faults["until"] = _("这段时间里放不下一场面试")
    elif len(starts) > rules.MAX_TIMES:
        faults["until"] = _("一次最多开放 {count} 个时间", count=rules.MAX_TIMES)
    elif min(starts) <= datetime.now(UTC):
        faults["day"] = _("请选以后的时间")
    if room_id is not None and apart and len(panel) > 1:
        faults["room_id"] = _("各自面试时不能共用一间会议室")
    if faults:
        raise InvalidRecruiting(_("请检查标出的内容。"), fields=faults)


def _record(ctx: Context, act: str, job: Job, changes: dict[str, tuple[object, object]]) -> None:
    audit.record(
        ctx,
        f"recruiting.times.{act}",
        object_type="recruiting.job",
        object_id=job.id,
        changes=changes | {"job": (None, job.number)},
    )
