"""What the API says of a job."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

import msgspec

from zhiren.i18n import _
from zhiren.jobs import registry
from zhiren.jobs.models import FINISHED, Job

State = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class Problem(msgspec.Struct, frozen=True):
    """Why a job failed: a stable code, and what to tell people."""

    code: str
    message: str


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """A job as people see it. ``done`` of ``total`` are parts of the work; ``total`` is 0 until it is known."""

    id: UUID
    name: str
    title: str
    label: str
    state: State
    done: int
    total: int
    note: str
    #: somebody asked it to stop, and it has not yet
    stopping: bool
    url: str
    result: dict[str, Any] | None
    error: Problem | None
    requested_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def percent(self) -> int:
        if self.state == "succeeded":
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0

    @property
    def finished(self) -> bool:
        return self.state in FINISHED

    @property
    def state_title(self) -> str:
        return {
            "queued": _("等待中"),
            "running": _("进行中"),
            "succeeded": _("已完成"),
            "failed": _("失败"),
            "cancelled": _("已取消"),
        }[self.state]


def view(job: Job) -> JobView:
    definition = registry.find(job.name)
    return JobView(
        id=job.id,
        name=job.name,
        title=_(definition.title) if definition else job.name,
        label=job.label,
        state=cast(State, job.state),
        done=job.progress_done,
        total=job.progress_total,
        note=job.progress_note,
        stopping=job.cancel_requested and job.state not in FINISHED,
        url=job.url,
        result=job.result,
        error=Problem(job.error_code, job.error_message) if job.state == "failed" else None,
        requested_by=job.requested_by_name,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What a page needs to show a job move."""

    state: State
    title: str
    done: int
    total: int
    percent: int
    note: str


def progress(job: JobView) -> Progress:
    note = job.error.message if job.error else _("正在停止…") if job.stopping else job.note
    title = f"{job.title} {job.label}".strip()
    return Progress(state=job.state, title=title, done=job.done, total=job.total, percent=job.percent, note=note)
