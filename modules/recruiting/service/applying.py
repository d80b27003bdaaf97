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


async def read_resume(ctx: Context, job: Job, name: str, data: bytes) -> tuple[Resume, dict[str, Any]]:
    """Keeps the file and reads it; answers what the form is filled with. Raises ResumeRefused: then nothing is kept."""
    parsed = await parse(data, name, today=today())
    kept = await files.put(ctx, room=ROOM, name=name, media_type=_media_type(parsed), data=data, keep_until=None)
    resume = Resume(file_id=kept.id, job_id=job.id, source="portal", state="parsed")
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
    data = candidates.check(data)
    _check_answers(job, answers)
    resume = await _unclaimed(ctx, resume_id, job)
    parsed = msgspec.convert(resume.parsed, Parsed) if resume is not None and resume.parsed else None
    if parsed is not None and not data.profile.experience and not data.profile.schooling:
        data = msgspec.structs.replace(data, profile=_profile(parsed))
    known = [one for one in await candidates.same_people(ctx, data) if candidates.surely(one, data)]
    channel = {key: value for key, value in links.items() if key == "channel_id"}
    if known:
        candidate = known[0]
    else:
        candidate = await candidates.create(ctx, data, resume_text=parsed.text if parsed else "", **channel)
    if resume is not None:
        resume.candidate_id = candidate.id
    application = await applications.apply(
        ctx, candidate, job, answers=answers, resume_id=resume.id if resume else None, **links
    )
    consents.give(ctx, candidate, "recruiting")
    if pool:
        consents.give(ctx, candidate, "talent_pool")
    await ctx.session.flush()
    return Applied(application, candidate, not known)


def _profile(parsed: Parsed) -> Profile:
    return Profile(
        schooling=tuple(one.value for one in parsed.education),
        experience=tuple(one.value for one in parsed.experience),
        skills=tuple(one.value for one in parsed.skills),
    )


def questions_of(job: Job) -> list[Question]:
    return msgspec.convert(job.questions, list[Question])


def _check_answers(job: Job, answers: Mapping[str, Any]) -> None:
    faults = {}
    for question in questions_of(job):
        answer = str(answers.get(question.code, "")).strip()
        if question.required and not answer:
            faults[f"answer.{question.code}"] = _("请回答")
        elif answer and question.kind == "choice" and answer not in question.choices:
            faults[f"answer.{question.code}"] = _("请从选项中选")
    if faults:
        raise InvalidRecruiting(_("请检查标出的内容。"), fields=faults)


async def _unclaimed(ctx: Context, resume_id: UUID | None, job: Job) -> Resume | None:
    """The résumé read a moment ago for this job, which is nobody's yet."""
    if resume_id is None:
        return None
    resume = await ctx.session.get(Resume, resume_id)
    mine = resume is not None and resume.candidate_id is None and resume.job_id == job.id
    return resume if mine and resume is not None and resume.source == "portal" else None
