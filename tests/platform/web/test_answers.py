"""Headers, refusals and faults as their readers get them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tests.platform.web.fakes import FakeDatabase, client_of, make_app
from zhiren.errors import KeyServiceUnavailable, TooManyRequests
from zhiren.modules import Module
from zhiren.web import page, redirect
from zhiren.web.csrf import token_for

HTML = {"accept": "text/html"}


class Person(Struct, forbid_unknown_fields=True):
    name: str
    age: int


RAISED: dict[str, Exception] = {
    "database": OperationalError("SELECT secret", {}, Exception("password=hunter2")),
    "pool": PoolTimeout("QueuePool limit"),
    "refused": ConnectionRefusedError("127.0.0.1:5432"),
    "data": DataError("INSERT secret", {}, Exception("out of range")),
    "surrogate": UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    "integrity": IntegrityError("INSERT secret", {}, Exception("duplicate")),
    "keys": KeyServiceUnavailable("密钥服务没有响应。"),
    "many": TooManyRequests("太多", params={"retry_after_s": 42}),
    "bug": KeyError("secret"),
}


@get("/api/v1/raise/{kind:str}", permission="public")
async def raising(kind: FromPath[str]) -> str:
    raise RAISED[kind]


@get("/raise/{kind:str}", permission="public")
async def raising_page(kind: FromPath[str]) -> str:
    raise RAISED[kind]


@get("/api/v1/people", permission="public")
async def people(limit: FromQuery[int] = 1, q: FromQuery[str] = "") -> int:
    return limit


@post("/api/v1/people", permission="public")
async def add(data: JSONBody[Person]) -> Person:
    return data


@post("/save", permission="public", status_code=303)
async def save(request: Request[Any, Any, Any]) -> Response[Any]:
    return redirect(str((await request.form()).get("next", "/")), "已保存。")


@get("/plain", permission="public")
async def plain() -> Response[bytes]:
    return page("web/kit_form.html", errors={}, error=None)


HANDLERS = [raising, raising_page, people, add, save, plain]


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("database", 503, "web.database_unavailable"),
        ("pool", 503, "web.database_unavailable"),
        ("refused", 503, "web.database_unavailable"),
        ("data", 422, "web.malformed_input"),
        ("surrogate", 422, "web.malformed_input"),
        ("integrity", 409, "web.edited_meanwhile"),
        ("keys", 503, "zhiren.key_service_unavailable"),
        ("many", 429, "zhiren.too_many_requests"),
        ("bug", 500, "web.fault"),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/raise/", "/raise/"])
async def test_whatever_is_raised_is_told_without_its_inside(kind: str, status: int, code: str, path: str) -> None:
    async with client_of(make_app(HANDLERS)) as client:
        response = await client.get(path + kind, headers=HTML)
    assert response.status_code == status
    assert code in response.text
    # the request's random number may hold any digits
    told = response.text.replace(response.headers["x-request-id"], "")
    for inside in ("secret", "hunter2", "Traceback", "5432", "QueuePool"):
        assert inside not in told
    if status in {429, 503}:
        assert int(response.headers["retry-after"]) == (42 if kind == "many" else 5)
    if path.startswith("/api/"):
        assert response.headers["content-type"] == "application/problem+json"


async def test_database_that_cannot_be_reached_at_all() -> None:
    database = FakeDatabase(fault=RAISED["database"])
    async with client_of(make_app(HANDLERS, database=database)) as client:
        assert (await client.get("/api/v1/people")).status_code == 503
        assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_htmx_gets_a_message_and_no_swap() -> None:
    async with client_of(make_app(HANDLERS)) as client:
        response = await client.get("/raise/many", headers={**HTML, "hx-request": "true"})
    assert response.headers["hx-reswap"] == "none"
    assert json.loads(response.headers["hx-trigger"])["zhiren:problem"]["title"] == "太多"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/v1/nothing", None, 404),
        ("GET", "/api/v1/people?limit=x", None, 400),
        ("GET", "/api/v1/people?q=%00", None, 400),
        ("GET", "/api/v1/people/%00", None, 404),
        ("DELETE", "/api/v1/people", None, 405),
        ("POST", "/api/v1/people", b"{", 400),
        ("POST", "/api/v1/people", b'{"name": 1, "age": "x"}', 400),
        ("POST", "/api/v1/people", b'{"name": "a", "age": 1, "b": 2}', 400),
        ("POST", "/api/v1/people", b'{"name": "a\\u0000", "age": 1}', 400),
        ("POST", "/api/v1/people", b'{"name": "a\\\\u0000", "age": 1}', 201),
        ("POST", "/api/v1/people", b'{"name": "\\ud800", "age": 1}', 400),
        ("POST", "/api/v1/people", b'{"name": "\xed\xa0\x80", "age": 1}', 400),
        ("POST", "/api/v1/people", b"\xff\xfe", 400),
        ("POST", "/api/v1/people", b'{"name": "a", "age": ' + b"9" * 400 + b"}", 201),
        ("POST", "/api/v1/people", b'{"name": "a", "age": ' + b"9" * 5000 + b"}", 400),
        ("POST", "/api/v1/people", b"[" * 100_000, 400),
    ],
)
async def test_junk_is_refused_as_the_callers_fault(method: str, path: str, body: bytes | None, status: int) -> None:
    headers = {"content-type": "application/json", "x-csrf-token": token_for("x")}
    async with client_of(make_app(HANDLERS), "x") as client:
        response = await client.request(method, path, content=body, headers=headers)
    assert response.status_code == status, response.text
    if status >= 400:
        assert {"type", "title", "status", "code", "request_id"} <= response.json().keys()


async def test_too_large_a_body_is_refused() -> None:
    headers = {"content-type": "application/json", "x-csrf-token": token_for("x")}
    async with client_of(make_app(HANDLERS), "x") as client:
        response = await client.post("/api/v1/people", content=b" " * (10 * 1024 * 1024 + 1), headers=headers)
    assert response.status_code == 413


async def test_field_errors_name_the_field() -> None:
    headers = {"x-csrf-token": token_for("x")}
    async with client_of(make_app(HANDLERS), "x") as client:
        response = await client.post("/api/v1/people", json={"name": "a", "age": "old"}, headers=headers)
    assert "age" in response.json()["errors"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/nothing", "/api/v1/people", "/raise/bug"])
async def test_every_answer_has_secure_headers(path: str) -> None:
    async with client_of(make_app(HANDLERS), "x") as client:
        headers = (await client.get(path, headers=HTML)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers
    assert len(headers["x-request-id"]) == 16


async def test_https_is_remembered() -> None:
    async with client_of(make_app(HANDLERS, scheme="https"), host="acme.localhost") as client:
        response = await client.get("/", headers=HTML)
    assert "max-age=63072000" in response.headers["strict-transport-security"]
    assert response.headers["cross-origin-opener-policy"] == "same-origin"
    assert "__Host-zhiren_guest" in response.headers["set-cookie"]
    assert "Secure" in response.headers["set-cookie"]


async def test_pages_hold_no_inline_script_or_style() -> None:
    async with client_of(make_app(HANDLERS), "x") as client:
        html = (await client.get("/plain", headers=HTML)).text
    assert " style=" not in html
    assert "<style" not in html
    assert "onclick" not in html
    assert all("src=" in tag.split(">")[0] for tag in html.split("<script")[1:])


async def test_confirmation_is_shown_once_on_the_next_page() -> None:
    async with client_of(make_app(HANDLERS), "x") as client:
        answer = await client.post("/save", data={"_csrf": token_for("x"), "next": "/plain?a=1"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/plain?a=1")
        assert "已保存。" in (await client.get("/plain", headers=HTML)).text
        assert "已保存。" not in (await client.get("/plain", headers=HTML)).text


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:1", ""])
async def test_redirects_stay_on_this_site(target: str) -> None:
    async with client_of(make_app(HANDLERS), "x") as client:
        answer = await client.post("/save", data={"_csrf": token_for("x"), "next": target})
    assert answer.headers["location"] == "/"


async def test_htmx_asks_for_the_content_alone() -> None:
    async with client_of(make_app(HANDLERS), "x") as client:
        part = await client.get("/plain", headers={"hx-request": "true"})
        boosted = await client.get("/plain", headers={"hx-request": "true", "hx-boosted": "true"})
    assert "<html" not in part.text
    assert 'name="name"' in part.text
    assert "<html" in boosted.text


async def test_language_and_theme_are_chosen_and_kept() -> None:
    async with client_of(make_app(HANDLERS), "x") as client:
        await client.post("/preferences/language", data={"_csrf": token_for("x"), "language": "en"})
        await client.post("/preferences/theme", data={"_csrf": token_for("x"), "theme": "dark"})
        html = (await client.get("/plain", headers=HTML)).text
        bad = await client.post("/preferences/theme", data={"_csrf": token_for("x"), "theme": "pink"})
    assert '<html lang="en" data-bs-theme="dark"' in html
    assert "Skip to content" in html
    assert bad.status_code == 422


async def test_module_that_is_off_says_so_and_leaves_the_navigation() -> None:
    @get("/mod", permission="authenticated")
    async def inside() -> str:
        return "inside"

    module = Module("demo", "演示模块", "", "1", "zhiren", route_handlers=[inside])
    async with client_of(make_app(modules=[module]), "x") as client:
        response = await client.get("/mod")
    assert response.status_code == 403
    assert "演示模块" in response.json()["title"]
    async with client_of(make_app(modules=[module], on=frozenset({"demo"})), "x") as client:
        assert (await client.get("/mod")).text == "inside"


async def test_openapi_document_holds_the_api_and_no_pages() -> None:
    async with client_of(make_app(HANDLERS)) as client:
        assert (await client.get("/api/v1/openapi.json")).status_code == 401
    async with client_of(make_app(HANDLERS), "x") as client:
        document = (await client.get("/api/v1/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/people" in document["paths"]
    assert all(path.startswith("/api/") for path in document["paths"])
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["responses"]["default"]["content"].keys() == {"application/problem+json"}
            assert not [status for status in operation["responses"] if status.startswith("4")]


async def test_readiness_names_what_does_not_answer() -> None:
    async def well() -> None: ...

    async def ill() -> None:
        raise OSError("secret address")

    async with client_of(make_app(checks={"database": well, "redis": ill}), host="127.0.0.1") as client:
        response = await client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "ok", "redis": "failed"}
    assert "secret" not in response.text
