"""One candidate as those who hire see them: contacts masked, applications, what happened, notes, tags, messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec

from modules.recruiting.errors import CandidateNotFound, InvalidRecruiting
from modules.recruiting.models import Application, Candidate, Interview, Job, Merge, Offer, Resume, TimelineEvent
from modules.recruiting.repository import Case
from modules.recruiting.repository import interviews as meetings
from modules.recruiting.repository import offers as offered
from modules.recruiting.repository import people as queries
from modules.recruiting.rules.masks import FIELD_CLASSES, mask
from modules.recruiting.service import access, candidates, people, pipeline, timeline
from modules.recruiting.service.pipeline import Outcome
from modules.recruiting.shapes import Finding, Profile
from zhiren import audit, notices
from zhiren.context import Context
from zhiren.errors import Forbidden
from zhiren.i18n import N_, _
from zhiren.ids import new_id
from zhiren.notices import MessageLine, NoticeKind

MESSAGE: Final = "recruiting.candidate.message"
MAX_NOTE: Final = 4000
MAX_TAGS: Final = 20
MAX_TAG: Final = 20

notices.register(
    NoticeKind(
        name=MESSAGE,
        title=N_("给候选人的消息"),
        subject="{subject}",
        body="{text}",
        short="{subject}",
        channels=("mail", "sms"),
    )
)


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page of a candidate shows."""

    candidate: Candidate
    profile: Profile
    masked: dict[str, str]
    #: fields the reader may open
    revealable: frozenset[str]
    applications: list[tuple[Application, Job, list[Finding]]]
    #: by application: interviews as they were planned, offers with the latest first
    interviews: Mapping[UUID, list[Interview]]
    offers: Mapping[UUID, Sequence[Offer]]
    events: Sequence[TimelineEvent]
    #: messages by id, for the events that sent them; and those of other rooms
    messages: dict[UUID, MessageLine]
    resumes: Sequence[Resume]
    merges: Sequence[Merge]


async def dossier(ctx: Context, candidate_id: UUID) -> Dossier:
    """Raises CandidateNotFound."""
    candidate = await access.candidate_of(ctx, candidate_id)
    member = access.member(ctx)
    rows = await queries.applications(ctx.session, candidate_id, member)
    mine = None if member is None else [one.id for one, _job in rows]
    lines = await notices.history(ctx, ("recruiting.candidate", candidate_id))
    for application, _job in rows:
        lines += await notices.history(ctx, ("recruiting.application", application.id))
    offers = await offered.offers_of(ctx.session, candidate_id)
    return Dossier(
        candidate=candidate,
        profile=msgspec.convert(candidate.profile, Profile),
        masked={field: mask(field, getattr(candidate, field)) for field in FIELD_CLASSES},
        revealable=frozenset(field for field in FIELD_CLASSES if _may_open(ctx, field)),
        applications=[(one, job, msgspec.convert(one.findings, list[Finding])) for one, job in rows],
        interviews=await meetings.interviews_by(ctx.session, [one.id for one, _job in rows]),
        offers={one.id: [each for each in offers if each.application_id == one.id] for one, _job in rows},
        events=await queries.events(ctx.session, candidate_id, mine),
        messages={line.id: line for line in lines},
        resumes=await queries.resumes(ctx.session, candidate_id),
        merges=await queries.merges(ctx.session, candidate_id),
    )


async def reveal(ctx: Context, candidate_id: UUID, field: str) -> tuple[str, str]:
    """The value of a sealed field and its mask; the asking is recorded. Raises CandidateNotFound, Forbidden."""
    if field not in FIELD_CLASSES:
        raise CandidateNotFound(_("没有这个字段。"))
    candidate = await access.candidate_of(ctx, candidate_id)
    if not _may_open(ctx, field):
        raise Forbidden(_("您没有查看这类信息的权限。"), hint=_("可以请系统管理员在角色里授予。"))
    value = getattr(candidate, field)
    audit.record(
        ctx,
        "recruiting.candidate.reveal",
        object_type="recruiting.candidate",
        object_id=candidate_id,
        fields=[field],
        sensitive=True,
    )
    shown = "" if value is None else f"{value / 100:,.2f}" if field == "salary_wish_fen" else str(value)
    return shown, mask(field, value)


def _may_open(ctx: Context, field: str) -> bool:
    """Candidates are nobody's reports: who holds the field's class at all may open theirs where they may hire them."""
    return ctx.actor.can(f"field.{FIELD_CLASSES[field]}.read")


async def note(ctx: Context, candidate_id: UUID, text: str, *, application_id: UUID | None = None) -> TimelineEvent:
    """Writes down what somebody thinks; sealed. Raises CandidateNotFound, ApplicationNotFound, InvalidRecruiting."""
    text = text.strip()
    if not 1 <= len(text) <= MAX_NOTE:
        raise InvalidRecruiting(_("请写 1 到 {max} 字。", max=MAX_NOTE), fields={"note": _("请填写内容")})
    candidate = await access.candidate_of(ctx, candidate_id)
    if application_id is not None:
        case = await access.application_of(ctx, application_id)
        application_id = case.application.id if case.candidate.id == candidate.id else None
    event = timeline.add(ctx, "note", candidate_id=candidate.id, application_id=application_id, note=text)
    audit.record(
        ctx, "recruiting.candidate.note", object_type="recruiting.candidate", object_id=candidate.id, fields=["note"]
    )
    return event


