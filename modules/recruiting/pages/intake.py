"""Taking résumés in: many files at once, or one pasted text; and what became of each."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery

from modules.recruiting.repository import intake as queries
from modules.recruiting.repository import people
from modules.recruiting.repository import pipeline as board_queries
from modules.recruiting.resumes.errors import REFUSALS
from modules.recruiting.service import access, intake
from modules.recruiting.service.applying import ROOM
from modules.recruiting.shapes import Outcome
from zhiren import files
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import N_, _
from zhiren.ids import new_id
from zhiren.jobs.schemas import view
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, Form, read_form, uuid_of

BASE: Final = "/recruiting/intake"
HIRE: Final = access.HIRE
#: of a form that brings its files along, where the browser does not send them one by one
MANY_BYTES: Final = 4 * intake.MAX_FILE_BYTES
ONE_BYTES: Final = intake.MAX_FILE_BYTES + 256 * 1024
#: of a pasted text; a résumé of ten pages is a tenth of it
MAX_PASTED: Final = 60_000
OUTCOMES: Final[dict[str, tuple[str, str]]] = {
    "": ("info", N_("等待读取")),
    "new": ("success", N_("新候选人")),
    "known": ("success", N_("归到已有候选人")),
    "again": ("", N_("重复的文件")),
    "unclear": ("warning", N_("需要人工确认")),
    "refused": ("danger", N_("没有读出")),
}


class Sent(msgspec.Struct, frozen=True):
    """What was done with one file that the browser sent by itself."""

    name: str
    kept: bool
    message: str = ""


@get(BASE, permission=HIRE)
async def intake_page(ctx: Context, job: FromQuery[str] = "") -> Page:
    return await _start(ctx, {"job": job}, None)


@post(BASE + "/files", permission=HIRE, status_code=200, request_max_body_size=ONE_BYTES)
async def send_file(request: AnyRequest, ctx: Context) -> Sent:
    """One file of a batch; the page sends them one after another, so that a bad network loses one and not all."""
    form = Form(_texts(await request.form()))
    batch_id, job_id = _batch(form), uuid_of(form["job"])
    await intake.allowed(ctx, batch_id, job_id)
    name, data = (await _files(request) or [("", b"")])[0]
    kept = await intake.keep(
        ctx, batch_id, name=name, data=data, job_id=job_id, channel_id=await _channel(ctx, form["channel"])
    )
    return Sent(name, not kept.again, _("这个文件已经传过。") if kept.again else "")


@post(BASE, permission=HIRE, status_code=303, request_max_body_size=MANY_BYTES)
async def begin_page(request: AnyRequest, ctx: Context) -> Page | Redirect:
    """Begins reading, with the files that the form itself brings."""
    form = Form(_texts(await request.form()))
    batch_id, job_id = _batch(form), uuid_of(form["job"])
    try:
        async with ctx.session.begin_nested():
            await intake.allowed(ctx, batch_id, job_id)
            channel_id = await _channel(ctx, form["channel"])
            for name, data in await _files(request):
                await intake.keep(ctx, batch_id, name=name, data=data, job_id=job_id, channel_id=channel_id)
            await intake.start(ctx, batch_id)
    except ZhirenError as refusal:
        return await _start(ctx, {"job": form["job"], "channel": form["channel"]}, refusal)
    return redirect(f"{BASE}/{batch_id}")


@get(BASE + "/paste", permission=HIRE)
async def paste_page(ctx: Context, job: FromQuery[str] = "") -> Page:
    return await _paste(ctx, {"job": job}, None)


@post(BASE + "/paste", permission=HIRE, status_code=303)
async def read_pasted(request: AnyRequest, ctx: Context) -> Page | Redirect:
    form = await read_form(request, longest=MAX_PASTED)
    job_id = uuid_of(form["job"])
    try:
        async with ctx.session.begin_nested():
            resume = await intake.paste(
                ctx, form["text"], job_id=job_id, channel_id=await _channel(ctx, form["channel"])
            )
    except ZhirenError as refusal:
        return await _paste(ctx, {name: form[name] for name in ("job", "channel", "text")}, refusal)
    return redirect(f"/recruiting/resumes/{resume.id}")


@get(BASE + "/{batch_id:uuid}", permission=HIRE)
async def batch_page(ctx: Context, batch_id: FromPath[UUID]) -> Page:
    await intake.visible(ctx, batch_id)
    lines = await queries.lines(ctx.session, batch_id)
    job = await intake.job_of(ctx, batch_id)
    position = lines[0].resume.job_id
    return page(
        "recruiting/intake_batch.html",
        batch_id=batch_id,
        rows=await rows_of(ctx, lines),
        counts=_counts(lines),
        job=view(job) if job else None,
        position=await access.job_of(ctx, position) if position else None,
        outcomes=OUTCOMES,
    )


@post(BASE + "/{batch_id:uuid}/read", permission=HIRE, status_code=303)
async def go_on_page(ctx: Context, batch_id: FromPath[UUID]) -> Redirect:
    """Reads what still waits, after it was stopped or failed."""
    await intake.visible(ctx, batch_id)
    await intake.start(ctx, batch_id)
    return redirect(f"{BASE}/{batch_id}")


# ---- within


async def rows_of(ctx: Context, lines: Any) -> list[dict[str, Any]]:
    """One line of a list for each file: its name, what became of it and why, and whose it is if the reader may know."""
    member = access.member(ctx)
    ids = {line.candidate.id for line in lines if line.candidate is not None}
    seen = {one.id for one in await people.by_ids(ctx.session, list(ids), member)}
    file_ids = {line.resume.file_id for line in lines if line.resume.file_id is not None}
    names = {key: ref.name for key, ref in (await files.known(ctx, file_ids, room=ROOM)).items()}
    rows = []
    for line in lines:
        outcome = msgspec.convert(line.resume.outcome, Outcome)
        done = outcome.what == "unclear" and line.candidate is not None
        rows.append(
            {
                "resume": line.resume,
                "name": names.get(line.resume.file_id, _("文件已删除")) if line.resume.file_id else _("附件"),
                "person": line.candidate if line.candidate is not None and line.candidate.id in seen else None,
                "what": "new" if done else outcome.what,
                "outcome": outcome,
                "reason": [_(text) for text in REFUSALS[line.resume.error][1:]]
                if line.resume.error in REFUSALS
                else [],
            }
        )
    return rows


def _counts(lines: Any) -> dict[str, int]:
    counts = dict.fromkeys(OUTCOMES, 0)
    for line in lines:
        counts[str(line.resume.outcome.get("what", ""))] += 1
    return counts


def _texts(form: Any) -> list[tuple[str, str]]:
    return [(name, value[:200]) for name, value in form.multi_items() if isinstance(value, str)]


async def _files(request: AnyRequest) -> list[tuple[str, bytes]]:
    """Names and bytes; a field of files left empty is sent as one without a name."""
    found = (await request.form()).getall("files", [])
    sent = [one for one in found if isinstance(one, UploadFile) and one.filename]
    return [(one.filename, await one.read(intake.MAX_FILE_BYTES + 1)) for one in sent]


def _batch(form: Form) -> UUID:
    return uuid_of(form["batch"]) or new_id()


async def _channel(ctx: Context, text: str) -> UUID | None:
    chosen = uuid_of(text)
    channel = await people.channel(ctx.session, chosen) if chosen else None
    return channel.id if channel else None


async def choices(ctx: Context) -> dict[str, Any]:
    member = access.member(ctx)
    return {
        "job_choices": [(one.id, f"{one.title} {one.number}") for one in await people.open_jobs(ctx.session, member)],
        "channel_choices": [(one.id, one.name) for one in await board_queries.channels(ctx.session)],
        "limited": member is not None,
    }


async def _start(ctx: Context, values: dict[str, str], refusal: ZhirenError | None) -> Page:
    member = access.member(ctx)
    mailed = await queries.mailed(ctx.session) if member is None else ()
    return page(
        "recruiting/intake.html",
        status_code=refusal.status if refusal else 200,
        values={"job": "", "channel": ""} | values,
        batch=new_id(),
        batches=await queries.batches(ctx.session, member),
        mailed=await rows_of(ctx, mailed),
        outcomes=OUTCOMES,
        most=intake.MAX_FILES,
        error=refusal,
        errors=refusal.fields if refusal else {},
        **await choices(ctx),
    )


async def _paste(ctx: Context, values: dict[str, str], refusal: ZhirenError | None) -> Page:
    return page(
        "recruiting/intake_paste.html",
        status_code=refusal.status if refusal else 200,
        values={"job": "", "channel": "", "text": ""} | values,
        longest=MAX_PASTED,
        error=refusal,
        errors=refusal.fields if refusal else {},
        **await choices(ctx),
    )


route_handlers: tuple[Any, ...] = (
    intake_page,
    send_file,
    begin_page,
    paste_page,
    read_pasted,
    batch_page,
    go_on_page,
)
