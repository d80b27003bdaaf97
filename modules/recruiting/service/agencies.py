"""The agencies' portal: who comes in, which jobs they see, whom they bring, and for how long those are theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from modules.recruiting.errors import AgencyOwned, AlreadyApplied, JobNotFound, NotYours
from modules.recruiting.models import Agency, AgencyMember, Application, Candidate, Job, Resume
from modules.recruiting.repository import core
from modules.recruiting.repository import introductions as queries
from modules.recruiting.rules.told import standing
from modules.recruiting.service import applying, introducing, timeline
from modules.recruiting.service.introducing import Introduction
from zhiren import audit
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import TooManyRequests
from zhiren.guests import Match
from zhiren.guests.runtime import limiter_of
from zhiren.i18n import _

SOURCE: Final = "agency"
#: refusals of one member as known already, and in how many seconds, after which they wait
REFUSALS: Final = (20, 86_400)


class Membership(NamedTuple):
    member: AgencyMember
    agency: Agency


class Brought(NamedTuple):
    """One person the agency brought, as it may know them."""

    name: str
    job: str
    day: date
    state: tuple[str, str]
    #: theirs until then; None where the person is not theirs (any more)
    owned_until: date | None


async def find(ctx: Context, address: str) -> Sequence[Match]:
    """Whom a code goes to."""
    if "@" not in address:
        return []
    return [Match(one.id, one.name) for one in await queries.members_by_mail(ctx.session, address)]


async def known(ctx: Context, member_id: UUID) -> Match | None:
    """None from the moment the person, or the agency, is switched off."""
    found = await queries.member(ctx.session, member_id)
    return None if found is None else Match(found[0].id, found[0].name)


async def me(ctx: Context) -> Membership:
    """Who asks. Raises NotYours."""
    guest = ctx.actor.guest
    found = await queries.member(ctx.session, guest.id) if guest is not None else None
    if found is None:
        raise NotYours(_("您不能再使用猎头入口。"))
    return Membership(*found)


async def job_of(ctx: Context, mine: Membership, job_id: UUID) -> Job:
    """A job that takes people now and was opened to the agency. Raises JobNotFound for any other."""
    job = await core.job(ctx.session, job_id)
    open_ = job is not None and job.state == "open" and (job.closes_on is None or job.closes_on >= today())
    if job is None or not open_ or mine.agency.id not in job.agency_ids:
        raise JobNotFound(_("没有这个职位，或者没有对您开放。"))
    return job


async def jobs(ctx: Context, mine: Membership) -> Sequence[Job]:
    return await queries.jobs_of_agency(ctx.session, mine.agency.id, today())


async def brought(ctx: Context, mine: Membership) -> list[Brought]:
    """Newest first."""
    return [
        Brought(
            candidate.name or _("（已删除）"),
            job.title,
            application.applied_at.date(),
            standing(application),
            candidate.owned_until if candidate.agency_id == mine.agency.id else None,
        )
        for application, candidate, job in await queries.brought_by_agency(ctx.session, mine.agency.id)
    ]


async def read_resume(
    ctx: Context, mine: Membership, job: Job, name: str, data: bytes
) -> tuple[Resume, dict[str, Any]]:
    """Keeps the file for this member alone, and reads it. Raises ResumeRefused."""
    return await applying.read_resume(ctx, job, name, data, source=SOURCE, added_by=mine.member.id)


async def propose(ctx: Context, mine: Membership, job: Job, said: Introduction) -> Application:
    """Brings somebody for a job; who is new is the agency's for the days agreed. Raises AgencyOwned, without a word
    more, for who was in the house already or is another agency's; AlreadyApplied for whom they brought before."""
    data = introducing.checked(said, resume=True)
    await _not_guessing(ctx, mine)
    agency = mine.agency
    found = await introducing.known_people(ctx, data)
    if any(not owns(agency, candidate) for candidate in found):
        raise _known()
    if found:
        live = await core.live_application(ctx.session, found[0].id, job.id)
        if live is not None and live.agency_id != agency.id:
            raise _known()
        if live is not None:
            raise AlreadyApplied(_("您已经推荐过这位人选。"))
    channel = await queries.channel_of(ctx.session, SOURCE)
    application, candidate = await introducing.introduce(
        ctx,
        job,
        said,
        data,
        found[0] if found else None,
        owned={"agency_id": agency.id, "owned_until": today() + timedelta(days=agency.ownership_days)},
        agency_id=agency.id,
        channel_id=channel.id if channel else None,
    )
    if said.note.strip():
        timeline.add(
            ctx, "note", candidate_id=candidate.id, application_id=application.id, note=said.note.strip()[:2000]
        )
    _record(ctx, "propose", agency, {"job": (None, job.number), "candidate": (None, candidate.id)})
    await ctx.session.flush()
    return application


def owns(agency: Agency, candidate: Candidate) -> bool:
    """Whether the person is this agency's today."""
    until = candidate.owned_until
    return candidate.agency_id == agency.id and until is not None and until >= today()


async def _not_guessing(ctx: Context, mine: Membership) -> None:
    """Raises TooManyRequests for a member who was refused so often today that they may be trying out numbers."""
    limiter, (limit, window_s) = limiter_of(ctx), REFUSALS
    if limiter is not None and (wait_s := await limiter.check(_tries(ctx, mine), limit=limit, window_s=window_s)):
        raise TooManyRequests(
            _("今天推荐的人选里，我们已经认识的太多了。"), hint=_("请 {n} 小时后再试。", n=wait_s // 3600 + 1)
        )


def _tries(ctx: Context, mine: Membership) -> str:
    return f"agency-refused:{ctx.tenant.id}:{mine.member.id}"


async def record_refusal(ctx: Context, mine: Membership, job: Job) -> None:
    """Who asks again and again for people we know is seen, and slowed down: the refusal stays in the audit."""
    limiter, (limit, window_s) = limiter_of(ctx), REFUSALS
    if limiter is not None:
        await limiter.hit(_tries(ctx, mine), limit=limit, window_s=window_s)
    _record(ctx, "refused", mine.agency, {"job": (None, job.number), "member": (None, mine.member.name)})


def _known() -> AgencyOwned:
    return AgencyOwned(_("我们已经认识这位人选，这次不能算作您的推荐。"), hint=_("换一位人选吧。"))


def _record(ctx: Context, act: str, agency: Agency, changes: dict[str, tuple[object, object]]) -> None:
    audit.record(ctx, f"recruiting.agency.{act}", object_type="recruiting.agency", object_id=agency.id, changes=changes)
