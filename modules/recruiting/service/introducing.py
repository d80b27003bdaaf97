"""Somebody else brings a person for a job: an agency, or a colleague. The person is told at once, by whom and where to
see, correct and erase what was said of them (PIPL 17)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from modules.recruiting.errors import InvalidRecruiting
from modules.recruiting.models import Application, Candidate, Job, Resume
from modules.recruiting.repository import core, introductions
from modules.recruiting.schemas import CandidateData
from modules.recruiting.service import applications, applying, candidates, consents, people
from zhiren import notices
from zhiren.context import Context
from zhiren.i18n import N_, _
from zhiren.notices import NoticeKind

INTRODUCED: Final = "recruiting.candidate.introduced"

notices.register(
    NoticeKind(
        name=INTRODUCED,
        title=N_("告知候选人被推荐"),
        subject=N_("{company}：{introducer}推荐您应聘“{job}”"),
        body=N_(
            "{name}，您好：\n\n{introducer}告诉我们，经您同意，推荐您应聘“{job}”，并提供了您的资料。"
            "您可以随时登录查看进度、更正资料；如果您并不知情，可以撤回应聘或删除全部资料。"
        ),
        short=N_("{introducer}推荐您应聘“{job}”，可登录查看、更正或删除资料。"),
        channels=("mail", "sms"),
        action=N_("查看应聘"),
    )
)


class Introduction(msgspec.Struct, frozen=True, kw_only=True):
    """Who is brought, by which door, and the name the person is told."""

    data: CandidateData
    #: "agency" or "referral", as résumés name where they are from
    source: str
    #: the agency's member, or the colleague
    by: UUID
    by_name: str
    resume_id: UUID | None = None
    consent: bool = False
    #: what was said of the person
    note: str = ""


async def known_people(ctx: Context, data: CandidateData) -> Sequence[Candidate]:
    """Who is in the house already, by mobile or mail. Others who bring people wait until this transaction ends."""
    await introductions.one_at_a_time(ctx.session)
    return await core.same_people(ctx.session, mobile=data.mobile or "", mail=data.mail or "")


def checked(said: Introduction, *, resume: bool) -> CandidateData:
    """Raises InvalidRecruiting: consent is no form, and with ``resume`` a résumé must be there."""
    faults: dict[str, str] = {}
    if not said.consent:
        faults["consent"] = _("请勾选同意后再提交")
    if resume and said.resume_id is None:
        faults["resume"] = _("请上传简历")
    try:
        data = candidates.check(said.data)
    except InvalidRecruiting as refusal:
        faults |= refusal.fields
        data = said.data
    if faults:
        raise InvalidRecruiting(_("请检查标出的内容。"), fields=faults)
    return data


async def introduce(
    ctx: Context,
    job: Job,
    said: Introduction,
    data: CandidateData,
    candidate: Candidate | None,
    *,
    owned: dict[str, Any] | None = None,
    **links: Any,
) -> tuple[Application, Candidate]:
    """``candidate``, or a new one with the columns ``owned``, applies for ``job``. What is said of a known person
    changes nothing of theirs. Raises AlreadyApplied, JobClosed."""
    resume = await _resume(ctx, said, job)
    data, text = applying.with_profile(data, resume)
    if candidate is None:
        channel_id = links.get("channel_id")
        candidate = await candidates.create(ctx, data, resume_text=text, channel_id=channel_id, **(owned or {}))
    if resume is not None:
        resume.candidate_id = candidate.id
    application = await applications.apply(ctx, candidate, job, resume_id=resume.id if resume else None, **links)
    await consents.give(ctx, candidate, "introduced")
    await ctx.session.flush()
    await _tell(ctx, candidate, application, job, said.by_name)
    return application, candidate


async def _resume(ctx: Context, said: Introduction, job: Job) -> Resume | None:
    resume = await applying.unclaimed(ctx, said.resume_id, job, source=said.source, added_by=said.by)
    if said.resume_id is not None and resume is None:
        raise InvalidRecruiting(_("请重新上传简历。"), fields={"resume": _("请重新上传简历。")})
    return resume


async def _tell(ctx: Context, candidate: Candidate, application: Application, job: Job, introducer: str) -> None:
    await notices.send(
        ctx,
        INTRODUCED,
        to=people.recipient(candidate),
        values={"introducer": introducer, "job": job.title},
        about=("recruiting.candidate", candidate.id),
        key=str(application.id),
        link="/portal",
    )
