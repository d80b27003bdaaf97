"""Résumés taken in, many at once: kept as they came, read in the background, given to whom they belong.

One file that cannot be read holds up none of the others. Whose a résumé is, the same rules say as for merging: the same
mobile, or the same mail with the same name, is one person; a name with a school is only likely, and a person decides.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple
from uuid import UUID

import msgspec

from modules.recruiting.errors import InvalidRecruiting, NotReady, ResumeNotFound
from modules.recruiting.models import Candidate, Resume
from modules.recruiting.repository import core
from modules.recruiting.repository import intake as queries
from modules.recruiting.resumes.errors import ResumeRefused
from modules.recruiting.resumes.parse import parse, shown
from modules.recruiting.resumes.schemas import Limits, Parsed
from modules.recruiting.schemas import CandidateData
from modules.recruiting.service import access, applications, candidates, timeline
from modules.recruiting.service.applying import ROOM
from modules.recruiting.service.reading import data_of
from modules.recruiting.shapes import Outcome
from zhiren import audit, files
from zhiren.clock import today
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.ids import new_id
from zhiren.jobs import enqueue
from zhiren.jobs import repository as jobs
from zhiren.jobs import service as job_service
from zhiren.jobs.models import Job as BackgroundJob

log = logging.getLogger(__name__)

READ: Final = "recruiting.intake"
MAX_FILES: Final = 100
MAX_FILE_BYTES: Final = Limits().file_bytes
#: what is nobody's is kept so long
UNCLAIMED: Final = timedelta(days=30)
Source = Literal["upload", "paste", "mail"]


class Kept(NamedTuple):
    """``again``: the batch, or the job before, has the very same file."""

    resume: Resume
    again: bool


async def allowed(ctx: Context, batch_id: UUID, job_id: UUID | None) -> None:
    """Raises JobNotFound, InvalidRecruiting, ResumeNotFound: for whom one does not hire, and others' batches."""
    if job_id is not None:
        await access.job_of(ctx, job_id)
    elif access.member(ctx) is not None:
        raise InvalidRecruiting(_("请选择应聘职位。"), fields={"job": _("请选择")})
    await visible(ctx, batch_id, empty=True)


async def visible(ctx: Context, batch_id: UUID, *, empty: bool = False) -> None:
    """Own uploads, for who sees all also those of others. Raises ResumeNotFound."""
    owners = await queries.owners(ctx.session, batch_id)
    if not owners and empty:
        return
    if not owners or (access.member(ctx) is not None and owners != {ctx.actor.user_id}):
        raise ResumeNotFound(_("没有这批简历，或者不是您上传的。"))


async def keep(
    ctx: Context,
    batch_id: UUID,
    *,
    name: str,
    data: bytes,
    job_id: UUID | None = None,
    channel_id: UUID | None = None,
    source: Source = "upload",
    mail_id: str | None = None,
) -> Kept:
    """Keeps one file until it is read. Raises InvalidRecruiting for one too many, too large or without content."""
    _check(name, data)
    digest = ctx.keyring.blind("recruiting_resume.digest", hashlib.sha256(data).hexdigest())
    found = await queries.in_batch(ctx.session, batch_id, digest)
    if found is not None:
        return Kept(found, True)
    if await queries.size(ctx.session, batch_id) >= MAX_FILES:
        raise InvalidRecruiting(_("一批最多 {count} 份简历。", count=MAX_FILES), hint=_("其余的请下一批再传。"))
    twin = await queries.twin(ctx.session, digest, job_id, batch_id)
    until = today() + UNCLAIMED
    kept = await files.put(ctx, room=ROOM, name=name, media_type=media_type(data, name), data=data, keep_until=until)
    resume = Resume(
        file_id=kept.id,
        job_id=job_id,
        channel_id=channel_id,
        source=source,
        state="failed" if twin else "waiting",
        added_by=ctx.actor.user_id,
        batch_id=batch_id,
        digest_bidx=digest,
        mail_id=mail_id,
    )
    if twin is not None:
        resume.outcome = msgspec.to_builtins(Outcome(what="again", other=str(twin.id)))
    ctx.session.add(resume)
    await ctx.session.flush()
    audit.record(
        ctx, "recruiting.resume.create", object_type="recruiting.resume", object_id=resume.id, fields=["file", source]
    )
    return Kept(resume, twin is not None)


