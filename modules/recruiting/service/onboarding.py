"""From the accepted offer to the employee in records: tasks, papers, the first day. Nothing is typed twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from modules.records import api as records
from modules.recruiting.errors import InvalidRecruiting, NotReady, OnboardingNotFound
from modules.recruiting.models import Onboarding, Task
from modules.recruiting.repository import Case, core
from modules.recruiting.repository import offers as queries
from modules.recruiting.repository import settings as lists
from modules.recruiting.repository.offers import Arrival, Proposal
from modules.recruiting.rules import tasks as rules
from modules.recruiting.service import applications, people, timeline
from zhiren import audit, files, notices
from zhiren.cn import ids
from zhiren.context import Context
from zhiren.i18n import _

ABOUT: Final = "recruiting.onboarding"
ROOM: Final = "recruiting.paper"
#: what the newcomer fills in, and what of it the employee's record needs
FORM: Final = (
    "id_number",
    "home_address",
    "bank_name",
    "bank_account",
    "emergency_name",
    "emergency_mobile",
)
MAX_PAPER_BYTES: Final = 10 * 1024 * 1024
PAPERS: Final = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


async def begin(ctx: Context, proposal: Proposal) -> Onboarding:
    """The tasks of the plan that fits; the candidate is told what to prepare."""
    offer, application, candidate, job = proposal
    found = Onboarding(
        offer_id=offer.id,
        application_id=application.id,
        candidate_id=candidate.id,
        state="preparing",
        start_on=offer.start_on,
        owner_id=offer.created_by or job.owner_id,
    )
    ctx.session.add(found)
    await ctx.session.flush()
    plans = await lists.entries(ctx.session, "tasks")
    for position, line in enumerate(rules.plan_for([entry.data for entry in plans], place=offer.place or job.city)):
        ctx.session.add(
            Task(
                onboarding_id=found.id,
                sort=position,
                due_on=offer.start_on - timedelta(days=line.days_before),
                **line.columns(),
            )
        )
    stage = applications.first_of(job, "onboarding")
    if stage is not None:
        await applications.move(ctx, Case(application, candidate, job), stage.code)
    await ctx.session.flush()
    _note(ctx, Arrival(found, offer, candidate, job), "begin")
    await notices.send(
        ctx,
        "recruiting.onboarding.begin",
        to=people.recipient(candidate),
        values={"job": offer.title, "day": offer.start_on.isoformat()},
        about=("recruiting.candidate", candidate.id),
        key=str(found.id),
        link="/portal/onboarding",
    )
    return found


async def arrival_of(ctx: Context, onboarding_id: UUID, *, lock: bool = False) -> Arrival:
    found = await queries.arrival(ctx.session, onboarding_id, lock=lock)
    if found is None:
        raise OnboardingNotFound(_("没有这份入职安排。"))
    return found


async def fill_in(ctx: Context, arrival: Arrival, typed: Mapping[str, str]) -> None:
    """The newcomer's own particulars, kept as far as they are right; a form may be sent again until the first day."""
    _preparing(arrival)
    values = {name: " ".join(typed.get(name, "").split())[:200] for name in FORM}
    faults = {name: _("请填写") for name in ("id_number", "home_address", "bank_account") if not values[name]}
    if values["id_number"]:
        number = ids.check_id_number(values["id_number"])
        if number.fault:
            faults["id_number"] = _("身份证号不对，请核对")
        values["id_number"] = number.number
    if values["emergency_mobile"] and not ids.is_mobile(values["emergency_mobile"]):
        faults["emergency_mobile"] = _("手机号应为 11 位")
    if faults:
        raise InvalidRecruiting(_("请检查标出的内容。"), fields=faults)
    arrival.onboarding.form = values
    arrival.candidate.id_number = values["id_number"]
    for task in await queries.tasks(ctx.session, arrival.onboarding.id):
        if task.kind == "form":
            await _finish(ctx, task, "done")
    await ctx.session.flush()
    _note(ctx, arrival, "fill_in", fields=[name for name in FORM if values[name]])


async def hand_in(ctx: Context, arrival: Arrival, task_id: UUID, name: str, data: bytes) -> None:
    """A paper of the newcomer's: PDF, JPEG or PNG, looked at by people before it counts."""
    _preparing(arrival)
    task = await _task(ctx, arrival, task_id)
    if task.kind != "paper" or task.state == "done":
        raise NotReady(_("这一项不需要交材料，或已确认。"))
    media_type = next((kind for head, kind in PAPERS.items() if data.startswith(head)), "")
    if not media_type or len(data) > MAX_PAPER_BYTES:
        raise InvalidRecruiting(
            _("请上传 PDF、JPG 或 PNG 文件，最大 10 MB。"), fields={"file": _("文件格式或大小不对")}
        )
    kept = await files.put(ctx, room=ROOM, name=name, media_type=media_type, data=data, owner=(ABOUT, task.id))
    if task.file_id is not None:
        await files.erase(ctx, task.file_id, room=ROOM)
    task.file_id, task.state, task.remark = kept.id, "handed_in", ""
    await ctx.session.flush()
    _note(ctx, arrival, "hand_in", code=task.code)


