"""A candidate's profile on its way to another company, by their own act alone (``zhiren.parcels``).

What goes along is what they gave of themselves: their particulars, schools and work, and their latest résumé. Nothing
of this company goes: not its name, no application, no answer, no note. The other company has it when the candidate
fills in its form with it.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from modules.recruiting.models import Candidate, Job, Resume
from modules.recruiting.repository import people as queries
from modules.recruiting.resumes.schemas import Found, Parsed
from modules.recruiting.service.applying import ROOM
from modules.recruiting.shapes import Profile
from zhiren import audit, files
from zhiren.context import Context
from zhiren.errors import TooManyRequests
from zhiren.guests.runtime import limiter_of
from zhiren.i18n import _
from zhiren.parcels import MAX_BYTES, Parcels

KIND: Final = "candidate"
#: of one candidate in an hour
AT_MOST: Final = 10
#: what fills the form there
_PLAIN: Final = ("name", "mobile", "mail", "degree", "school", "major", "employer", "title", "city", "years")


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """What a parcel holds. Fields are only ever added, with a default."""

    values: dict[str, Any]
    profile: Profile
    text: str = ""
    file_name: str = ""
    media_type: str = ""
    file: bytes = b""


class Unpacked(NamedTuple):
    resume: Resume
    values: dict[str, Any]


_CARRIED: Final = msgspec.msgpack.Decoder(Carried)


async def pack(ctx: Context, candidate: Candidate, parcels: Parcels) -> str:
    """The code by which the candidate takes their profile along. Raises TooManyRequests, ParcelsUnavailable."""
    limiter = limiter_of(ctx)
    if limiter is not None and (
        wait_s := await limiter.hit(f"carry:{ctx.tenant.id}:{candidate.id}", limit=AT_MOST, window_s=3600)
    ):
        raise TooManyRequests(_("携带码生成得太频繁了。"), hint=_("请 {n} 分钟后再试。", n=wait_s // 60 + 1))
    resumes = await queries.resumes(ctx.session, candidate.id)
    latest = next((one for one in resumes if one.file_id is not None), None)
    name, media_type, data = "", "", b""
    if latest is not None and latest.file_id is not None:
        ref, data = await files.read(ctx, latest.file_id, room=ROOM)
        name, media_type = ref.name, ref.media_type
        if len(data) > MAX_BYTES - (1 << 20):
            name, media_type, data = "", "", b""
    carried = Carried(
        values={name: value for name in _PLAIN if (value := getattr(candidate, name)) not in (None, "")},
        profile=msgspec.convert(candidate.profile, Profile),
        text=str((latest.parsed or {}).get("text", "")) if latest is not None else "",
        file_name=name,
        media_type=media_type,
        file=data,
    )
    code = await parcels.put(KIND, msgspec.msgpack.encode(carried))
    audit.record(
        ctx,
        "recruiting.portal.carry",
        object_type="recruiting.candidate",
        object_id=candidate.id,
        fields=sorted(carried.values),
        sensitive=True,
    )
    return code


async def stop(ctx: Context, candidate: Candidate, parcels: Parcels, code: str) -> None:
    """The code ends now. Raises ParcelsUnavailable."""
    await parcels.drop(KIND, code)
    audit.record(
        ctx, "recruiting.portal.carry_stop", object_type="recruiting.candidate", object_id=candidate.id, fields=["code"]
    )


async def unpack(ctx: Context, job: Job, parcels: Parcels, code: str) -> Unpacked:
    """What the form is filled with, and the résumé that came along, nobody's until they apply.

    Raises ParcelNotFound, ParcelsUnavailable.
    """
    carried = _CARRIED.decode(await parcels.open(KIND, code))
    kept = None
    if carried.file:
        kept = await files.put(
            ctx, room=ROOM, name=carried.file_name, media_type=carried.media_type, data=carried.file, keep_until=None
        )
    resume = Resume(file_id=kept.id if kept else None, job_id=job.id, source="portal", state="parsed")
    resume.parsed = msgspec.to_builtins(_as_read(carried))
    ctx.session.add(resume)
    await ctx.session.flush()
    audit.record(
        ctx,
        "recruiting.resume.carried",
        object_type="recruiting.resume",
        object_id=resume.id,
        fields=sorted(carried.values),
    )
    return Unpacked(resume, dict(carried.values))


def _as_read(carried: Carried) -> Parsed:
    """In the form in which a résumé is kept; who wrote it was sure."""
    profile = carried.profile
    values: dict[str, Any] = {name: _sure(value) for name, value in carried.values.items()}
    return Parsed(
        **values,
        education=tuple(_sure(one) for one in profile.schooling),
        experience=tuple(_sure(one) for one in profile.experience),
        skills=tuple(_sure(one) for one in profile.skills),
        text=carried.text,
    )


def _sure(value: Any) -> Found[Any]:
    return Found(value=value, confidence=1.0, source="carried", page=1, start=0, end=0)
