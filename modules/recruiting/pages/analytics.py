"""招聘分析: the figures, their spreadsheets, and the people behind each."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from modules.recruiting import words
from modules.recruiting.repository.analytics import PEOPLE, Choice, Those, channels, job_titles
from modules.recruiting.rules.analytics import months_later
from modules.recruiting.service import access, analytics
from modules.recruiting.service.choices import seat_names
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import InvalidInput
from zhiren.i18n import N_, _
from zhiren.modules import NavItem
from zhiren.web import Page, page
from zhiren.web.fields import AnyRequest
from zhiren.web.tables.export import XLSX, defused, xlsx_bytes

BASE: Final = "/recruiting/analytics"
_MONTH: Final = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")
_FILTERS: Final = ("from", "to", "job", "channel", "unit")


def _month(text: str, default: date) -> date:
    return date.fromisoformat(f"{text}-01") if _MONTH.fullmatch(text) else default


def _identity(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


async def _choice(request: AnyRequest, ctx: Context) -> tuple[Choice, dict[str, str]]:
    asked = {name: request.query_params.get(name, "") for name in _FILTERS}
    this = today().replace(day=1)
    last = _month(asked["to"], this)
    first = min(_month(asked["from"], months_later(last, -11)), last)
    choice = Choice(
        since=first, until=months_later(last, 1), job_id=_identity(asked["job"]), channel_id=_identity(asked["channel"])
    )
    values = asked | {"from": f"{first:%Y-%m}", "to": f"{last:%Y-%m}"}
    return await analytics.choice_of(ctx, choice, _identity(asked["unit"])), values


@get(BASE, permission=access.ANALYTICS)
async def analytics_page(request: AnyRequest, ctx: Context) -> Page:
    choice, values = await _choice(request, ctx)
    return page(
        "recruiting/analytics.html",
        sheets=await analytics.sheets(ctx, choice),
        values=values,
        query=urlencode(values),
        urlencode=urlencode,
        jobs=(await job_titles(ctx.session, choice.member)).items(),
        channels=[(one.id, one.name) for one in await channels(ctx.session)],
        units=(await seat_names(ctx)).units.items(),
        costs=choice.member is None,
    )


@get(BASE + "/people", permission=access.HIRE)
async def people_page(request: AnyRequest, ctx: Context) -> Page:
    choice, values = await _choice(request, ctx)
    names = Those.__struct_fields__
    asked = {name: request.query_params[name] for name in names if name in request.query_params}
    try:
        those = msgspec.convert(asked, Those, strict=False)
    except msgspec.ValidationError as fault:
        raise InvalidInput(_("请检查标出的内容。")) from fault
    found = await analytics.behind(ctx, choice, those)
    return page(
        "recruiting/analytics_people.html",
        people=found[:PEOPLE],
        more=len(found) > PEOPLE,
        query=urlencode(values),
        states=words.APPLICATION_STATES,
        stages=analytics.STAGES,
    )


@get(BASE + "/export/{code:str}", permission=access.ANALYTICS)
async def export(request: AnyRequest, ctx: Context, code: FromPath[str]) -> Response[bytes]:
    choice, _values = await _choice(request, ctx)
    sheet = await analytics.sheet(ctx, choice, code)
    rows: list[list[Any]] = [[defused(name), *(cell.text for cell in cells)] for name, cells in sheet.rows]
    mark = _("{name} 导出于 {when}", name=ctx.actor.name, when=f"{today()}")
    content = xlsx_bytes(sheet.title, sheet.heads, ["text"] * len(sheet.heads), rows, mark)
    disposition = f"attachment; filename=\"export.xlsx\"; filename*=UTF-8''{quote(sheet.title)}.xlsx"
    return Response(content, media_type=XLSX, headers={"content-disposition": disposition})


NAVIGATION: Final = (NavItem(N_("招聘分析"), BASE, access.ANALYTICS, icon="chart-bar", section=N_("招聘"), order=72),)
route_handlers: tuple[Any, ...] = (analytics_page, people_page, export)
