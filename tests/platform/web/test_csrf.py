"""An unsafe request with cookies proves that one of our own pages sent it."""

from __future__ import annotations

from typing import Any

import pytest
from litestar import Request, post

from tests.platform.web.fakes import client_of, make_app
from zhiren.web.csrf import token_for

FORM = {"content-type": "application/x-www-form-urlencoded"}


@post("/act", permission="authenticated")
async def act(request: Request[Any, Any, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in (await request.form()).items()}


@post("/login", permission="public")
async def login() -> str:
    return "in"


@post("/hook", permission="public", csrf=False)
async def hook() -> str:
    return "taken"


HANDLERS = [act, login, hook]


async def test_token_in_header_or_field_opens() -> None:
    async with client_of(make_app(HANDLERS), "s3cret") as client:
        by_header = await client.post("/act", headers={"x-csrf-token": token_for("s3cret")}, data={"a": "1"})
        by_field = await client.post("/act", data={"_csrf": token_for("s3cret"), "a": "1"})
        by_multipart = await client.post(
            "/act", data={"_csrf": token_for("s3cret"), "a": "1"}, files={"f": ("x.bin", b"\x00\x01")}
        )
    assert by_header.json() == {"a": "1"}
    assert by_field.json()["a"] == "1"
    assert by_multipart.status_code == 201


@pytest.mark.parametrize("token", ["", "wrong", token_for("another session"), "\u00e9"])
async def test_without_the_sessions_own_token_nothing_happens(token: str) -> None:
    async with client_of(make_app(HANDLERS), "s3cret") as client:
        response = await client.post("/act", data={"_csrf": token})
    assert response.status_code == 403
    assert response.json()["code"] == "web.csrf"


async def test_another_site_is_refused_even_with_a_token() -> None:
    headers = {"x-csrf-token": token_for("s3cret"), "sec-fetch-site": "cross-site"}
    async with client_of(make_app(HANDLERS), "s3cret") as client:
        assert (await client.post("/act", headers=headers)).status_code == 403


async def test_log_in_form_is_bound_to_the_browser() -> None:
    app = make_app(HANDLERS)
    async with client_of(app) as client:
        assert (await client.post("/login", data={"user": "a"})).status_code == 403
        await client.get("/", headers={"accept": "text/html"})
        guest = client.cookies.get("zhiren_guest")
        assert guest
        assert (await client.post("/login", data={"_csrf": token_for(guest)})).status_code == 201
        assert (await client.post("/login", data={"_csrf": token_for("x")})).status_code == 403


async def test_routes_may_prove_themselves_otherwise() -> None:
    async with client_of(make_app(HANDLERS), "s3cret") as client:
        assert (await client.post("/hook")).text == "taken"


async def test_programs_without_cookies_have_nothing_to_forge() -> None:
    async with client_of(make_app(HANDLERS)) as client:
        response = await client.post("/login", headers={"authorization": "Bearer x"})
        assert response.status_code == 201
        assert (await client.post("/login", json={})).status_code == 201
