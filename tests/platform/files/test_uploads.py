"""A large file all the way: posted in a form, stored, and given back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest_asyncio
from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from ops.hosted import Hosted
from tenants.owner import Owner
from tests.application import license_all, log_in, make_parts, serving
from zhiren import files
from zhiren.context import Context, TenantRef
from zhiren.settings import Settings


@post("/upload", permission="authenticated", status_code=200, request_max_body_size=files.UPLOAD_BODY_BYTES)
async def upload(request: Request[Any, Any, Any], ctx: Context) -> dict[str, str]:
    given = (await request.form())["file"]
    assert isinstance(given, UploadFile)
    data, kind = await given.read(), given.content_type
    made = await files.put(ctx, room="tests", name=given.filename or "", media_type=kind or "", data=data)
    return {"id": str(made.id), "sha256": made.sha256}


@get("/download/{file_id:uuid}", permission="authenticated")
async def download(ctx: Context, file_id: FromPath[UUID]) -> Response[bytes]:
    ref, data = await files.read(ctx, file_id, room="tests")
    return files.response(ref, data)


@pytest_asyncio.fixture(scope="module")
async def house(settings: Settings, owner: Owner) -> Hosted:
    parts = make_parts(settings)
    return replace(parts, route_handlers=(*parts.route_handlers, upload, download))


@pytest_asyncio.fixture(scope="module")
async def served(house: Hosted, tenant: TenantRef) -> AsyncIterator[Litestar]:
    async with serving(house) as app:
        await license_all(house, tenant)
        yield app


async def test_twenty_mebibytes_there_and_back(served: Litestar, house: Hosted, tenant: TenantRef) -> None:
    data = os.urandom(files.MAX_FILE_BYTES)
    async with await log_in(house, served, tenant, "employee") as client:
        sent = await client.post("/upload", files={"file": ("扫描件.bin", data, "text/html")})
        assert sent.status_code == 200
        assert sent.json()["sha256"] == hashlib.sha256(data).hexdigest()
        back = await client.get(f"/download/{sent.json()['id']}")
    assert back.content == data
    assert back.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in back.headers["content-security-policy"]
    assert back.headers["x-content-type-options"] == "nosniff"
    assert back.headers["cache-control"] == "private, no-store"


async def test_more_is_turned_away(served: Litestar, house: Hosted, tenant: TenantRef) -> None:
    """By the room at one byte too many, by the door before it is read when it is far too large."""
    async with await log_in(house, served, tenant, "employee") as client:
        one_more = await client.post("/upload", files={"file": ("a", bytes(files.MAX_FILE_BYTES + 1))})
        assert (one_more.status_code, one_more.json()["code"]) == (413, "files.too_large")
        far_more = await client.post("/upload", files={"file": ("a", bytes(files.UPLOAD_BODY_BYTES))})
        assert (far_more.status_code, far_more.json()["code"]) == (413, "web.too_large")
