"""Every component of the kit on one page, with made-up figures: for screenshots, axe, and people who build pages.

Mounted by test and demonstration compositions only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post

from zhiren.context import Context
from zhiren.errors import InvalidInput
from zhiren.i18n import N_, _
from zhiren.web.pages import Page, page, redirect
from zhiren.web.tables import Column, Filter, TableSpec, from_rows

_FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗"
_GIVEN = ("晓雯", "子轩", "欣怡", "浩然", "雨桐", "思远", "佳宁", "明哲", "诗涵", "志强")
_UNITS = ("生产一部", "研发中心", "人力资源部", "华北销售部", "质量管理部")


@dataclass(frozen=True, slots=True)
class Sample:
    id: UUID
    number: str
    name: str
    unit: str
    city: str
    hired_on: date
    status: str
    base_fen: int


def samples(count: int = 240) -> list[Sample]:
    return [
        Sample(
            id=UUID(int=index),
            number=f"A{1000 + index}",
            name=_FAMILY[index % len(_FAMILY)] + _GIVEN[index * 7 % len(_GIVEN)],
            unit=_UNITS[index * 3 % len(_UNITS)],
            city="北京" if index % 3 else "上海",
            hired_on=date(2019, 3, 1) + timedelta(days=index * 11),
            status=("active", "active", "active", "probation", "left")[index % 5],
            base_fen=680_000 + index * 12_345,
        )
        for index in range(1, count + 1)
    ]


SAMPLES: Final = TableSpec(
    name="kit.samples",
    title=N_("员工"),
    columns=(
        Column("name", N_("姓名"), href=lambda row: f"/kit?at={row.number}", main=True, search=True),
        Column("number", N_("工号"), search=True),
        Column("unit", N_("部门"), search=True),
        Column("city", N_("工作地"), shown=False),
        Column("hired_on", N_("入职日期"), kind="date"),
        Column("base_fen", N_("基本工资"), kind="money"),
        Column(
            "status",
            N_("状态"),
            badges={
                "active": ("success", N_("在职")),
                "probation": ("warning", N_("试用期")),
                "left": ("", N_("已离职")),
            },
        ),
    ),
    filters=(
        Filter("unit", N_("部门"), choices=[(unit, unit) for unit in _UNITS]),
        Filter(
            "status", N_("状态"), choices=[("active", N_("在职")), ("probation", N_("试用期")), ("left", N_("已离职"))]
        ),
    ),
    row_href=lambda row: f"/kit?at={row.number}",
    size=20,
    exportable=False,
    saved_views=False,
)


@get("/kit", permission="public")
async def kit(request: Request[Any, Any, Any], ctx: Context) -> Page | Response[bytes]:
    table = from_rows(SAMPLES, request, ctx, samples())
    return await table.answer("web/kit.html", errors={}, chart=_chart())


@get("/kit/empty", permission="public")
async def kit_empty(request: Request[Any, Any, Any], ctx: Context) -> Page:
    return page("web/kit_empty.html", table=from_rows(SAMPLES, request, ctx, []))


@get("/kit/form", permission="public")
async def kit_form() -> Page:
    return page("web/kit_form.html", errors={}, error=None)


@post("/kit/form", permission="public", status_code=303)
async def kit_form_sent(request: Request[Any, Any, Any]) -> Response[Any]:
    form = await request.form()
    if not form.get("name"):
        error = InvalidInput(_("有一处需要改正。"), fields={"name": _("请填写姓名。")})
        return page("web/kit_form.html", status_code=422, errors=error.fields, error=error)
    return redirect("/kit", _("已保存。"))


def _chart() -> dict[str, Any]:
    months = ["6月", "7月", "8月", "9月", "10月", "11月"]
    return {
        "kind": "bar",
        "stacked": True,
        "categories": months,
        "unit": _("万元"),
        "series": [
            {"name": _("应发工资"), "values": [812, 824, 831, 829, 846, 858]},
            {"name": _("单位社保公积金"), "values": [233, 236, 241, 240, 244, 249]},
        ],
    }


HANDLERS: Final = (kit, kit_empty, kit_form, kit_form_sent)
