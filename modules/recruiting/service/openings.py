"""职位: made from an approved requisition or by recruiting itself, opened, paused and closed."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import choice
from uuid import UUID

import msgspec

from modules.records import api as records
from modules.recruiting import repository as core
from modules.recruiting.errors import InvalidRecruiting, JobNotFound, NotReady, NotYours
from modules.recruiting.models import Job, Requisition
from modules.recruiting.repository import channels as channel_queries
from modules.recruiting.repository import openings as queries
from modules.recruiting.rules.slugs import ALPHABET, TOKEN_LENGTH, slug
from modules.recruiting.rules.stages import DEFAULT
from modules.recruiting.schemas_openings import JobData, NewJob
from modules.recruiting.service import access, requisitions
from zhiren import audit
from zhiren.auth.service import directory
from zhiren.clock import today
from zhiren.context import Context
from zhiren.i18n import _

#: what is asked of a job -> the states it may be asked in, and the state it leads to
MOVES = {
    "open": (("draft", "paused", "closed"), "open"),
    "pause": (("open",), "paused"),
    "close": (("draft", "open", "paused"), "closed"),
}
_LONG = 8000
_UNSEALED = [field.name for field in msgspec.structs.fields(JobData) if not field.name.startswith("salary_m")]


async def create(ctx: Context, data: NewJob) -> Job:
    """A draft that only those who hire for it see. Raises NotReady unless the requisition is approved and has no job
    that is alive, InvalidRecruiting with every field that is wrong."""
    requisition: Requisition | None = None
    if data.requisition_id is not None:
        requisition = await requisitions.find(ctx, data.requisition_id, lock=True)
        if requisition.state != "approved":
            raise NotReady(_("这份需求还没有批准，不能开放招聘。"))
        others = await queries.jobs_of_requisition(ctx.session, requisition.id)
        if any(job.state != "closed" for job in others):
            raise NotReady(_("这份需求已经有职位了。"))
    await _check(ctx, data)
    job = Job(
        number=await core.next_number(ctx.session, "J", Job),
        slug=slug(data.title, "".join(choice(ALPHABET) for _one in range(TOKEN_LENGTH))),
        requisition_id=data.requisition_id,
        stages=[msgspec.to_builtins(stage) | {"name": _(stage.name)} for stage in DEFAULT],
        state="draft",
        **{name: getattr(data, name) for name in _UNSEALED},
    )
    _set_pay(job, data, requisition)
    ctx.session.add(job)
    await ctx.session.flush()
    record(ctx, "create", job, {"title": (None, job.title), "requisition": (None, requisition and requisition.number)})
    return job


async def update(ctx: Context, job_id: UUID, data: JobData, version: int | None = None) -> Job:
    """Raises NotReady where somebody else has changed the job since ``version`` was read."""
    job = await find(ctx, job_id, version)
    await _check(ctx, data)
    before = {name: getattr(job, name) for name in _UNSEALED}
    for name in _UNSEALED:
        setattr(job, name, getattr(data, name))
    _set_pay(job, data, None)
    await ctx.session.flush()
    changed = {name: (str(old), str(getattr(job, name))) for name, old in before.items() if old != getattr(job, name)}
    pay = ["salary_range"] if isinstance(data.salary_min_fen, int) or isinstance(data.salary_max_fen, int) else []
    record(ctx, "update", job, changed, fields=pay)
    return job


async def find(ctx: Context, job_id: UUID, version: int | None = None) -> Job:
    """The job, for who hires for it. Raises JobNotFound, and NotReady where it is no longer ``version``."""
    job = await access.job_of(ctx, job_id)
    if version is not None and job.version != version:
        raise NotReady(_("这个职位刚被别人修改过。"), hint=_("请刷新后再改。"))
    return job


async def act(ctx: Context, job_id: UUID, verb: str) -> Job:
    """``verb`` is "open", "pause" or "close". Closing the job closes its requisition, opening it again opens that
    again. Raises NotReady where the step does not follow, or an opening job says nothing of the work."""
    job = await find(ctx, job_id)
    if verb not in MOVES:
        raise JobNotFound(_("没有这个操作。"))
    allowed, state = MOVES[verb]
    if job.state not in allowed:
        raise NotReady(_("职位的状态已经变了。"), hint=_("请刷新后再看。"))
    if verb == "open" and not job.duties.strip():
        raise NotReady(_("还没有写岗位职责。"), hint=_("写好岗位职责和要求，候选人才看得懂。"))
    if verb == "open" and job.closes_on is not None and job.closes_on < today():
        raise NotReady(_("截止日期已过。"), hint=_("请先改截止日期。"))
    before, job.state = job.state, state
    if verb == "open":
        job.opened_on, job.closed_on = job.opened_on or today(), None
    if verb == "close":
        job.closed_on = today()
    await _follow(ctx, job)
    record(ctx, verb, job, {"state": (before, state)})
    return job


async def reveal_pay(ctx: Context, job_id: UUID) -> tuple[int | None, int | None]:
    """A month's pay, from and to, in fen. The reading is recorded. Raises NotYours."""
    job = await find(ctx, job_id)
    if not requisitions.sees_pay(ctx):
        raise NotYours(_("您没有查看薪资的权限。"))
    record(ctx, "reveal", job, {}, fields=["salary_range"], sensitive=True)
    return job.salary_min_fen, job.salary_max_fen


