"""Jobs with people who apply for them."""

from __future__ import annotations

from itertools import count
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from modules.recruiting import repository as queries
from modules.recruiting.models import Application, Candidate, Job
from modules.recruiting.rules.stages import DEFAULT
from modules.recruiting.schemas import CandidateData
from modules.recruiting.service import applications, candidates
from modules.recruiting.shapes import Experience, Profile, Schooling
from tests.factories import people
from zhiren.clock import today
from zhiren.context import Context
from zhiren.ids import new_id

_random = Random(11)
_numbers = count(1)
_SCHOOLS = ("同济大学", "华南理工大学", "西安交通大学", "武汉大学", "杭州电子科技大学")
_EMPLOYERS = ("云栖软件", "海鹰制造", "明德教育", "长风物流", "北辰医药")


async def make_job(ctx: Context, *, title: str = "后端工程师", owner_id: UUID | None = None, **values: Any) -> Job:
    """An open job with the stages a new one starts with. ``values`` are columns."""
    plan = {"stages": msgspec.to_builtins(DEFAULT), "city": "上海", "opened_on": today(), "state": "open"}
    job = Job(
        number=await queries.next_number(ctx.session, "J", Job),
        slug=f"job-{new_id().hex[-12:]}",
        title=title,
        unit_id=values.pop("unit_id", None) or new_id(),
        owner_id=owner_id or ctx.actor.user_id or new_id(),
        **plan | values,
    )
    ctx.session.add(job)
    await ctx.session.flush()
    return job


async def make_candidate(ctx: Context, *, resume_text: str = "", **values: Any) -> Candidate:
    """Somebody with a mobile of their own, found by search. ``values`` are fields of ``CandidateData``; others are
    columns such as ``channel_id`` or ``tags``."""
    number = next(_numbers)
    school, employer = _SCHOOLS[number % 5], _EMPLOYERS[number // 5 % 5]
    studied = Schooling(school=school, major="软件工程", degree="bachelor", since="2012-09", until="2016-06")
    known: dict[str, Any] = {
        "name": people.person_name(_random),
        "mobile": f"139{number:08d}",
        "mail": f"person-{number}@mail.test",
        "city": "上海",
        "degree": "bachelor",
        "school": school,
        "major": "软件工程",
        "employer": employer,
        "title": "工程师",
        "years": float(number % 12),
        "profile": Profile(
            schooling=(studied,),
            experience=(Experience(employer=employer, title="工程师", since="2016-07"),),
            skills=("Python", "PostgreSQL"),
        ),
    }
    fields = {field.name for field in msgspec.structs.fields(CandidateData)}
    data = CandidateData(**known | {name: value for name, value in values.items() if name in fields})
    links = {name: value for name, value in values.items() if name not in fields}
    return await candidates.create(ctx, data, resume_text=resume_text, **links)


async def make_application(
    ctx: Context, *, job: Job | None = None, candidate: Candidate | None = None, stage: str = "", **links: Any
) -> Application:
    """``candidate`` (or somebody new) applies for ``job`` (or a new one) and stands in ``stage``."""
    job = job or await make_job(ctx)
    candidate = candidate or await make_candidate(ctx)
    application = await applications.apply(ctx, candidate, job, asked=False, **links)
    if stage and stage != application.stage:
        await applications.move(ctx, queries.Case(application, candidate, job), stage)
    await ctx.session.flush()
    return application
