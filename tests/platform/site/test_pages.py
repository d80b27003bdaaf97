"""The look of public pages: set by the administrator, seen by everybody, of one customer."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from tests.conftest import LogIn
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.files.models import FileObject
from zhiren.site import look, public_page
from zhiren.site.pages import _FORM_MAX_BYTES
from zhiren.site.rules import MAX_PICTURE_BYTES

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
PAGE = {"accept": "text/html"}


async def save(client: httpx.AsyncClient, files: dict[str, Any] | None = None, **fields: str) -> httpx.Response:
    data = {"name": "", "accent": "#0b7a65", **fields}
    return await client.post("/admin/site", data=data, files=files or {"logo": ("", b"")}, headers=PAGE)


async def test_as_it_comes(client: httpx.AsyncClient, tenant: TenantRef, database: Database) -> None:
    theme = await client.get("/site/theme.css")
    assert theme.headers["content-type"].startswith("text/css")
    assert "--tblr-primary:#0b7a65" in theme.text
    assert "max-age" in theme.headers["cache-control"]
    async with database.tenant(tenant) as ctx:
        assert (await look(ctx)).name == tenant.name


async def test_set_and_seen_here_alone(login_as: LogIn, client: httpx.AsyncClient, other_tenant: TenantRef) -> None:
    admin = await login_as("admin")
    answer = await save(admin, {"logo": ("标志.png", PNG, "image/png")}, name="某某集团", accent="#1D4ED8")
    assert answer.status_code == 303
    assert "--tblr-primary:#1d4ed8" in (await client.get("/site/theme.css")).text
    logo = await client.get("/site/logo")
    assert (logo.content, logo.headers["content-type"]) == (PNG, "image/png")
    assert (await client.get("/site/favicon")).content == PNG
    assert "某某集团" in (await admin.get("/admin/site", headers=PAGE)).text
    there = await login_as("employee", at=other_tenant)
    assert "#1d4ed8" not in (await there.get("/site/theme.css")).text


async def test_a_replaced_picture_is_erased(login_as: LogIn, database: Database, tenant: TenantRef) -> None:
    admin = await login_as("admin")

    async def stored() -> int:
        async with database.tenant(tenant) as ctx:
            count = select(func.count()).select_from(FileObject).where(FileObject.room == "site")
            return await ctx.session.scalar(count) or 0

    for _ in range(2):
        assert (await save(admin, {"logo": ("a.png", PNG, "image/png")})).status_code == 303
        assert await stored() == 1
    assert (await save(admin)).status_code == 303
    assert await stored() == 1
    assert (await save(admin, drop_logo="1")).status_code == 303
    assert await stored() == 0


@pytest.mark.parametrize(
    ("fields", "files", "said"),
    [
        ({"accent": "#ffeb3b"}, None, "这个颜色太浅"),
        ({"accent": "red"}, None, "请填颜色"),
        ({"name": "长" * 61}, None, "名称最多"),
        ({}, {"logo": ("a.svg", b"<svg/>", "image/svg+xml")}, "请上传 PNG"),
        ({}, {"logo": ("a.png", b"<svg/>", "image/png")}, "请上传 PNG"),
        ({}, {"favicon": ("a.png", PNG + bytes(MAX_PICTURE_BYTES), "image/png")}, "超过 512 KB"),
    ],
)
async def test_refused_with_words(login_as: LogIn, fields: dict[str, str], files: Any, said: str) -> None:
    admin = await login_as("admin")
    before = (await admin.get("/site/theme.css")).text
    answer = await save(admin, files, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert (await admin.get("/site/theme.css")).text == before


async def test_a_flood_is_turned_away(login_as: LogIn) -> None:
    answer = await save(await login_as("admin"), {"logo": ("a.png", PNG + bytes(_FORM_MAX_BYTES), "image/png")})
    assert answer.status_code == 413


async def test_the_public_frame_has_no_way_into_the_app(ctx: Context) -> None:
    page = await public_page(ctx, "kit/public.html", extra=1)
    assert page.context["look"].name == ctx.tenant.name
    assert page.context["extra"] == 1
