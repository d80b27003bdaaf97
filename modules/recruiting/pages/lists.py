"""The customer's own reasons, texts and letters, and the searches that wake people."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from modules.recruiting import letters
from modules.recruiting.errors import EntryNotFound
from modules.recruiting.rules.letters import PLACES
from modules.recruiting.service import access, consents, lists, sourcing, taskplans
from modules.recruiting.service.lists import Entry, ListKind
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import N_, _
from zhiren.modules import NavItem
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, Fields, read_form

SETTINGS: Final = access.SETTINGS
#: what is too long is refused, and not cut in silence
_LONGEST: Final = max(lists.MAX_TEXT.values()) + 1
_TITLES: Final[dict[ListKind, str]] = {
    "reason": N_("淘汰原因"),
    "message": N_("常用消息"),
    "letter": N_("录用信函"),
}


@get("/recruiting/settings", permission=SETTINGS)
async def settings_page(ctx: Context) -> Page:
    found = {kind: await lists.entries(ctx, kind, active=False) for kind in _TITLES}
    return page(
        "recruiting/settings.html",
        lists=found,
        titles=_TITLES,
        plans=await taskplans.plans(ctx, active=False),
        wordings=await consents.wordings(ctx),
        consent_titles=consents.TITLES,
    )


@get("/recruiting/settings/{kind:str}", permission=SETTINGS)
async def entry_page(ctx: Context, kind: FromPath[str], code: FromQuery[str] = "") -> Page:
    name = _kind(kind)
    entry = await lists.find(ctx, name, code) if code else Entry(code="", name="")
    return _form(name, entry, None)


@post("/recruiting/settings/{kind:str}", permission=SETTINGS, status_code=303)
async def save_page(request: AnyRequest, ctx: Context, kind: FromPath[str]) -> Page | Redirect:
    name, fields = _kind(kind), Fields(await read_form(request, longest=_LONGEST))
    entry = Entry(
        code=fields.text("code"),
        name=fields.text("name"),
        text=fields.text("text"),
        subject=fields.text("subject")[:100],
        active=fields.flag("active"),
    )
    try:
        async with ctx.session.begin_nested():
            await lists.save(ctx, name, entry)
    except EntryNotFound:
        raise
    except ZhirenError as refusal:
        return _form(name, entry, refusal)
    return redirect("/recruiting/settings", _("已保存。"))


@get("/recruiting/settings/consent/{purpose:str}", permission=SETTINGS)
async def consent_page(ctx: Context, purpose: FromPath[str]) -> Page:
    return await _consent(ctx, purpose, None)


@post("/recruiting/settings/consent/{purpose:str}", permission=SETTINGS, status_code=303)
async def save_consent(request: AnyRequest, ctx: Context, purpose: FromPath[str]) -> Page | Redirect:
    form = await read_form(request, longest=consents.MAX_TEXT * 2)
    try:
        async with ctx.session.begin_nested():
            wording = await consents.change(ctx, purpose, form["chinese"], form["english"])
    except EntryNotFound:
        raise
    except ZhirenError as refusal:
        typed = consents.Wording(purpose, 0, form["chinese"], form["english"])
        return await _consent(ctx, purpose, typed, refusal)
    return redirect("/recruiting/settings", _("已保存为第 {n} 版，以后的同意按新文字。", n=wording.edition))


async def _consent(
    ctx: Context, purpose: str, typed: consents.Wording | None, refusal: ZhirenError | None = None
) -> Page:
    now = (await consents.wordings(ctx)).get(purpose)
    if now is None:
        raise EntryNotFound(_("没有这一项同意。"))
    return page(
        "recruiting/settings_consent.html",
        status_code=refusal.status if refusal else 200,
        title=_(consents.TITLES[purpose]),
        now=now,
        typed=typed or now,
        error=refusal,
        errors=refusal.fields if refusal else {},
    )


@post("/recruiting/settings/letter/preview", permission=SETTINGS, status_code=200, idempotency=False)
async def preview_letter(request: AnyRequest, ctx: Context) -> Page | Response[bytes]:
    """The letter as a page of paper, with made-up terms; nothing is stored."""
    fields = Fields(await read_form(request, longest=_LONGEST))
    entry = Entry(code=fields.text("code"), name=fields.text("name"), text=fields.text("text"))
    try:
        lists.check("letter", entry)
        made = await letters.preview(request.app.state.templates, ctx, entry.text)
    except ZhirenError as refusal:
        return _form("letter", entry, refusal)
    return Response(made, media_type="application/pdf", headers={"content-disposition": "inline"})


@post("/recruiting/searches", permission=access.HIRE, status_code=303)
async def keep_search(request: AnyRequest, ctx: Context) -> Redirect:
    form = await read_form(request)
    entry = await sourcing.keep(ctx, form["name"], form["q"], form.starting("f."))
    return redirect(sourcing.path_of(entry), _("已保存，有新的合适人选会通知您。"))


@post("/recruiting/searches/{entry_id:uuid}/delete", permission=access.HIRE, status_code=303)
async def forget_search(ctx: Context, entry_id: FromPath[UUID]) -> Redirect:
    await sourcing.forget(ctx, entry_id)
    return redirect("/recruiting/candidates", _("已删除这个提醒。"))


def _kind(text: str) -> ListKind:
    for kind in _TITLES:
        if kind == text:
            return kind
    raise EntryNotFound(_("没有这个列表。"))


def _form(kind: ListKind, entry: Entry, refusal: ZhirenError | None) -> Page:
    return page(
        "recruiting/settings_entry.html",
        status_code=refusal.status if refusal else 200,
        kind=kind,
        title=_(_TITLES[kind]),
        places=PLACES,
        entry=entry,
        error=refusal,
        errors=refusal.fields if refusal else {},
    )


NAVIGATION: Final = (
    NavItem(N_("招聘设置"), "/recruiting/settings", SETTINGS, icon="adjustments", section=N_("招聘"), order=79),
)
route_handlers: tuple[Any, ...] = (
    settings_page,
    entry_page,
    save_page,
    preview_letter,
    consent_page,
    save_consent,
    keep_search,
    forget_search,
)
