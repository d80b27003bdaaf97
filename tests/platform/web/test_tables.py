"""Tables: what is asked in the address is what is shown and exported, in at most two queries."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
import openpyxl
import pytest
import pytest_asyncio
from litestar import Request, Response, get
from litestar.params import FromQuery
from sqlalchemy import Engine, event, select

from tests.platform.web.fakes import USER_ID, client_of, make_app
from zhiren.audit import AuditEvent
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.ids import new_id
from zhiren.web import Listing, keyset
from zhiren.web.csrf import token_for
from zhiren.web.gallery import HANDLERS as GALLERY
from zhiren.web.models import SavedView
from zhiren.web.tables import Column, Filter, TableSpec, load
from zhiren.web.tables.export import defused
from zhiren.web.tables.query import like

HTML = {"accept": "text/html"}
ROWS = 137

THINGS = TableSpec(
    name="test.things",
    title="东西",
    columns=(
        Column("name", "名称", SavedView.name, main=True, search=True, href=lambda row: f"/things/{row.id}"),
        Column("table_name", "种类", SavedView.table_name),
        Column("size", "金额", kind="money", value=lambda row: row.query.get("fen")),
        Column("created_at", "时间", SavedView.created_at, kind="datetime", shown=False),
    ),
    filters=(Filter("kind", "种类", SavedView.table_name, choices=(("a", "甲"), ("b", "乙"))),),
    order_by=(SavedView.name, SavedView.id),
    row_href=lambda row: f"/things/{row.id}",
    size=50,
)


@get("/things", permission="authenticated")
async def things(request: Request[Any, Any, Any], ctx: Context) -> Response[Any]:
    table = await load(THINGS, request, ctx, select(SavedView).where(SavedView.user_id == OWNER))
    return await table.answer("web/kit_empty.html")


@get("/api/v1/things", permission="authenticated")
async def listing(ctx: Context, limit: FromQuery[int] = 50, cursor: FromQuery[str | None] = None) -> Listing[str]:
    items, following = await keyset(
        ctx,
        select(SavedView.name).where(SavedView.user_id == OWNER),
        order_by=(SavedView.table_name, SavedView.id),
        types=(str, UUID),
        cursor=cursor,
        limit=limit,
    )
    return Listing(items, following)


OWNER = new_id()


@pytest_asyncio.fixture(scope="module")
async def filled(database: Database, tenant: TenantRef) -> TenantRef:
    async with database.tenant(tenant) as ctx:
        for index in range(ROWS):
            kind = "b" if index % 3 == 0 else "a"
            ctx.session.add(
                SavedView(user_id=OWNER, table_name=kind, name=f"行{index:03d}", query={"fen": index * 101})
            )
        ctx.session.add(SavedView(user_id=OWNER, table_name="a", name="100%_<b>", query={}))
        ctx.session.add(SavedView(user_id=OWNER, table_name="a", name="=cmd|'/c calc'!A1", query={}))
    return tenant


@pytest_asyncio.fixture
async def client(database: Database, filled: TenantRef) -> AsyncIterator[httpx.AsyncClient]:
    app = make_app([things, listing], database=database, tenant=filled)
    async with client_of(app, "x", **HTML) as found:
        yield found


def names(html: str) -> list[str]:
    return re.findall(r'class="zr-main-cell" href="[^"]*">([^<]*)<', html)


@contextmanager
def counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_page_and_count(client: httpx.AsyncClient) -> None:
    html = (await client.get("/things")).text
    assert len(names(html)) == 50
    assert "第 1–50 行，共 139 行" in html
    last = (await client.get("/things?page=3")).text
    assert len(names(last)) == 39
    assert "第 101–139 行" in last


async def test_at_most_two_queries(client: httpx.AsyncClient) -> None:
    with counted() as seen:
        await client.get("/things?q=行&f.kind=a&sort=-name")
    assert len([statement for statement in seen if statement.lstrip().upper().startswith("SELECT")]) == 2
    with counted() as seen:
        await client.get("/things?q=行001")
    assert len([statement for statement in seen if statement.lstrip().upper().startswith("SELECT")]) == 1


async def test_search_filter_sort(client: httpx.AsyncClient) -> None:
    assert names((await client.get("/things", params={"q": "行01"})).text) == [f"行{n:03d}" for n in range(10, 20)]
    found = names((await client.get("/things", params={"q": "行01", "f.kind": "b", "sort": "-name"})).text)
    assert found == ["行018", "行015", "行012"]


@pytest.mark.parametrize("text", ["100%_", "%_<", "<b>"])
async def test_search_takes_wildcards_as_themselves_and_escapes(client: httpx.AsyncClient, text: str) -> None:
    html = (await client.get("/things", params={"q": text})).text
    assert names(html) == ["100%_&lt;b&gt;"]
    assert "<b>" not in html.replace("<b data-selection-count>", "")


async def test_columns_are_chosen(client: httpx.AsyncClient) -> None:
    html = (await client.get("/things?cols=name,created_at")).text
    assert 'data-label="时间"' in html
    assert 'data-label="金额"' not in html


@pytest.mark.parametrize("query", [
    "page=0", "page=-1", "page=x", "page=99999999999999", "page=77", "size=7", "size=x", "sort=nothing", "sort=--name",
    "cols=,,x", "f.kind=zzz", "f.nothing=1", "q=" + "x" * 5000, "q=%25%5C", "export=pdf&page=2", "sort=size",
])  # fmt: skip
async def test_strange_addresses_do_no_harm(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/things?{query}")).status_code in {200, 422}


async def test_nothing_found_offers_to_clear(client: httpx.AsyncClient) -> None:
    html = (await client.get("/things?q=没有这样的")).text
    assert "没有符合条件的记录" in html
    assert 'href="/things"' in html


async def test_csv_of_what_is_seen(client: httpx.AsyncClient, database: Database, filled: TenantRef) -> None:
    response = await client.get("/things?export=csv&q=行00&cols=name,size&sort=-name")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0] == ["名称", "金额"]
    assert rows[1] == ["行009", "9.09"]
    assert len(rows) == 11
    assert "filename*=UTF-8''" in response.headers["content-disposition"]
    async with database.tenant(filled) as ctx:
        recorded = await ctx.session.scalar(select(AuditEvent).where(AuditEvent.action == "test.things.export"))
    assert recorded is not None


async def test_xlsx_of_everything_with_formulas_defused(client: httpx.AsyncClient) -> None:
    response = await client.get("/things?export=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    sheet = book.active
    assert sheet is not None
    assert sheet.max_row == 140
    cells = {str(row[0].value): row for row in sheet.iter_rows(min_row=2)}
    assert "'=cmd|'/c calc'!A1" in cells
    assert all(row[0].data_type == "s" for row in cells.values())
    assert cells["行010"][2].value == 10.1
    header = sheet.oddHeader
    assert header is not None
    assert header.center is not None
    assert "林晓" in str(header.center.text)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1"])
def test_texts_that_spreadsheets_would_run(text: str) -> None:
    assert defused(text) == "'" + text
    assert defused("王" + text) == "王" + text


def test_like_patterns() -> None:
    assert like("50%_\\") == "%50\\%\\_\\\\%"


async def test_cursor_walks_every_row_once(client: httpx.AsyncClient, database: Database, filled: TenantRef) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": "30", **({"cursor": cursor} if cursor else {})}
        body = (await client.get("/api/v1/things", params=params)).json()
        seen += body["items"]
        cursor = body["next_cursor"]
        if cursor is None:
            break
        if len(seen) == 60:
            # a row that comes in before the present place does not shift the rest
            async with database.tenant(filled) as ctx:
                ctx.session.add(SavedView(user_id=OWNER, table_name="", name="新来的", query={}))
    assert len(seen) == len(set(seen)) == ROWS + 2


@pytest.mark.parametrize("cursor", ["x", "!!!", "W10", "WzFd", "e30", "a" * 5000, "WyJhXHUwMDAwIiwgIngiXQ", "é"])
async def test_forged_cursors_are_refused(client: httpx.AsyncClient, cursor: str) -> None:
    assert (await client.get("/api/v1/things", params={"cursor": cursor})).status_code == 422


@pytest.mark.parametrize("limit", ["0", "-1", "501", "99999999999999999999"])
async def test_limits_are_bounded(client: httpx.AsyncClient, limit: str) -> None:
    assert (await client.get("/api/v1/things", params={"limit": limit})).status_code in {400, 422}


async def test_views_are_saved_shown_and_deleted(database: Database, tenant: TenantRef) -> None:
    app = make_app([], database=database, tenant=tenant)
    csrf = {"_csrf": token_for("x")}
    async with client_of(app, "x", **HTML) as client:
        at = "/things?q=a&f.kind=b&page=3&evil=1"
        saved = await client.post("/views", data={**csrf, "table": "test.other", "name": "我的<视图>", "at": at})
        assert saved.status_code == 303
        html = (await client.get("/views", params={"table": "test.other", "at": "/things?q=a&f.kind=b"})).text
        assert "我的&lt;视图&gt;" in html
        assert "data-current" in html
        assert "page=3" not in html
        assert "evil" not in html
        again = await client.post("/views", data={**csrf, "table": "test.other", "name": "我的<视图>", "at": "/things"})
        assert again.status_code == 303
        async with database.tenant(tenant) as ctx:
            mine = select(SavedView).where(SavedView.user_id == USER_ID, SavedView.table_name == "test.other")
            found = (await ctx.session.scalars(mine)).all()
        assert [view.query for view in found] == [{}]
        assert (await client.post("/views", data={**csrf, "table": "test.other", "name": ""})).status_code == 422
        gone = await client.post(f"/views/{found[0].id}/delete", data=csrf)
        assert gone.status_code == 303
        assert (await client.post(f"/views/{found[0].id}/delete", data=csrf)).status_code == 404


async def test_table_of_a_list() -> None:
    async with client_of(make_app(GALLERY), "x", **HTML) as client:
        html = (await client.get("/kit?sort=-base_fen&f.status=left")).text
        assert "共 48 行" in html
        assert len(names(html)) == 20
        assert "36,428.00" not in html
