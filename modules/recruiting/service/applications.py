"""One person for one job, from applying to the end. Every step stands on the timeline and in the audit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from modules.recruiting import repository as queries
from modules.recruiting.errors import AlreadyApplied, ApplicationEnded, JobClosed, StageUnknown
from modules.recruiting.models import Application, Candidate, Job
from modules.recruiting.repository import Case
from modules.recruiting.rules import screening
from modules.recruiting.service import retention, timeline
from modules.recruiting.shapes import Profile, Rule, Stage
from zhiren import audit
from zhiren.clock import today
from zhiren.context import Context
from zhiren.events import emit
from zhiren.i18n import _

LIVE = ("active", "set_aside", "on_hold")


def stages_of(job: Job) -> list[Stage]:
    return msgspec.convert(job.stages, list[Stage])


def first_of(job: Job, kind: str) -> Stage | None:
    """The job's first stage of a kind; None when it has none."""
    return next((stage for stage in stages_of(job) if stage.kind == kind), None)


def takes_applications(job: Job) -> bool:
    return job.state == "open" and (job.closes_on is None or job.closes_on >= today())


def facts_of(candidate: Candidate, answers: Mapping[str, object]) -> dict[str, object]:
    """What screening rules may ask of."""
    profile = msgspec.convert(candidate.profile, Profile)
    facts: dict[str, object] = {
        "years": candidate.years,
        "degree": candidate.degree,
        "city": candidate.city,
        "school": candidate.school,
        "licence": list(profile.licences),
        "skill": list(profile.skills),
    }
    return facts | {f"answer:{code}": answer for code, answer in answers.items()}


async def apply(
    ctx: Context,
    candidate: Candidate,
    job: Job,
    *,
    answers: Mapping[str, Any] | None = None,
    resume_id: UUID | None = None,
    asked: bool = True,
    **links: Any,
) -> Application:
    """``candidate`` applies for ``job``; ``links`` are columns such as ``channel_id``, ``agency_id``, ``referrer_id``.

    Raises JobClosed when people apply themselves (``asked``) and the job takes nobody now, AlreadyApplied where an
    application of theirs for this job is alive.
    """
    if asked and not takes_applications(job):
        raise JobClosed(_("这个职位已停止接收应聘。"), hint=_("请看看其他职位。"))
    if await queries.live_application(ctx.session, candidate.id, job.id) is not None:
        raise AlreadyApplied(_("{name} 已经应聘过“{job}”。", name=candidate.name, job=job.title))
    stage = stages_of(job)[0]
    application = Application(
        candidate_id=candidate.id,
        job_id=job.id,
        resume_id=resume_id,
        stage=stage.code,
        stage_kind=stage.kind,
        state="active",
        answers=dict(answers or {}),
        batch_id=job.batch_id,
        **links,
    )
    ctx.session.add(application)
    candidate.keep_until = max(candidate.keep_until, await retention.until(ctx))
    await ctx.session.flush()
    timeline.add(
        ctx,
        "applied",
        candidate_id=candidate.id,
        application_id=application.id,
        data={"job": job.title, "job_id": str(job.id), "stage": stage.code, "stage_kind": stage.kind},
    )
    _record(ctx, "create", application, {"job": (None, job.number), "candidate": (None, candidate.id)})
    screen(ctx, Case(application, candidate, job))
    await emit(ctx, "recruiting.application.created", {"application_id": str(application.id)})
    return application


def screen(ctx: Context, case: Case) -> list[Any]:
    """Judges the job's rules anew and keeps what each saw; sets aside where a rule says so.

    ``restore`` reverses it."""
    application, candidate, job = case
    rules = msgspec.convert(job.rules, list[Rule])
    findings = screening.judge(rules, facts_of(candidate, application.answers))
    application.findings = msgspec.to_builtins(findings)
    if not findings:
        return []
    timeline.add(
        ctx,
        "screened",
        candidate_id=candidate.id,
        application_id=application.id,
        data={"findings": application.findings},
    )
    early = application.state == "active" and application.stage_kind in ("new", "screening")
    if early and screening.set_aside(findings):
        application.state = "set_aside"
        timeline.add(ctx, "set_aside", candidate_id=candidate.id, application_id=application.id)
    return findings


