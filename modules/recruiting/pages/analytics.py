"""招聘分析: the figures, their spreadsheets, and the people behind each."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from modules.recruiting import words
from modules.recruiting.repository.analytics import PEOPLE, Choice, Those, channels, job_titles
from modules.recruiting.rules.analytics import Share, months_later
from modules.recruiting.service import access, analytics
from modules.recruiting.service.choices import seat_names
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import InvalidInput
from zhiren.i18n import N_, _
from zhiren.modules import NavItem
from zhiren.web import Page, page
from zhiren.web.fields import AnyRequest, uuid_of
from zhiren.web.tables.export import XLSX, defused, xlsx_bytes

BASE: Final = "/recruiting/analytics"
_MONTH: Final = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")
_FILTERS: Final = ("from", "to", "job", "channel", "unit")


def _month(text: str, default: date) -> date:
    return date.fromisoformat(f"{text}-01") if _MONTH.fullmatch(text) else default


async def _choice(request: AnyRequest, ctx: Context) -> tuple[Choice, dict[str, str]]:
    asked = {name: request.query_params.get(name, "") for name in _FILTERS}
    this = today().replace(day=1)
    last = _month(asked["to"], this)
    first = min(_month(asked["from"], months_later(last, -11)), last)
    choice = Choice(
        since=first, until=months_later(last, 1), job_id=uuid_of(asked["job"]), channel_id=uuid_of(asked["channel"])
    )
    values = asked | {"from": f"{first:%Y-%m}", "to": f"{last:%Y-%m}"}
    return await analytics.choice_of(ctx, choice, uuid_of(asked["unit"])), values


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
        when=_("离开时间") if those.left is not None else _("面试时间") if those.meetings else "",
        query=urlencode(values),
        states=words.APPLICATION_STATES,
        stages=analytics.STAGES,
    )


@get(BASE + "/export/{code:str}", permission=access.ANALYTICS)
async def export(request: AnyRequest, ctx: Context, code: FromPath[str]) -> Response[bytes]:
    choice, _values = await _choice(request, ctx)
    sheet = await analytics.sheet(ctx, choice, code)
    mark = _("{name} 导出于 {when}", name=ctx.actor.name, when=f"{today()}")
    content = xlsx_bytes(sheet.title, *_columns(sheet), mark)
    disposition = f"attachment; filename=\"export.xlsx\"; filename*=UTF-8''{quote(sheet.title)}.xlsx"
    return Response(content, media_type=XLSX, headers={"content-disposition": disposition})


def _columns(sheet: analytics.Sheet) -> tuple[list[str], list[str], list[list[Any]]]:
    """Heads, kinds and rows to calculate with. A share is four columns: itself, of how many, and its interval."""
    kinds = [cell.kind for cell in sheet.rows[0][1]] if sheet.rows else []
    heads, columns = [sheet.heads[0]], ["text"]
    for head, kind in zip(sheet.heads[1:], kinds, strict=False):
        if kind == "share":
            heads += [
                head,
                _("{head}：总数", head=head),
                _("{head}：95% 下限", head=head),
                _("{head}：95% 上限", head=head),
            ]
            columns += ["percent", "count", "percent", "percent"]
        else:
            heads.append(head)
            columns.append(kind)
    rows = [[defused(name), *(value for cell in cells for value in _values(cell))] for name, cells in sheet.rows]
    return heads, columns, rows


def _values(cell: analytics.Cell) -> list[float | None]:
    if cell.kind != "share":
        return [None if isinstance(cell.value, Share) else cell.value]
    if not isinstance(cell.value, Share):
        return [None, 0, None, None]
    share = cell.value
    return [share.part / share.whole, share.whole, share.low, share.high]


NAVIGATION: Final = (NavItem(N_("招聘分析"), BASE, access.ANALYTICS, icon="chart-bar", section=N_("招聘"), order=72),)
route_handlers: tuple[Any, ...] = (analytics_page, people_page, export)