async def paste(ctx: Context, text: str, *, job_id: UUID | None, channel_id: UUID | None) -> Resume:
    """Reads a text at once; a person then says whether it was read right. Raises InvalidRecruiting, ResumeRefused."""
    if not text.strip():
        raise InvalidRecruiting(_("请粘贴简历内容。"), fields={"text": _("请填写内容")})
    batch_id = new_id()
    await allowed(ctx, batch_id, job_id)
    data, name = text.encode(errors="replace"), _("粘贴的简历") + ".txt"
    read = await parse(data, name, today=today())
    kept = await keep(ctx, batch_id, name=name, data=data, job_id=job_id, channel_id=channel_id, source="paste")
    if not kept.again:
        kept.resume.state, kept.resume.parsed = "parsed", msgspec.to_builtins(read)
        kept.resume.outcome = msgspec.to_builtins(Outcome(what="unclear"))
        return kept.resume
    earlier = await queries.resume(ctx.session, UUID(str(kept.resume.outcome["other"])))
    if earlier is None:
        raise ResumeNotFound(_("没有这份简历，可能已被删除。"))
    await forget(ctx, [kept.resume])
    return earlier


def _check(name: str, data: bytes) -> None:
    if not data:
        raise InvalidRecruiting(_("{name}：文件里没有内容。", name=shown(name)))
    if len(data) > MAX_FILE_BYTES:
        limit = MAX_FILE_BYTES >> 20
        raise InvalidRecruiting(_("{name}：超过 {limit} MB。", name=shown(name), limit=limit))


def media_type(data: bytes, name: str) -> str:
    """By what the file begins with; what is shown in a page is looked at once more when it is shown."""
    for kind, beginning in files_shown.items():
        if data.startswith(beginning):
            return kind
    if data.startswith(b"PK") and name.lower().endswith(".docx"):
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return "text/plain" if name.lower().endswith(".txt") else "application/octet-stream"


