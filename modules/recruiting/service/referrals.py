"""Colleagues who recommend: by a form, or by a link of their own that they pass on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from modules.recruiting.errors import AgencyOwned, JobNotFound
from modules.recruiting.models import Application, Candidate, Job, Resume
from modules.recruiting.repository import core, public
from modules.recruiting.repository import introductions as queries
from modules.recruiting.service import applications, applying, candidates, introducing, rewards
from modules.recruiting.service.introducing import Introduction
from modules.recruiting.service.rewards import Standing
from zhiren import audit, guests
from zhiren.auth.service import directory
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _

SOURCE: Final = "referral"
_PURPOSE: Final = "recruiting.refer"


async def jobs(ctx: Context) -> Sequence[Job]:
    """What one may recommend for: listed jobs that take people now."""
    return await public.open_jobs(ctx.session, today())


async def job_of(ctx: Context, job_id: UUID) -> Job:
    """Raises JobNotFound for one that is closed, or not shown to everybody."""
    job = await core.job(ctx.session, job_id)
    if job is None or not job.listed or not applications.takes_applications(job):
        raise JobNotFound(_("没有这个职位，或者已停止招聘。"))
    return job


def code_of(ctx: Context) -> str:
    """What stands in one's own links: the same until the end of next year."""
    assert ctx.actor.user_id is not None
    end = datetime(today().year + 2, 1, 1, tzinfo=UTC)
    return guests.sign(ctx, _PURPOSE, ctx.actor.user_id, expires_at=end)


async def referrer_of(ctx: Context, code: str) -> UUID | None:
    """Whose link led here; None for any other code, and for who works here no more."""
    try:
        user_id = guests.verify(ctx, _PURPOSE, code)
    except ZhirenError:
        return None
    found = (await directory.user_refs(ctx, [user_id])).get(user_id)
    return user_id if found is not None and found.active else None


async def credit(ctx: Context, application: Application, candidate: Candidate, job: Job, referrer_id: UUID) -> None:
    """Somebody applied by a colleague's link. Whom an agency brought stays the agency's."""
    if _owned(candidate):
        return
    channel = await queries.channel_of(ctx.session, SOURCE)
    application.channel_id = channel.id if channel else None
    await rewards.promise(ctx, application, candidate, job, referrer_id)


async def read_resume(ctx: Context, job: Job, name: str, data: bytes) -> tuple[Resume, dict[str, Any]]:
    return await applying.read_resume(ctx, job, name, data, source=SOURCE, added_by=ctx.actor.user_id)


async def refer(ctx: Context, job: Job, said: Introduction) -> Application:
    """Recommends somebody. Raises AgencyOwned, without a word more, for whom an agency brought and for who stands for
    the job already."""
    data = introducing.checked(said, resume=False)
    found = await introducing.known_people(ctx, data)
    for candidate in found:
        if _owned(candidate) or await core.live_application(ctx.session, candidate.id, job.id) is not None:
            raise AgencyOwned(_("这位人选暂时不能推荐，招聘团队可能已经在联系。"))
    same = next((one for one in found if candidates.surely(one, data)), None)
    channel = await queries.channel_of(ctx.session, SOURCE)
    application, candidate = await introducing.introduce(
        ctx, job, said, data, same, channel_id=channel.id if channel else None
    )
    await rewards.promise(ctx, application, candidate, job, said.by, note=said.note)
    audit.record(
        ctx,
        "recruiting.referral.create",
        object_type="recruiting.application",
        object_id=application.id,
        changes={"job": (None, job.number), "candidate": (None, candidate.id)},
    )
    return application


async def mine(ctx: Context) -> list[Standing]:
    """Whom the reader recommended, newest first."""
    assert ctx.actor.user_id is not None
    return await rewards.standings(ctx, await queries.recommended(ctx.session, ctx.actor.user_id))


def _owned(candidate: Candidate) -> bool:
    return candidate.owned_until is not None and candidate.owned_until >= today()
