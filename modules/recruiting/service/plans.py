"""How people go through a job: its stages, its questions, and its interview rounds."""

from __future__ import annotations

from uuid import UUID

import msgspec

from modules.recruiting.errors import InvalidRecruiting
from modules.recruiting.models import Job
from modules.recruiting.repository import openings as queries
from modules.recruiting.rules.plans import in_order
from modules.recruiting.service import openings
from modules.recruiting.shapes import Question, Round, Stage
from zhiren.auth.service import directory
from zhiren.context import Context
from zhiren.i18n import _

MAX_STAGES, MAX_QUESTIONS, MAX_ROUNDS = 20, 20, 10


async def set_stages(ctx: Context, job_id: UUID, stages: list[Stage], version: int | None = None) -> Job:
    """Raises InvalidRecruiting where somebody stands in a stage that is gone or became another kind, where two have
    one name, or where the order is not that of hiring."""
    job = await openings.find(ctx, job_id, version)
    if not 1 <= len(stages) <= MAX_STAGES:
        raise InvalidRecruiting(_("阶段要有 1 到 {count} 个。", count=MAX_STAGES))
    _names([stage.name for stage in stages])
    kinds = {stage.code: stage.kind for stage in stages}
    if len(kinds) != len(stages):
        raise InvalidRecruiting(_("有两个相同的阶段。"))
    standing = await queries.people_by_stage(ctx.session, job.id)
    for old in msgspec.convert(job.stages, list[Stage]):
        count = standing.get(old.code, 0)
        if count and old.code not in kinds:
            raise InvalidRecruiting(
                _("“{stage}”里有 {count} 份应聘，不能删除。", stage=old.name, count=count),
                hint=_("请先把人移到别的阶段；已结束的应聘也算在内。"),
            )
        if count and kinds[old.code] != old.kind:
            raise InvalidRecruiting(_("“{stage}”里有 {count} 份应聘，不能改类型。", stage=old.name, count=count))
    if not in_order(stages):
        raise InvalidRecruiting(
            _("阶段的顺序不对。"), hint=_("从“新简历”开始，依次是筛选、面试、录用、待入职、已入职；同一类可以有几个。")
        )
    await _save(ctx, job, "stages", stages)
    return job


async def set_questions(ctx: Context, job_id: UUID, questions: list[Question], version: int | None = None) -> Job:
    """Raises InvalidRecruiting for a choice with fewer than two answers to choose from."""
    job = await openings.find(ctx, job_id, version)
    if len(questions) > MAX_QUESTIONS:
        raise InvalidRecruiting(_("问题最多 {count} 个。", count=MAX_QUESTIONS))
    _names([question.text for question in questions], longest=200)
    for question in questions:
        if question.kind == "choice" and len(set(question.choices)) < 2:
            raise InvalidRecruiting(_("“{name}”至少要有两个选项。", name=question.text))
    await _save(ctx, job, "questions", questions)
    return job


async def set_rounds(ctx: Context, job_id: UUID, rounds: list[Round], version: int | None = None) -> Job:
    """Raises InvalidRecruiting for a length outside 10 minutes to 8 hours, or somebody who cannot log in."""
    job = await openings.find(ctx, job_id, version)
    if len(rounds) > MAX_ROUNDS:
        raise InvalidRecruiting(_("面试最多 {count} 轮。", count=MAX_ROUNDS))
    _names([round_.name for round_ in rounds])
    for round_ in rounds:
        if not 10 <= round_.duration_min <= 480:
            raise InvalidRecruiting(_("“{name}”的时长请填 10 到 480 分钟。", name=round_.name))
    before = {user_id for old in msgspec.convert(job.rounds, list[Round]) for user_id in old.panel}
    added = {user_id for round_ in rounds for user_id in round_.panel} - before
    known = await directory.user_refs(ctx, {UUID(user_id) for user_id in added})
    if any(UUID(user_id) not in known or not known[UUID(user_id)].active for user_id in added):
        raise InvalidRecruiting(_("有面试官已经不能登录，请重新选择。"))
    await _save(ctx, job, "rounds", rounds)
    return job


def _names(names: list[str], longest: int = 30) -> None:
    for name in names:
        if not 1 <= len(name) <= longest:
            raise InvalidRecruiting(_("名称请填 1 到 {count} 个字。", count=longest))
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise InvalidRecruiting(_("“{name}”写了两次。", name=sorted(twice)[0]))


async def _save(
    ctx: Context, job: Job, field: str, items: list[Stage] | list[Question] | list[Round], reason: str = ""
) -> None:
    before = getattr(job, field)
    setattr(job, field, msgspec.to_builtins(items))
    await ctx.session.flush()
    openings.record(ctx, field, job, {field: (before, getattr(job, field))}, reason=reason)
