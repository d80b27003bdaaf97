"""Work of the records in the background."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from modules.records.service.imports import committing, undoing
from zhiren.i18n import N_
from zhiren.jobs import JobRun, job


@job("records.import_commit", title=N_("导入员工"), time_limit_s=1800)
async def import_commit(run: JobRun, *, import_id: str) -> dict[str, Any]:
    return await committing.run(run, UUID(import_id))


@job("records.import_undo", title=N_("撤销导入"), time_limit_s=1800)
async def import_undo(run: JobRun, *, import_id: str) -> dict[str, Any]:
    return await undoing.run(run, UUID(import_id))


JOBS = (import_commit, import_undo)
