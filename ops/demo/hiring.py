"""The demonstration's openings and the people who apply for them, made by the services that people use."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from modules.records import api as records
from modules.recruiting.models import Job
from modules.recruiting.resumes.corpus.people import Person, person
from modules.recruiting.schemas import CandidateData
from modules.recruiting.schemas_openings import NewJob, RequisitionData
from modules.recruiting.service import applications, candidates, channels, openings, plans, requisitions, screenings
from modules.recruiting.service.access import application_of
from modules.recruiting.shapes import Criterion, Experience, Profile, Question, Round, Rule, Schooling
from ops.demo import roster
from ops.demo.build import Builder
from zhiren.auth import repository as auth_rows
from zhiren.auth.rules import fold_login
from zhiren.clock import today
from zhiren.context import Actor, Context

#: title, what it is about, how many apply
_OPENINGS: Final = (
    ("数控工艺工程师", "编制加工工艺，改进夹具和刀具，解决现场质量问题。", "机械类专业，会用 UG 或 SolidWorks。", 18),
    ("嵌入式软件工程师", "设备控制器的软件：驱动、通信、诊断。", "三年以上 C 语言开发经验，看得懂原理图。", 9),
)
#: how far people have come, first to last
_STAGES: Final = ("new", "new", "screening", "interview", "interview", "offer")


async def fill(builder: Builder, *, manager: str) -> None:
    """Two open jobs with people in every stage, and a manager's request that waits for HR."""
    async with builder.work() as ctx:
        if await ctx.session.scalar(select(Job.id).limit(1)) is not None:
            return
        users = {login: await auth_rows.user_by_login(ctx.session, fold_login(login)) for login in ("hr", manager)}
        hr, asks = users["hr"], users[manager]
        assert hr is not None
        assert asks is not None
        unit = max(await records.org_units(ctx, today()), key=lambda one: len(one.path))
        board = await channels.save_channel(ctx, None, name="前程网", kind="board", code="qiancheng")
        random = Random(roster.SEED)  # noqa: S311 - people who do not exist
        for title, duties, requirements, count in _OPENINGS:
            wanted = NewJob(title=title, unit_id=unit.id, owner_id=hr.id, manager_id=asks.id, city="北京")
            wanted.duties, wanted.requirements, wanted.salary_text = duties, requirements, "15–25K·13 薪"
            wanted.salary_min_fen, wanted.salary_max_fen, wanted.headcount = 1_500_000, 2_500_000, 2
            job = await _open(ctx, wanted, str(asks.id))
            for at in range(count):
                await _applies(ctx, job, person(random), _STAGES[at % len(_STAGES)], board.id if at % 2 else None)
        wish = RequisitionData(title="质量检验员", unit_id=unit.id, headcount=2, city="北京")
        wish.justification = "新产线十一月投产，检验要两班倒。"
        actor = Actor(user_id=asks.id, name=asks.name, employee_id=asks.employee_id, grants=ctx.actor.grants)
        asking = ctx.with_actor(actor)
        await requisitions.submit(asking, (await requisitions.create(asking, wish)).id)


async def _open(ctx: Context, wanted: NewJob, interviewer: str) -> Job:
    job = await openings.create(ctx, wanted)
    await plans.set_questions(ctx, job.id, [Question(code="q1", text="能否接受倒班？", kind="yes_no", required=True)])
    criteria = (Criterion(code="c1", name="专业能力"), Criterion(code="c2", name="把事情讲清楚"))
    await plans.set_rounds(
        ctx, job.id, [Round(code="r1", name="初试", mode="video", panel=(interviewer,), criteria=criteria)]
    )
    rule = Rule(code="k1", name="大专以上", field="degree", op="at_least", value="associate", effect="set_aside")
    await screenings.save(ctx, job.id, [rule], reason="岗位要看得懂图纸和英文手册。")
    return await openings.act(ctx, job.id, "open")


async def _applies(ctx: Context, job: Job, who: Person, stage: str, channel_id: UUID | None) -> None:
    truth, latest = who.truth(), who.jobs[0]
    profile = Profile(
        schooling=tuple(
            Schooling(school=one.name, major=one.major, since=one.since, until=one.until) for one in who.schools
        ),
        experience=tuple(
            Experience(employer=one.employer, title=one.title, since=one.since, until=one.until) for one in who.jobs
        ),
    )
    data = CandidateData(name=who.name, mobile=who.mobile, mail=who.mail, city=who.city, degree=truth.degree)
    data.school, data.major, data.years = truth.school, who.schools[0].major, truth.years
    data.employer, data.title, data.profile = latest.employer, latest.title, profile
    links: dict[str, Any] = {"channel_id": channel_id}
    candidate = await candidates.create(ctx, data, **links)
    application = await applications.apply(ctx, candidate, job, answers={"q1": "yes"}, **links)
    application.applied_at -= timedelta(days=len(who.name) * 3)
    if application.state == "active" and stage != "new":
        await applications.move(ctx, await application_of(ctx, application.id), stage)