async def move(ctx: Context, case: Case, stage_code: str, *, rank: int | None = None) -> None:
    """To another stage of the job, or another place in the same one. Raises StageUnknown, ApplicationEnded."""
    application, candidate, job = case
    stage = next((one for one in stages_of(job) if one.code == stage_code), None)
    if stage is None:
        raise StageUnknown(_("这个职位没有这个阶段，看板可能已被修改。"), hint=_("请刷新后再试。"))
    _alive(application, candidate)
    if rank is not None:
        application.rank = rank
    if application.stage == stage.code:
        return
    before = application.stage
    application.stage, application.stage_kind, application.stage_since = stage.code, stage.kind, datetime.now(UTC)
    if application.state != "active":
        application.state = "active"
    timeline.add(
        ctx,
        "moved",
        candidate_id=candidate.id,
        application_id=application.id,
        data={"from": before, "to": stage.code, "stage_kind": stage.kind, "name": stage.name},
    )
    _record(ctx, "move", application, {"stage": (before, stage.code)})
    await emit(ctx, "recruiting.application.moved", {"application_id": str(application.id), "stage": stage.code})


async def end(ctx: Context, case: Case, state: str, *, reason: str = "", feedback: str = "", note: str = "") -> None:
    """Ends it: ``state`` is "rejected", "withdrawn" or "hired". Raises ApplicationEnded where it has ended already."""
    application, candidate, _job = case
    _alive(application, candidate)
    before = application.state
    application.state, application.reason, application.ended_at = state, reason, datetime.now(UTC)
    if feedback:
        application.feedback = feedback
    kind = {"rejected": "rejected", "withdrawn": "withdrew", "hired": "hired"}[state]
    timeline.add(
        ctx,
        kind,
        candidate_id=candidate.id,
        application_id=application.id,
        data={"reason": reason, "stage": application.stage, "stage_kind": application.stage_kind},
        note=note,
    )
    candidate.keep_until = max(candidate.keep_until, await retention.until(ctx))
    act = {"rejected": "reject", "withdrawn": "withdraw", "hired": "move"}[state]
    _record(ctx, act, application, {"state": (before, state)}, reason=reason)
    await emit(ctx, "recruiting.application.ended", {"application_id": str(application.id), "state": state})


async def restore(ctx: Context, case: Case) -> None:
    """Undoes an end, a setting aside or a hold; the stage is where it was. Raises AlreadyApplied where another
    application for the job has begun meanwhile."""
    application, candidate, job = case
    if application.state == "active":
        return
    other = await queries.live_application(ctx.session, candidate.id, job.id)
    if other is not None and other.id != application.id:
        raise AlreadyApplied(_("{name} 已经应聘过“{job}”。", name=candidate.name, job=job.title))
    before = application.state
    application.state, application.ended_at, application.reason = "active", None, ""
    timeline.add(ctx, "restored", candidate_id=candidate.id, application_id=application.id, data={"from": before})
    _record(ctx, "restore", application, {"state": (before, "active")})


async def hold(ctx: Context, case: Case, *, note: str = "") -> None:
    """暂缓: nothing moves until it is restored."""
    application, candidate, _job = case
    _alive(application, candidate)
    before, application.state = application.state, "on_hold"
    timeline.add(ctx, "set_aside", candidate_id=candidate.id, application_id=application.id, note=note)
    _record(ctx, "hold", application, {"state": (before, "on_hold")})


def _alive(application: Application, candidate: Candidate) -> None:
    if application.state not in LIVE:
        raise ApplicationEnded(_("{name} 的这份应聘已经结束。", name=candidate.name), hint=_("要继续，请先恢复应聘。"))


def _record(
    ctx: Context, act: str, application: Application, changes: Mapping[str, tuple[object, object]], reason: str = ""
) -> None:
    audit.record(
        ctx,
        f"recruiting.application.{act}",
        object_type="recruiting.application",
        object_id=application.id,
        changes=changes,
        reason=reason,
    )
