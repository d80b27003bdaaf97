"""Who sees which jobs and people.

``recruiting.manage`` sees all. ``recruiting.hire`` sees the jobs one owns, hires for or recruits for, and the people in
them. ``recruiting.interview`` sees the people one has an interview with, as long as the application is alive.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from modules.recruiting import repository as queries
from modules.recruiting.errors import ApplicationNotFound, CandidateNotFound, JobNotFound
from modules.recruiting.models import Application, Candidate, Job
from zhiren.context import Context
from zhiren.i18n import _

MANAGE: Final = "recruiting.manage"
HIRE: Final = "recruiting.hire"
INTERVIEW: Final = "recruiting.interview"
REQUEST: Final = "recruiting.request"
OFFER: Final = "recruiting.offer"
ONBOARD: Final = "recruiting.onboard"
ANALYTICS: Final = "recruiting.analytics"
SETTINGS: Final = "recruiting.settings"
REFER: Final = "recruiting.refer"
ERASE: Final = "recruiting.erase"


def member(ctx: Context) -> UUID | None:
    """Whose jobs the reader is limited to; None for who sees all."""
    return None if ctx.actor.can(MANAGE) else ctx.actor.user_id


async def job_of(ctx: Context, job_id: UUID) -> Job:
    """Raises JobNotFound where there is none or it is not the reader's."""
    job = await queries.job(ctx.session, job_id, member=member(ctx))
    if job is None:
        raise JobNotFound(_("没有这个职位，或者您不参与它的招聘。"))
    return job


async def application_of(ctx: Context, application_id: UUID, *, lock: bool = False) -> queries.Case:
    """The application with its candidate and job, for who hires for the job. Raises ApplicationNotFound."""
    found = await queries.case(ctx.session, application_id, member=member(ctx), lock=lock)
    if found is None:
        raise ApplicationNotFound(_("没有这份应聘，或者您不参与这个职位的招聘。"))
    return found


async def candidate_of(ctx: Context, candidate_id: UUID) -> Candidate:
    """For who sees all, or hires for a job the person applied for. Raises CandidateNotFound."""
    candidate = await queries.candidate(ctx.session, candidate_id, member=member(ctx))
    if candidate is None:
        raise CandidateNotFound(_("没有这位候选人，或者不在您负责的职位里。"))
    return candidate


def hires_for(ctx: Context, job: Job) -> bool:
    me = ctx.actor.user_id
    return ctx.actor.can(MANAGE) or (me is not None and me in (job.owner_id, job.manager_id, *job.recruiter_ids))


__all__ = [
    "ANALYTICS",
    "ERASE",
    "HIRE",
    "INTERVIEW",
    "MANAGE",
    "OFFER",
    "ONBOARD",
    "REFER",
    "REQUEST",
    "SETTINGS",
    "Application",
    "application_of",
    "candidate_of",
    "hires_for",
    "job_of",
    "member",
]
