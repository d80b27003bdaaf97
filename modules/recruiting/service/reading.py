"""What was read from a résumé, set beside the résumé itself, for a person to correct."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from modules.recruiting.errors import ResumeNotFound
from modules.recruiting.models import Candidate, Resume
from modules.recruiting.repository import intake as queries
from modules.recruiting.resumes.schemas import Parsed
from modules.recruiting.schemas import CandidateData
from modules.recruiting.service import access
from modules.recruiting.shapes import Profile
from zhiren import audit
from zhiren.context import Context
from zhiren.i18n import _

#: read surely enough not to be marked
SURE: Final = 0.85
#: fields of a form that the parser reads, as ``Parsed`` names them
READ: Final = (
    "name",
    "mobile",
    "mail",
    "gender",
    "city",
    "degree",
    "school",
    "major",
    "employer",
    "title",
    "years",
)
_LONGEST: Final = 100


class Mark(msgspec.Struct, frozen=True):
    """How surely one field was read; ``confidence`` in percent, 0 where nothing was found."""

    confidence: int
    sure: bool


def parsed_of(resume: Resume) -> Parsed | None:
    return msgspec.convert(resume.parsed, Parsed) if resume.parsed else None


def data_of(read: Parsed) -> CandidateData:
    """What was read, as a form is filled with it: a proposal."""
    values = {name: found.value for name in READ if (found := getattr(read, name)) is not None}
    return CandidateData(
        **{"name": "", **{name: _short(value) for name, value in values.items()}},
        born_on=_day(read.birth.value) if read.birth else None,
        salary_wish_fen=read.salary_wish_fen.value if read.salary_wish_fen else None,
        profile=Profile(
            schooling=tuple(one.value for one in read.education),
            experience=tuple(one.value for one in read.experience),
            skills=tuple(one.value for one in read.skills),
        ),
    )


def marks(read: Parsed) -> dict[str, Mark]:
    """By field of the form."""
    found = {name: getattr(read, name) for name in READ}
    found |= {"born_on": read.birth if read.birth and _day(read.birth.value) else None}
    found |= {"salary_wish": read.salary_wish_fen}
    return {
        name: Mark(round(one.confidence * 100), one.confidence >= SURE) if one is not None else Mark(0, sure=False)
        for name, one in found.items()
    }


async def resume_of(ctx: Context, resume_id: UUID) -> tuple[Resume, Candidate | None]:
    """The résumé and whose it is, for who may correct the person, or sees the job or the upload it is of.

    Raises ResumeNotFound, CandidateNotFound."""
    resume = await queries.resume(ctx.session, resume_id)
    if resume is None:
        raise ResumeNotFound(_("没有这份简历，可能已被删除。"))
    if resume.candidate_id is not None:
        return resume, await access.candidate_of(ctx, resume.candidate_id)
    member = access.member(ctx)
    if member is None or resume.added_by == member:
        return resume, None
    if resume.job_id is None or not await queries.mine(ctx.session, resume.job_id, member):
        raise ResumeNotFound(_("没有这份简历，或者不在您负责的职位里。"))
    return resume, None


def seen(ctx: Context, resume: Resume) -> None:
    """Who reads a résumé reads how the person is reached: that is recorded."""
    audit.record(
        ctx,
        "recruiting.resume.read",
        object_type="recruiting.resume",
        object_id=resume.id,
        fields=["mobile", "mail", "file"],
        sensitive=True,
    )


def checked(ctx: Context, resume: Resume) -> None:
    """A person has looked at what was read."""
    if resume.state == "checked":
        return
    resume.state = "checked"
    audit.record(ctx, "recruiting.resume.check", object_type="recruiting.resume", object_id=resume.id)


def _short(value: Any) -> Any:
    return " ".join(value.replace("\0", "").split())[:_LONGEST] if isinstance(value, str) else value


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