async def check(ctx: Context, arrival: Arrival, task_id: UUID, *, done: bool, remark: str = "") -> None:
    """Somebody here says a task is done, or returns a paper with the reason."""
    task = await _task(ctx, arrival, task_id)
    if not done and not remark.strip():
        raise InvalidRecruiting(_("请说明退回的原因。"), fields={"remark": _("请说明退回的原因")})
    await _finish(ctx, task, "done" if done else "returned", remark.strip())
    _note(ctx, arrival, "check" if done else "return", code=task.code)
    if not done:
        await notices.send(
            ctx,
            "recruiting.onboarding.returned",
            to=people.recipient(arrival.candidate),
            values={"task": task.title, "remark": remark.strip()},
            about=("recruiting.candidate", arrival.candidate.id),
            key=f"{task.id}:{task.version}",
            link="/portal/onboarding",
        )
    open_ = await queries.open_tasks(ctx.session, [arrival.onboarding.id])
    arrival.onboarding.state = "preparing" if open_.get(arrival.onboarding.id) else "ready"
    await ctx.session.flush()


async def join(ctx: Context, arrival: Arrival, *, number: str, started_on: date) -> UUID:
    """The first day: makes the employee in records from what is known, in this transaction.

    Raises what records refuse (a number taken, an ID number taken), and NotReady where it was done already.
    """
    onboarding, offer, candidate, job = arrival
    if onboarding.state not in ("preparing", "ready"):
        raise NotReady(_("这份入职安排已办理或已取消。"))
    if offer.legal_entity_id is None:
        raise NotReady(_("录用通知里没有用人单位。"), hint=_("请先补上用人单位。"))
    form: dict[str, Any] = onboarding.form or {}
    employee = await records.hire(
        ctx,
        records.NewEmployee(
            number=number.strip(),
            name=candidate.name,
            hired_on=started_on,
            unit_id=offer.unit_id,
            legal_entity_id=offer.legal_entity_id,
            position_id=offer.position_id,
            manager_id=offer.manager_id,
            city=job.city,
            on_probation=offer.probation_months > 0,
            id_number=form.get("id_number") or candidate.id_number,
            mobile=candidate.mobile,
            email=candidate.mail,
            home_address=form.get("home_address"),
            bank_account=form.get("bank_account"),
            bank_name=str(form.get("bank_name", "")),
        ),
    )
    onboarding.state, onboarding.employee_id, onboarding.ended_at = "joined", employee.id, datetime.now(UTC)
    onboarding.start_on = started_on
    case = await core.case(ctx.session, onboarding.application_id, lock=True)
    if case is not None and case.application.state != "hired":
        stage = applications.first_of(job, "hired")
        if stage is not None:
            await applications.move(ctx, case, stage.code)
        await applications.end(ctx, case, "hired")
    await ctx.session.flush()
    _note(ctx, arrival, "join")
    return employee.id


async def no_show(ctx: Context, arrival: Arrival, *, reason: str) -> None:
    """Did not come: the application ends, the job is open again, what was collected is erased."""
    onboarding = arrival.onboarding
    _preparing(arrival)
    onboarding.state, onboarding.ended_at, onboarding.form = "no_show", datetime.now(UTC), None
    for task in await queries.tasks(ctx.session, onboarding.id):
        if task.file_id is not None:
            await files.erase(ctx, task.file_id, room=ROOM)
            task.file_id = None
    case = await core.case(ctx.session, onboarding.application_id, lock=True)
    if case is not None and case.application.state == "active":
        await applications.end(ctx, case, "withdrawn", reason="gave_up", note=reason)
    await ctx.session.flush()
    _note(ctx, arrival, "no_show")


async def postpone(ctx: Context, arrival: Arrival, start_on: date) -> None:
    """Another first day; due days move along."""
    _preparing(arrival)
    shift = start_on - arrival.onboarding.start_on
    arrival.onboarding.start_on = start_on
    for task in await queries.tasks(ctx.session, arrival.onboarding.id):
        if task.due_on is not None and task.state not in ("done", "dropped"):
            task.due_on += shift
    await ctx.session.flush()
    _note(ctx, arrival, "postpone")


def _preparing(arrival: Arrival) -> None:
    if arrival.onboarding.state not in ("preparing", "ready"):
        raise NotReady(_("这份入职安排已办理或已取消。"))


async def _task(ctx: Context, arrival: Arrival, task_id: UUID) -> Task:
    task = await queries.task(ctx.session, task_id)
    if task is None or task.onboarding_id != arrival.onboarding.id:
        raise OnboardingNotFound(_("没有这一项任务。"))
    return task


async def _finish(ctx: Context, task: Task, state: str, remark: str = "") -> None:
    task.state, task.remark = state, remark
    task.done_by = ctx.actor.user_id
    task.done_at = datetime.now(UTC) if state == "done" else None
    await ctx.session.flush()


def _note(ctx: Context, arrival: Arrival, act: str, *, fields: list[str] | None = None, code: str = "") -> None:
    onboarding = arrival.onboarding
    data = {"act": act, "onboarding_id": str(onboarding.id)} | ({"code": code} if code else {})
    timeline.add(
        ctx, "onboarding", candidate_id=arrival.candidate.id, application_id=onboarding.application_id, data=data
    )
    audit.record(
        ctx, f"recruiting.onboarding.{act}", object_type=ABOUT, object_id=onboarding.id, fields=fields or ["state"]
    )
