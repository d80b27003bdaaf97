"""One résumé: the original beside what was read from it, to be corrected by hand and given to whom it belongs."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from modules.recruiting import words
from modules.recruiting.errors import BoardChanged
from modules.recruiting.models import Candidate, Resume
from modules.recruiting.pages.adding import data_of, shown_twins, typed_of
from modules.recruiting.pages.chosen import version_of
from modules.recruiting.repository import core
from modules.recruiting.resumes.errors import NOTICES
from modules.recruiting.resumes.schemas import Parsed
from modules.recruiting.schemas import CandidateData
from modules.recruiting.service import access, candidates, intake, reading
from modules.recruiting.service.applying import ROOM
from modules.recruiting.shapes import Profile
from zhiren import files
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, Form, read_form, uuid_of

HIRE: Final = access.HIRE
BASE: Final = "/recruiting/resumes/{resume_id:uuid}"
#: kinds that every browser shows in a frame, or as a picture
_FRAMED: Final = {"application/pdf": "pdf", "image/png": "picture", "image/jpeg": "picture"}


@get(BASE, permission=HIRE)
async def resume_page(ctx: Context, resume_id: FromPath[UUID]) -> Page:
    resume, person = await reading.resume_of(ctx, resume_id)
    read = reading.parsed_of(resume)
    reading.seen(ctx, resume)
    return await _page(ctx, resume, person, _proposed(person, read), None)


@get(BASE + "/file", permission=HIRE)
async def original(ctx: Context, resume_id: FromPath[UUID]) -> Response[bytes]:
    """The file as it came; the reading is recorded by ``zhiren.files``."""
    resume, _person = await reading.resume_of(ctx, resume_id)
    if resume.file_id is None:
        raise files.FileNotFound(_("没有这个文件。"), hint=_("它可能已被删除。"))
    ref, data = await files.read(ctx, resume.file_id, room=ROOM)
    return files.response(shown_as(ref, data), data, inline=True)


@post(BASE, permission=HIRE, status_code=303)
async def save_page(request: AnyRequest, ctx: Context, resume_id: FromPath[UUID]) -> Page | Redirect:
    form = await read_form(request)
    resume, person = await reading.resume_of(ctx, resume_id)
    if person is not None and person.version != version_of(form):
        message = _("{name} 的资料刚被别人改过，您的修改没有保存。", name=person.name)
        raise BoardChanged(message, hint=_("请刷新后再改。"))
    try:
        async with ctx.session.begin_nested():
            found = await _save(ctx, form, resume, person)
    except ZhirenError as refusal:
        return await _again(ctx, form, resume_id, refusal)
    if isinstance(found, list):
        return await _again(ctx, form, resume_id, None, same=found)
    return redirect(f"/recruiting/candidates/{found.id}", _("已保存。"))


@post(BASE + "/attach", permission=HIRE, status_code=303)
async def attach_page(request: AnyRequest, ctx: Context, resume_id: FromPath[UUID]) -> Redirect:
    """A person says whose it is: somebody known."""
    resume, person = await reading.resume_of(ctx, resume_id)
    form = await read_form(request)
    chosen = await access.candidate_of(ctx, uuid_of(form["candidate"]) or resume_id)
    if person is None:
        await intake.attach(ctx, resume, chosen)
        await candidates.reindex(ctx, chosen)
        resume.outcome = {"what": "known"}
        reading.checked(ctx, resume)
    return redirect(f"/recruiting/candidates/{chosen.id}", _("简历已归到 {name}。", name=chosen.name))


@post(BASE + "/delete", permission=HIRE, status_code=303)
async def delete_page(ctx: Context, resume_id: FromPath[UUID]) -> Redirect:
    resume, _person = await reading.resume_of(ctx, resume_id)
    await intake.throw_away(ctx, resume)
    return redirect("/recruiting/intake", _("已删除这份简历。"))


# ---- within


def shown_as(ref: files.FileRef, data: bytes) -> files.FileRef:
    """Under the kind the bytes are of: those that came through the career site name none."""
    return msgspec.structs.replace(ref, media_type=intake.media_type(data, ref.name))


async def _save(ctx: Context, form: Form, resume: Resume, person: Candidate | None) -> Candidate | list[dict[str, Any]]:
    """The candidate, or who of the known may be the same."""
    read = reading.parsed_of(resume)
    known = candidates.data_of(person) if person is not None else _profile_of(read)
    data = candidates.check(data_of(form, known))
    if person is None:
        same = await candidates.same_people(ctx, data)
        if same and not form["anyway"]:
            return await shown_twins(ctx, same, data)
        person = await intake.make(ctx, resume, data, read.text if read else "")
        await intake.attach(ctx, resume, person)
        resume.outcome = {"what": "new"}
    else:
        await candidates.correct(ctx, person, data)
    reading.checked(ctx, resume)
    await ctx.session.flush()
    return person


def _profile_of(read: Parsed | None) -> CandidateData:
    """What the form has no fields for: schools and employers as they were read."""
    return CandidateData(name="", profile=reading.data_of(read).profile if read else Profile())


def _proposed(person: Candidate | None, read: Parsed | None) -> dict[str, Any]:
    """What the form is filled with. Of somebody known, what is known; contacts stay covered unless they are the ones
    that stand in the original, which is open beside them."""
    values = _filled(read) if read is not None else {}
    if person is None:
        return values
    same = {name: values[name] for name in ("mobile", "mail") if values.get(name) == (getattr(person, name) or "")}
    return typed_of(person) | same


def _filled(read: Parsed) -> dict[str, Any]:
    data = reading.data_of(read)
    wish = f"{data.salary_wish_fen / 100:g}" if data.salary_wish_fen else ""
    years = "" if data.years is None else f"{data.years:g}"
    values = {name: getattr(data, name) or "" for name in reading.READ if name != "years"}
    born_on = data.born_on.isoformat() if data.born_on else ""
    skills = " ".join(data.profile.skills)
    return {**values, "years": years, "born_on": born_on, "salary_wish": wish, "skills": skills, "summary": ""}


def _marks(resume: Resume, person: Candidate | None, read: Parsed | None, shown: dict[str, Any]) -> dict[str, Any]:
    """Until a person has checked it. Of somebody known, only what stands there because it was read."""
    if read is None or resume.state != "parsed":
        return {}
    found = reading.marks(read)
    if person is None:
        return found
    was = _filled(read)
    return {name: mark for name, mark in found.items() if mark.confidence and str(shown[name]) == str(was[name])}


async def _again(ctx: Context, form: Form, resume_id: UUID, refusal: ZhirenError | None, *, same: Any = ()) -> Page:
    resume, person = await reading.resume_of(ctx, resume_id)
    await ctx.session.refresh(resume)
    if person is not None:
        await ctx.session.refresh(person)
    names = (*reading.READ, "born_on", "salary_wish", "skills", "summary")
    return await _page(ctx, resume, person, {name: form[name] for name in names}, refusal, same=same)


async def _page(
    ctx: Context,
    resume: Resume,
    person: Candidate | None,
    values: dict[str, Any],
    refusal: ZhirenError | None,
    *,
    same: Any = (),
) -> Page:
    read = reading.parsed_of(resume)
    shown = dict.fromkeys((*reading.READ, "born_on", "salary_wish", "skills", "summary"), "") | values
    status = refusal.status if refusal else 409 if same else 200
    return page(
        "recruiting/resume.html",
        status_code=status,
        resume=resume,
        person=person,
        read=read,
        values=shown,
        marks=_marks(resume, person, read, shown),
        told=[_(NOTICES[one.code], count=one.count) for one in read.notices if one.code in NOTICES] if read else [],
        shows=await _shows(ctx, resume),
        position=await core.job(ctx.session, resume.job_id) if resume.job_id else None,
        degree_choices=[(code, _(title)) for code, title in words.DEGREES.items()],
        gender_choices=[(code, _(title)) for code, title in words.GENDERS.items()],
        words=words,
        same=same,
        error=refusal,
        errors=refusal.fields if refusal else {},
    )


async def _shows(ctx: Context, resume: Resume) -> str:
    """How the original is shown: "pdf", "picture", or "text" for what browsers do not show."""
    try:
        ref = await files.ref(ctx, resume.file_id, room=ROOM) if resume.file_id else None
    except files.FileNotFound:
        return "gone"
    if ref is None:
        return "gone"
    kind = _FRAMED.get(ref.media_type)
    if kind is None and ref.name.lower().endswith((".jpg", ".jpeg", ".png")):
        kind = "picture"
    return kind or "text"


route_handlers: tuple[Any, ...] = (resume_page, original, save_page, attach_page, delete_page)
