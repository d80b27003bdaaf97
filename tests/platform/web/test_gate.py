"""The way in and out: customer, person, origin, and the one end of the transaction."""

from __future__ import annotations

from typing import Any

import pytest
from litestar import Request, get, post
from litestar.exceptions import LitestarDeprecationWarning
from litestar.params import JSONBody
from sqlalchemy.exc import IntegrityError, OperationalError

from tests.platform.web.fakes import FakeDatabase, client_of, make_app
from zhiren.app import RouteWithoutPermission
from zhiren.context import Context, current
from zhiren.errors import InvalidInput
from zhiren.web.csrf import token_for

HTML = {"accept": "text/html"}


@get("/api/v1/whoami", permission="authenticated")
async def whoami(ctx: Context) -> dict[str, str]:
    assert current() is ctx
    return {"tenant": ctx.tenant.slug, "name": ctx.actor.name, "locale": ctx.locale}


@get("/api/v1/secret", permission="secrets.read")
async def secret() -> str:
    return "secret"


@post("/api/v1/act", permission="authenticated")
async def act(request: Request[Any, Any, Any], ctx: Context, data: JSONBody[dict[str, Any]]) -> dict[str, Any]:
    if data.get("refuse"):
        request.state.commit = bool(data.get("commit"))
        raise InvalidInput("no", fields={"name": "missing"})
    if data.get("crash"):
        raise RuntimeError("a very secret detail")
    return {"done": True}


HANDLERS = [whoami, secret, act]


async def test_tenant_person_and_locale_reach_the_handler() -> None:
    async with client_of(make_app(HANDLERS), "x") as client:
        response = await client.get("/api/v1/whoami", headers={"accept-language": "en-GB,en;q=0.9"})
    assert response.json() == {"tenant": "acme", "name": "林晓", "locale": "en"}


@pytest.mark.parametrize(
    ("host", "code", "status"),
    [
        ("localhost", "web.unknown_host", 404),
        ("nobody.localhost", "web.unknown_host", 404),
        ("sleeping.localhost", "web.tenant_suspended", 403),
    ],
)
async def test_other_hosts_are_told_clearly(host: str, code: str, status: int) -> None:
    async with client_of(make_app(HANDLERS), host=host) as client:
        problem = await client.get("/api/v1/whoami")
        page = await client.get("/", headers=HTML)
    assert (problem.status_code, problem.json()["code"]) == (status, code)
    assert page.status_code == status
    assert problem.json()["title"] in page.text


async def test_refusals_before_login_lead_to_login_or_401() -> None:
    async with client_of(make_app(HANDLERS)) as client:
        assert (await client.get("/api/v1/whoami")).status_code == 401
        response = await client.get("/?a=1", headers=HTML)
    assert response.status_code == 303
    assert response.headers["location"] == "/login?next=/%3Fa%3D1"


async def test_permission_is_checked() -> None:
    app = make_app(HANDLERS)
    async with client_of(app, "secrets.read") as client:
        assert (await client.get("/api/v1/secret")).text == "secret"
    async with client_of(app, "other") as client:
        response = await client.get("/api/v1/secret")
    assert response.status_code == 403
    assert response.json()["params"] == {"permission": "secrets.read"}


def test_route_without_permission_stops_the_start() -> None:
    @get("/forgotten")
    async def forgotten() -> None: ...

    with pytest.raises(RouteWithoutPermission, match="/forgotten"):
        make_app([forgotten])


def test_context_evaluated_too_early_stops_the_start() -> None:
    async def eager(ctx: Any) -> None: ...

    eager.__annotations__["ctx"] = Context
    with pytest.raises(TypeError, match="annotations"), pytest.warns(LitestarDeprecationWarning):
        make_app([get("/eager", permission="public")(eager)])


@pytest.mark.parametrize(
    ("body", "status", "ended"),
    [
        ({}, 201, "commit"),
        ({"refuse": True}, 422, "rollback"),
        ({"refuse": True, "commit": True}, 422, "commit"),
        ({"crash": True}, 500, "rollback"),
    ],
)
async def test_transaction_ends_as_the_answer_says(body: dict[str, Any], status: int, ended: str) -> None:
    database = FakeDatabase()
    async with client_of(make_app(HANDLERS, database=database), "x") as client:
        response = await client.post("/api/v1/act", json=body, headers={"x-csrf-token": token_for("x")})
    assert response.status_code == status
    assert database.ended == [ended]
    assert "secret" not in response.text
    if status >= 400:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path", "fault", "status", "code"),
    [
        ("POST", "/api/v1/act", OperationalError("commit", {}, Exception("gone")), 503, "web.outcome_unknown"),
        ("GET", "/api/v1/whoami", OperationalError("commit", {}, Exception("gone")), 503, "web.database_unavailable"),
        ("POST", "/api/v1/act", IntegrityError("commit", {}, Exception("twice")), 409, "web.edited_meanwhile"),
        ("POST", "/api/v1/act", RuntimeError("a very secret detail"), 500, "web.fault"),
    ],
)
async def test_a_commit_that_fails_is_told(method: str, path: str, fault: Exception, status: int, code: str) -> None:
    """The handler has answered already, and its answer must not go out."""
    async with client_of(make_app(HANDLERS, database=FakeDatabase(fault_of_commit=fault)), "x") as client:
        headers = {"x-csrf-token": token_for("x")}
        response = await client.request(method, path, json={} if method == "POST" else None, headers=headers)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert "secret" not in response.text
    assert response.headers["content-security-policy"]


@post("/form", permission="authenticated")
async def take_form(request: Request[Any, Any, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in (await request.form()).multi_items()}


def _multipart(content_type: str) -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: {content_type}\r\n\r\n'
    return head.encode() + b"b" * 300_000 + b"\r\n--x--\r\n"


@pytest.mark.parametrize("charset", ["punycode", "klingon", "zlib", "utf-16", "'UTF-7'", '"punycode"; charset=utf-8'])
async def test_no_part_of_a_form_chooses_how_it_is_decoded(charset: str) -> None:
    """punycode takes time with the square of the length: a few megabytes keep a process busy for hours."""
    headers = {"content-type": "Multipart/Form-Data; boundary=x", "x-csrf-token": token_for("x")}
    async with client_of(make_app([take_form]), "x") as client:
        refused = await client.post("/form", content=_multipart(f"text/plain; charset={charset}"), headers=headers)
        taken = await client.post("/form", content=_multipart("text/plain; charset=UTF-8"), headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (400, "web.malformed_input")
    assert (taken.status_code, len(taken.json()["a"])) == (201, 300_000)