files_shown: Final = {"application/pdf": b"%PDF-", "image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


# ---- reading them in the background


def key_of(batch_id: UUID) -> str:
    return f"{READ}:{batch_id}"


async def start(ctx: Context, batch_id: UUID) -> UUID:
    """Begins reading a batch, or goes on with one that was stopped; asking twice is asking once. Returns the job."""
    files_there = await queries.size(ctx.session, batch_id)
    if not files_there:
        raise InvalidRecruiting(_("请选择简历文件。"), fields={"files": _("请选择文件")})
    job_id = await enqueue(
        ctx,
        READ,
        {"batch_id": str(batch_id)},
        key=key_of(batch_id),
        label=_("{count} 份", count=files_there),
        url=f"/recruiting/intake/{batch_id}",
    )
    job = await jobs.get(ctx.session, job_id)
    if job is not None and job.state in ("cancelled", "failed"):
        await job_service.retry(ctx, job_id)
    audit.record(ctx, "recruiting.intake.start", object_type="recruiting.intake", object_id=batch_id)
    return job_id


async def job_of(ctx: Context, batch_id: UUID) -> BackgroundJob | None:
    """The background job of a batch, if it was begun."""
    return await jobs.by_key(ctx.session, key_of(batch_id))


async def contents(ctx: Context, resume_id: UUID) -> tuple[str, bytes] | None:
    """Name and bytes of a file that waits; None when it waits no more. Raises FileNotFound."""
    resume = await queries.resume(ctx.session, resume_id)
    if resume is None or resume.state != "waiting" or resume.file_id is None:
        return None
    ref, data = await files.read(ctx, resume.file_id, room=ROOM)
    return ref.name, data


async def settle(ctx: Context, resume_id: UUID, read: Parsed | str) -> None:
    """Writes down what was read, or the reason (of ``resumes.errors.REFUSALS``) why nothing was. Once: a résumé that
    waits no more stays as it is."""
    resume = await queries.locked(ctx.session, resume_id)
    if resume is None or resume.state != "waiting":
        return
    if isinstance(read, str):
        resume.state, resume.error = "failed", read
        resume.outcome = msgspec.to_builtins(Outcome(what="refused"))
        return
    resume.state, resume.parsed = "parsed", msgspec.to_builtins(read)
    await queries.one_by_one(ctx.session)
    outcome = await _place(ctx, resume, read)
    resume.outcome = msgspec.to_builtins(outcome)


async def _place(ctx: Context, resume: Resume, read: Parsed) -> Outcome:
    """Gives the résumé to whom it surely belongs, or makes a candidate of it."""
    data = usable(data_of(read))
    if data is None:
        return Outcome(what="unclear")
    same = await candidates.same_people(ctx, data)
    sure = next((one for one in same if candidates.surely(one, data)), None)
    if sure is not None:
        fresh = await attach(ctx, resume, sure)
        await candidates.reindex(ctx, sure)
        return Outcome(what="known", applied=not fresh)
    candidate = await make(ctx, resume, data, read.text)
    await attach(ctx, resume, candidate)
    return Outcome(what="new", likely=bool(same))


def usable(data: CandidateData) -> CandidateData | None:
    """``data`` if it is enough to write somebody down; a number or an address that is none is left out."""
    for _attempt in range(3):
        try:
            return candidates.check(data)
        except InvalidRecruiting as fault:
            wrong = [name for name in ("mobile", "mail") if name in fault.fields and getattr(data, name)]
            if not wrong:
                return None
            data = msgspec.structs.replace(data, **dict.fromkeys(wrong))
    return None


async def make(ctx: Context, resume: Resume, data: CandidateData, text: str) -> Candidate:
    pooled_at = None if resume.job_id else datetime.now(UTC)
    links = {"pooled_at": pooled_at, "channel_id": resume.channel_id}
    return await candidates.create(ctx, data, resume_text=text, **links)


async def attach(ctx: Context, resume: Resume, candidate: Candidate) -> bool:
    """The résumé is ``candidate``'s from now on, who stands for its job; False when they did before."""
    resume.candidate_id = candidate.id
    await ctx.session.flush()
    if resume.file_id is not None:
        await files.adopt(ctx, resume.file_id, room=ROOM, owner=("recruiting.resume", resume.id))
    source = {"source": resume.source, "resume": str(resume.id)}
    timeline.add(ctx, "resume", candidate_id=candidate.id, data=source)
    audit.record(
        ctx,
        "recruiting.resume.attach",
        object_type="recruiting.resume",
        object_id=resume.id,
        changes={"candidate": (None, candidate.id)},
    )
    job = await core.job(ctx.session, resume.job_id) if resume.job_id else None
    if job is None:
        return True
    if await core.live_application(ctx.session, candidate.id, job.id) is not None:
        return False
    await applications.apply(ctx, candidate, job, asked=False, resume_id=resume.id, channel_id=resume.channel_id)
    return True


# ---- what is nobody's


async def forget(ctx: Context, resumes: Sequence[Resume]) -> int:
    """Takes away files that are nobody's, for good."""
    for resume in resumes:
        if resume.file_id is not None:
            try:
                await files.erase(ctx, resume.file_id, room=ROOM, reason="unclaimed")
            except files.FileNotFound:
                log.debug("file %s of a résumé is gone already", resume.file_id)
        await ctx.session.delete(resume)
    await ctx.session.flush()
    return len(resumes)


async def forget_unclaimed(ctx: Context) -> int:
    """Every hour: what nobody said whose it is goes after thirty days."""
    return await forget(ctx, await queries.unclaimed(ctx.session, datetime.now(UTC) - UNCLAIMED))


async def throw_away(ctx: Context, resume: Resume) -> None:
    """A person says that it is nobody's. Raises NotReady where it is somebody's."""
    if resume.candidate_id is not None:
        raise NotReady(_("这份简历已经归到候选人，不能直接删除。"))
    audit.record(ctx, "recruiting.resume.delete", object_type="recruiting.resume", object_id=resume.id)
    await forget(ctx, [resume])


def refused(error: Exception) -> str:
    """Why a file was not read, as a key of ``resumes.errors.REFUSALS``."""
    return str(error.params.get("reason", "broken")) if isinstance(error, ResumeRefused) else "broken"