def tags_of(text: str) -> list[str]:
    """Tags as typed, parted by commas, spaces or lines; each once. Raises InvalidRecruiting."""
    for mark in "，、,;；\n\t":
        text = text.replace(mark, " ")
    found = list(dict.fromkeys(text.split()))
    if any(len(tag) > MAX_TAG for tag in found) or len(found) > MAX_TAGS:
        raise InvalidRecruiting(
            _("标签最多 {count} 个，每个最多 {max} 字。", count=MAX_TAGS, max=MAX_TAG),
            fields={"tags": _("填写得不对")},
        )
    return found


async def set_tags(ctx: Context, candidate: Candidate, tags: Sequence[str]) -> None:
    before, after = list(candidate.tags), list(dict.fromkeys(tags))[:MAX_TAGS]
    if before == after:
        return
    candidate.tags = after
    await ctx.session.flush()
    await candidates.reindex(ctx, candidate)
    timeline.add(
        ctx,
        "tagged",
        candidate_id=candidate.id,
        data={"added": [t for t in after if t not in before], "removed": [t for t in before if t not in after]},
    )
    audit.record(
        ctx,
        "recruiting.candidate.tag",
        object_type="recruiting.candidate",
        object_id=candidate.id,
        fields=["tags"],  # what they say of the person stands on the timeline, which can be erased
    )


async def set_pool(ctx: Context, candidate: Candidate, *, inside: bool) -> None:
    """Into the talent pool or out of it."""
    if (candidate.pooled_at is not None) == inside:
        return
    candidate.pooled_at = datetime.now(UTC) if inside else None
    timeline.add(ctx, "tagged", candidate_id=candidate.id, data={"pool": inside})
    audit.record(
        ctx,
        "recruiting.candidate.pool",
        object_type="recruiting.candidate",
        object_id=candidate.id,
        changes={"pool": (not inside, inside)},
    )


async def message(
    ctx: Context, candidate: Candidate, *, subject: str, text: str, key: str, application_id: UUID | None = None
) -> None:
    """Sends a text by mail and SMS, where there is an address; stands on the timeline.

    Raises InvalidRecruiting when neither is known."""
    sent = await notices.send(
        ctx,
        MESSAGE,
        to=people.recipient(candidate),
        values={"subject": subject, "text": text},
        about=("recruiting.candidate", candidate.id),
        key=key,
    )
    if not sent:
        raise InvalidRecruiting(_("没有 {name} 的手机号和邮箱，消息没有发出。", name=candidate.name))
    timeline.add(
        ctx,
        "message",
        candidate_id=candidate.id,
        application_id=application_id,
        data={"messages": [str(one) for one in sent]},
        note=f"{subject}\n{text}",
    )
    audit.record(
        ctx, "recruiting.candidate.message", object_type="recruiting.candidate", object_id=candidate.id, fields=["note"]
    )


async def write_to(ctx: Context, candidate: Candidate, *, subject: str, text: str, key: str) -> None:
    """A message typed on the candidate's own page; ``{job}`` is what they applied for last.

    Raises InvalidRecruiting."""
    subject, text = _typed(subject, text)
    rows = await queries.applications(ctx.session, candidate.id, access.member(ctx))
    values = {"{name}": candidate.name, "{job}": rows[0][1].title if rows else ""}
    await message(ctx, candidate, subject=filled(subject, values), text=filled(text, values), key=key)


def _typed(subject: str, text: str) -> tuple[str, str]:
    subject, text = " ".join(subject.split()), text.strip()
    if not subject or not text:
        raise InvalidRecruiting(_("请填写标题和内容。"), fields={"text": _("请填写内容")})
    return subject, text


async def message_all(ctx: Context, chosen: Mapping[UUID, int], *, subject: str, text: str) -> Outcome:
    """To the people of these applications; ``{job}`` and ``{name}`` in the texts are filled in."""
    subject, text = _typed(subject, text)
    occasion = str(new_id())

    async def act(case: Case) -> None:
        values = {"{job}": case.job.title, "{name}": case.candidate.name}
        await message(
            ctx,
            case.candidate,
            subject=filled(subject, values),
            text=filled(text, values),
            key=occasion,
            application_id=case.application.id,
        )

    return await pipeline.each(ctx, chosen, act)


async def tag_all(ctx: Context, chosen: Mapping[UUID, int], tags: Sequence[str]) -> Outcome:
    """Adds these tags to the people of these applications."""

    async def act(case: Case) -> None:
        await set_tags(ctx, case.candidate, [*case.candidate.tags, *tags])

    return await pipeline.each(ctx, chosen, act)


def filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(name, value)
    return text