def record(
    ctx: Context,
    verb: str,
    job: Job,
    changes: Mapping[str, tuple[object, object]],
    *,
    fields: list[str] | None = None,
    reason: str = "",
    sensitive: bool = False,
) -> None:
    audit.record(
        ctx,
        f"recruiting.job.{verb}",
        object_type="recruiting.job",
        object_id=job.id,
        changes=changes or None,
        fields=fields or [],
        reason=reason,
        sensitive=sensitive,
    )


# ---- within


async def _follow(ctx: Context, job: Job) -> None:
    if job.requisition_id is None:
        return
    requisition = await queries.requisition(ctx.session, job.requisition_id, lock=True)
    if requisition is not None and requisition.state in ("approved", "closed"):
        requisition.state = "closed" if job.state == "closed" else "approved"


def _set_pay(job: Job, data: JobData, requisition: Requisition | None) -> None:
    """What was left out stays, or comes from the requisition."""
    if requisition is not None:
        job.salary_min_fen, job.salary_max_fen = requisition.salary_min_fen, requisition.salary_max_fen
    if not isinstance(data.salary_min_fen, msgspec.UnsetType):
        job.salary_min_fen = data.salary_min_fen
    if not isinstance(data.salary_max_fen, msgspec.UnsetType):
        job.salary_max_fen = data.salary_max_fen


async def _check(ctx: Context, data: JobData) -> None:
    faults: dict[str, str] = {}
    data.title = data.title.strip()
    if not 1 <= len(data.title) <= 60:
        faults["title"] = _("请填写，最多 {count} 个字", count=60)
    if not 1 <= data.headcount <= requisitions.MAX_HEADCOUNT:
        faults["headcount"] = _("请填 1 到 {count}", count=requisitions.MAX_HEADCOUNT)
    for name in ("duties", "requirements", "benefits"):
        if len(getattr(data, name)) > _LONG:
            faults[name] = _("最多 {count} 个字", count=_LONG)
    if not 0 <= data.referral_reward_fen <= 100_000_000:
        faults["referral_reward"] = _("金额超出范围")
    lowest, highest = (
        None if value is msgspec.UNSET else value for value in (data.salary_min_fen, data.salary_max_fen)
    )
    faults |= requisitions.check_pay(lowest or None, highest or None)
    faults |= await _check_links(ctx, data)
    if faults:
        raise InvalidRecruiting(_("请检查标出的内容。"), fields=faults)


async def _check_links(ctx: Context, data: JobData) -> dict[str, str]:
    """Everything the job points at must be there: no foreign key reaches into other modules."""
    faults: dict[str, str] = {}
    again = _("请重新选择")
    if data.unit_id not in {unit.id for unit in await records.org_units(ctx, today())}:
        faults["unit_id"] = _("请选择部门")
    if data.position_id and data.position_id not in {row.id for row in await records.positions(ctx)}:
        faults["position_id"] = again
    if data.legal_entity_id and data.legal_entity_id not in {row.id for row in await records.legal_entities(ctx)}:
        faults["legal_entity_id"] = again
    if data.batch_id and await channel_queries.batch(ctx.session, data.batch_id) is None:
        faults["batch_id"] = again
    data.recruiter_ids, data.agency_ids = list(dict.fromkeys(data.recruiter_ids)), list(dict.fromkeys(data.agency_ids))
    asked = {"owner_id": [data.owner_id], "recruiter_ids": data.recruiter_ids}
    asked |= {"manager_id": [data.manager_id]} if data.manager_id else {}
    known = await directory.user_refs(ctx, {user_id for ids in asked.values() for user_id in ids})
    faults |= {name: again for name, ids in asked.items() if not set(ids) <= known.keys()}
    if not set(data.agency_ids) <= {agency.id for agency in await channel_queries.agencies(ctx.session)}:
        faults["agency_ids"] = again
    return faults
