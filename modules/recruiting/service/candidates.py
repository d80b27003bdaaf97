"""People: found again, written down, corrected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from modules.recruiting import repository as queries
from modules.recruiting.errors import InvalidRecruiting
from modules.recruiting.models import Candidate
from modules.recruiting.rules import search
from modules.recruiting.schemas import CandidateData
from modules.recruiting.service import retention, timeline
from modules.recruiting.shapes import Profile
from zhiren import audit
from zhiren.context import Context
from zhiren.guests import normal_address
from zhiren.i18n import _

#: plain columns that a ``CandidateData`` fills as they are
PLAIN = ("name", "gender", "born_on", "city", "degree", "school", "major", "employer", "title", "years", "locale")
SEALED = ("mobile", "mail", "id_number", "salary_wish_fen")


def check(data: CandidateData) -> CandidateData:
    """Spelling mended, faults told by field. Raises InvalidRecruiting."""
    if faults := faults_of(data):
        raise InvalidRecruiting(_("请检查标出的内容。"), fields=faults)
    name, mobile, mail = _spelt(data)
    return msgspec.structs.replace(data, name=name, mobile=mobile or None, mail=mail or None)


def faults_of(data: CandidateData) -> dict[str, str]:
    """What is wrong with ``data``, by field."""
    name, mobile, mail = _spelt(data)
    faults: dict[str, str] = {}
    if not 1 <= len(name) <= 60:
        faults["name"] = _("请填写姓名，最多 60 字")
    if mobile is None or "@" in mobile:
        faults["mobile"] = _("手机号应为 11 位")
    if mail is None or (mail and "@" not in mail):
        faults["mail"] = _("邮箱地址不对")
    if not data.mobile and not data.mail:
        faults.setdefault("mobile", _("手机号和邮箱至少填一个"))
    return faults


def _spelt(data: CandidateData) -> tuple[str, str | None, str | None]:
    """Name, mobile and mail in the form that the portal's log-in looks for; None for what is no address."""
    mobile = normal_address(data.mobile) if data.mobile else ""
    mail = normal_address(data.mail) if data.mail else ""
    return " ".join(data.name.split()), mobile, mail


async def same_people(ctx: Context, data: CandidateData) -> Sequence[Candidate]:
    """Who of the known may be this person, surest first."""
    return await queries.same_people(
        ctx.session, mobile=data.mobile or "", mail=data.mail or "", name=data.name, school=data.school
    )


def surely(candidate: Candidate, data: CandidateData) -> bool:
    """The same mobile, or the same mail with the same name: one person. A name with a school is only likely."""
    if data.mobile and candidate.mobile == data.mobile:
        return True
    return bool(data.mail and candidate.mail == data.mail and candidate.name == data.name)


async def create(ctx: Context, data: CandidateData, *, resume_text: str = "", **links: Any) -> Candidate:
    """A new candidate; ``links`` are columns such as ``channel_id``. Raises InvalidRecruiting."""
    data = check(data)
    candidate = Candidate(keep_until=await retention.until(ctx), **links, **_columns(data))
    ctx.session.add(candidate)
    await ctx.session.flush()
    await _index(ctx, candidate, resume_text)
    audit.record(
        ctx,
        "recruiting.candidate.create",
        object_type="recruiting.candidate",
        object_id=candidate.id,
        fields=sorted(_columns(data)),
    )
    return candidate


async def correct(ctx: Context, candidate: Candidate, data: CandidateData, *, resume_text: str = "") -> list[str]:
    """Writes what ``data`` says anew; answers the names of what changed."""
    data = check(data)
    changed = [name for name, value in _columns(data).items() if getattr(candidate, name) != value]
    for name in changed:
        setattr(candidate, name, _columns(data)[name])
    if changed:
        await ctx.session.flush()
        await _index(ctx, candidate, resume_text or await _resume_text(ctx, candidate))
        audit.record(
            ctx,
            "recruiting.candidate.update",
            object_type="recruiting.candidate",
            object_id=candidate.id,
            fields=changed,
        )
        timeline.add(ctx, "corrected", candidate_id=candidate.id, data={"fields": changed})
    return changed


def data_of(candidate: Candidate) -> CandidateData:
    """What is known of ``candidate``, as a form is filled with it."""
    values = {name: getattr(candidate, name) for name in (*PLAIN, *SEALED)}
    return CandidateData(**values, profile=msgspec.convert(candidate.profile, Profile))


def _columns(data: CandidateData) -> dict[str, Any]:
    values = {name: getattr(data, name) for name in (*PLAIN, *SEALED)}
    return values | {"profile": msgspec.to_builtins(data.profile)}


async def reindex(ctx: Context, candidate: Candidate) -> None:
    """After something searchable has changed; the texts of the résumés that were read stay found."""
    await _index(ctx, candidate, await _resume_text(ctx, candidate))


async def _resume_text(ctx: Context, candidate: Candidate) -> str:
    parsed = [resume.parsed or {} for resume in await queries.resumes(ctx.session, candidate.id)]
    return "\n".join(str(one.get("text", "")) for one in parsed)


async def _index(ctx: Context, candidate: Candidate, resume_text: str) -> None:
    profile = msgspec.convert(candidate.profile, Profile)
    texts = [candidate.name, candidate.city, candidate.school, candidate.major, candidate.employer, candidate.title]
    texts += [f"{one.school} {one.major}" for one in profile.schooling]
    texts += [f"{one.employer} {one.title} {one.text}" for one in profile.experience]
    texts += [*profile.skills, *profile.licences, *profile.languages, profile.summary, *candidate.tags, resume_text]
    facets = search.facets(degree=candidate.degree, city=candidate.city)
    await queries.set_search(ctx.session, candidate.id, [*search.terms(texts), *facets])
