"""Applying from outside: the form, the résumé that fills it, consent, and who it turns out to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from modules.recruiting.errors import InvalidRecruiting, JobClosed
from modules.recruiting.models import Application, Candidate, Job, Resume
from modules.recruiting.repository import core
from modules.recruiting.resumes.parse import parse
from modules.recruiting.resumes.schemas import Parsed
from modules.recruiting.schemas import CandidateData
from modules.recruiting.service import applications, candidates, consents
from modules.recruiting.shapes import Profile, Question
from zhiren import files
from zhiren.clock import today
from zhiren.context import Context
from zhiren.i18n import _

ROOM: Final = "recruiting.resume"
#: what a page may show of a stranger's own upload, kept in the form between reading and sending
_FILLED: Final = ("name", "mobile", "mail", "degree", "school", "major", "employer", "title", "city", "years")


class Applied(NamedTuple):
    application: Application
    candidate: Candidate
    #: nobody was known by this mobile or mail before
    new: bool


async def job_for(ctx: Context, slug: str) -> Job:
    """An open job by its address, listed or not. Raises JobClosed where it is over or never was."""
    job = await core.job_by_slug(ctx.session, slug)
    if job is None or not applications.takes_applications(job):
        raise JobClosed(_("这个职位已停止招聘。"), hint=_("请看看其他职位。"))
    return job


async def read_resume(
    ctx: Context, job: Job, name: str, data: bytes, *, source: str = "portal", added_by: UUID | None = None
) -> tuple[Resume, dict[str, Any]]:
    """Keeps the file and reads it; answers what the form is filled with. Raises ResumeRefused: then nothing is kept."""
    parsed = await parse(data, name, today=today())
    kept = await files.put(ctx, room=ROOM, name=name, media_type=_media_type(parsed), data=data, keep_until=None)
    resume = Resume(file_id=kept.id, job_id=job.id, source=source, added_by=added_by, state="parsed")
    resume.parsed = msgspec.to_builtins(parsed)
    ctx.session.add(resume)
    await ctx.session.flush()
    return resume, filled(parsed)


def _media_type(parsed: Parsed) -> str:
    return {
        "pdf": "application/pdf",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "image": "application/octet-stream",
        "html": "text/plain",
        "text": "text/plain",
    }[parsed.format]


def filled(parsed: Parsed) -> dict[str, Any]:
    """The form's fields as far as they were read."""
    values = {}
    for name in _FILLED:
        found = getattr(parsed, name)
        if found is not None:
            values[name] = found.value
    return values


async def apply(
    ctx: Context,
    job: Job,
    data: CandidateData,
    *,
    resume_id: UUID | None,
    answers: Mapping[str, Any],
    pool: bool,
    links: Mapping[str, Any],
) -> Applied:
    """Somebody applies for ``job``. Who is known by this mobile, or mail with name, stays as they are: what was typed
    now waits in the résumé for people to look at, since nobody has proved yet who they are.

    Raises InvalidRecruiting, JobClosed, AlreadyApplied.
    """
    if faults := faults_of(job, data, answers):
        raise InvalidRecruiting(_("请检查标出的内容。"), fields=faults)
    data = candidates.check(data)
    resume = await unclaimed(ctx, resume_id, job)
    data, text = with_profile(data, resume)
    known = [one for one in await candidates.same_people(ctx, data) if candidates.surely(one, data)]
    channel = {key: value for key, value in links.items() if key == "channel_id"}
    if known:
        candidate = known[0]
    else:
        candidate = await candidates.create(ctx, data, resume_text=text, **channel)
    if resume is not None:
        resume.candidate_id = candidate.id
    application = await applications.apply(
        ctx, candidate, job, answers=answers, resume_id=resume.id if resume else None, **links
    )
    await consents.give(ctx, candidate, "recruiting")
    if pool:
        await consents.give(ctx, candidate, "talent_pool")
    await ctx.session.flush()
    return Applied(application, candidate, not known)


def with_profile(data: CandidateData, resume: Resume | None) -> tuple[CandidateData, str]:
    """``data`` with schools and work as the résumé tells them, where nobody typed any; and the résumé's text."""
    if resume is None or not resume.parsed:
        return data, ""
    parsed = msgspec.convert(resume.parsed, Parsed)
    if not data.profile.experience and not data.profile.schooling:
        data = msgspec.structs.replace(data, profile=_profile(parsed))
    return data, parsed.text


def _profile(parsed: Parsed) -> Profile:
    return Profile(
        schooling=tuple(one.value for one in parsed.education),
        experience=tuple(one.value for one in parsed.experience),
        skills=tuple(one.value for one in parsed.skills),
    )


def questions_of(job: Job) -> list[Question]:
    return msgspec.convert(job.questions, list[Question])


def faults_of(job: Job, data: CandidateData, answers: Mapping[str, Any]) -> dict[str, str]:
    """Everything that is wrong with an application, by its form's field."""
    faults = candidates.faults_of(data)
    for question in questions_of(job):
        answer = str(answers.get(question.code, "")).strip()
        if question.required and not answer:
            faults[f"answer.{question.code}"] = _("请回答")
        elif answer and question.kind == "choice" and answer not in question.choices:
            faults[f"answer.{question.code}"] = _("请从选项中选")
    return faults


async def unclaimed(
    ctx: Context, resume_id: UUID | None, job: Job, *, source: str = "portal", added_by: UUID | None = None
) -> Resume | None:
    """The résumé that the same door read a moment ago for this job, which is nobody's yet."""
    resume = await ctx.session.get(Resume, resume_id) if resume_id is not None else None
    if resume is None or resume.candidate_id is not None:
        return None
    same = (resume.job_id, resume.source, resume.added_by) == (job.id, source, added_by)
    return resume if same else None
