"""The lists of requisitions and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from modules.recruiting import words_openings as words
from modules.recruiting.models import Job, Requisition
from modules.recruiting.repository import openings as queries
from modules.recruiting.service.choices import seat_names
from zhiren.auth.service import directory
from zhiren.context import Context
from zhiren.i18n import N_
from zhiren.web.tables import Column, Filter, TableSpec


class RequisitionRow(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    title: str
    unit: str
    headcount: int
    city: str
    target_date: date | None
    requester: str
    state: str


class JobRow(msgspec.Struct, frozen=True):
    """Figures are people who are in a stage of that kind now; ``hired`` those who were hired."""

    id: UUID
    number: str
    title: str
    unit: str
    city: str
    state: str
    headcount: int
    new: int
    screening: int
    interview: int
    offer: int
    hired: int
    owner: str
    opened_on: date | None
    target_date: date | None


async def requisition_rows(ctx: Context, found: Sequence[Requisition]) -> list[RequisitionRow]:
    names = await seat_names(ctx)
    users = await directory.user_refs(ctx, {row.requester_id for row in found})
    return [
        RequisitionRow(
            id=row.id,
            number=row.number,
            title=row.title,
            unit=names.unit(row.unit_id),
            headcount=row.headcount,
            city=row.city,
            target_date=row.target_date,
            requester=users[row.requester_id].name if row.requester_id in users else "",
            state=row.state,
        )
        for row in found
    ]


async def job_rows(ctx: Context, found: Sequence[Job]) -> list[JobRow]:
    names = await seat_names(ctx)
    users = await directory.user_refs(ctx, {job.owner_id for job in found})
    people = await queries.people_by_kind(ctx.session, [job.id for job in found])
    return [
        JobRow(
            id=job.id,
            number=job.number,
            title=job.title,
            unit=names.unit(job.unit_id),
            city=job.city,
            state=job.state,
            headcount=job.headcount,
            new=people.get(job.id, {}).get("new", 0),
            screening=people.get(job.id, {}).get("screening", 0),
            interview=people.get(job.id, {}).get("interview", 0),
            offer=people.get(job.id, {}).get("offer", 0) + people.get(job.id, {}).get("onboarding", 0),
            hired=people.get(job.id, {}).get("hired", 0),
            owner=users[job.owner_id].name if job.owner_id in users else "",
            opened_on=job.opened_on,
            target_date=job.target_date,
        )
        for job in found
    ]


def _requisition(row: Any) -> str:
    return f"/recruiting/requisitions/{row.id}"


def _job(row: Any) -> str:
    return f"/recruiting/jobs/{row.id}"


REQUISITIONS: Final = TableSpec(
    name="recruiting.requisitions",
    title=N_("用人需求"),
    columns=(
        Column("title", N_("岗位名称"), Requisition.title, main=True, search=True, href=_requisition),
        Column("number", N_("编号"), Requisition.number, search=True),
        Column("unit", N_("部门"), sort=False),
        Column("headcount", N_("人数"), Requisition.headcount, kind="number"),
        Column("city", N_("工作城市"), Requisition.city),
        Column("target_date", N_("期望到岗"), Requisition.target_date, kind="date"),
        Column("requester", N_("提出人"), sort=False),
        Column("state", N_("状态"), Requisition.state, badges=words.REQUISITION_STATES),
    ),
    filters=(
        Filter(
            "state",
            N_("状态"),
            Requisition.state,
            choices=tuple((state, title) for state, (_kind, title) in words.REQUISITION_STATES.items()),
        ),
    ),
    order_by=(Requisition.created_at.desc(), Requisition.id),
    row_href=_requisition,
)
JOBS: Final = TableSpec(
    name="recruiting.jobs",
    title=N_("职位"),
    columns=(
        Column("title", N_("职位名称"), Job.title, main=True, search=True, href=_job),
        Column("number", N_("编号"), Job.number, search=True, shown=False),
        Column("unit", N_("部门"), sort=False),
        Column("city", N_("工作城市"), Job.city, search=True),
        Column("state", N_("状态"), Job.state, badges=words.JOB_STATES),
        Column("headcount", N_("招聘人数"), Job.headcount, kind="number"),
        Column("new", N_("新简历"), kind="number", sort=False),
        Column("screening", N_("简历筛选"), kind="number", sort=False),
        Column("interview", N_("面试"), kind="number", sort=False),
        Column("offer", N_("录用"), kind="number", sort=False),
        Column("hired", N_("已入职"), kind="number", sort=False),
        Column("owner", N_("招聘负责人"), sort=False),
        Column("opened_on", N_("开放日期"), Job.opened_on, kind="date", shown=False),
        Column("target_date", N_("期望到岗"), Job.target_date, kind="date", shown=False),
    ),
    order_by=(Job.created_at.desc(), Job.id),
    row_href=_job,
)
